import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from '#kernel/database.ts';
import { createGivingPlaces } from '#kernel/giving-places.ts';
import type { FileTransferId, PartyId } from '#kernel/ids.ts';
import { silentLog } from '#kernel/log.ts';
import { Overloaded } from '#kernel/overloaded.ts';
import type { Places } from '#kernel/places.ts';
import { createReceivingPlaces, placesOfProcess } from '#kernel/receiving-places.ts';
import { findWatch } from '#watch/index.ts';
import { allRecorded } from '../../../test/all-recorded.ts';
import { createCutDatabase } from '../../../test/cut-database.ts';
import { saveFetchedPart } from '../store/custody.ts';
import { assertRefused, createTown, evidenceOf, octets, openWire, organizationId, rows, transferOf } from '../testing/town.ts';

/** A recipient that fetches a file in parts, in any order and more than once, has fetched it when it has every byte. */
const town = await createTown();
const { world, first, second } = town;
const wire = await openWire(town);

const handed = async (id: string) => (await evidenceOf(town, id)).filter((one) => /Hand/.test(one));
const isFetched = async (id: string, party: PartyId) => {
  const found = await rows<{ at: Date | null }>(
    town,
    sql`select fetched_at as at from broker.recipient where file_transfer_id = ${id} and party_id = ${party}`,
  );
  return found[0]!.at !== null;
};
/** Fetches one part; what became of it is recorded when this is over. */
async function part(id: string, by: string, range: string): Promise<void> {
  const answer = await wire.request('GET', `/filetransfer/${id}/download`, by, { headers: { range: `bytes=${range}` } });
  assert.equal(answer.status, 206);
  await answer.arrayBuffer();
  await allRecorded();
}

test('given a file of 3 MB, when a recipient has fetched all of it in ranges, then it counts as fetched, and no part is told to have broken off', async () => {
  const bytes = new Uint8Array(3_000_000);
  const id = await wire.send('sender', transferOf(town, { recipients: [organizationId(first), organizationId(second)] }), bytes);

  await part(id, 'first', '2000000-');
  await part(id, 'first', '0-999999');
  await part(id, 'first', '500000-999999');
  await part(id, 'second', '1000000-1999999'); // of another recipient: the first has not got it
  assert.equal(await isFetched(id, first.id), false);
  assert.equal((await findWatch(world.db, id as FileTransferId, first.id))?.openedAt ?? null, null);
  await part(id, 'first', '1000000-1999999');

  assert.deepEqual([await isFetched(id, first.id), await isFetched(id, second.id)], [true, false]);
  assert.notEqual((await findWatch(world.db, id as FileTransferId, first.id))?.openedAt ?? null, null);
  assert.deepEqual(await handed(id), [...Array(4).fill('PartHandedOver nothing'), 'ContentHandover handed-over']);
});

/** A client that reads of a download what `reads` lets it, and then goes without a word. */
async function breakOff(id: string, reads: number): Promise<void> {
  const socket = connect(wire.port, '127.0.0.1');
  socket.write(`GET /broker/api/v1/filetransfer/${id}/download HTTP/1.1\r\nhost: x\r\nauthorization: first\r\n\r\n`);
  await once(socket, 'readable');
  for (let left = reads; left > 0; ) {
    const chunk = socket.read(Math.min(left, socket.readableLength || 1)) as Buffer | null;
    if (chunk) left -= chunk.length;
    else await once(socket, 'readable');
  }
  socket.resetAndDestroy();
}

test('given a client that goes before it has read the last of a file, all of which was given to the connection, then it was not handed over, and the next one that reads it all was', async () => {
  const bytes = new Uint8Array(400_000);
  const id = await wire.send('sender', transferOf(town), bytes);

  await breakOff(id, 100_000);
  while ((await handed(id)).length < 1);
  assert.deepEqual([await handed(id), await isFetched(id, first.id)], [['HandoverInterrupted nothing'], false]);

  const whole = await wire.request('GET', `/filetransfer/${id}/download`, 'first');
  assert.equal((await whole.arrayBuffer()).byteLength, bytes.length);
  while ((await handed(id)).length < 2); // a second later, while the connection stands
  assert.deepEqual([(await handed(id)).at(-1), await isFetched(id, first.id)], ['ContentHandover handed-over', true]);
});

