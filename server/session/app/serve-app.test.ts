import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Blobs } from '#blobs/index.ts';
import { createHttp } from '#http/index.ts';
import { anonymous } from '#kernel/context.ts';
import { silentLog } from '#kernel/log.ts';
import { Reply } from '#kernel/route.ts';
import { serveApp } from './serve-app.ts';

const root = await mkdtemp(join(tmpdir(), 'budstikke-app-'));
const folder = join(root, 'dist');
after(() => rm(root, { recursive: true, force: true }));
const publicUrl = 'https://post.example';
const page = '<!doctype html><title>Budstikke</title><script type="module" src="/assets/app-1a2b.js"></script>';
const script = `console.log(${JSON.stringify('x'.repeat(2000))});`;

const serve = (front?: () => Promise<Reply>) =>
  createHttp({
    routes: [],
    ...serveApp({ folder, publicUrl, providerIssuer: 'https://login.example/realm', ...(front ? { front } : {}) }),
    context: {},
    authenticate: async () => anonymous,
    blobs: {} as Blobs,
    log: silentLog,
    checkAnswers: true,
    publicUrl,
  });
const http = await serve();
const get = (url: string, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' | 'POST' = 'GET') =>
  http.inject({ method, url, headers });

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self' https://login.example; frame-ancestors 'none'; base-uri 'none'";

test('given an app that is not built, when a page is opened, then it says how to build it, and what stands at / otherwise stands there', async () => {
  for (const url of ['/', '/inbox', '/inbox/1?x=y', '/console/a/b']) {
    const answer = await get(url);
    assert.equal(answer.statusCode, 503, url);
    assert.match(answer.body, /not built.*npm run build/s);
    assert.equal(answer.headers['content-security-policy'], policy);
    assert.equal(answer.headers['cache-control'], 'no-store');
  }
  const withFront = await serve(async () => new Reply(200, '<h1>Sandkassen</h1>', { 'content-security-policy': "default-src 'none'" }));
  assert.equal((await withFront.inject('/')).body, '<h1>Sandkassen</h1>');
  assert.equal((await withFront.inject('/inbox')).statusCode, 503);
});

test('given a built app, when its addresses are opened, then each is its page under a strict policy, asked for anew each time', async () => {
  await mkdir(join(folder, 'assets'), { recursive: true });
  await writeFile(join(folder, 'assets/app-1a2b.js'), script);
  await writeFile(join(folder, 'assets/app-1a2b.js.map'), 'secret sources');
  await writeFile(join(folder, '.built'), 'hash');
  await writeFile(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(join(root, 'secret.txt'), 'secret');
  await writeFile(join(folder, 'index.html'), page);
  for (const url of [
    '/',
    '/inbox',
    '/INBOX/',
    '/inbox/0198?folder=bin',
    '/access',
    '/unread/x',
    '/console',
    '/operator',
    '/sandbox/clock',
  ]) {
    const answer = await get(url);
    assert.deepEqual([answer.statusCode, answer.body, answer.headers['content-type']], [200, page, 'text/html; charset=utf-8'], url);
    assert.equal(answer.headers['content-security-policy'], policy);
    assert.deepEqual(
      ['cache-control', 'x-frame-options', 'x-content-type-options', 'referrer-policy', 'strict-transport-security'].map(
        (name) => answer.headers[name],
      ),
      ['no-cache', 'DENY', 'nosniff', 'same-origin', 'max-age=31536000'],
    );
  }
  const { headers } = await get('/inbox');
  assert.equal((await get('/inbox', { 'if-none-match': String(headers.etag) })).statusCode, 304);
  const head = await get('/inbox', {}, 'HEAD');
  assert.deepEqual([head.statusCode, head.body, head.headers['content-length']], [200, '', String(page.length)]);
  const posted = await get('/inbox', {}, 'POST');
  assert.deepEqual([posted.statusCode, posted.headers.allow], [405, 'GET, HEAD']);
});

test('given the files of a build, when they are asked for, then they are packed as the browser takes it and kept for a year, and nothing else is served', async () => {
  const plain = await get('/assets/app-1a2b.js');
  assert.deepEqual([plain.statusCode, plain.body], [200, script]);
  assert.equal(plain.headers['cache-control'], 'public, max-age=31536000, immutable');
  for (const [accepted, encoding] of [
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['identity', undefined],
  ] as const) {
    const answer = await get('/assets/app-1a2b.js', { 'accept-encoding': accepted });
    assert.equal(answer.headers['content-encoding'], encoding, accepted);
    assert.equal(answer.headers.vary, 'Accept-Encoding');
    if (encoding) assert.ok(answer.rawPayload.length < 500);
  }
  assert.equal((await get('/favicon.svg')).statusCode, 200);
  for (const url of [
    '/assets/app-1a2b.js.map',
    '/assets/../index.html',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/assets/constructor',
    '/assets/',
    '/assets/.built',
    '/.built',
    '/index.html',
    '/other',
  ]) {
    const answer = await get(url);
    assert.equal(answer.statusCode, 404, url);
    assert.doesNotMatch(answer.body, /secret|hash/);
  }
});

test('given a new build, when a page is opened, then the new one is served', async () => {
  await writeFile(join(folder, 'index.html'), `${page}<!-- new -->`);
  assert.match((await get('/')).body, /new/);
});

test('given an address that is nobody’s, when a browser comes there, then the page says so with 404, and a program gets its JSON', async () => {
  const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
  for (const url of ['/finnesikke', '/innboks?a=b', '/help/me', '/inboxes']) {
    const { etag } = (await get('/inbox')).headers;
    const answer = await get(url, { ...browser, 'if-none-match': String(etag) });
    assert.deepEqual([answer.statusCode, answer.headers['content-type']], [404, 'text/html; charset=utf-8'], url);
    assert.deepEqual([answer.headers['content-security-policy'], answer.headers['cache-control']], [policy, 'no-store']);
    assert.match(answer.body, /<title>Budstikke/);
    const head = await get(url, browser, 'HEAD');
    assert.deepEqual([head.statusCode, head.body], [404, '']);
    for (const accept of ['application/json', '*/*'])
      assert.match(String((await get(url, { accept })).headers['content-type']), /application\/problem\+json/);
    assert.match(String((await get(url, browser, 'POST')).headers['content-type']), /problem\+json/);
  }
});
