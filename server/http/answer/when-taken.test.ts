import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Type from 'typebox';
import { Reply, route } from '#kernel/route.ts';
import { listening, readOn, until } from '../testing/sockets.ts';
import { unacknowledged } from './unacknowledged.ts';

const all = 1_000_000;
/** So much comes to a client that reads no more, however little its machine takes ahead: less than the buffer of a connection. */
const leftUnread = 50_000;

/** A server whose answers of this size tell what became of them. */
async function openBig() {
  const told: [string, boolean][] = [];
  const taken = (which: string) => async (toTheEnd: boolean) => {
    await sleep(10); // as if it was written down
    told.push([which, toTheEnd]);
  };
  const big = route({
    method: 'GET',
    path: '/big/:which',
    summary: 'Gives.',
    scope: 'open',
    params: Type.Object({ which: Type.String() }),
    mediaType: 'application/octet-stream',
    answers: { 200: Type.String() },
    refusals: [],
    run: async (_ctx, _caller, { params: { which } }) => {
      async function* chunks() {
        for (let n = 0; n < 10; n += 1) yield Buffer.alloc(100_000, n);
        if (which === 'fault') throw new Error('the store broke');
      }
      return new Reply(200, Readable.from(chunks(), { objectMode: false }), {}, taken(which));
    },
  });
  const { server, port } = await listening([big]);
  const get = (which: string, header = '') => `GET /big/${encodeURIComponent(which)} HTTP/1.1\r\nhost: x\r\n${header}\r\n`;
  const whatIsTold = (which: string): boolean | undefined => told.find(([name]) => name === which)?.[1];
  const untilTold = async (which: string): Promise<boolean> => {
    await until(`what became of "${which}"`, () => whatIsTold(which) !== undefined);
    return whatIsTold(which)!;
  };
  /** A connection on which so many bytes of an answer were read. */
  async function reading(which: string, bytes: number, asked = get(which)): Promise<Socket> {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(asked);
    await readOn(socket, bytes);
    return socket;
  }
  return { server, told, get, untilTold, reading };
}

test('given an answer that wants to know what became of it, when its client goes on, ends, waits, is cut by our stop, holds what it does not read, or goes without having read it, then it is told once, and a stop waits for what it does', async () => {
  const { server, told, get, untilTold, reading } = await openBig();
  const tells = (await unacknowledged('')) !== undefined;

  const goesOn = await reading('goes on', all);
  goesOn.write(get('more'));
  assert.equal(await untilTold('goes on'), true);
  goesOn.resetAndDestroy();
  assert.equal(await untilTold('more'), false);
  (await reading('ends', all)).end();
  assert.equal(await untilTold('ends'), true);
  const holds = tells ? [await reading('holds', 1), await reading('holds and ends', 1)] : [];
  holds[1]?.end();
  await reading('waits', all);
  assert.equal(await untilTold('waits'), true);
  assert.ok(!told.some(([which]) => which.startsWith('holds')), 'it stands for as long, and most of it was not acknowledged');
  for (const socket of holds.slice(0, 1)) await readOn(socket, all - leftUnread - (socket.bytesRead - socket.readableLength));
  holds[1]?.resetAndDestroy();
  if (tells) assert.deepEqual([await untilTold('holds'), await untilTold('holds and ends')], [true, false]);
  (await reading('unread', 1)).resetAndDestroy();
  assert.equal(await untilTold('unread'), false);
  await reading('fault', 1);
  assert.equal(await untilTold('fault'), false);
  await reading('stopped', all);
  await server.close(6);

  assert.deepEqual(told.at(-1), ['stopped', true]);
  assert.deepEqual(
    told.map(([which]) => which).filter((which) => !which.startsWith('holds')),
    ['goes on', 'more', 'ends', 'waits', 'unread', 'fault', 'stopped'],
  );
});

test('given requests that were sent ahead, or a connection that is to be closed, when the client has read what it was given or goes without it, then only what has come to it was taken', async (t) => {
  if ((await unacknowledged('')) === undefined) return t.skip('this system does not tell');
  const { reading, untilTold, told, get, server } = await openBig();
  const close = 'connection: close\r\n';

  const ahead = await reading('ahead', 2 * all, get('ahead') + get('behind'));
  const goesAhead = await reading('read', all, get('read') + get('in buffers'));
  goesAhead.write(get('third'));
  await sleep(100);
  goesAhead.resetAndDestroy();
  assert.deepEqual([await untilTold('in buffers'), await untilTold('third')], [false, false]);

  const unread = await reading('unread', 1, get('unread'));
  unread.write(get('asked'));
  unread.resetAndDestroy();
  assert.deepEqual(await untilTold('unread'), false, 'it has asked for more, and read nothing');

  const closed = await reading('closed', all, get('closed', close));
  const holds = await reading('holds', 1, get('holds', close));
  const goes = await reading('goes', 600_000, get('goes', close)); // the rest fits into what its machine acknowledges
  await sleep(300);
  goes.resetAndDestroy();
  assert.deepEqual([await untilTold('closed'), await untilTold('goes')], [true, false]);
  assert.ok(!told.some(([which]) => which === 'holds'), 'most of it was not acknowledged');
  holds.resume();
  assert.equal(await untilTold('holds'), true);
  assert.deepEqual([await untilTold('ahead'), await untilTold('behind')], [true, true]);
  for (const socket of [ahead, closed]) socket.destroy();
  await reading('at a stop', all, get('at a stop', close));
  await server.close(6);
  assert.deepEqual(told.at(-1), ['at a stop', true]);
});
