import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { enterpriseToken, personalToken, platformToken, systemUserToken, tokenFunctions } from './functions.ts';
import { type Query, readParameters, type Takes } from './parameters.ts';

function given(takes: Takes, query: Query) {
  const reading = readParameters(takes, query);
  assert.ok('given' in reading, JSON.stringify(reading));
  return reading.given;
}

function errors(takes: Takes, query: Query): Readonly<Record<string, string>> {
  const reading = readParameters(takes, query);
  assert.ok('errors' in reading, JSON.stringify(reading));
  return reading.errors;
}

test('given what must be there and is not, when it is read, then each is named', () => {
  assert.deepEqual(Object.keys(errors(enterpriseToken.takes, {})), ['env', 'scopes']);
  assert.deepEqual(Object.keys(errors(personalToken.takes, {})), ['env']);
  assert.deepEqual(Object.keys(errors(systemUserToken.takes, { env: 'tt02' })), ['systemUserId']);
  assert.deepEqual(Object.keys(errors(platformToken.takes, { env: 'tt02' })), ['app']);
});

test('given every environment that scripts name, when it is read, then it is taken, and no other', () => {
  for (const env of ['at22', 'at23', 'at24', 'tt02', 'yt01', 'dev', 'none', 'TT02']) given(personalToken.takes, { env });
  for (const env of ['prod', 'tt02 ', 'at21', 'none,tt02']) assert.match(errors(personalToken.takes, { env }).env!, /must be one of/);
});

test('given names in another case, empty values and unknown names, when they are read, then they count as in the original', () => {
  const read = given(enterpriseToken.takes, {
    ENV: 'tt02',
    SCOPES: 'a',
    ORGNO: '991825827',
    clientid: 'c',
    supplierOrgNo: '',
    whatever: 'x',
  });

  assert.deepEqual(read, { env: 'tt02', scopes: 'a', orgNo: '991825827', clientId: 'c' });
});

test('given defaults, when nothing is sent, then numbers are drawn anew and valid, and the rest is as described', () => {
  const [one, two] = [given(personalToken.takes, { env: 'dev' }), given(personalToken.takes, { env: 'dev' })];

  assert.notEqual(one.pid, two.pid);
  assert.deepEqual([one.authLvl, one.clientAmr, one.scopes], ['3', 'virksomhetssertifikat', 'altinn:enduser']);
  const system = given(systemUserToken.takes, { env: 'dev', systemUserId: '0198f0a0-0000-7000-8000-000000000001' });
  assert.deepEqual([system.systemUserOrg, system.orgNo, system.scopes], ['991825827', '991825827', 'altinn:enduser']);
});

test('given a value that does not fit, when it is read, then its parameter is named and the value is not repeated', () => {
  const bad: Query = {
    env: 'tt02',
    scopes: 'ALTINN:x',
    ttl: '-1',
    dump: 'maybe',
    pid: '1234567890',
    userId: '1.5',
    partyId: '99999999999',
    partyuuid: 'x',
    authLvl: '5',
    consumerOrgNo: '12345678',
    delegationSource: 'nowhere',
    bulkCount: '1001',
    userName: 'x'.repeat(201),
  };
  const found = errors(personalToken.takes, bad);

  assert.deepEqual(
    Object.keys(found).sort(),
    Object.keys(bad)
      .filter((name) => name !== 'env')
      .sort(),
  );
  for (const [name, message] of Object.entries(found)) assert.ok(message.startsWith(`${name} must`) && !message.includes(bad[name]!));
});

test('given scopes at their limits, when they are read, then 500 characters of the allowed ones fit and 501 do not', () => {
  const scopes = 'a:b/c_d-e.f,g h'.padEnd(500, 'x');
  given(enterpriseToken.takes, { env: 'tt02', scopes });
  assert.ok('scopes' in errors(enterpriseToken.takes, { env: 'tt02', scopes: `${scopes}x` }));
  for (const bad of ['a;b', 'a\nb', 'Æ', "a'b"]) assert.ok('scopes' in errors(enterpriseToken.takes, { env: 'tt02', scopes: bad }));
});

test('given any parameters at all, when they are read, then reading never fails', () => {
  const names = [
    'env',
    'ttl',
    'dump',
    'scopes',
    'bulkCount',
    'orgNo',
    'pid',
    'authLvl',
    'partyuuid',
    'clientId',
    'delegationSource',
    'app',
    '__proto__',
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...tokenFunctions),
      fc.dictionary(fc.constantFrom(...names), fc.string({ unit: 'binary' })),
      (of, query) => {
        const reading = readParameters(of.takes, query);
        assert.ok('given' in reading || Object.keys(reading.errors).length > 0);
      },
    ),
  );
});
