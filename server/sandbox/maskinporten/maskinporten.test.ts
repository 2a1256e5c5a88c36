import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify, SignJWT } from 'jose';
import { sql } from '#kernel/database.ts';
import { nothingWritten } from '../../../test/nothing-written.ts';
import { openSandbox, publicUrl } from '../testing/open-sandbox.ts';
import { chooseSystemUser } from './issue-token.ts';

const sandbox = await openSandbox();
const [vendor, customer, stranger] = ['991825827', '310000000', '313600947'];
const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const systemUser = '0198f0a0-0000-7000-8000-000000000001';
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();

const scopes = ['altinn:serviceowner', 'altinn:correspondence.write', 'altinn:correspondence.read'];
const town = {
  version: 1,
  parties: [
    { kind: 'organization', number: vendor, name: 'Leverandøren' },
    { kind: 'organization', number: customer, name: 'Kunden' },
    { kind: 'organization', number: stranger, name: 'En annen' },
  ],
  clients: [
    { clientId: 'system', organization: vendor, keyId: 'k1', publicKeyPem: pem(rsa.publicKey), scopes },
    { clientId: 'elliptic', organization: vendor, jwk: ec.publicKey.export({ format: 'jwk' }), scopes },
    { clientId: 'keyless', organization: vendor, scopes },
  ],
  systemUsers: [
    { id: systemUser, system: 'system', owner: customer, rights: [] },
    { id: '0198f0a0-0000-7000-8000-000000000002', system: 'elliptic', owner: stranger, rights: [] },
  ],
};
const seeded = await sandbox.post('/budstikke/v1/sandbox/seed', town);
assert.equal(seeded.status, 200, await seeded.clone().text());

const seconds = () => Math.floor(Date.now() / 1000);
const usual = () => ({
  iss: 'system',
  aud: 'https://test.maskinporten.no/',
  iat: seconds(),
  exp: seconds() + 120,
  jti: randomUUID(),
  scope: 'altinn:correspondence.read',
});

function grant(claims: object = {}, header: object = {}, key: KeyObject = rsa.privateKey): Promise<string> {
  const given = Object.fromEntries(Object.entries({ alg: 'RS256', kid: 'k1', ...header }).filter(([, value]) => value !== undefined));
  return new SignJWT({ ...usual(), ...claims }).setProtectedHeader(given as { alg: string }).sign(key);
}

const ask = (form: Record<string, string> | [string, string][]): Promise<Response> =>
  fetch(`${sandbox.url}/maskinporten/token`, { method: 'POST', body: new URLSearchParams(form) });
/** A fit request in which one parameter is there twice, both times the same. */
async function twice(name: 'grant_type' | 'assertion'): Promise<[string, string][]> {
  const form = { grant_type: grantType, assertion: await grant() };
  return [...Object.entries(form), [name, form[name]]];
}
const askWith = (assertion: string) => ask({ grant_type: grantType, assertion });

interface Given {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly scope: string;
}
async function tokenFor(assertion: string): Promise<Given> {
  const answer = await askWith(assertion);
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.json()) as Given;
}

async function assertRefused(answer: Response, error: string, description: RegExp, what = ''): Promise<void> {
  const body = (await answer.json()) as { error: string; error_description: string };
  assert.deepEqual([answer.status, body.error], [400, error], `${what}: ${body.error_description}`);
  assert.match(body.error_description, description, what);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
}

const keySet = async (): Promise<JSONWebKeySet> => {
  const metadata = (await (await sandbox.get('/maskinporten/.well-known/oauth-authorization-server')).json()) as Record<string, string>;
  return (await (await sandbox.get(metadata.jwks_uri!.replace(publicUrl, ''))).json()) as JSONWebKeySet;
};

