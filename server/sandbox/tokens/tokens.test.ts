import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CryptoKey,
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  exportSPKI,
  importJWK,
  type JSONWebKeySet,
  jwtVerify,
} from 'jose';
import { sql } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { partiesByNumber, saveParties } from '#register/index.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { forged, hmac } from '../../identity/testing/issuer.ts';
import { openSandbox, publicUrl } from '../testing/open-sandbox.ts';
import { createTokenIssuer } from './signing-key.ts';

const sandbox = await openSandbox();
const iss = `${publicUrl}/authentication/api/v1/openid/`;
const [directorate, kari] = ['991825827', '14886498226'];
const systemUser = '0198f0a0-0000-7000-8000-000000000001' as PartyId;

await sandbox.db.transaction(async (tx) =>
  saveParties(tx, [
    { kind: 'organization', number: directorate, name: 'Direktoratet' },
    { kind: 'person', number: kari, name: 'Kari' },
  ]),
);
const parties = await partiesByNumber(sandbox.db, [directorate, kari]);
await sandbox.db.transaction(async (tx) =>
  saveParties(tx, [{ kind: 'system-user', id: systemUser, number: null, name: 'Fagsystem', parentId: parties.get(directorate)!.id }]),
);

async function tokenFrom(path: string): Promise<string> {
  const answer = await sandbox.get(path);
  assert.equal(answer.status, 200, await answer.clone().text());
  assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
  return answer.text();
}

async function keySet(): Promise<JSONWebKeySet> {
  const { jwks_uri: address } = (await (await sandbox.get('/authentication/api/v1/openid/.well-known/openid-configuration')).json()) as {
    jwks_uri: string;
  };
  return (await (await sandbox.get(address.replace(publicUrl, ''))).json()) as JSONWebKeySet;
}

test('given an enterprise token, when it is read, then its claims are those of Altinn and its signature is that of the published keys', async () => {
  const token = await tokenFrom(
    `/api/GetEnterpriseToken?env=tt02&orgNo=${directorate}&org=digdir&supplierOrgNo=310000000&delegationSource=https://altinn.no/&clientId=c1&scopes=altinn:serviceowner,altinn:correspondence.write&ttl=60`,
  );
  const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(await keySet()), { issuer: iss });

  const { iat, nbf, exp, jti, ...claims } = payload;
  assert.equal(protectedHeader.alg, 'RS256');
  assert.deepEqual([exp! - iat!, nbf! - iat!, typeof jti], [60, 0, 'string']);
  assert.deepEqual(claims, {
    iss,
    actual_iss: 'altinn-test-tools',
    scope: 'altinn:serviceowner altinn:correspondence.write',
    token_type: 'Bearer',
    client_id: 'c1',
    consumer: { authority: 'iso6523-actorid-upis', ID: `0192:${directorate}` },
    supplier: { authority: 'iso6523-actorid-upis', ID: '0192:310000000' },
    delegation_source: 'https://altinn.no/',
    'urn:altinn:org': 'digdir',
    'urn:altinn:orgNumber': directorate,
    'urn:altinn:authenticatemethod': 'maskinporten',
    'urn:altinn:authlevel': 3,
  });
});

test('given a token without a time, when it is made, then it holds for half an hour', async () => {
  const { exp, iat } = decodeJwt(await tokenFrom('/api/GetPersonalToken?env=none'));
  assert.equal(exp! - iat!, 1800);
});

