import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose';
import { partiesByNumber, saveParties } from '#register/index.ts';
import { nothingWritten } from '../../../test/nothing-written.ts';
import { startIssuer } from '../../identity/testing/issuer.ts';
import { openSandbox, publicUrl } from '../testing/open-sandbox.ts';

const outside = await startIssuer('https://test.maskinporten.no/');
const sandbox = await openSandbox([{ issuer: outside.issuer, kind: 'maskinporten', keys: outside.jwksUrl }]);
const { maskinporten, idporten, altinn } = sandbox.issuers;
const [directorate, owner, vendor, kari] = ['991825827', '974760673', '310000000', '14886498226'];
const path = '/authentication/api/v1/exchange';
const actor = (number: string) => ({ authority: 'iso6523-actorid-upis', ID: `0192:${number}` });

await sandbox.db.transaction(async (tx) =>
  saveParties(tx, [
    { kind: 'organization', number: directorate, name: 'Direktoratet', orgCode: 'digdir' },
    { kind: 'organization', number: owner, name: 'Tilsynet', orgCode: 'tilsyn' },
    { kind: 'organization', number: vendor, name: 'Leverandøren' },
    { kind: 'person', number: kari, name: 'Kari' },
  ]),
);
const parties = await partiesByNumber(sandbox.db, [directorate, kari]);

const seconds = () => Math.floor(Date.now() / 1000);
const machine = (claims: object = {}) => ({
  ...{ iss: maskinporten.issuer, iat: seconds(), exp: seconds() + 120, jti: 'one', client_id: 'system', client_amr: 'private_key_jwt' },
  ...{ scope: 'altinn:serviceowner altinn:correspondence.write', token_type: 'Bearer', consumer: actor(owner) },
  ...claims,
});
const person = (claims: object = {}) => ({
  ...{
    iss: idporten.issuer,
    iat: seconds(),
    exp: seconds() + 500,
    jti: 'two',
    client_id: 'inbox',
    sub: 'pairwise',
    sid: 'session',
    aud: 'x',
  },
  ...{ scope: 'openid altinn:portal/enduser', pid: kari, acr: 'idporten-loa-high', amr: ['BankID'], at_hash: 'hash' },
  ...claims,
});

const ask = (provider: string, token?: string, headers: Record<string, string> = {}, query = '') =>
  sandbox.get(`${path}/${provider}${query}`, { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers });

async function exchanged(provider: string, token: string, query = '') {
  const answer = await ask(provider, token, { accept: '*/*' }, query);
  assert.equal(answer.status, 200, await answer.clone().text());
  const keys = (await (await sandbox.get('/authentication/api/v1/openid/.well-known/openid-configuration/jwks')).json()) as JSONWebKeySet;
  const text = await answer.text();
  return { text, claims: (await jwtVerify(text, createLocalJWKSet(keys), { issuer: altinn.issuer })).payload };
}

test('given a Maskinporten token of a service owner, when it is exchanged, then it is an Altinn token for half an hour with the claims of one', async () => {
  const { text, claims } = await exchanged(
    'maskinporten',
    await maskinporten.sign(machine({ supplier: actor(vendor), delegation_source: 'https://x/' })),
  );

  const { iat, nbf, exp, sid, ...said } = claims;
  assert.deepEqual([exp! - iat!, nbf! - iat!, typeof sid], [1800, 0, 'string']);
  assert.deepEqual(said, {
    iss: `${publicUrl}/authentication/api/v1/openid/`,
    jti: 'one',
    client_id: 'system',
    scope: 'altinn:serviceowner altinn:correspondence.write',
    token_type: 'Bearer',
    consumer: actor(owner),
    supplier: actor(vendor),
    delegation_source: 'https://x/',
    'urn:altinn:org': 'tilsyn',
    'urn:altinn:orgNumber': owner,
    'urn:altinn:authenticatemethod': 'maskinporten',
    'urn:altinn:authlevel': 3,
  });
  const { caller } = await sandbox.whoami(text);
  assert.deepEqual([caller?.issuer, caller?.kind, caller?.party], ['altinn', 'organization', caller?.consumer]);
});

