import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CryptoKey,
  decodeJwt,
  decodeProtectedHeader,
  exportSPKI,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { type Answer, enterpriseToken, personalToken } from '../../demo/client.ts';
import { startTarget, type Target } from './server.ts';
import { accepted, api, type Callers, callersOf, letter, people, readerScopes, resources, senderScopes, sentUnder, town } from './town.ts';

let target: Target;
let callers: Callers;
let right: string;
before(async () => {
  target = await startTarget('tokens', town);
  callers = await callersOf(target.client);
  right = await enterpriseToken(target.client, people.directorate, senderScopes);
});
after(() => target?.stop());

const base64 = (value: object | Buffer): string =>
  (Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))).toString('base64url');

/** As whoever holds the token: send a letter under a reference. */
function send(token: string | undefined, reference: string): Promise<Answer> {
  const client = token === undefined ? target.client : target.client.with(token);
  return client.post(`${api}/correspondence`, letter(reference));
}

async function assertUnknownCaller(answer: Answer, what: string): Promise<void> {
  assert.equal(answer.status, 401, `${what}: ${answer.status} ${answer.text.slice(0, 200)}`);
  assert.equal(answer.text, '', `${what}: the body is empty`);
  assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/, what);
}

test('given tokens that prove nothing, when they are shown, then the answer is 401 with nothing in it and nothing was written', async () => {
  const reference = `forged-${randomUUID()}`;
  const [header = '', payload = '', signature = ''] = right.split('.');
  const claims = decodeJwt(right);
  const { iss: _, ...withoutIssuer } = claims;
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const sign = (body: JWTPayload, kid?: string): Promise<string> => {
    return new SignJWT(body).setProtectedHeader({ alg: 'RS256', ...(kid ? { kid } : {}) }).sign(privateKey);
  };
  const { kid } = decodeProtectedHeader(right);
  const hmac = (key: string | Buffer): string => {
    const signed = `${base64({ alg: 'HS256', typ: 'JWT', ...(kid ? { kid } : {}) })}.${payload}`;
    return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
  };
  const tokens: [what: string, token: string | undefined][] = [
    ['none', undefined],
    ['one letter', 'x'],
    ['three dots', '...'],
    ['alg none', `${base64({ alg: 'none', typ: 'JWT' })}.${payload}.`],
    ['alg None', `${base64({ alg: 'None', typ: 'JWT' })}.${payload}.`],
    ['alg none with the old signature', `${base64({ alg: 'none', typ: 'JWT' })}.${payload}.${signature}`],
    ['no signature', `${header}.${payload}.`],
    ['a signature cut short', `${header}.${payload}.${signature.slice(0, -8)}`],
    [
      'more rights under the old signature',
      `${header}.${base64({ ...claims, scope: 'altinn:serviceowner altinn:correspondence.write x' })}.${signature}`,
    ],
    ['the right issuer, a strange key', await sign(claims)],
    ['the right issuer and key id, a strange key', await sign(claims, kid)],
    ['another issuer', await sign({ ...claims, iss: 'https://evil.example/' }, kid)],
    ['no issuer', await sign(withoutIssuer, kid)],
    ['the public key as a secret', hmac(await exportSPKI(publicKey))],
    ['an empty secret', hmac('')],
    ['a very long one', `${header}.${payload}.${'A'.repeat(10_000)}`],
  ];

  for (const [what, token] of tokens) await assertUnknownCaller(await send(token, reference), what);

  assert.deepEqual(await sentUnder(callers.directorate, reference), []);
});

test('given the published key of the issuer, when a token is signed with it as a secret, then the answer is 401', async () => {
  const { iss = '' } = decodeJwt(right);
  const metadata = await target.client.get('/authentication/api/v1/openid/.well-known/openid-configuration/jwks');
  if (metadata.status !== 200) return;
  const { keys } = metadata.json<{ keys: JWK[] }>();
  assert.ok(keys.length > 0);
  for (const key of keys) {
    assert.ok(!('d' in key), 'a private key is published');
    const spki = await exportSPKI((await importJWK(key, key.alg ?? 'RS256')) as CryptoKey);
    for (const secret of [spki, spki.trim(), JSON.stringify(key)]) {
      const signed = `${base64({ alg: 'HS256', kid: key.kid })}.${base64({ ...decodeJwt(right), iss })}`;
      const token = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
      await assertUnknownCaller(await send(token, `confused-${randomUUID()}`), 'a public key as a secret');
    }
  }
});

test('given a token that has expired, when it is shown, then the answer is 401', async () => {
  const short = await target.client.get(
    `/api/GetEnterpriseToken?${new URLSearchParams({ env: 'tt02', ttl: '1', orgNo: people.directorate, scopes: senderScopes.join(' ') })}`,
  );
  assert.equal(short.status, 200, short.text);
  const { exp = 0 } = decodeJwt(short.text.trim());
  await sleep(Math.max(0, exp * 1000 - Date.now()) + 1100);

  await assertUnknownCaller(await send(short.text.trim(), `expired-${randomUUID()}`), 'expired');
});

