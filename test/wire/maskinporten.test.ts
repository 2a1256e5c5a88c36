import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { until } from '../../demo/wait.ts';
import { startTarget, type Target } from './server.ts';

/**
 * Two systems that know Maskinporten and Altinn, and nothing of Budstikke: one signs its grants with jose, one with the openssl
 * program. What they do stands below in full; only the town is loaded for them.
 */
const [agency, office, customer] = ['315001005', '315001072', '315001145'];
const resource = 'maskinporten-letters';
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const skip = hasOpenssl ? false : 'openssl is not installed';
const folder = mkdtempSync(join(tmpdir(), 'budstikke-openssl-'));
const keyFile = join(folder, 'key.pem');

const senderKey = await generateKeyPair('RS256');
const readerKey = await generateKeyPair('ES256', { extractable: true });
if (hasOpenssl)
  execFileSync('openssl', ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', keyFile], { stdio: 'ignore' });
const opensslKey = hasOpenssl ? [{ publicKeyPem: execFileSync('openssl', ['pkey', '-in', keyFile, '-pubout']).toString() }] : [];

const senderScopes = ['altinn:serviceowner', 'altinn:correspondence.write'];
const text = (nb: string): object => ({ nb, nn: nb, en: nb });
const town = {
  version: 1,
  parties: [
    { kind: 'organization', number: agency, name: 'Direktoratet for brev', orgCode: 'brev', unitType: 'ORGL' },
    { kind: 'organization', number: office, name: 'Kontoret', unitType: 'AS' },
    { kind: 'organization', number: customer, name: 'Kunden', unitType: 'AS' },
  ],
  resources: [{ id: resource, type: 'CorrespondenceService', owner: agency, title: text('Brev'), readers: ['organization'] }],
  clients: [
    {
      clientId: 'agency-system',
      organization: agency,
      keyId: 'agency-1',
      publicKeyPem: await exportSPKI(senderKey.publicKey),
      scopes: senderScopes,
    },
    { clientId: 'office-system', organization: office, jwk: await exportJWK(readerKey.publicKey), scopes: ['altinn:correspondence.read'] },
    ...opensslKey.map((key) => ({
      clientId: 'shell',
      organization: agency,
      ...key,
      scopes: [...senderScopes, 'altinn:correspondence.read'],
    })),
  ],
  systemUsers: [
    { id: '0198f0a0-0000-7000-8000-00000000a001', system: 'office-system', owner: customer, rights: [{ resource, actions: ['read'] }] },
  ],
};

let target: Target;
let url: string;
before(async () => {
  target = await startTarget('maskinporten', town);
  url = target.client.baseUrl;
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await target?.stop();
});

type Json = Record<string, unknown>;
const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

async function json<T>(answer: Response | Promise<Response>, status = 200): Promise<T> {
  const response = await answer;
  const body = await response.text();
  assert.equal(response.status, status, `${response.url}: ${response.status} ${body.slice(0, 500)}`);
  return JSON.parse(body) as T;
}

/** The sender's system: its grant is signed with jose. */
async function senderToken(scope = senderScopes.join(' ')): Promise<string> {
  const metadata = await json<{ token_endpoint: string; issuer: string }>(
    fetch(`${url}/maskinporten/.well-known/oauth-authorization-server`),
  );
  const assertion = await new SignJWT({ scope, jti: crypto.randomUUID() })
    .setProtectedHeader({ alg: 'RS256', kid: 'agency-1' })
    .setIssuer('agency-system')
    .setAudience(metadata.issuer)
    .setIssuedAt()
    .setExpirationTime('2 minutes')
    .sign(senderKey.privateKey);
  const answer = fetch(metadata.token_endpoint, { method: 'POST', body: new URLSearchParams({ grant_type: grantType, assertion }) });
  return (await json<{ access_token: string }>(answer)).access_token;
}

/** The recipient's system, with a key of another kind; for a customer it calls as that one's system user. */
async function readerToken(more: Json = {}): Promise<string> {
  const assertion = await new SignJWT({ scope: 'altinn:correspondence.read', ...more })
    .setProtectedHeader({ alg: 'ES256', kid: 'any' })
    .setIssuer('office-system')
    .setAudience('https://test.maskinporten.no/')
    .setJti(crypto.randomUUID())
    .setIssuedAt()
    .setExpirationTime('60s')
    .sign(readerKey.privateKey);
  const answer = fetch(`${url}/maskinporten/token`, { method: 'POST', body: new URLSearchParams({ grant_type: grantType, assertion }) });
  return (await json<{ access_token: string }>(answer)).access_token;
}

/** As clients' libraries do it: JSON is asked for, and the quotes are taken away. */
async function exchange(token: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  return json<string>(fetch(`${url}/authentication/api/v1/exchange/maskinporten?test=false`, { headers }));
}

const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });
const api = (path: string, token: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${url}/correspondence/api/v1/correspondence${path}`, { ...init, headers: { ...bearer(token), ...init.headers } });

async function send(token: string, to: string, reference: string): Promise<string> {
  const letter = {
    correspondence: {
      resourceId: resource,
      sendersReference: reference,
      content: { language: 'nb', messageTitle: 'Brev', messageBody: 'Hei. Dette er et brev.' },
    },
    recipients: [`urn:altinn:organization:identifier-no:${to}`],
  };
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(letter) };
  return (await json<{ correspondences: { correspondenceId: string }[] }>(api('', token, init))).correspondences[0]!.correspondenceId;
}

const idsFor = async (token: string): Promise<string[]> =>
  (await json<{ ids: string[] }>(api(`?resourceId=${resource}&role=Recipient`, token))).ids;

const isPublished = async (id: string, token: string): Promise<boolean> =>
  (await json<{ status: string }>(api(`/${id}`, token))).status === 'Published';

const eventually = (what: string, holds: () => Promise<boolean>): Promise<void> =>
  until(what, async () => assert.ok(await holds(), 'not yet'));

const watchOf = (id: string, token: string): Promise<Json> =>
  json<Json>(fetch(`${url}/budstikke/v1/correspondence/${id}/watch`, { headers: bearer(token) }));

test('given two systems that sign their own grants, when one sends and the other fetches, then the letter is handed over, and the sender sees it come', async () => {
  const sender = await exchange(await senderToken());
  const id = await send(sender, office, 'jose');
  await eventually('the letter is published', () => isPublished(id, sender));
  const before = await watchOf(id, sender);
  assert.deepEqual([before.class, before.openers], ['UNREACHABLE', 0], JSON.stringify(before));

  const reader = await exchange(await readerToken());
  assert.ok((await idsFor(reader)).includes(id));
  await eventually('the machine that came counts as one that fetches', async () => (await watchOf(id, sender)).openers === 1);
  const content = await api(`/${id}/content`, reader);
  assert.deepEqual([content.status, await content.text()], [200, 'Hei. Dette er et brev.']);

  await eventually('it is handed over', async () => (await watchOf(id, sender)).outcome === 'handed-over');
});

test('given a token of Maskinporten as it is, when a sender and a recipient show it, then it opens what the original lets it open', async () => {
  const plain = await senderToken();
  const id = await send(plain, office, 'plain');
  await eventually('the letter is published', () => isPublished(id, plain));
  const reader = await readerToken();

  assert.ok((await idsFor(reader)).includes(id));
  assert.equal((await api(`/${id}/content`, reader)).status, 200);
  const short = await api(`?resourceId=${resource}&role=Sender`, await senderToken('altinn:correspondence.write'));
  assert.deepEqual([short.status, await short.text()], [403, ''], 'without altinn:serviceowner');
  const download = await api(`/${id}/attachment/${id}/download`, reader);
  assert.equal(download.status, 403);
  assert.equal(((await download.json()) as Json).title, 'IDX10205: Issuer validation failed');
});

test('given a system user, when its system asks for a token by the bare or the prefixed number, then it reads for its owner and nobody else', async () => {
  const sender = await exchange(await senderToken());
  const [forCustomer, forOffice] = [await send(sender, customer, 'customer'), await send(sender, office, 'office')];
  await eventually(
    'the letters are published',
    async () => (await isPublished(forCustomer, sender)) && (await isPublished(forOffice, sender)),
  );

  for (const ID of [customer, `0192:${customer}`]) {
    const systemuser_org = { authority: 'iso6523-actorid-upis', ID };
    const token = await exchange(await readerToken({ authorization_details: [{ type: 'urn:altinn:systemuser', systemuser_org }] }));
    const ids = await idsFor(token);
    assert.ok(ids.includes(forCustomer) && !ids.includes(forOffice));
    assert.equal((await api(`/${forCustomer}/content`, token)).status, 200);
    assert.equal((await api(`/${forOffice}/content`, token)).status, 401);
  }
});

test('given a system that has nothing but openssl, when it signs a grant with the padding left in, then it sends a letter and reads what came', {
  skip,
}, async () => {
  const base64url = (bytes: string | Buffer): string =>
    execFileSync('openssl', ['base64', '-A'], { input: bytes }).toString().replaceAll('+', '-').replaceAll('/', '_');
  const shellToken = async (scope: string): Promise<string> => {
    const now = Math.floor(Date.now() / 1000);
    const nonce = execFileSync('openssl', ['rand', '-hex', '16']).toString().trim();
    const claims = { iss: 'shell', aud: 'https://maskinporten.no/', iat: now, exp: now + 100, jti: nonce, scope };
    const signed = `${base64url(JSON.stringify({ alg: 'RS256', kid: 'shell' }))}.${base64url(JSON.stringify(claims))}`;
    const [input, output] = [join(folder, 'signed'), join(folder, 'signature')];
    writeFileSync(input, signed);
    execFileSync('openssl', ['dgst', '-sha256', '-sign', keyFile, '-out', output, input]);
    const form = new URLSearchParams({ grant_type: grantType, assertion: `${signed}.${base64url(readFileSync(output))}` });
    const answer = fetch(`${url}/maskinporten/token`, { method: 'POST', body: form });
    return (await json<{ access_token: string }>(answer)).access_token;
  };
  const bare = async (token: string): Promise<string> => {
    const answer = await fetch(`${url}/authentication/api/v1/exchange/maskinporten`, { headers: bearer(token) });
    return answer.text();
  };

  const sender = await bare(await shellToken(senderScopes.join(' ')));
  const [out, back] = [await send(sender, office, 'openssl'), await send(await senderToken(), agency, 'to the agency itself')];
  await eventually('the letters are published', async () => (await isPublished(out, sender)) && (await isPublished(back, sender)));

  assert.ok((await idsFor(await readerToken())).includes(out));
  const reader = await bare(await shellToken('altinn:correspondence.read'));
  assert.ok((await idsFor(reader)).includes(back));
  assert.equal(await (await api(`/${back}/content`, reader)).text(), 'Hei. Dette er et brev.');
});

test('given a grant that another signed, when a token is asked for, then there is none', async () => {
  const assertion = await new SignJWT({ scope: 'altinn:correspondence.write' })
    .setProtectedHeader({ alg: 'ES256', kid: 'agency-1' })
    .setIssuer('agency-system')
    .setAudience('x')
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(readerKey.privateKey);
  const form = new URLSearchParams({ grant_type: grantType, assertion });
  const refused = await json<{ error: string }>(fetch(`${url}/maskinporten/token`, { method: 'POST', body: form }), 400);
  assert.equal(refused.error, 'invalid_grant');
});
