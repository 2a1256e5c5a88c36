import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { silentLog } from '#kernel/log.ts';
import type { IssuerKind } from './issuers.ts';
import { startIssuer, type TestIssuer } from './testing/issuer.ts';
import { createTokenVerifier } from './verify-token.ts';

const [openId, oauth] = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'];
let issuer: TestIssuer;

beforeEach(async () => {
  issuer = await startIssuer();
});
afterEach(async () => {
  mock.timers.reset();
  await issuer.close();
});

const verifier = (name: string, kind: IssuerKind = 'altinn') => createTokenVerifier([{ issuer: name, kind }], silentLog);
const metadataOf = (name: string, more: object = {}) => ({ issuer: name, jwks_uri: issuer.jwksUrl, ...more });
const longToken = (claims: object = {}) => issuer.sign({ exp: Math.floor(Date.now() / 1000) + 7 * 24 * 3600, ...claims });

function later(millis: number): void {
  const now = Date.now();
  mock.timers.reset();
  mock.timers.enable({ apis: ['Date'], now: now + millis });
}

test('given an issuer of each kind, when its token comes, then its keys are found by metadata, asked for first where that kind has it', async () => {
  for (const [kind, first] of [
    ['maskinporten', oauth],
    ['idporten', openId],
    ['altinn', openId],
  ] as const) {
    const mine = await startIssuer();
    try {
      mine.serve(first, { issuer: mine.issuer, jwks_uri: mine.jwksUrl });
      const verify = verifier(mine.issuer, kind);
      assert.notEqual(await verify(await mine.sign({})), 'invalid', kind);
      assert.notEqual(await verify(await mine.sign({})), 'invalid', kind);
      assert.deepEqual(mine.asked, [first]);
    } finally {
      await mine.close();
    }
  }
});

test('given an issuer with a path, when metadata stands beneath it or where RFC 8414 puts it, then its keys are found', async () => {
  const name = `${issuer.url}/authentication/api/v1/openid/`;
  for (const place of ['/authentication/api/v1/openid/.well-known/openid-configuration', `${oauth}/authentication/api/v1/openid`]) {
    issuer.serve(place, metadataOf(name));
    assert.notEqual(await verifier(name)(await issuer.sign({ iss: name })), 'invalid', place);
    issuer.serve(place, undefined);
  }
});

test('given metadata that is of another issuer, names no keys or leads elsewhere, when a token comes, then no key is taken from it', async () => {
  const cases: object[] = [
    metadataOf('https://evil.example/'),
    metadataOf(issuer.issuer.slice(0, -1)),
    { issuer: issuer.issuer },
    metadataOf(issuer.issuer, { jwks_uri: 7 }),
    metadataOf(issuer.issuer, { jwks_uri: 'no address' }),
    metadataOf(issuer.issuer, { jwks_uri: 'file:///etc/passwd' }),
    [],
  ];
  for (const metadata of cases) {
    issuer.serve(openId, metadata);
    await assert.rejects(async () => verifier(issuer.issuer)(await issuer.sign({})), { name: 'KeysUnavailable' }, JSON.stringify(metadata));
  }
  assert.equal(issuer.fetches(), 0);
});

test('given an issuer without metadata, when tokens come, then the keys are called unavailable, and it is not asked for each', async () => {
  const verify = verifier(issuer.issuer);
  for (let i = 0; i < 20; i++) await assert.rejects(async () => verify(await issuer.sign({})), { name: 'KeysUnavailable' });
  assert.deepEqual(issuer.asked, [openId, oauth]);

  issuer.serve(openId, metadataOf(issuer.issuer));
  later(6_000);
  assert.notEqual(await verify(await issuer.sign({})), 'invalid');
});

test('given metadata that is away, when the issuer rotates its key, then the new key is found where the keys were', async () => {
  issuer.serve(openId, metadataOf(issuer.issuer));
  const verify = verifier(issuer.issuer);
  assert.notEqual(await verify(await longToken()), 'invalid');
  issuer.serve(openId, undefined);
  await issuer.rotate();

  later(2 * 3600_000);
  assert.notEqual(await verify(await longToken()), 'invalid');
});

test('given an issuer that moves its keys, when an hour is over, then they are found where they are now', async () => {
  const next = await startIssuer();
  try {
    issuer.serve(openId, metadataOf(issuer.issuer));
    const verify = verifier(issuer.issuer);
    assert.notEqual(await verify(await longToken()), 'invalid');
    issuer.serve(openId, metadataOf(issuer.issuer, { jwks_uri: next.jwksUrl }));
    await next.rotate(); // a key id that the old set does not hold

    later(2 * 3600_000);
    assert.notEqual(await verify(await next.sign({ iss: issuer.issuer, exp: Math.floor(Date.now() / 1000) + 60 })), 'invalid');
  } finally {
    await next.close();
  }
});

test('given keys that are more than a key set can be, or are none, when a token comes, then they are not read', async () => {
  for (const document of [{ keys: [{ kty: 'RSA', n: 'x'.repeat(2_000_000) }] }, { keys: 'none' }]) {
    issuer.serve('/other', document);
    issuer.serve(openId, metadataOf(issuer.issuer, { jwks_uri: `${issuer.url}/other` }));
    await assert.rejects(async () => verifier(issuer.issuer)(await issuer.sign({})), { name: 'KeysUnavailable' });
  }
});