test('given a database that goes away while files are taken, or loses the commit of it, when it is back, then each is recorded once, as of when it was taken; until then nothing says that it was handed over', async () => {
  const cut = await createCutDatabase(world.db.pool.options.connectionString!, { patienceMillis: 100 });
  const waits: string[] = [];
  const log = { ...silentLog, warn: (_facts: object, message: string) => void waits.push(message) };
  const through = await openWire(town, {}, { ...town.ctx, db: cut.db, log });
  const bytes = new Uint8Array(16_000_000); // more than lies in buffers, so that it is not over before it is read
  const ask = (id: string, headers: Record<string, string> = {}) =>
    through.request('GET', `/filetransfer/${id}/download`, 'first', { headers });
  const [whole, half, lost] = await Promise.all([1, 2, 3].map(() => wire.send('sender', transferOf(town), bytes)));

  for (const [id, range, event] of [
    [whole!, {}, 'ContentHandover handed-over'],
    [half!, { range: 'bytes=1-' }, 'PartHandedOver nothing'],
  ] as [string, Record<string, string>, string][]) {
    waits.length = 0;
    const answer = await ask(id, range);
    await cut.goAway();
    await answer.arrayBuffer();
    while (waits.length === 0) await sleep(10);
    assert.deepEqual([await handed(id), await isFetched(id, first.id)], [[], false]);
    const back = town.ctx.now();
    await cut.comeBack();
    while ((await handed(id)).length < 1) await sleep(10);
    assert.deepEqual(await handed(id), [event]);
    const [{ at }] = (await rows<{ at: Date }>(town, sql`select max(at) as at from evidence.evidence where about = ${id}`)) as [
      { at: Date },
    ];
    assert.ok(at < back, 'as of when it was taken');
  }

  const answer = await ask(lost!);
  cut.cutAtNextCommit();
  await answer.arrayBuffer();
  while ((await handed(lost!)).length < 1 || cut.cuts() < 1) await sleep(10);
  await (await ask(lost!)).arrayBuffer(); // what comes after it finds it recorded once
  while ((await handed(lost!)).length < 2) await sleep(10);
  assert.deepEqual(await handed(lost!), Array(2).fill('ContentHandover handed-over'));
});

test('given that all places are taken, when a file is fetched, whole or in part, then it is told to come again and nothing has begun; its headers need no place, and when one is free it is fetched', async () => {
  const giving = createGivingPlaces(2, { mostOfOne: 2, mostWaiting: 0 });
  const { request } = await openWire(town, {}, town.ctx, undefined, { giving });
  const id = await wire.send('sender', transferOf(town), 'abcdef');
  const held = [await giving.enter(town.callers.first), await giving.enter(town.callers.second)];
  const path = `/filetransfer/${id}/download`;

  for (const headers of [{}, { range: 'bytes=0-2' }, { 'if-none-match': '"other"' }] as Record<string, string>[]) {
    const answer = await world.nothingWritten(() => request('GET', path, 'first', { headers }));
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '5']);
    assert.match(await answer.text(), /^\{"type":"[^"]+","title":"Service Unavailable","status":503,/);
  }
  assert.equal((await request('HEAD', path, 'first')).status, 200);
  assert.equal((await request('GET', path, 'nobody')).status, 401);

  held[0]!.leave();
  await assertRefused(await request('GET', path, 'stranger'), 6);
  for (const _ of ['once', 'again']) {
    let answer = await request('GET', path, 'first');
    while (answer.status === 503) answer = await request('GET', path, 'first'); // its place is left when its last byte is out
    assert.equal(await answer.text(), 'abcdef');
  }
});

/** Whether somebody waits where one may. */
async function isFull(places: Places): Promise<boolean> {
  const goes = new Readable();
  const asked = places.enter(town.callers.second, goes);
  goes.destroy();
  return asked.then(
    () => false,
    (error) => error instanceof Overloaded,
  );
}

