import assert from 'node:assert/strict';
import { test } from 'node:test';
import Type from 'typebox';
import { type AnyRoute, route } from '#kernel/route.ts';
import { createCors } from './cors.ts';
import { openHttp, tokenOf } from './testing/open-http.ts';

const allowed = ['https://af.altinn.example', 'https://*.inbox.example', 'http://localhost:5173'];

test('given configured origins, when a page asks, then only those and their subdomains are told that they may', () => {
  const { headersFor } = createCors(allowed);
  for (const origin of [
    'https://af.altinn.example',
    'HTTPS://AF.altinn.example',
    'https://a.inbox.example',
    'https://a.b.inbox.example',
    'http://localhost:5173',
  ]) {
    assert.deepEqual(headersFor(origin), {
      vary: 'Origin',
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'ETag',
    });
  }
  for (const origin of [
    undefined,
    'null',
    '*',
    'https://inbox.example',
    'https://.inbox.example',
    'https://evil-inbox.example',
    'https://a.inbox.example.evil.example',
    'https://evil.example/.inbox.example',
    'https://evil.example#.inbox.example',
    'http://a.inbox.example',
    'https://a.inbox.example:8443',
    'http://localhost:5174',
  ]) {
    assert.deepEqual(headersFor(origin), { vary: 'Origin' }, origin);
  }
});

const open: AnyRoute = route({
  method: 'POST',
  path: '/open/:id',
  summary: 'For pages.',
  scope: [{ issuer: 'altinn', all: ['a'] }],
  cors: true,
  params: Type.Object({ id: Type.String() }),
  answers: { 200: Type.String() },
  refusals: [],
  run: async () => 'done',
});
const closed: AnyRoute = route({ ...open, path: '/closed/:id', cors: false });

const put: AnyRoute = route({ ...open, method: 'PUT' });
const closedSibling: AnyRoute = route({ ...open, method: 'DELETE', cors: false });

const opened = () => openHttp([open, put, closedSibling, closed], { inboxOrigins: allowed });

test('given a page of an inbox, when it asks before it calls, then it is told methods and headers without a token', async () => {
  const http = await opened();
  const ask = (origin: string, url = '/open/1') =>
    http.inject({
      method: 'OPTIONS',
      url,
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    });

  const told = await ask('https://a.inbox.example');
  assert.equal(told.statusCode, 204);
  assert.equal(told.body, '');
  assert.equal(told.headers['access-control-allow-origin'], 'https://a.inbox.example');
  assert.equal(told.headers['access-control-allow-methods'], 'POST, PUT, OPTIONS');
  assert.equal(
    told.headers['access-control-allow-headers'],
    'Authorization, Content-Type, If-Match, request-id, request-context, traceparent, prefer',
  );
  const stranger = await ask('https://evil.example');
  assert.deepEqual(
    [stranger.statusCode, stranger.headers['access-control-allow-origin'], stranger.headers.vary],
    [204, undefined, 'Origin'],
  );
  assert.equal((await ask('https://a.inbox.example', '/closed/1')).statusCode, 405);
  assert.equal((await http.inject({ method: 'OPTIONS', url: '/open/1' })).headers.allow, 'POST, PUT, DELETE');
});

test('given a page of an inbox, when it calls, then every answer is its to read, refusals too; of other routes none is', async () => {
  const http = await opened();
  const call = (url: string, origin: string, headers: Record<string, string> = tokenOf('altinn', 'a')) =>
    http.inject({ method: 'POST', url, headers: { origin, ...headers } });
  const origin = 'https://af.altinn.example';

  for (const [status, answer] of [
    [200, await call('/open/1', origin)],
    [401, await call('/open/1', origin, {})],
    [406, await call('/open/1', origin, { ...tokenOf('altinn', 'a'), accept: 'text/html' })],
  ] as const) {
    assert.equal(answer.statusCode, status);
    assert.equal(answer.headers['access-control-allow-origin'], origin);
    assert.equal(answer.headers.vary, 'Origin');
  }
  assert.equal((await call('/open/1', 'https://evil.example')).headers['access-control-allow-origin'], undefined);
  assert.equal((await call('/closed/1', origin)).headers['access-control-allow-origin'], undefined);
});