test('given a person whom the register knows, when a token is made, then the party stands in it; what the caller says goes first', async () => {
  const party = parties.get(kari)!;
  const claims = decodeJwt(
    await tokenFrom(`/api/GetPersonalToken?env=tt02&pid=${kari}&authLvl=4&userName=kari&consumerOrgNo=${directorate}`),
  );
  assert.deepEqual(
    [claims.pid, claims['urn:altinn:partyid'], claims['urn:altinn:party:uuid'], claims['urn:altinn:userid'], claims.nameid],
    [kari, party.partyId, party.id, String(party.partyId), String(party.partyId)],
  );
  assert.deepEqual(
    [
      claims.acr,
      claims['urn:altinn:authlevel'],
      claims['urn:altinn:authenticatemethod'],
      claims.client_amr,
      claims['urn:altinn:username'],
      claims.client_orgno,
    ],
    ['idporten-loa-high', 4, 'NotDefined', 'virksomhetssertifikat', 'kari', directorate],
  );
  assert.equal(claims.scope, 'altinn:enduser');

  const own = decodeJwt(await tokenFrom(`/api/GetPersonalToken?env=tt02&pid=${kari}&partyId=7&userId=8&partyuuid=${systemUser}`));
  assert.deepEqual([own['urn:altinn:partyid'], own['urn:altinn:userid'], own['urn:altinn:party:uuid']], [7, '8', systemUser]);

  const stranger = decodeJwt(await tokenFrom('/api/GetPersonalToken?env=tt02'));
  assert.ok(!('urn:altinn:partyid' in stranger) && !('nameid' in stranger));
});

test('given a system user, when its token is read, then it names user, owner and vendor, and no organization by itself', async () => {
  const claims = decodeJwt(await tokenFrom(`/api/GetSystemUserToken?env=tt02&systemUserId=${systemUser}&orgNo=310000000`));

  assert.deepEqual(claims.authorization_details, [
    {
      type: 'urn:altinn:systemuser',
      systemuser_id: [systemUser],
      systemuser_org: { authority: 'iso6523-actorid-upis', ID: '0192:991825827' },
      system_id: '310000000_system',
    },
  ]);
  assert.deepEqual(claims.consumer, { authority: 'iso6523-actorid-upis', ID: '0192:310000000' });
  assert.ok(!('urn:altinn:orgNumber' in claims));
});

test('given an application, when its token is read, then the issuer is its organization, the platform by default', async () => {
  for (const name of ['GetPlatformToken', 'GetPlatformAccessToken']) {
    const token = await tokenFrom(`/api/${name}?env=tt02&app=my-app`);
    assert.deepEqual([decodeJwt(token).iss, decodeJwt(token)['urn:altinn:app']], ['platform', 'my-app']);
    assert.equal(decodeJwt(await tokenFrom(`/api/${name}?env=tt02&app=x&org=ttd`)).iss, 'ttd');
    const { kid, x5c } = decodeProtectedHeader(token);
    assert.deepEqual(x5c, [kid]);
    assert.equal((await sandbox.whoami(token)).status, 401, 'it is no bearer token');
  }
});

test('given tokens of each kind, when they are shown, then the caller is who they name', async () => {
  const enterprise = await sandbox.whoami(await tokenFrom(`/api/GetEnterpriseToken?env=tt02&orgNo=${directorate}&scopes=a b`));
  const person = await sandbox.whoami(await tokenFrom(`/api/GetPersonalToken?env=tt02&pid=${kari}`));
  const system = await sandbox.whoami(await tokenFrom(`/api/GetSystemUserToken?env=tt02&systemUserId=${systemUser}`));

  const organization = parties.get(directorate)!.id;
  assert.deepEqual(
    [enterprise.caller?.kind, enterprise.caller?.subject, enterprise.caller?.scopes],
    ['organization', organization, ['a', 'b']],
  );
  assert.deepEqual([person.caller?.kind, person.caller?.subject, person.caller?.authLevel], ['person', parties.get(kari)!.id, 3]);
  assert.deepEqual([system.caller?.kind, system.caller?.subject, system.caller?.party], ['system-user', systemUser, organization]);
  assert.deepEqual(
    [enterprise, person, system].map(({ caller }) => caller?.issuer),
    ['altinn', 'altinn', 'altinn'],
  );
});

test('given a dump, when it is asked for, then header and claims are readable and nothing is signed', async () => {
  const [header, claims] = (await tokenFrom('/api/GetPersonalToken?env=tt02&dump=true')).split('\n.\n');
  assert.equal((JSON.parse(header!) as { alg: string }).alg, 'RS256');
  assert.equal((JSON.parse(claims!) as { actual_iss: string }).actual_iss, 'altinn-test-tools');
});

test('given a bulk, when it is asked for, then a map from number to a token of that number comes', async () => {
  const answer = await sandbox.get('/api/GetEnterpriseToken?env=tt02&scopes=a&bulkCount=3');
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
  const all = Object.entries((await answer.json()) as Record<string, string>);
  assert.equal(all.length, 3);
  for (const [number, token] of all) assert.equal(decodeJwt(token)['urn:altinn:orgNumber'], number);
});

