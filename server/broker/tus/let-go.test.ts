import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreUnavailable } from '#blobs/index.ts';
import { type Db, sql } from '#kernel/database.ts';
import { Overloaded } from '#kernel/overloaded.ts';
import { createCutDatabase } from '../../../test/cut-database.ts';
import { assertRefused, createTown, octets, openWire } from '../testing/town.ts';
import { pieceBytes } from './cut-into-pieces.ts';
import { bytesOf, digestOf, offsetOctets, tusClient } from './testing.ts';

/** What an upload that came to nothing leaves to the next one. */
const town = await createTown();
const { world, ctx } = town;
const wire = await openWire(town);
const { announce, call, statusOf } = tusClient(town, wire);
const hello = { ...offsetOctets, 'upload-length': '5' };
const inOneStream = (id: string) => wire.request('POST', `/filetransfer/${id}/upload`, 'sender', { body: 'hello', headers: octets });
/** The same town with a store that does this with bytes. */
const storeThat = async (receiveSegment: typeof ctx.blobs.receiveSegment) =>
  tusClient(town, await openWire(town, {}, { ...ctx, blobs: { ...ctx.blobs, receiveSegment } }));
const fails = (fault: Error) => storeThat(() => Promise.reject(fault));

for (const [what, begin, status] of [
  ['the store is away', async (id) => (await fails(new StoreUnavailable(new Error('busy')))).call('POST', id, hello, 'hello'), 503],
  ['its place was given away', async (id) => (await fails(new Overloaded(5))).call('POST', id, hello, 'hello'), 503],
  ['of a fault', async (id) => (await fails(new Error('no'))).call('POST', id, hello, 'hello'), 500],
  ['they have another checksum', (id) => call('POST', id, { ...hello, 'upload-checksum': 'md5 AAAAAAAAAAAAAAAAAAAAAA==' }, 'hello'), 460],
] as [string, (id: string) => Promise<Response>, number][])
  test(`given an upload that began with bytes, when they are not taken because ${what}, then the file may come in one stream at once`, async () => {
    const id = await announce();

    assert.equal((await begin(id)).status, status);

    const stream = await inOneStream(id);
    assert.equal(stream.status, 200, await stream.clone().text());
    assert.equal(await statusOf(id), 'Published');
  });

test('given a part whose bytes are on their way, when another part began with bytes that were not taken, then nobody else may upload the file', async () => {
  const id = await announce();
  const part = { ...hello, 'upload-concat': 'partial' };
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const bytes = writable.getWriter();
  const first = call('POST', id, part, readable);
  await bytes.write(Buffer.from('he'));
  const isClaimed = () => world.db.maybe(sql`select 1 from broker.tus_upload where file_transfer_id = ${id} and claim_id is not null`);
  while (!(await isClaimed())) await new Promise((resolve) => setImmediate(resolve));

  assert.equal((await (await fails(new Error('no'))).call('POST', id, part, 'hello')).status, 500);

  await assertRefused(await inOneStream(id), 4);
  await bytes.write(Buffer.from('llo'));
  await bytes.close();
  assert.equal((await first).status, 201);
});

test('given bytes with another checksum, when the database goes before their upload is let go, then that is what is told, and not that the database is away', async () => {
  const id = await announce();
  let isAway = false;
  const db: Db = { ...ctx.db, transaction: (work) => (isAway ? Promise.reject(new Overloaded(5)) : ctx.db.transaction(work)) };
  const blobs: typeof ctx.blobs = {
    ...ctx.blobs,
    async receiveSegment(...given) {
      const segment = await ctx.blobs.receiveSegment(...given);
      isAway = true;
      return segment;
    },
  };
  const away = tusClient(town, await openWire(town, {}, { ...ctx, db, blobs }));

  const answer = await away.call('POST', id, { ...hello, 'upload-checksum': 'md5 AAAAAAAAAAAAAAAAAAAAAA==' }, 'hello');

  assert.equal(answer.status, 460);
});

test('given an upload that began by a commit that was lost, when its sender was told that nobody knows, then it may go on, begin anew, or send the file in one stream at once', async () => {
  const cut = await createCutDatabase(world.db.pool.options.connectionString!);
  const through = tusClient(town, await openWire(town, {}, { ...ctx, db: cut.db }));
  const begunUnknown = async () => {
    const id = await announce();
    cut.cutAtNextCommit();
    assert.equal((await through.call('POST', id, hello, 'hello')).status, 503);
    return id;
  };
  const announced = () => world.db.all(sql`select key from blobs.blob where state = 'receiving' order by key`);
  const before = await announced();
  const [goesOn, anew, streamed] = [await begunUnknown(), await begunUnknown(), await begunUnknown()];
  assert.equal(cut.cuts(), 3);

  assert.equal((await call('PATCH', goesOn, { ...offsetOctets, 'upload-offset': '0' }, 'hello')).status, 204);
  assert.equal((await call('POST', anew, hello, 'hello')).status, 201);
  assert.equal((await inOneStream(streamed)).status, 200);

  for (const id of [goesOn, anew, streamed]) assert.equal(await statusOf(id), 'Published');
  assert.deepEqual(await announced(), before);
});

test('given bytes with a checksum, when the store goes between two pieces of them, then it is not asked to remove the first while its sender waits', {
  timeout: 60_000,
}, async () => {
  const id = await announce();
  let many = 0;
  const keys: string[] = [];
  const blobs: typeof ctx.blobs = {
    ...ctx.blobs,
    receiveSegment(...given) {
      many += 1;
      keys.push(given[1].announced);
      return many === 1 ? ctx.blobs.receiveSegment(...given) : Promise.reject(new StoreUnavailable(new Error('busy')));
    },
    remove: () => new Promise(() => {}),
  };
  const away = tusClient(town, await openWire(town, {}, { ...ctx, blobs }));
  const body = bytesOf(pieceBytes + 1);
  const checksum = `md5 ${digestOf('md5', body, 'base64')}`;

  const answer = await away.call('POST', id, { ...offsetOctets, 'upload-length': String(body.length), 'upload-checksum': checksum }, body);

  assert.equal(answer.status, 503);
  assert.deepEqual(await world.db.all(sql`select state from blobs.blob where key = ${keys[0]!}`), [{ state: 'released' }]);
});
