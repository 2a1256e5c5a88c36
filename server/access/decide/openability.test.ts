import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Vitality } from '../store/standing.ts';
import { classify } from './openability.ts';

const person = (more: Partial<Vitality> = {}) => ({
  kind: 'person' as const,
  vitality: { hasContact: false, isKnown: false, isRecent: false, fetches: false, level: null, ...more },
});
const system = (more: Partial<Vitality> = {}) => ({ ...person(more), kind: 'system' as const });

test('given nobody who can open, when it is classed, then it is grantable by whoever can give, and else out of reach', () => {
  assert.equal(classify([], 0, false, 0), 'UNREACHABLE');
  assert.equal(classify([], 1, false, 0), 'GRANTABLE');
  assert.equal(classify([], 1, true, 0), 'GRANTABLE');
});

test('given post that was opened lately for the party, when somebody can still open it, then it is proven', () => {
  assert.equal(classify([person()], 0, true, 0), 'PROVEN');
});

test('given persons who can open, when one was here lately or can be told of post, then it is reachable', () => {
  assert.equal(classify([person(), person({ isKnown: true, isRecent: true })], 0, false, 0), 'REACHABLE');
  assert.equal(classify([person({ hasContact: true })], 0, false, 0), 'REACHABLE');
});

test('given persons who can open, when all are long gone or can neither be told nor have been here, then it is cold', () => {
  assert.equal(classify([person({ isKnown: true, hasContact: true })], 3, false, 0), 'COLD');
  assert.equal(classify([person()], 3, false, 0), 'COLD');
});

test('given a person who only ever logged in below the level that is asked for, when it is classed, then it is cold', () => {
  assert.equal(classify([person({ isKnown: true, isRecent: true, level: 3 })], 0, false, 4), 'COLD');
  assert.equal(classify([person({ isKnown: true, isRecent: true, level: 4 })], 0, false, 4), 'REACHABLE');
});

test('given a system that can open, when it fetches it is reachable, and when it never did it is cold', () => {
  assert.equal(classify([system({ fetches: true })], 0, false, 0), 'REACHABLE');
  assert.equal(classify([system({ isRecent: true, hasContact: true })], 0, false, 0), 'COLD');
});
