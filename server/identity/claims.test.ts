import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Claimed, readClaims } from './claims.ts';
import { issuerKind } from './issuers.ts';

const actor = (ID: unknown, authority: unknown = 'iso6523-actorid-upis') => ({ authority, ID });

function assertClaimed(claimed: Claimed, expected: Partial<Claimed>): void {
  for (const [name, value] of Object.entries(expected)) assert.deepEqual(claimed[name as keyof Claimed], value, name);
}

test('given the three shapes of issuer address, when its kind is asked, then it is told, and nothing of any other', () => {
  assert.equal(issuerKind('https://platform.tt02.altinn.no/authentication/api/v1/openid/'), 'altinn');
  assert.equal(issuerKind('https://test.maskinporten.no/'), 'maskinporten');
  assert.equal(issuerKind('https://test.idporten.no'), 'idporten');
  assert.equal(issuerKind('https://platform.tt02.altinn.no/authentication/api/v1/openid'), undefined);
});

test('given an enterprise token, when it is read, then the organization calls at level 3', () => {
  const claimed = readClaims('altinn', {
    scope: 'altinn:serviceowner altinn:correspondence.write',
    client_id: 'c',
    consumer: actor('0192:991825827'),
    'urn:altinn:orgNumber': '991825827',
    'urn:altinn:authenticatemethod': 'maskinporten',
    'urn:altinn:authlevel': 3,
  });

  assertClaimed(claimed, {
    kind: 'organization',
    organizationNumber: '991825827',
    consumerNumber: '991825827',
    scopes: new Set(['altinn:serviceowner', 'altinn:correspondence.write']),
    authLevel: 3,
    clientId: 'c',
    personNumber: null,
  });
});

test('given a Maskinporten token as it is, when it is read, then the consumer calls, by either prefix, at level 3', () => {
  for (const ID of ['0192:991825827', '9908:991825827']) {
    assertClaimed(readClaims('maskinporten', { consumer: actor(ID) }), {
      kind: 'organization',
      organizationNumber: '991825827',
      authLevel: 3,
    });
  }
});

test('given a consumer of another scheme or form, when it is read, then nobody is named', () => {
  for (const consumer of [
    actor('0192:991825827', 'other'),
    actor('0007:991825827'),
    actor('991825827'),
    actor('0192:99182582'),
    actor(991825827),
    'x',
    null,
    [actor('0192:991825827')],
  ]) {
    assertClaimed(readClaims('maskinporten', { consumer }), { kind: 'organization', organizationNumber: null, consumerNumber: null });
  }
});

test('given a Maskinporten token that is bound to a person, when it is read, then no person calls: nobody has logged in', () => {
  const claims = { consumer: actor('0192:991825827'), pid: '14886498226', 'urn:altinn:authenticatemethod': 'maskinporten' };
  for (const issuer of ['maskinporten', 'altinn'] as const) {
    assertClaimed(readClaims(issuer, claims), { kind: 'organization', personNumber: null, organizationNumber: '991825827' });
  }
});

test('given a person who has logged in, when the token is read, then the person calls, whatever client they used', () => {
  const claimed = readClaims('altinn', {
    pid: '14886498226',
    'urn:altinn:userid': '20001',
    'urn:altinn:partyid': '50001',
    'urn:altinn:party:uuid': '0198F0A0-0000-7000-8000-000000000001',
    'urn:altinn:authlevel': '4',
    'urn:altinn:authenticatemethod': 'NotDefined',
    consumer: actor('0192:991825827'),
    client_orgno: '991825827',
  });

  assertClaimed(claimed, {
    kind: 'person',
    personNumber: '14886498226',
    partyNumber: 50001,
    partyUuid: '0198f0a0-0000-7000-8000-000000000001',
    organizationNumber: null,
    consumerNumber: '991825827',
    authLevel: 4,
  });
});

test('given a person without a number in the token, when it is read, then the party is what it names', () => {
  assertClaimed(readClaims('altinn', { 'urn:altinn:partyid': 50001 }), { kind: 'person', personNumber: null, partyNumber: 50001 });
  assertClaimed(readClaims('idporten', { sub: 'x' }), { kind: 'person', personNumber: null, partyNumber: null, partyUuid: null });
});

test('given each acr of ID-porten, when the level is read, then it is 0, 3 or 4, else its last digit, else 0', () => {
  const levels = {
    'idporten-loa-low': 0,
    'idporten-loa-substantial': 3,
    'idporten-loa-high': 4,
    'selfregistered-email': 0,
    Level3: 3,
    Level4: 4,
    Level9: 0,
    x: 0,
    '': 0,
  };
  for (const [acr, level] of Object.entries(levels)) assert.equal(readClaims('idporten', { acr }).authLevel, level, acr);
  assert.equal(readClaims('idporten', { acr: 'toString' }).authLevel, 0);
});

test('given levels outside 0 to 4, when they are read, then they count for nothing', () => {
  for (const level of [5, -1, '99', 3.5, '4x', {}, [4], true, Number.NaN]) {
    assert.equal(readClaims('idporten', { 'urn:altinn:authlevel': level }).authLevel, 0, String(level));
  }
});