test('given tokens that are not a service owner’s, when they are exchanged, then no code of one stands in them, whatever they brought along', async () => {
  const codeIn = async (claims: object, query = '') =>
    (await exchanged('maskinporten', await maskinporten.sign(machine(claims)), query)).claims['urn:altinn:org'];

  assert.equal(await codeIn({ scope: 'altinn:correspondence.write', 'urn:altinn:org': 'skd' }), undefined);
  assert.equal(await codeIn({ consumer: actor(vendor), 'urn:altinn:org': 'skd' }), undefined, 'an organization without a code');
  assert.equal(await codeIn({ consumer: actor('313600947') }), undefined, 'one that the register does not know');
  assert.equal(await codeIn({ consumer: actor(directorate) }), 'digdir');
  for (const query of ['?test=true', '?test=True', '?TEST=true'])
    assert.equal(await codeIn({ consumer: actor(directorate) }, query), 'ttd', query);
  for (const query of ['?test=false', '?test=', '?test=1', '?test=whatever']) {
    assert.equal(await codeIn({ consumer: actor(directorate) }, query), 'digdir', query);
  }
  assert.equal(await codeIn({}, '?test=true'), 'tilsyn');
});

test('given a system user’s token, when it is exchanged, then it is still the system user’s', async () => {
  const details = [{ type: 'urn:altinn:systemuser', systemuser_id: ['x'], systemuser_org: actor(owner), system_id: 's' }];
  const { claims } = await exchanged(
    'maskinporten',
    await maskinporten.sign(machine({ authorization_details: details, consumer: actor(vendor) })),
  );
  assert.deepEqual([claims.authorization_details, claims['urn:altinn:orgNumber']], [details, vendor]);
});

test('given a token of a configured Maskinporten, when it is exchanged, then it is good too', async () => {
  const { claims } = await exchanged('maskinporten', await outside.sign({ ...machine(), iss: outside.issuer }));
  assert.equal(claims['urn:altinn:orgNumber'], owner);
});

test('given a person’s login, when it is exchanged, then the person, level and way to log in stand in the Altinn token, which ends with it', async () => {
  const token = person();
  const { text, claims } = await exchanged('id-porten', await idporten.sign(token));

  const { iat, nbf, sid, ...said } = claims;
  const { partyId, id } = parties.get(kari)!;
  assert.notEqual(sid, 'session');
  assert.equal(nbf, iat);
  assert.deepEqual(said, {
    iss: altinn.issuer,
    exp: token.exp,
    jti: 'two',
    client_id: 'inbox',
    scope: 'openid altinn:portal/enduser',
    pid: kari,
    acr: 'idporten-loa-high',
    amr: ['BankID'],
    nameid: String(partyId),
    'urn:altinn:userid': partyId,
    'urn:altinn:username': '',
    'urn:altinn:partyid': partyId,
    'urn:altinn:party:uuid': id,
    'urn:altinn:authenticatemethod': 'BankID',
    'urn:altinn:authlevel': 4,
  });
  const { caller } = await sandbox.whoami(text);
  assert.deepEqual([caller?.issuer, caller?.kind, caller?.subject, caller?.authLevel], ['altinn', 'person', id, 4]);
});

test('given each level and way to log in, when a login is exchanged, then Altinn’s words for them stand in the token', async () => {
  const said = async (claims: object) => {
    const { claims: found } = await exchanged('id-porten', await idporten.sign(person(claims)));
    return [found['urn:altinn:authlevel'], found['urn:altinn:authenticatemethod']];
  };
  assert.deepEqual(await said({ acr: 'idporten-loa-low', amr: 'TestID' }), [0, 'NotDefined']);
  assert.deepEqual(await said({ acr: 'idporten-loa-substantial', amr: ['Minid-OTC'] }), [3, 'MinIDOTC']);
  assert.deepEqual(await said({ acr: 'Level4', amr: 7 }), [4, 'NotDefined']);
});

