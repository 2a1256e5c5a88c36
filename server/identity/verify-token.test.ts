import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { silentLog } from '#kernel/log.ts';
import { KeysUnavailable } from './issuers.ts';
import { forged, hmac, startIssuer, type TestIssuer, usual } from './testing/issuer.ts';
import { createTokenVerifier, type TokenVerifier } from './verify-token.ts';

const iss = 'https://platform.example/authentication/api/v1/openid/';
let issuer: TestIssuer;
let verify: TokenVerifier;

before(async () => {
  issuer = await startIssuer(iss);
  verify = createTokenVerifier([{ issuer: iss, kind: 'altinn', keys: issuer.jwksUrl }], silentLog);
});
after(() => issuer.close());

test('given a token of a trusted issuer, when it is verified, then its claims, kind and end are told', async () => {
  const exp = Math.floor(Date.now() / 1000) + 100;

  const verified = await verify(await issuer.sign({ scope: 'a', exp }));

  assert.ok(verified !== 'invalid');
  assert.deepEqual([verified.kind, verified.payload.scope, verified.expiresAt], ['altinn', 'a', exp * 1000]);
});

test('given every algorithm that is taken, when its token is verified, then it is good', async () => {
  for (const alg of ['RS256', 'RS384', 'RS512', 'ES256', 'EdDSA']) {
    const other = await startIssuer('https://other.example/', alg);
    try {
      const verifyOther = createTokenVerifier([{ issuer: other.issuer, kind: 'maskinporten', keys: other.jwksUrl }], silentLog);
      assert.notEqual(await verifyOther(await other.sign({})), 'invalid', alg);
    } finally {
      await other.close();
    }
  }
});

test('given tokens without a signature, when they are verified, then none is good', async () => {
  const [, payload] = (await issuer.sign({})).split('.');
  for (const alg of ['none', 'None', 'NONE', 'nOnE', '']) {
    assert.equal(await verify(forged({ alg, kid: 'key-1' }, usual(iss), () => '')), 'invalid', alg);
  }
  assert.equal(await verify(`${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`), 'invalid');
  assert.equal(await verify(`${Buffer.from('{}').toString('base64url')}.${payload}.`), 'invalid');
});

test('given tokens signed with the public key as a shared secret, when they are verified, then none is good', async () => {
  const pem = await issuer.publicPem();
  for (const secret of [pem, pem.trim(), pem.replaceAll('\n', '')]) {
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      assert.equal(await verify(forged({ alg, kid: 'key-1' }, usual(iss), hmac(secret))), 'invalid');
    }
  }
});

test('given a token that ends or begins this second, when it is verified, then there is no skew', async () => {
  const now = Math.floor(Date.now() / 1000);

  assert.equal(await verify(await issuer.sign({ exp: now })), 'invalid');
  assert.equal(await verify(await issuer.sign({ exp: now - 1 })), 'invalid');
  assert.equal(await verify(await issuer.sign({ nbf: now + 3 })), 'invalid');
  assert.notEqual(await verify(await issuer.sign({ nbf: now, exp: now + 60 })), 'invalid');
});

test('given a token good for a second, when the second has passed, then it is not', async () => {
  const token = await issuer.sign({ exp: Math.floor(Date.now() / 1000) + 1 });
  await sleep(1100);

  assert.equal(await verify(token), 'invalid');
});

test('given tokens without an end, or with times that are no numbers, when they are verified, then none is good', async () => {
  const { exp, ...endless } = usual(iss);
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const own = createTokenVerifier([{ issuer: iss, kind: 'altinn', keys: async () => publicKey }], silentLog);
  const sign = (claims: object) => new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256' }).sign(privateKey);

  assert.equal(await own(await sign(endless)), 'invalid');
  for (const bad of [{ exp: String(exp) }, { exp: null }, { exp: [exp] }, { nbf: 'now' }, { exp: {} }]) {
    assert.equal(await own(await sign({ ...usual(iss), ...bad })), 'invalid', JSON.stringify(bad));
  }
  assert.notEqual(await own(await sign(usual(iss))), 'invalid');
});

test('given tokens of another issuer, or whose issuer differs by a letter, when they are verified, then none is good', async () => {
  for (const other of ['https://evil.example/', iss.slice(0, -1), iss.toUpperCase(), `${iss}/`, '', ['x'], { iss }, null, 7]) {
    assert.equal(await verify(await issuer.sign({ iss: other })), 'invalid', String(other));
  }
});

