import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Type from 'typebox';
import { givenBytes } from '#kernel/given-bytes.ts';
import { createGivingPlaces } from '#kernel/giving-places.ts';
import type { Places } from '#kernel/places.ts';
import { createReceivingPlaces } from '#kernel/receiving-places.ts';
import { type AnyRoute, Reply, route } from '#kernel/route.ts';
import type { KeptLog } from '../testing/open-http.ts';
import { listening, silentAt, until } from '../testing/sockets.ts';
import { unacknowledged } from './unacknowledged.ts';

const pieces = (many: number): Readable => Readable.from(Array(many).fill(Buffer.alloc(65_536, 'x')));
const nobody = { party: null, consumer: null };
/** Waits until nobody has the place. */
const isFree = async (places: Places): Promise<void> => (await places.enter(nobody)).leave();

test('given one place for files that are fetched, when it is taken, then the next one is told to come again, and it is free again however a download ends: taken, by the client, by the store, refused, without bytes', async () => {
  const giving = createGivingPlaces(1, { patienceMillis: undefined });
  const refused = createGivingPlaces(1, { mostWaiting: 0 });
  const file = (path: string, run: () => unknown): AnyRoute =>
    route({
      method: 'GET',
      path: `/file/${path}`,
      summary: 'A file.',
      scope: 'open',
      givesFile: true,
      mediaType: 'application/octet-stream',
      answers: { 200: Type.String({ format: 'binary' }), 304: Type.Null() },
      refusals: [],
      run: async () => run(),
    });
  const broken = (): Readable =>
    Readable.from(
      (async function* () {
        yield Buffer.alloc(10);
        throw new Error('the store is gone');
      })(),
    );
  const routes = [
    file('small', () => new Reply(200, pieces(2))),
    file('large', () => new Reply(200, pieces(250))),
    file('broken', () => new Reply(200, broken(), { 'content-length': '20' })),
    file('same', () => new Reply(304, undefined)),
    file('fault', () => {
      throw new Error('no');
    }),
  ];
  const { port } = await listening(routes, { giving });
  const other = await listening(routes, { giving: refused });
  const ask = (path: string, at = port): Promise<Response> => fetch(`http://127.0.0.1:${at}/file/${path}`);

  const place = await refused.enter(nobody);
  const answer = await ask('small', other.port);
  const { title, detail } = (await answer.json()) as { title: string; detail: string };
  assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '5']);
  assert.deepEqual([title, detail], ['Service Unavailable', 'Too many files are fetched at once. Nothing was done; come again.']);
  place.leave();
  assert.equal((await (await ask('small', other.port)).arrayBuffer()).byteLength, 131_072);

  assert.equal((await (await ask('small')).arrayBuffer()).byteLength, 131_072);
  await isFree(giving);
  await assert.rejects(async () => (await ask('broken')).arrayBuffer());
  await isFree(giving);
  assert.equal((await ask('same')).status, 304);
  await isFree(giving);
  assert.equal((await ask('fault')).status, 500);
  await isFree(giving);
  const gone = connect(port, '127.0.0.1');
  gone.write('GET /file/large HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(gone, 'readable');
  gone.destroy();
  await isFree(giving);
  assert.equal(givenBytes(), 0);
});

test('given a client that takes nothing of a file, when nobody waits, then it is waited for; when another waits to fetch, then its connection ends and the other gets its file', async () => {
  const giving = createGivingPlaces(1, { patienceMillis: undefined, silenceMillis: 100, leastBytesPerSecond: 1_000_000 });
  const whole = 250 * 65_536;
  const { port, log } = await listening(
    [
      route({
        method: 'GET',
        path: '/file',
        summary: 'A file.',
        scope: 'open',
        givesFile: true,
        mediaType: 'application/octet-stream',
        answers: { 200: Type.String({ format: 'binary' }) },
        refusals: [],
        run: async () => new Reply(200, pieces(250), { 'content-length': String(whole) }),
      }),
    ],
    { giving },
  );
  const silent = connect(port, '127.0.0.1').pause();
  silent.on('error', () => {});
  silent.write('GET /file HTTP/1.1\r\nHost: x\r\n\r\n');
  await until('bytes that were given', () => givenBytes() > 0);
  await sleep(300);
  assert.ok(givenBytes() > 0, 'it is waited for');

  const other = await fetch(`http://127.0.0.1:${port}/file`);

  assert.equal((await other.arrayBuffer()).byteLength, whole);
  await isFree(giving);
  const told = log.lines.map(({ facts }) => facts.status);
  assert.deepEqual(told, [499, 200]);
  assert.equal(givenBytes(), 0);
  silent.destroy();
});

/** The same places, and how often one was asked for. */
function watched(places: Places): Places & { asked: number } {
  const seen = {
    asked: 0,
    enter(...by: Parameters<Places['enter']>) {
      seen.asked += 1;
      return places.enter(...by);
    },
  };
  return seen;
}

async function goneFrom(socket: Socket): Promise<void> {
  const closed = once(socket, 'close');
  socket.destroy();
  await closed;
}

const untilGone = ({ lines }: KeptLog, many: number): Promise<void> =>
  until(`${many} who are gone`, () => lines.filter(({ facts }) => facts.status === 499).length >= many);