test('given a grant that a client signed, when a token is asked for, then it is shaped as Maskinporten’s and signed by the published key', async () => {
  const given = await tokenFor(await grant({ scope: 'altinn:correspondence.write  altinn:serviceowner altinn:correspondence.write' }));

  const { payload } = await jwtVerify(given.access_token, createLocalJWKSet(await keySet()), { issuer: `${publicUrl}/maskinporten/` });
  const { iat, exp, jti, ...claims } = payload;
  assert.deepEqual([given.token_type, given.expires_in, exp! - iat!, typeof jti], ['Bearer', 599, 599, 'string']);
  assert.equal(given.scope, 'altinn:correspondence.write altinn:serviceowner');
  assert.deepEqual(claims, {
    iss: `${publicUrl}/maskinporten/`,
    client_amr: 'private_key_jwt',
    client_id: 'system',
    token_type: 'Bearer',
    scope: 'altinn:correspondence.write altinn:serviceowner',
    consumer: { authority: 'iso6523-actorid-upis', ID: `0192:${vendor}` },
  });
  const { caller } = await sandbox.whoami(given.access_token);
  assert.deepEqual([caller?.kind, caller?.issuer, caller?.authLevel, caller?.clientId], ['organization', 'maskinporten', 3, 'system']);
});

test('given a supplier, when it names its consumer with or without the prefix, then both stand in the token', async () => {
  for (const consumer_org of [customer, `0192:${customer}`]) {
    const { access_token } = await tokenFor(await grant({ consumer_org }));
    const { consumer, supplier, delegation_source } = decodeJwt(access_token);
    assert.deepEqual(
      [consumer, supplier],
      [
        { ...actor, ID: `0192:${customer}` },
        { ...actor, ID: `0192:${vendor}` },
      ],
    );
    assert.equal(delegation_source, 'https://tt02.altinn.no/');
  }
  assert.ok(!('supplier' in decodeJwt((await tokenFor(await grant({ consumer_org: vendor }))).access_token)), 'its own consumer');
});
const actor = { authority: 'iso6523-actorid-upis' };

test('given authorization details, when the organization is named with or without the prefix, then the token is the system user’s', async () => {
  for (const ID of [customer, `0192:${customer}`]) {
    const details = [{ type: 'urn:altinn:systemuser', systemuser_org: { ...actor, ID } }];
    const { access_token } = await tokenFor(await grant({ authorization_details: details }));

    const claims = decodeJwt(access_token);
    assert.deepEqual(claims.authorization_details, [
      {
        type: 'urn:altinn:systemuser',
        systemuser_id: [systemUser],
        systemuser_org: { ...actor, ID: `0192:${customer}` },
        system_id: 'system',
      },
    ]);
    assert.deepEqual(claims.consumer, { ...actor, ID: `0192:${vendor}` });
    const { caller } = await sandbox.whoami(access_token);
    assert.deepEqual([caller?.kind, caller?.subject], ['system-user', systemUser]);
  }
});

test('given a system that is registered, when its client asks, then it acts as what was approved for it by that reference, and no other client does', async () => {
  const db = sandbox.db;
  const [approved, second, foreign] = [randomUUID(), randomUUID(), randomUUID()];
  await db.pool.query(
    `with vendor as (select id from register.party where number = $1),
          made as (insert into access.system (id, internal_id, vendor_id, name, description, client_ids, created_at, changed_at)
                   select v.name, gen_random_uuid(), vendor.id, '{}', '{}', array[v.client], clock.now(), clock.now()
                     from vendor, (values ('${vendor}_fag', 'system'), ('${vendor}_annet', 'fremmed')) v (name, client))
     insert into register.party (id, kind, name, parent_id)
     select u.id::uuid, 'system-user', 'Postmottak', c.id from register.party c, (values ($3), ($4), ($5)) u (id) where c.number = $2`,
    [vendor, customer, approved, second, foreign],
  );
  await db.pool.query(
    `insert into access.system_user (id, system_id, owner_id, kind, external_ref, integration_title, created_at)
     select u.id::uuid, u.system, c.id, 'standard', u.ref, 'Postmottak', clock.now() from register.party c,
            (values ($1, '${vendor}_fag', $4), ($2, '${vendor}_fag', 'avdeling'), ($3, '${vendor}_annet', 'nord')) u (id, system, ref) where c.number = $4`,
    [approved, second, foreign, customer],
  );
  const idFor = async (externalRef?: string) => {
    const detail = { type: 'urn:altinn:systemuser', systemuser_org: { ...actor, ID: customer }, ...(externalRef ? { externalRef } : {}) };
    const { access_token } = await tokenFor(await grant({ authorization_details: [detail] }));
    const [given] = decodeJwt(access_token).authorization_details as { systemuser_id: string[]; system_id: string }[];
    return [given!.systemuser_id[0], given!.system_id];
  };
  assert.deepEqual(await idFor(), [approved, `${vendor}_fag`]);
  assert.deepEqual(await idFor('avdeling'), [second, `${vendor}_fag`]);
  for (const externalRef of ['nord', 'finnes-ikke']) {
    const detail = { type: 'urn:altinn:systemuser', systemuser_org: { ...actor, ID: customer }, externalRef };
    assert.equal((await askWith(await grant({ authorization_details: [detail] }))).status, 400, externalRef);
  }
  await db.pool.query(`delete from access.system_user where id = any ($1::uuid[])`, [[approved, second]]);
  await db.pool.query(`update register.party set deleted_at = now() where id = any ($1::uuid[])`, [[approved, second]]);
  assert.deepEqual(await idFor(), [systemUser, 'system'], 'never the system user of another client');
});

