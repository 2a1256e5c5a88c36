import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anonymous, type Caller, type Issuer } from '#kernel/context.ts';
import type { Scope } from '#kernel/route.ts';
import { judge } from './gate.ts';

const caller = (issuer: Issuer, ...scopes: string[]): Caller => ({ ...anonymous, issuer, scopes: new Set(scopes) });
const sender: Scope = [
  { issuer: 'altinn', all: ['altinn:correspondence.write'] },
  { issuer: 'maskinporten', all: ['altinn:serviceowner', 'altinn:correspondence.write'] },
];
const recipient: Scope = [
  { issuer: 'altinn', all: ['altinn:correspondence.read'] },
  { issuer: 'dialog', all: [] },
];

test('given the rule of senders, when tokens of each issuer come, then an Altinn token needs one scope and a Maskinporten token both', () => {
  assert.equal(judge(sender, caller('altinn', 'altinn:correspondence.write')), 'pass');
  assert.equal(judge(sender, caller('maskinporten', 'altinn:correspondence.write')), 'forbidden');
  assert.equal(judge(sender, caller('maskinporten', 'altinn:correspondence.write', 'altinn:serviceowner', 'x')), 'pass');
  assert.equal(judge(sender, caller('dialog')), 'forbidden');
  assert.equal(judge(sender, caller('altinn', 'altinn:correspondence.write.more')), 'forbidden');
});

test('given the rule of recipients, when a Maskinporten token comes, then it is told to exchange it', () => {
  assert.equal(judge(recipient, caller('dialog')), 'pass');
  assert.equal(judge(recipient, caller('maskinporten', 'altinn:correspondence.read')), 'exchange');
  assert.equal(judge(recipient, caller('idporten')), 'forbidden');
});

test('given a route that takes a Maskinporten token by way of exception, when one without its scope comes, then it is told to exchange it', () => {
  const excepted: Scope = [...recipient, { issuer: 'maskinporten', all: ['altinn:correspondence.read'], isException: true }];
  assert.equal(judge(excepted, caller('maskinporten', 'altinn:correspondence.read')), 'pass');
  assert.equal(judge(excepted, caller('maskinporten', 'x')), 'exchange');
  assert.equal(judge([...sender, ...excepted], caller('maskinporten', 'x')), 'forbidden');
});

test('given no token, when a route asks for one, then the caller is unknown; when it asks for none, then it passes', () => {
  assert.equal(judge(recipient, anonymous), 'unknown');
  assert.equal(judge([{ issuer: 'any', all: [] }], anonymous), 'unknown');
  assert.equal(judge('open', anonymous), 'pass');
  assert.equal(judge([{ issuer: 'any', all: ['s'] }], caller('maskinporten', 's')), 'pass');
});

test('given a route that no rule opens, when any token comes, then it is forbidden or to be exchanged, never let in', () => {
  assert.equal(judge([], caller('altinn', 'x')), 'forbidden');
  assert.equal(judge([], caller('maskinporten', 'x')), 'exchange');
});