/** Until so many have asked for a place. */
const untilAsked = (places: { readonly asked: number }, many: number): Promise<void> =>
  until(`${many} who ask for a place`, () => places.asked >= many);

/** Routes of files, each by its name, and which were begun. */
function files(give: (name: string) => unknown): { routes: AnyRoute[]; begun: string[] } {
  const begun: string[] = [];
  const shared = { summary: 'A file.', scope: 'open', params: Type.Object({ name: Type.String() }), refusals: [] } as const;
  const get = route({
    ...shared,
    method: 'GET',
    path: '/file/:name',
    givesFile: true,
    mediaType: 'application/octet-stream',
    answers: { 200: Type.String({ format: 'binary' }) },
    run: async (_ctx, _caller, { params: { name } }) => {
      begun.push(name);
      return give(name) as Reply;
    },
  });
  const put = route({
    ...shared,
    method: 'POST',
    path: '/file/:name',
    bodyKind: 'bytes',
    receivesFile: true,
    maxBodyBytes: 1_000_000,
    answers: { 200: Type.Integer() },
    run: async (_ctx, _caller, { stream, params: { name } }) => {
      begun.push(name);
      let count = 0;
      for await (const chunk of stream) count += (chunk as Buffer).length;
      return count;
    },
  });
  return { routes: [get, put], begun };
}

test('given clients that wait for a place, when they go away, then they make room for others who wait at once, and when a place is free nothing is begun for them, however much of their files they had sent', async (t) => {
  if ((await unacknowledged('')) === undefined) return t.skip('this system does not tell who has gone');
  const one = { most: 1, mostOfOne: 1, mostWaiting: 4, patienceMillis: undefined };
  const giving = watched(createGivingPlaces(1, { ...one, mostWaiting: 2 }));
  const places = watched(createReceivingPlaces({ ...one, silenceMillis: 5000, leastBytesPerSecond: 1 }));
  const { routes, begun } = files(() => new Reply(200, pieces(1)));
  const { port, log } = await listening(routes, { giving, places });
  const held = [await giving.enter(nobody), await places.enter(nobody)];

  const fetching = await silentAt(port, 'GET /file/gone HTTP/1.1\r\nhost: x\r\n\r\n');
  await untilAsked(giving, 2);
  await goneFrom(fetching);
  await untilGone(log, 1);
  const fetched = fetch(`http://127.0.0.1:${port}/file/fetched`);
  await untilAsked(giving, 3);
  held[0]!.leave();
  assert.equal((await (await fetched).arrayBuffer()).byteLength, 65_536);

  for (const sentBytes of [10, 80_000]) {
    const head = `POST /file/gone HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ncontent-length: 900000\r\n\r\n`;
    const sending = await silentAt(port, Buffer.concat([Buffer.from(head), Buffer.alloc(sentBytes)]));
    await untilAsked(places, sentBytes === 10 ? 2 : 3);
    await goneFrom(sending);
    if (sentBytes === 10) await untilGone(log, 2);
  }
  held[1]!.leave();
  await untilGone(log, 3);
  const headers = { 'content-type': 'application/octet-stream' };
  const sent = await fetch(`http://127.0.0.1:${port}/file/sent`, { method: 'POST', headers, body: 'abc' });
  assert.equal(await sent.text(), '3');
  assert.deepEqual(begun, ['fetched', 'sent']);
});

test('given files that are asked for ahead on one connection, when nothing of the first is taken, then those behind it take no place and are not begun; they come in turn, and not at all when their client goes; too many are told to come again', async () => {
  const giving = createGivingPlaces(2, { mostOfOne: 2, mostWaiting: 0 });
  const { routes, begun } = files((name) => new Reply(200, pieces(name === 'small' ? 1 : 250)));
  const { port } = await listening(routes, { giving });
  const get = (name: string) => `GET /file/${name} HTTP/1.1\r\nhost: x\r\n\r\n`;

  const ahead = await silentAt(port, get('a') + get('b') + get('c'));
  const gone = await silentAt(port, get('d') + get('never'));
  await until('two that have begun', () => begun.length >= 2);
  await goneFrom(gone);
  const answer = await untilGiven(() => fetch(`http://127.0.0.1:${port}/file/small`));
  assert.equal((await answer.arrayBuffer()).byteLength, 65_536);
  assert.deepEqual(begun.toSorted(), ['a', 'd', 'small']);

  let bytes = 0;
  for await (const chunk of ahead) {
    bytes += (chunk as Buffer).length;
    if (bytes > 3 * 250 * 65_536) break;
  }
  assert.deepEqual(begun, ['a', 'd', 'small', 'b', 'c']);

  const many = await silentAt(port, get('e') + get('small').repeat(101) + get('e').replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'));
  const told = (await text(many)).match(/(?<=HTTP\/1\.1 )\d+/g);
  assert.deepEqual(told, [...Array(101).fill('200'), '503', '503']);
});

/** Asked again while its place is not free yet. */
async function untilGiven(ask: () => Promise<Response>): Promise<Response> {
  for (let n = 0; n < 500; n++) {
    const answer = await ask();
    if (answer.status !== 503) return answer;
    await sleep(10);
  }
  return ask();
}