test('given other ways to show a token, when they are used, then they count for nothing', async () => {
  const path = `${api}/correspondence?resourceId=${resources.letters}&role=Sender`;
  for (const authorization of ['', 'Bearer', 'Bearer ', `Basic ${right}`, right, `Bearer ${right} ${right}`]) {
    await assertUnknownCaller(await target.client.get(path, { authorization }), `"${authorization.slice(0, 12)}…"`);
  }
  await assertUnknownCaller(await target.client.get(`${path}&access_token=${right}`), 'in the address');
  assert.equal((await target.client.get(path, { authorization: `bearer ${right}` })).status, 200, 'the scheme has no case');
});

test('given a token without the scope, when it is shown, then the answer is 403 with nothing in it and nothing was written', async () => {
  const reference = `scope-${randomUUID()}`;
  const cases: [what: string, token: string][] = [
    ['another scope', await enterpriseToken(target.client, people.directorate, ['altinn:broker.write'])],
    [
      'a scope that only begins alike',
      await enterpriseToken(target.client, people.directorate, ['altinn:correspondence.writer', 'xaltinn:correspondence.write']),
    ],
    ['the read scope', await enterpriseToken(target.client, people.directorate, ['altinn:correspondence.read'])],
    ['a person that reads', await personalToken(target.client, people.citizen, readerScopes)],
  ];

  for (const [what, token] of cases) {
    const answer = await send(token, reference);
    assert.deepEqual([answer.status, answer.text], [403, ''], what);
  }

  assert.deepEqual(await sentUnder(callers.directorate, reference), []);
});

test('given the write scope and no right to the resource, when a letter is sent, then the answer is 401 with 4001 and nothing was written', async () => {
  const reference = `right-${randomUUID()}`;

  const other = await callers.otherAgency.post(`${api}/correspondence`, letter(reference));
  const unknown = await send(await enterpriseToken(target.client, '315001919', senderScopes), reference);

  assert.deepEqual([other.status, other.json<{ errorCode: number }>().errorCode], [401, 4001]);
  assert.equal(unknown.status >= 400 && unknown.status < 500, true, `${unknown.status} ${unknown.text.slice(0, 200)}`);
  assert.deepEqual(await sentUnder(callers.directorate, reference), []);
});

test('given one that may write for its own resource, when it names another’s attachment, then it is refused', async () => {
  const made = await callers.directorate.post(`${api}/attachment`, {
    resourceId: resources.letters,
    fileName: 'a.txt',
    sendersReference: '1',
  });
  const attachmentId = made.json<string>();
  const upload = { mediaType: 'application/octet-stream', bytes: Buffer.from('abc') };

  const answers = [
    await callers.otherAgency.get(`${api}/attachment/${attachmentId}`),
    await callers.otherAgency.get(`${api}/attachment/${attachmentId}/download`),
    await callers.otherAgency.post(`${api}/attachment/${attachmentId}/upload`, upload),
    await callers.otherAgency.delete(`${api}/attachment/${attachmentId}`),
  ];

  for (const answer of answers) assert.deepEqual([answer.status, answer.json<{ errorCode: number }>().errorCode], [401, 4001]);
  assert.equal((await callers.directorate.post(`${api}/attachment/${attachmentId}/upload`, upload)).status, 200);
  const taken = await callers.otherAgency.post(
    `${api}/correspondence`,
    letter('taken', { correspondence: { resourceId: resources.others }, request: { existingAttachments: [attachmentId] } }),
  );
  assert.equal(taken.status, 400, taken.text);
});

test('given a message to a citizen, when others ask for it, then each is refused and the message says that nobody has read it', async () => {
  const id = accepted(await callers.directorate.post(`${api}/correspondence`, letter(`private-${randomUUID()}`))).correspondences[0]!
    .correspondenceId;
  const at = `${api}/correspondence/${id}`;

  for (const caller of [callers.stranger, callers.manager, callers.otherAgency]) {
    const answers = [
      await caller.get(at),
      await caller.get(`${at}/details`),
      await caller.get(`${at}/content`),
      await caller.post(`${at}/markasread`),
      await caller.post(`${at}/confirm`),
      await caller.delete(`${at}/purge`),
    ];
    for (const answer of answers) {
      assert.ok([401, 403].includes(answer.status), `${answer.status} ${answer.text.slice(0, 200)}`);
      assert.ok(!answer.text.includes('Prøvebrev') && !answer.text.includes('Dette er en prøve'), 'the refusal tells of the content');
      if (answer.status === 401) assert.equal(answer.json<{ errorCode: number }>().errorCode, 4001);
    }
  }

  assert.equal((await callers.directorate.get(at)).json<{ read: string | null }>().read, null);
});
