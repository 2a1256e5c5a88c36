import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLog } from '#kernel/log.ts';
import { KeysUnavailable } from './issuers.ts';
import { readKeySet } from './key-set.ts';
import { startIssuer, type TestIssuer } from './testing/issuer.ts';
import { createTokenVerifier, type TokenVerifier } from './verify-token.ts';

let issuer: TestIssuer;
let verify: TokenVerifier;

beforeEach(async () => {
  issuer = await startIssuer('https://maskinporten.example/');
  verify = createTokenVerifier([{ issuer: issuer.issuer, kind: 'maskinporten', keys: issuer.jwksUrl }], silentLog);
});
afterEach(async () => {
  mock.timers.reset();
  await issuer.close();
});

/** Real time moves on; only the clock that the cache reads is set, timers run as they do. */
function later(millis: number): void {
  const now = Date.now();
  mock.timers.reset();
  mock.timers.enable({ apis: ['Date'], now: now + millis });
}

/** Until what goes on beside the test has come to it. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await holds()) return;
    await sleep(10);
  }
  assert.fail('it did not come to it in five seconds');
}

const longToken = () => issuer.sign({ exp: Math.floor(Date.now() / 1000) + 7 * 24 * 3600 });

test('given many tokens, when they are verified at once, then the keys are fetched once', async () => {
  const tokens = await Promise.all(Array.from({ length: 20 }, () => issuer.sign({})));

  const verified = await Promise.all(tokens.map(verify));

  assert.ok(verified.every((one) => one !== 'invalid'));
  assert.equal(issuer.fetches(), 1);
});

test('given an issuer that rotates its key, when a token of the new key comes, then the keys are fetched anew and both keys are good', async () => {
  const old = await longToken();
  assert.notEqual(await verify(old), 'invalid');
  await issuer.rotate();
  later(31_000);

  assert.notEqual(await verify(await longToken()), 'invalid');
  assert.notEqual(await verify(old), 'invalid');
  assert.equal(issuer.fetches(), 2);
});

test('given tokens with made-up key ids, when a hundred come within half a minute, then the issuer is not asked a hundred times', async () => {
  for (let i = 0; i < 100; i++) assert.equal(await verify(await issuer.sign({}, { kid: `made-up-${i}` })), 'invalid');

  assert.equal(issuer.fetches(), 1);
});

test('given keys older than ten minutes, when the issuer is down, then the old keys serve for a day and not longer', async () => {
  const token = await longToken();
  assert.notEqual(await verify(token), 'invalid');
  issuer.break(500);

  later(11 * 60_000);
  assert.notEqual(await verify(token), 'invalid');
  await until(() => issuer.fetches() === 2);

  later(24 * 3600_000);
  await assert.rejects(() => verify(token), { name: 'KeysUnavailable' });

  issuer.break(undefined);
  later(6_000);
  assert.notEqual(await verify(token), 'invalid');
});

test('given keys older than ten minutes, when the issuer hangs, then tokens are verified by the old keys without waiting for it', async () => {
  const tokens = await Promise.all(Array.from({ length: 20 }, longToken));
  assert.notEqual(await verify(tokens[0]!), 'invalid');
  issuer.hang();
  later(11 * 60_000);

  for (const token of tokens) assert.notEqual(await verify(token), 'invalid');

  await until(() => issuer.fetches() === 2);
});

test('given an issuer that withdraws a key, when ten minutes are over and the keys were fetched anew, then its tokens are no longer good', async () => {
  const token = await longToken();
  assert.notEqual(await verify(token), 'invalid');
  await issuer.rotate();
  issuer.withdrawFirst();
  later(11 * 60_000);

  await until(async () => (await verify(token)) === 'invalid');
  assert.notEqual(await verify(await longToken()), 'invalid');
});

test('given an issuer that writes its numbers in plain base64, when a token is verified, then it is good', async () => {
  issuer.writePlainBase64();

  assert.notEqual(await verify(await issuer.sign({})), 'invalid');
});

test('given something that is no key set, when it is read, then it is refused, and odd members are passed by', () => {
  for (const bad of [null, 7, [], {}, { keys: 'x' }]) assert.throws(() => readKeySet(bad));
  assert.deepEqual(readKeySet({ keys: [null, 'x', { kty: 'RSA', n: 'a+/=', e: 'AQAB' }] }), {
    keys: [{ kty: 'RSA', n: 'a-_', e: 'AQAB' }],
  });
});

test('given an issuer that rotates its key and falls ill, when a token of the new key comes, then it is not called bad, and is good once the issuer is well', async () => {
  assert.notEqual(await verify(await longToken()), 'invalid');
  await issuer.rotate();
  issuer.break(500);
  later(31_000);
  const token = await longToken();

  await assert.rejects(verify(token), KeysUnavailable);
  issuer.break(undefined);
  later(6_000);

  assert.notEqual(await verify(token), 'invalid');
});

test('given an issuer whose keys have no ids, when tokens of the old and the new one come, then both are good and a stranger is not', async () => {
  issuer.writeNoIds();
  const nameless = { kid: undefined };
  const old = await issuer.sign({}, nameless);
  await issuer.rotate();
  const stranger = await startIssuer(issuer.issuer);
  const theirs = await stranger.sign({}, nameless);
  await stranger.close();

  assert.notEqual(await verify(old), 'invalid');
  assert.notEqual(await verify(await issuer.sign({}, nameless)), 'invalid');
  assert.equal(await verify(theirs), 'invalid');
});