test('given a resource and a person, when they are asked for, then they restrict the token, and nobody is logged in by it', async () => {
  const { access_token } = await tokenFor(await grant({ resource: ['https://api.example/'], pid: '14886498226' }));
  const claims = decodeJwt(access_token);
  assert.deepEqual([claims.aud, claims.pid], [['https://api.example/'], '14886498226']);
  assert.equal((await sandbox.whoami(access_token)).caller?.kind, 'organization');
});

test('given every form of a grant that clients send, when a token is asked for, then it is given', async () => {
  const padded = (text: object) => Buffer.from(JSON.stringify(text)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
  const signed = `${padded({ alg: 'RS256', kid: 'k1' })}.${padded({ ...usual(), note: 'aa' })}`;
  const signature = sign('sha256', Buffer.from(signed), rsa.privateKey).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
  assert.ok(signed.includes('=') && signature.endsWith('='), 'there is padding to be tolerated');

  await tokenFor(`${signed}.${signature}`);
  for (const alg of ['RS384', 'RS512']) await tokenFor(await grant({}, { alg }));
  for (const aud of ['anything', `${publicUrl}/maskinporten/`, ['a', 'b']]) await tokenFor(await grant({ aud }));
  await tokenFor(await grant({ iss: 'elliptic' }, { alg: 'ES256', kid: 'whatever' }, ec.privateKey));
  await tokenFor(await grant({ iat: seconds() + 9, exp: seconds() + 129 }));
  await tokenFor(await grant({ jti: undefined, note: 'no id' }));
});

const skip = spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not installed';
test('given a grant signed with a certificate of the registered key, when a token is asked for, then the method says so', {
  skip,
}, async () => {
  const certificate = certificateOf(rsa.privateKey);
  const { access_token } = await tokenFor(await grant({}, { kid: undefined, x5c: [certificate] }));
  assert.equal(decodeJwt(access_token).client_amr, 'virksomhetssertifikat');

  const strange = certificateOf(other.privateKey);
  const by = /not registered/;
  await assertRefused(await askWith(await grant({}, { kid: undefined, x5c: [strange] }, other.privateKey)), 'invalid_grant', by);
  await assertRefused(await askWith(await grant({}, { kid: undefined, x5c: ['MIIB'] })), 'invalid_grant', by);
});

/** A self-signed certificate, DER in base64. */
function certificateOf(key: KeyObject): string {
  const folder = mkdtempSync(join(tmpdir(), 'budstikke-certificate-'));
  try {
    const [keyFile, file] = [join(folder, 'key.pem'), join(folder, 'certificate.der')];
    writeFileSync(keyFile, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    const args = ['req', '-x509', '-new', '-key', keyFile, '-subj', '/CN=Leverandoren', '-days', '2', '-outform', 'DER', '-out', file];
    execFileSync('openssl', args, { stdio: 'pipe' });
    return readFileSync(file).toString('base64');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('given grants that do not hold, when tokens are asked for, then each is refused in the words of OAuth and nothing was written', async () => {
  const details = (detail: unknown) => ({ authorization_details: detail });
  const systemuser = { type: 'urn:altinn:systemuser' };
  const [header, claims, signature] = (await grant()).split('.') as [string, string, string];
  const none = `${Buffer.from('{"alg":"none","kid":"k1"}').toString('base64url')}.${claims}.`;
  const cases: [what: string, answer: () => Promise<Response>, error: string, description: RegExp][] = [
    ['nothing', () => ask({}), 'invalid_request', /grant_type/],
    ['another grant', () => ask({ grant_type: 'client_credentials' }), 'unsupported_grant_type', /jwt-bearer/],
    ['no assertion', () => ask({ grant_type: grantType }), 'invalid_request', /assertion/],
    ['a grant twice', async () => ask(await twice('assertion')), 'invalid_request', /more than once/],
    ['a grant type twice', async () => ask(await twice('grant_type')), 'invalid_request', /more than once/],
    ...(['x', '...', 'a.b.c', `${header}.${claims}`, 'e30.W10.x', 'bnVsbA.bnVsbA.x'] as const).map(
      (text) => [text, () => askWith(text), 'invalid_grant', /not a signed JWT|algorithm/] as (typeof cases)[number],
    ),
    ['alg none', () => askWith(none), 'invalid_grant', /algorithm/],
    ['no key named', async () => askWith(await grant({}, { kid: undefined })), 'invalid_grant', /exactly one/],
    ['two keys named', async () => askWith(await grant({}, { x5c: ['MIIB'] })), 'invalid_grant', /exactly one/],
    ['no client', async () => askWith(await grant({ iss: undefined })), 'invalid_client', /iss/],
    ['unknown client', async () => askWith(await grant({ iss: 'nobody' })), 'invalid_client', /iss/],
    ['client without a key', async () => askWith(await grant({ iss: 'keyless' })), 'invalid_client', /No key/],
    ['another key id', async () => askWith(await grant({}, { kid: 'k2' })), 'invalid_grant', /not registered/],
    ['another key', async () => askWith(await grant({}, {}, other.privateKey)), 'invalid_grant', /signature/],
    ['another client’s key', async () => askWith(await grant({ iss: 'elliptic' })), 'invalid_grant', /signature/],
    ['a cut signature', () => askWith(`${header}.${claims}.${signature.slice(4)}`), 'invalid_grant', /signature/],
    ['no times', async () => askWith(await grant({ iat: undefined })), 'invalid_grant', /iat and exp/],
    ['times as text', async () => askWith(await grant({ exp: `${seconds() + 100}` })), 'invalid_grant', /iat and exp/],
    ['expired', async () => askWith(await grant({ iat: seconds() - 100, exp: seconds() - 11 })), 'invalid_grant', /expired/],
    ['in the future', async () => askWith(await grant({ iat: seconds() + 30, exp: seconds() + 60 })), 'invalid_grant', /future/],
    ['not yet valid', async () => askWith(await grant({ nbf: seconds() + 30 })), 'invalid_grant', /not yet/],
    ['too long', async () => askWith(await grant({ exp: seconds() + 300 })), 'invalid_grant', /120/],
    ['ends before it begins', async () => askWith(await grant({ exp: seconds() - 5 })), 'invalid_grant', /120/],
    ['no audience', async () => askWith(await grant({ aud: undefined })), 'invalid_grant', /aud/],
    ['no scope', async () => askWith(await grant({ scope: undefined })), 'invalid_scope', /at least one/],
    ['blank scope', async () => askWith(await grant({ scope: '  ' })), 'invalid_scope', /at least one/],
    ['odd scope', async () => askWith(await grant({ scope: 'a"b' })), 'invalid_scope', /at least one/],
    ['scope not given', async () => askWith(await grant({ scope: `${scopes[0]} a:b` })), 'invalid_scope', /a:b$/],
    ['bad consumer', async () => askWith(await grant({ consumer_org: '991825828' })), 'invalid_grant', /consumer_org/],
    ['bad resource', async () => askWith(await grant({ resource: [7] })), 'invalid_target', /resource/],
    ['bad person', async () => askWith(await grant({ pid: '1' })), 'invalid_grant', /pid/],
    ...[7, [], [systemuser], [{ ...systemuser, systemuser_org: { ID: customer } }], [{ type: 'x' }], [systemuser, systemuser]].map(
      (detail) =>
        [
          JSON.stringify(detail),
          async () => askWith(await grant(details(detail))),
          'invalid_authorization_details',
          /systemuser/,
        ] as (typeof cases)[number],
    ),
    ...[vendor, stranger, '974760673'].map(
      (ID) =>
        [
          `no system user at ${ID}`,
          async () => askWith(await grant(details([{ ...systemuser, systemuser_org: { ...actor, ID } }]))),
          'invalid_authorization_details',
          /no system user/,
        ] as (typeof cases)[number],
    ),
  ];

  await nothingWritten(sandbox.db, async () => {
    for (const [what, answer, error, description] of cases) await assertRefused(await answer(), error, description, what);
  });
});

test('given a grant, when it is used again, ten times at once, and with its signature made anew, then one token is given', async () => {
  const assertion = await grant();
  const answers = await Promise.all(Array.from({ length: 10 }, () => askWith(assertion)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  await assertRefused(await askWith(assertion), 'invalid_grant', /used before/);

  const claims = { iss: 'elliptic', jti: undefined, note: 'the same' };
  const at = { iat: seconds(), exp: seconds() + 60 };
  const anew = () => grant({ ...claims, ...at }, { alg: 'ES256' }, ec.privateKey);
  await tokenFor(await anew());
  await assertRefused(await askWith(await anew()), 'invalid_grant', /used before/, 'a signature of an elliptic key differs each time');
});

test('given a grant that was refused for its scope, when it is mended under the same id, then the token is given', async () => {
  const jti = randomUUID();
  await assertRefused(await askWith(await grant({ jti, scope: 'a:b' })), 'invalid_scope', /a:b/);
  await tokenFor(await grant({ jti }));
});

test('given grants that have expired, when another is used, then they are forgotten', async () => {
  await sandbox.db.transaction(async (tx) =>
    tx.send(sql`insert into sandbox.used_grant (digest, expires_at) values ('old', ${new Date(Date.now() - 1000)})`),
  );
  await tokenFor(await grant());
  assert.deepEqual(await sandbox.db.all(sql`select from sandbox.used_grant where digest = 'old'`), []);
});

test('given a body of another kind, or too large, when it is posted, then it is refused before anything is read of it', async () => {
  const post = (contentType: string, body: string) =>
    fetch(`${sandbox.url}/maskinporten/token`, { method: 'POST', headers: { 'content-type': contentType }, body });
  assert.equal((await post('application/json', '{}')).status, 415);
  assert.equal((await post('application/x-www-form-urlencoded', `assertion=${'x'.repeat(70_000)}`)).status, 413);
  assert.equal((await post('application/x-www-form-urlencoded', 'assertion=%zz')).status, 400);
  assert.equal((await post('application/x-www-form-urlencoded', 'assertion=a&assertion=b')).status, 400);
});

test('given the metadata, when it is read at either place, then it is the same, and the keys are other than those of Altinn', async () => {
  const [one, two] = await Promise.all(
    ['/maskinporten/.well-known/oauth-authorization-server', '/.well-known/oauth-authorization-server/maskinporten'].map(
      async (path) => (await sandbox.get(path)).json() as Promise<Record<string, unknown>>,
    ),
  );
  assert.deepEqual(one, two);
  assert.equal(one!.token_endpoint, `${publicUrl}/maskinporten/token`);

  const kids = (await Promise.all(Object.values(sandbox.issuers).map((issuer) => issuer.keySet()))).map(({ keys }) => keys[0]!.kid);
  assert.equal(new Set(kids).size, 3);
  const { access_token } = await tokenFor(await grant());
  const forged = await sandbox.issuers.altinn.sign({ ...decodeJwt(access_token) });
  assert.equal((await sandbox.whoami(forged)).status, 401, 'a key of one issuer under the name of another');
});

test('given several system users of one organization, when one is chosen, then the client’s own goes first and another vendor’s never', () => {
  const at = (system: string) => ({ id: system as never, system });
  const chosen = (systems: string[], clients: string[] = []) =>
    chooseSystemUser(systems.map(at), { clientId: 'mine', vendor }, (system) => clients.includes(system))?.system;

  assert.equal(chosen(['Fagsystem', `${vendor}_fag`, 'mine']), 'mine');
  assert.equal(chosen(['Fagsystem', `${vendor}_fag`]), `${vendor}_fag`);
  assert.equal(chosen(['theirs', 'Fagsystem'], ['theirs']), 'Fagsystem');
  assert.equal(chosen(['theirs', `${customer}_fag`], ['theirs']), undefined);
});

test('given all that was answered here, when it is held against what the routes declare, then they told the truth', () => {
  assert.deepEqual(sandbox.lies, []);
});