test('given tokens that may not be exchanged, when they are shown, then the answer is 401 or 403 without a body and nothing was written', async () => {
  const ended = { iat: seconds() - 20, exp: seconds() - 1 };
  const cases: [what: string, provider: string, token: string | undefined, status: number][] = [
    ['none', 'maskinporten', undefined, 401],
    ['no token', 'maskinporten', 'x', 401],
    ['an empty one', 'maskinporten', '', 401],
    ['expired', 'maskinporten', await maskinporten.sign(machine(ended)), 401],
    ['no consumer', 'maskinporten', await maskinporten.sign(machine({ consumer: undefined })), 401],
    [
      'a consumer of another authority',
      'maskinporten',
      await maskinporten.sign(machine({ consumer: { ...actor(owner), authority: 'x' } })),
      401,
    ],
    ['another issuer', 'maskinporten', await maskinporten.sign(machine({ iss: 'https://evil.example/' })), 401],
    ['another issuer’s key', 'maskinporten', await idporten.sign(machine()), 401],
    ['a person’s at the machines’', 'maskinporten', await idporten.sign(person()), 401],
    ['a machine’s at the persons’', 'id-porten', await maskinporten.sign(machine({ pid: kari, acr: 'idporten-loa-high' })), 401],
    ['an exchanged one', 'maskinporten', await altinn.sign(machine({ iss: altinn.issuer })), 401],
    ['no scope of Altinn’s', 'id-porten', await idporten.sign(person({ scope: 'openid profile xaltinn:x' })), 403],
    ['no scope', 'id-porten', await idporten.sign(person({ scope: undefined })), 403],
    ['nobody', 'id-porten', await idporten.sign(person({ pid: undefined })), 401],
    ['a level untold', 'id-porten', await idporten.sign(person({ acr: undefined })), 401],
    ['a stranger', 'id-porten', await idporten.sign(person({ pid: '02013299997' })), 401],
    ['a token of the studio', 'altinnstudio', await maskinporten.sign(machine()), 401],
  ];
  await nothingWritten(sandbox.db, async () => {
    for (const [what, provider, token, status] of cases) {
      const answer = await ask(provider, token);
      assert.deepEqual([answer.status, await answer.text()], [status, ''], what);
    }
  });
});

test('given an enterprise user of old, when one comes, then the answer is that there are none any more', async () => {
  const answer = await ask('maskinporten', await maskinporten.sign(machine()), {
    'X-Altinn-EnterpriseUser-Authentication': 'dXNlcjpwYXNz',
  });
  assert.equal(answer.status, 410);
  assert.equal(((await answer.json()) as { title: string }).title, 'Virksomhetsbruker is no longer available');
});

test('given another provider, when it is asked, then it is told which there are', async () => {
  for (const provider of ['Feide', 'constructor', '__proto__']) {
    const answer = await ask(provider);
    assert.equal(answer.status, 400);
    assert.equal(
      await answer.text(),
      `Invalid token provider: ${provider}. Trusted token providers are 'Maskinporten', 'Id-porten' and 'AltinnStudio'.`,
    );
  }
});

test('given each Accept that clients send, when a token is exchanged, then it is bare text or a JSON string', async () => {
  const token = await maskinporten.sign(machine());
  const answerTo = async (accept: string) => {
    const answer = await ask('MaskinPorten', token, { accept });
    const text = await answer.text();
    return [answer.headers.get('content-type'), text.startsWith('"') && text.endsWith('"'), decodeJwt(text.replaceAll('"', '')).iss];
  };
  const bare = ['text/plain; charset=utf-8', false, altinn.issuer];
  const quoted = ['application/json; charset=utf-8', true, altinn.issuer];

  for (const accept of ['', '*/*', 'text/plain', 'application/json, text/plain, */*', 'application/json;q=0.5, text/plain', 'image/png']) {
    assert.deepEqual(await answerTo(accept), bare, accept);
  }
  for (const accept of [
    'application/json',
    'application/json; charset=utf-8',
    'text/plain;q=0.1, application/json',
    'application/problem+json',
  ]) {
    assert.deepEqual(await answerTo(accept), quoted, accept);
  }
});

test('given all that was answered here, when it is held against what the routes declare, then they told the truth', async () => {
  await outside.close();
  assert.deepEqual(sandbox.lies, []);
});
