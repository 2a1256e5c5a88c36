import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { silentLog } from '#kernel/log.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { freePort } from '../../../test/process.ts';
import { createApp } from '../../app.ts';
import { readConfig } from '../../config.ts';
import { startIssuer } from '../../identity/testing/issuer.ts';
import { createTokenIssuers } from './signing-key.ts';

/** A production whose issuers are known by name alone. */
const database = await createTestDatabase();
const [machines, persons] = [await startIssuer(), await startIssuer()];
machines.serve('/.well-known/oauth-authorization-server', { issuer: machines.issuer, jwks_uri: machines.jwksUrl });
persons.serve('/.well-known/openid-configuration', { issuer: persons.issuer, jwks_uri: persons.jwksUrl });
const folder = await mkdtemp(join(tmpdir(), 'budstikke-production-'));
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const app = await createApp({
  config: readConfig({
    BUDSTIKKE_MODE: 'production',
    BUDSTIKKE_PORT: String(port),
    BUDSTIKKE_HOST: '127.0.0.1',
    BUDSTIKKE_PUBLIC_URL: url,
    BUDSTIKKE_DATABASE_URL: database.url,
    BUDSTIKKE_BLOB_DIR: join(folder, 'blobs'),
    BUDSTIKKE_SMTP_URL: 'smtp://127.0.0.1:1',
    BUDSTIKKE_MAIL_FROM: 'post@example.no',
    BUDSTIKKE_SMS_GATEWAY_URL: 'http://127.0.0.1:1/',
    BUDSTIKKE_CLAMD: '127.0.0.1:1',
    BUDSTIKKE_ISSUERS: JSON.stringify([
      { issuer: machines.issuer, kind: 'maskinporten' },
      { issuer: persons.issuer, kind: 'altinn', audience: 'post' },
    ]),
  }),
  databaseUrl: database.url,
  log: silentLog,
  role: 'api',
});
after(async () => {
  await app.stop();
  await Promise.all([machines.close(), persons.close()]);
  await rm(folder, { recursive: true, force: true });
});

const consumer = { authority: 'iso6523-actorid-upis', ID: '0192:991825827' };
const scope = 'altinn:serviceowner altinn:correspondence.write';
/** Whether the token counts at all: nobody is known here, so whoever is believed has no right. */
const believed = async (token: string): Promise<number | 'no'> => {
  const answer = await fetch(`${url}/correspondence/api/v1/correspondence?resourceId=x-letters&role=Sender`, {
    headers: { authorization: `Bearer ${token}` },
  });
  await answer.arrayBuffer();
  return answer.headers.get('www-authenticate') === null ? answer.status : 'no';
};

test('given production, when what a sandbox has built in is looked for, then it is not there', async () => {
  const places: [method: string, path: string][] = [
    ['POST', '/maskinporten/token'],
    ['GET', '/maskinporten/jwk'],
    ['GET', '/maskinporten/.well-known/oauth-authorization-server'],
    ['GET', '/.well-known/oauth-authorization-server/maskinporten'],
    ['GET', '/idporten/.well-known/openid-configuration'],
    ['GET', '/idporten/authorize'],
    ['POST', '/idporten/token'],
    ['GET', '/idporten/userinfo'],
    ['GET', '/authentication/api/v1/exchange/maskinporten'],
    ['GET', '/authentication/api/v1/exchange/id-porten'],
    ['GET', '/authentication/api/v1/openid/.well-known/openid-configuration'],
    ['GET', '/authentication/api/v1/openid/.well-known/openid-configuration/jwks'],
    ['GET', '/api/GetEnterpriseToken?env=tt02&scopes=altinn:serviceowner'],
    ['GET', '/api/GetPersonalToken?env=tt02'],
    ['GET', '/budstikke/v1/sandbox/clock'],
    ['POST', '/budstikke/v1/sandbox/seed'],
    ['POST', '/correspondence/api/v1/webhooks/malwarescanresults'], // without a secret: docs/decisions/031
    ['GET', '/correspondence/api/v1/idporten-callback'], // without a provider
  ];
  for (const [method, path] of places) assert.equal((await fetch(url + path, { method })).status, 404, path);
});

test('given production without a provider, when a browser comes for a file without a token, then it is 401 and sent nowhere', async () => {
  const message = `${url}/correspondence/api/v1/correspondence/0198f0a0-0000-7000-8000-000000000000`;
  for (const path of ['/attachment/0198f0a0-0000-7000-8000-000000000001/download?session=x', '/attachments/downloadall']) {
    const answer = await fetch(message + path, { redirect: 'manual' });
    assert.deepEqual([answer.status, answer.headers.get('location'), await answer.text()], [401, null, '']);
  }
});

test('given configured issuers, when their tokens come, then they are trusted by their metadata, each as its kind and for its audience', async () => {
  assert.equal(await believed(await machines.sign({ scope, consumer })), 401);
  assert.equal(
    await believed(await machines.sign({ scope: 'altinn:correspondence.write', consumer })),
    403,
    'Maskinporten needs both scopes',
  );
  assert.equal(await believed(await persons.sign({ scope, consumer, aud: 'post' })), 401);
  assert.equal(await believed(await persons.sign({ scope, consumer })), 'no', 'another audience');
});

test('given tokens that the built-in issuers of a sandbox on the same database signed, when they come to production, then they are not good', async () => {
  const now = Math.floor(Date.now() / 1000);
  for (const issuer of Object.values(createTokenIssuers(database.ctx, url))) {
    const claims = { scope, consumer, iat: now, exp: now + 60, aud: 'post' };
    assert.equal(await believed(await issuer.sign({ ...claims, iss: issuer.issuer })), 'no');
    assert.equal(await believed(await issuer.sign({ ...claims, iss: machines.issuer })), 'no');
  }
});

test('given an issuer that does not answer, when its first token comes, then the caller is told to come again, not that the token is bad', async () => {
  const port = await freePort();
  const silent = await createApp({
    config: readConfig({
      BUDSTIKKE_PORT: String(port),
      BUDSTIKKE_DATA_DIR: folder,
      BUDSTIKKE_SANDBOX_TOWN: 'none',
      BUDSTIKKE_ISSUERS: '[{"issuer":"http://127.0.0.1:1/","kind":"maskinporten"}]',
    }),
    databaseUrl: database.url,
    log: silentLog,
    role: 'api',
  });
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/correspondence/api/v1/correspondence?resourceId=x-letters&role=Sender`, {
      headers: { authorization: `Bearer ${await machines.sign({ iss: 'http://127.0.0.1:1/' })}` },
    });
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '5']);
    assert.match(await answer.text(), /keys that the token would be verified with/);
  } finally {
    await silent.stop();
  }
});
