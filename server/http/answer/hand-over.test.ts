import assert from 'node:assert/strict';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import Type from 'typebox';
import type { Mount } from '#kernel/mount.ts';
import { Overloaded } from '#kernel/overloaded.ts';
import { route } from '#kernel/route.ts';
import { createHttp } from '../create-http.ts';
import { keptLog } from '../testing/open-http.ts';

/** A library that tells what it was handed, and breaks where it is told to. */
const library: Mount = {
  path: '/library',
  async handle(incoming, response) {
    if (incoming.url?.startsWith('/library/break')) throw new Error('secret detail');
    if (incoming.url?.startsWith('/library/away')) throw new Overloaded(5);
    if (incoming.url?.startsWith('/library/half')) {
      response.writeHead(200).write('half');
      throw new Error('secret detail');
    }
    const body = incoming.url?.startsWith('/library/unread') ? 'not read' : await text(incoming);
    response.writeHead(418, { 'x-of': 'library' }).end(JSON.stringify({ method: incoming.method, url: incoming.url, body }));
  },
};
const log = keptLog();
const http = await createHttp({
  routes: [
    route({
      method: 'GET',
      path: '/library/ours',
      summary: 'A route of ours below it.',
      scope: 'open',
      answers: { 200: Type.String() },
      refusals: [],
      run: async () => 'ours',
    }),
  ],
  mounts: [library],
  context: {},
  authenticate: async () => 'invalid',
  blobs: {
    receive: () => Promise.reject(new Error()),
    receiveSegment: () => Promise.reject(new Error()),
    read: () => Promise.reject(new Error()),
    remove: async () => {},
    sweep: async () => 0,
  },
  log,
  checkAnswers: true,
  publicUrl: 'http://localhost:7070',
});
const url = `http://127.0.0.1:${await http.listen(0, '127.0.0.1')}`;
after(() => http.close(0));

test('given a library below a path, when anything comes there, then it gets method, address and body as they came, and its answer goes out', async () => {
  for (const [method, path, body] of [
    ['GET', '/library/a/b?c=%20d', undefined],
    ['POST', '/library/a', '{"not": json'],
    ['PUT', '/library/p', 'x'.repeat(100_000)],
    ['DELETE', '/LIBRARY/x', undefined],
    ['OPTIONS', '/library/x', undefined],
  ] as const) {
    const answer = await fetch(url + path, {
      method,
      ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
    });

    assert.deepEqual(
      [answer.status, answer.headers.get('x-of'), answer.headers.get('x-content-type-options')],
      [418, 'library', 'nosniff'],
    );
    assert.deepEqual(await answer.json(), { method, url: path, body: body ?? '' });
  }
});

test('given a route of ours below the same path, when it is asked for, then it answers, and what lies beside the path is not found', async () => {
  assert.equal(await (await fetch(`${url}/library/ours`)).json(), 'ours');
  for (const path of ['/library', '/libraryx/a', '/x/library/a']) assert.equal((await fetch(url + path)).status, 404, path);
});

test('given a library that breaks, when it does, then the answer is 500 without a reason, the log has it, and the server goes on', async () => {
  const answer = await fetch(`${url}/library/break?token=secret-token`);
  assert.deepEqual([answer.status, await answer.text()], [500, '']);
  await assert.rejects(fetch(`${url}/library/half`).then((half) => half.text()));
  const away = await fetch(`${url}/library/away`);
  assert.deepEqual([away.status, away.headers.get('retry-after')], [503, '5'], 'what it needs is away');

  const errors = log.lines.filter(({ level }) => level === 'error');
  assert.equal(errors.length, 3);
  assert.equal(errors[0]!.facts.route, '/library/*');
  assert.ok(!JSON.stringify(log.lines).includes('secret-token'), 'no address stands in the log');
  assert.equal((await fetch(`${url}/library/ours`)).status, 200);
  assert.ok(log.lines.some(({ facts }) => facts.route === '/library/*' && facts.status === 418));
});

test('given a body that the library leaves unread, when it is sent, then the answer comes through and the connection serves again', async () => {
  const answers = await Promise.all(
    ['1', '2'].map(
      () =>
        new Promise<number>((resolve, reject) => {
          const sent = request(`${url}/library/unread`, { method: 'POST' }, (answer) => {
            answer.resume().on('end', () => resolve(answer.statusCode!));
          }).on('error', reject);
          sent.end('x'.repeat(1_000_000));
        }),
    ),
  );
  assert.deepEqual(answers, [418, 418]);
});
