import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anonymous, type Caller } from '#kernel/context.ts';
import { createCallLimit } from './call-limit.ts';

const client = (clientId: string): Caller => ({ ...anonymous, clientId });

test('given a limit, when a client calls more often within a minute, then it is told when to come again, and others are not', () => {
  let at = 1000;
  const limit = createCallLimit(2, () => at);
  assert.deepEqual([limit(client('a')), limit(client('a')), limit(client('b'))], [0, 0, 0]);
  at += 15_000;
  assert.deepEqual([limit(client('a')), limit(client('b'))], [45, 0]);
  at += 44_999;
  assert.equal(limit(client('a')), 1);
  at += 1;
  assert.deepEqual([limit(client('a')), limit(client('a')), limit(client('a'))], [0, 0, 60]);
});

test('given more clients than are counted, when the next one comes, then the first is forgotten and memory stays bounded', () => {
  const limit = createCallLimit(1, () => 0);
  assert.deepEqual([limit(client('first')), limit(client('first'))], [0, 60]);
  for (let n = 0; n < 10_000; n++) limit(client(`c${n}`));
  assert.equal(limit(client('first')), 0);
});