test('given a system user, when the token is read, then it calls, its owner is named, and the vendor is the consumer', () => {
  const claimed = readClaims('maskinporten', {
    consumer: actor('0192:310482907'),
    authorization_details: [
      { type: 'other' },
      {
        type: 'urn:altinn:systemuser',
        systemuser_id: ['0198f0a0-0000-7000-8000-000000000001'],
        systemuser_org: actor('0192:991825827'),
        system_id: 's',
      },
    ],
  });

  assertClaimed(claimed, {
    kind: 'system-user',
    systemUserId: '0198f0a0-0000-7000-8000-000000000001',
    organizationNumber: '991825827',
    consumerNumber: '310482907',
    authLevel: 3,
  });
});

const systemUserDetails = [
  { type: 'urn:altinn:systemuser', systemuser_id: ['0198f0a0-0000-7000-8000-000000000001'], systemuser_org: actor('0192:991825827') },
];

for (const [what, issuer, claims] of [
  ['a login', 'idporten', { pid: '14886498226', acr: 'idporten-loa-low' }],
  ['a login without a number', 'idporten', { sub: 'x' }],
  ['a login that says Maskinporten', 'idporten', { pid: '14886498226', 'urn:altinn:authenticatemethod': 'maskinporten' }],
  ['an exchanged login', 'altinn', { pid: '14886498226', 'urn:altinn:authenticatemethod': 'BankID' }],
  ['a person by user id', 'altinn', { 'urn:altinn:userid': '20001' }],
] as const) {
  test(`given ${what} whose client asked for a system user, when the token is read, then the person calls and no system`, () => {
    const claimed = readClaims(issuer, { ...claims, authorization_details: systemUserDetails });

    const pid = 'pid' in claims ? claims.pid : null;
    assertClaimed(claimed, { kind: 'person', systemUserId: null, organizationNumber: null, personNumber: pid });
  });
}

for (const [what, issuer, claims] of [
  ['of Maskinporten', 'maskinporten', {}],
  ['of Maskinporten, bound to a person', 'maskinporten', { pid: '14886498226' }],
  ['exchanged by Altinn', 'altinn', { 'urn:altinn:authenticatemethod': 'maskinporten', 'urn:altinn:orgNumber': '310482907' }],
  ['of the test token generator', 'altinn', {}],
] as const) {
  test(`given a system user in a token ${what}, when it is read, then the system user calls for its owner`, () => {
    const claimed = readClaims(issuer, { ...claims, consumer: actor('0192:310482907'), authorization_details: systemUserDetails });

    const systemUserId = '0198f0a0-0000-7000-8000-000000000001';
    assertClaimed(claimed, { kind: 'system-user', systemUserId, organizationNumber: '991825827', personNumber: null });
  });
}

test('given an application whose token names a system user, when it is read, then the platform calls', () => {
  const claims = { 'urn:altinn:app': 'x', authorization_details: systemUserDetails };
  assertClaimed(readClaims('altinn', claims), { kind: 'platform', systemUserId: null });
});

test('given an application, when its token is read, then the platform calls with no rights of its own', () => {
  assertClaimed(readClaims('altinn', { 'urn:altinn:app': 'x' }), {
    kind: 'platform',
    personNumber: null,
    organizationNumber: null,
    authLevel: 0,
  });
});

test('given scopes as text or list, with odd spaces, when they are read, then each stands by itself', () => {
  assert.deepEqual(readClaims('altinn', { scope: '  a  b\ta ' }).scopes, new Set(['a', 'b']));
  assert.deepEqual(readClaims('altinn', { scope: ['a', 'b c', 7, null] }).scopes, new Set(['a', 'b', 'c']));
  for (const scope of [undefined, null, 7, {}, '']) assert.equal(readClaims('altinn', { scope }).scopes.size, 0);
});

test('given a client id that no row can hold, when it is read, then there is none', () => {
  for (const client_id of ['', 'a\0b', 'x'.repeat(201), '\ud800', 7, null, {}])
    assert.equal(readClaims('altinn', { client_id }).clientId, null);
});

test('given any claims at all, when they are read, then reading never fails and numbers keep their form', () => {
  const names = [
    'pid',
    'consumer',
    'authorization_details',
    'scope',
    'acr',
    'client_id',
    'urn:altinn:partyid',
    'urn:altinn:party:uuid',
    'urn:altinn:authlevel',
    'urn:altinn:orgNumber',
  ];
  const claims = fc.dictionary(fc.constantFrom(...names), fc.anything({ withNullPrototype: true, withBigInt: true }));
  fc.assert(
    fc.property(fc.constantFrom('altinn', 'maskinporten', 'idporten' as const), claims, (issuer, payload) => {
      const claimed = readClaims(issuer as 'altinn', payload);
      assert.ok(claimed.authLevel >= 0 && claimed.authLevel <= 4);
      assert.match(claimed.personNumber ?? '00000000000', /^\d{11}$/);
      assert.match(claimed.organizationNumber ?? '000000000', /^\d{9}$/);
    }),
  );
});