test('given a token whose key another made, with and without the key id, when it is verified, then it is not good', async () => {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  for (const header of [{ alg: 'RS256', kid: 'key-1' }, { alg: 'RS256', kid: 'unknown' }, { alg: 'RS256' }]) {
    assert.equal(await verify(await new SignJWT({ ...usual(iss) }).setProtectedHeader(header).sign(privateKey)), 'invalid');
  }
  const jwk = { alg: 'RS256', jwk: { pem: await exportSPKI(publicKey) }, jku: 'https://evil.example/jwks', x5u: 'https://evil.example/' };
  assert.equal(await verify(await new SignJWT({ ...usual(iss) }).setProtectedHeader(jwk as never).sign(privateKey)), 'invalid');
});

test('given two trusted issuers, when one signs in the name of the other, then the token is not good, whatever key id it names', async () => {
  const other = await startIssuer('https://other.example/');
  try {
    const both = createTokenVerifier(
      [issuer, other].map(({ issuer: name, jwksUrl: keys }) => ({ issuer: name, kind: 'altinn', keys })),
      silentLog,
    );
    assert.notEqual(await both(await issuer.sign({})), 'invalid');
    assert.notEqual(await both(await other.sign({})), 'invalid');
    assert.equal(await both(await other.sign({ iss })), 'invalid');
    assert.equal(await both(await issuer.sign({ iss: other.issuer })), 'invalid');
  } finally {
    await other.close();
  }
});

test('given an audience that tokens must be for, when it is configured, then tokens for others and for nobody are not good', async () => {
  const audience = 'https://post.example.no/';
  const strict = createTokenVerifier([{ issuer: iss, kind: 'altinn', keys: issuer.jwksUrl, audience }], silentLog);

  for (const aud of [audience, [audience, 'https://other.example/']]) assert.notEqual(await strict(await issuer.sign({ aud })), 'invalid');
  for (const aud of ['https://other.example/', audience.slice(0, -1), [], undefined, 7]) {
    assert.equal(await strict(await issuer.sign({ aud })), 'invalid', String(aud));
  }
  assert.notEqual(await verify(await issuer.sign({ aud: 'https://other.example/' })), 'invalid', 'where none is configured');
});

test('given a good token, when any one character of it is changed, then it is not good', async () => {
  const token = await issuer.sign({ scope: 'altinn:correspondence.read' });
  const last = token.length - 1;

  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: last - 1 }),
      fc.constantFrom('A', 'z', '0', '-', '.', '=', ' ', 'å'),
      async (at, character) => {
        fc.pre(token[at] !== character);
        assert.equal(await verify(token.slice(0, at) + character + token.slice(at + 1)), 'invalid');
      },
    ),
    { numRuns: 200 },
  );
});

test('given any text at all, when it is verified, then it is not good and nothing fails', async () => {
  const odd = [
    '',
    '.',
    '..',
    '...',
    'a.b.c',
    'e30.e30.e30',
    `${'a'.repeat(1000)}.b.c`,
    '\0',
    'x'.repeat(5_000_000),
    '[]',
    'null',
    'bnVsbA.bnVsbA.bnVsbA',
  ];
  for (const text of odd) assert.equal(await verify(text), 'invalid');

  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (text) => assert.equal(await verify(text), 'invalid')),
    {
      numRuns: 200,
    },
  );
});

test('given a token larger than any header, when it is verified, then it is not good although its signature is', async () => {
  assert.equal(await verify(await issuer.sign({ scope: 'x '.repeat(9000) })), 'invalid');
});

test('given a critical extension that nobody knows, when the token is verified, then it is not good', async () => {
  const token = forged({ alg: 'RS256', kid: 'key-1', crit: ['exp2'], exp2: 1 }, usual(iss), () => 'AAAA');
  assert.equal(await verify(token), 'invalid');
});

test('given keys that cannot be fetched, when a token comes, then it is not called bad: the keys are called unavailable', async () => {
  const broken = await startIssuer('https://broken.example/');
  broken.break(503);
  try {
    const verifyBroken = createTokenVerifier([{ issuer: broken.issuer, kind: 'altinn', keys: broken.jwksUrl }], silentLog);
    await assert.rejects(async () => verifyBroken(await broken.sign({})), KeysUnavailable);
    await assert.rejects(async () => verifyBroken(await broken.sign({})), KeysUnavailable);
    assert.equal(broken.fetches(), 1, 'a failed fetch is not repeated at once');
  } finally {
    await broken.close();
  }
});