test('given a recipient and a sender who wait for a place and go away, when places are free, then nothing was begun for them; the next fetch and the same upload again are taken', async () => {
  const giving = createGivingPlaces(1, { mostWaiting: 1 });
  const places = createReceivingPlaces({ ...placesOfProcess, most: 1, mostOfOne: 1, mostWaiting: 1 });
  const { port, request, json } = await openWire(town, {}, town.ctx, undefined, { giving, places });
  const id = await wire.send('sender', transferOf(town), 'abcdef');
  const { fileTransferId: sent } = (await (await json('POST', '/filetransfer', 'sender', transferOf(town))).json()) as {
    fileTransferId: string;
  };
  const held = [await giving.enter(town.callers.first), await places.enter(town.callers.first)];
  const line = (what: string, by: string) => `${what} HTTP/1.1\r\nhost: x\r\nauthorization: ${by}\r\n`;
  const upload = line(`POST /broker/api/v1/filetransfer/${sent}/upload`, 'sender');

  await world.nothingWritten(async () => {
    for (const [one, said] of [
      [giving, `${line(`GET /broker/api/v1/filetransfer/${id}/download`, 'first')}\r\n`],
      [places, `${upload}content-type: application/octet-stream\r\ncontent-length: 1000\r\n\r\nabc`],
    ] as const) {
      const socket = connect(port, '127.0.0.1');
      socket.write(said);
      while (!(await isFull(one))) await sleep(5);
      socket.destroy();
      for (let n = 0; n < 500 && (await isFull(one)); n++) await sleep(10);
      assert.equal(await isFull(one), false, 'it waits no longer');
    }
    for (const place of held) place.leave();
    for (const one of [giving, places]) (await one.enter(town.callers.first)).leave();
  });

  assert.equal(await (await request('GET', `/filetransfer/${id}/download`, 'first')).text(), 'abcdef');
  const again = await request('POST', `/filetransfer/${sent}/upload`, 'sender', { body: 'abc', headers: octets });
  assert.deepEqual([again.status, await again.json()], [200, { fileTransferId: sent }]);
});

test('given two parts that end at the same time, when both are recorded, then the recipient has the whole', async () => {
  const id = await wire.send('sender', transferOf(town), 'abcdef');

  await Promise.all(['0-2', '3-5'].map(async (range) => part(id, 'first', range)));

  assert.equal(await isFetched(id, first.id), true);
});

test('given parts with more gaps than anybody leaves, when they are fetched, then what is remembered stays bounded, and the rest still makes it whole', async () => {
  const id = (await wire.send('sender', transferOf(town), 'x'.repeat(4000))) as FileTransferId;
  const save = (start: number, end: number) =>
    world.db.transaction((tx) => saveFetchedPart(tx, { id, party: first.id, start, end, sizeBytes: 4000 }));

  for (let at = 0; at < 2200; at += 2) assert.equal(await save(at, at), false);

  const runs = sql`select (select count(*)::int from unnest(fetched_bytes)) as many from broker.recipient where file_transfer_id = ${id}`;
  assert.deepEqual(await rows(town, runs), [{ many: 1000 }]);
  assert.equal(await save(0, 2500), false);
  assert.deepEqual(await rows(town, runs), [{ many: 1 }]);
  assert.equal(await save(2400, 3999), true);
});

test('given large files that are sent and fetched at once, some of them slowly and some broken off, then nobody gets a byte of another', async () => {
  const contents = Array.from({ length: 8 }, () => new Uint8Array(randomBytes(2_500_000)));
  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const digests = contents.map(digest);
  const ids = await Promise.all(contents.map((bytes) => wire.send('sender', transferOf(town), bytes)));

  async function fetchOne(n: number, how: 'whole' | 'slowly' | 'broken off'): Promise<string | undefined> {
    const answer = await wire.request('GET', `/filetransfer/${ids[n]}/download`, 'first');
    if (how === 'whole') return digest(new Uint8Array(await answer.arrayBuffer()));
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of answer.body! as unknown as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      bytes += chunk.length;
      if (how === 'broken off' && bytes > 1_000_000) return undefined;
      if (bytes % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return hash.digest('hex');
  }

  for (let round = 0; round < 3; round++) {
    const got = await Promise.all(ids.flatMap((_, n) => [fetchOne(n, 'whole'), fetchOne(n, 'slowly'), fetchOne(n, 'broken off')]));
    assert.deepEqual(
      got,
      digests.flatMap((sha256) => [sha256, sha256, undefined]),
    );
  }
});