test('given parameters that do not fit, when a token is asked for, then the answer is 400 with a word for each', async () => {
  const answer = await sandbox.get('/api/GetEnterpriseToken?env=prod&orgNo=12');

  assert.equal(answer.status, 400);
  assert.deepEqual(Object.keys((await answer.json()) as object), ['env', 'scopes', 'orgNo']);
});

test('given a caller who shows a password or a bad token, when a test token is asked for, then it is given all the same', async () => {
  for (const authorization of ['Basic dXNlcjpwYXNz', 'Bearer x']) {
    assert.equal((await sandbox.get('/api/getpersonaltoken?Env=tt02', { authorization })).status, 200);
  }
});

test('given the metadata, when it is read at either address, then issuer and keys are told, and no private part of a key', async () => {
  const openId = (await (await sandbox.get('/authentication/api/v1/openid/.well-known/openid-configuration')).json()) as Record<
    string,
    unknown
  >;
  assert.deepEqual(
    [openId.issuer, openId.response_types_supported, openId.id_token_signing_alg_values_supported],
    [iss, ['token'], ['RS256']],
  );
  const server = (await (await sandbox.get('/api/.well-known/oauth-authorization-server')).json()) as Record<string, unknown>;
  assert.deepEqual([server.issuer, server.jwks_uri], [iss, openId.jwks_uri]);

  const { keys } = await keySet();
  assert.deepEqual(Object.keys(keys[0]!).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use']);
  assert.doesNotMatch(keys[0]!.n!, /[+/=]/);
});

test('given forgeries of a good token, when they are shown, then each is 401', async () => {
  const good = await tokenFrom(`/api/GetEnterpriseToken?env=tt02&orgNo=${directorate}&scopes=altinn:serviceowner`);
  assert.equal((await sandbox.whoami(good)).status, 200);
  const [key] = (await keySet()).keys;
  const pem = await exportSPKI((await importJWK(key!, 'RS256')) as CryptoKey);
  const [header, payload, signature] = good.split('.') as [string, string, string];
  const claims = decodeJwt(good);
  const more = Buffer.from(JSON.stringify({ ...claims, scope: 'altinn:serviceowner altinn:correspondence.write' })).toString('base64url');
  const bad = {
    'no signature': `${header}.${payload}.`,
    'alg none': forged({ alg: 'none', kid: key!.kid }, claims, () => ''),
    'HS256 with the public key': forged({ alg: 'HS256', kid: key!.kid }, claims, hmac(pem)),
    'more scopes': `${header}.${more}.${signature}`,
    expired: await sandbox.tokens.sign({ ...claims, exp: Math.floor(Date.now() / 1000) - 1 }),
    'nbf in the future': await sandbox.tokens.sign({ ...claims, nbf: Math.floor(Date.now() / 1000) + 60 }),
    'another issuer': await sandbox.tokens.sign({ ...claims, iss: 'https://evil.example/' }),
    'no end': await sandbox.tokens.sign({ ...claims, exp: undefined }),
  };
  for (const [what, token] of Object.entries(bad)) assert.equal((await sandbox.whoami(token)).status, 401, what);
});

test('given a sandbox that starts in many processes at once, when all need the key, then there is one and every token is good everywhere', async () => {
  const fresh = await createTestDatabase({ maxConnections: 8 });
  const processes = Array.from({ length: 8 }, () => createTokenIssuer(fresh.ctx, 'http://x', 'altinn'));

  const sets = await Promise.all(processes.map((each) => each.keySet()));

  assert.equal((await fresh.db.all(sql`select from sandbox.signing_key`)).length, 1);
  assert.equal(new Set(sets.map((set) => set.keys[0]!.kid)).size, 1);
  const token = await processes[0]!.sign({ sub: 'x' });
  for (const set of sets) await jwtVerify(token, createLocalJWKSet(set));
});

test('given all that was answered here, when it is held against what the routes declare, then they told the truth', () => {
  assert.deepEqual(sandbox.lies, []);
});
