import assert from 'node:assert/strict';
import { truncateSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { test } from 'node:test';
import * as tusJs from 'tus-js-client';
import { BlobMissing, StoreUnavailable } from '#blobs/index.ts';
import { sql } from '#kernel/database.ts';
import { brokerInvariants } from '../invariants.ts';
import { assertRefused, createTown, eventsOf, evidenceOf, octets, openWire, rows } from '../testing/town.ts';
import { pieceBytes } from './cut-into-pieces.ts';
import { mostTries, pauseAfter } from './give-up-damaged.ts';
import { finishUploads } from './jobs.ts';
import { bytesOf, digestOf, offsetOctets, tusClient } from './testing.ts';

/** What is given up while it is made a file, or cannot be one any more. */
const town = await createTown();
const { world, ctx } = town;

/** A store that reads nothing before it is let. */
const gate = { reached: Promise.withResolvers<void>(), opened: Promise.withResolvers<void>() };
function shut(): void {
  gate.reached = Promise.withResolvers();
  gate.opened = Promise.withResolvers();
}
const blobs = {
  ...ctx.blobs,
  async read(...asked: Parameters<typeof ctx.blobs.read>) {
    gate.reached.resolve();
    await gate.opened.promise;
    return ctx.blobs.read(...asked);
  },
};
const wire = await openWire(town, {}, { ...ctx, blobs });
const client = tusClient(town, wire);
const { announce, begin, patch, call, offsetOf, statusOf, fetched } = client;
const partial = { 'upload-concat': 'partial' };
const whole = Buffer.from('abcdef');

async function partsOf(id: string): Promise<[string, string]> {
  const parts: [string, string] = [await begin(id, 3, partial), await begin(id, 3, partial)];
  await Promise.all(parts.map((part, i) => patch(part, 0, ['abc', 'def'][i]!)));
  return parts;
}
const join = (id: string, parts: readonly string[]) => call('POST', id, { 'upload-concat': `final;${parts.join(' ')}` });
const uploadsOf = (id: string) => rows(town, sql`select kind from broker.tus_upload where file_transfer_id = ${id}`);

test('given parts that are being made one file, when one of them is given up, then the file is none, the other part stays, and a new file is made of it', async () => {
  const id = await announce();
  const [one, two] = await partsOf(id);
  shut();
  const final = join(id, [one, two]);
  await gate.reached.promise;

  assert.equal((await call('DELETE', one)).status, 204);
  gate.opened.resolve();

  assert.equal((await final).status, 404);
  assert.deepEqual([(await call('HEAD', id)).status, (await call('HEAD', one)).status, await offsetOf(two)], [404, 404, 3]);
  await finishUploads(ctx);
  assert.deepEqual([await statusOf(id), await uploadsOf(id)], ['UploadStarted', [{ kind: 'part' }]]);
  const anew = await begin(id, 3, partial);
  await patch(anew, 0, 'abc');
  assert.equal((await join(id, [anew, two])).status, 201);
  assert.ok((await fetched(id)).equals(whole));
});

test('given a joined upload whose parts were swept, when it is finished, then it ends, and the transfer takes a file in one stream', async () => {
  const id = await announce();
  const [one, two] = await partsOf(id);
  shut();
  const final = join(id, [one, two]);
  await gate.reached.promise;
  await world.db.transaction(
    async (tx) => void (await tx.run(sql`delete from broker.tus_upload where file_transfer_id = ${id} and kind = 'part'`)),
  );
  gate.opened.resolve();

  assert.equal((await final).status, 404);
  assert.deepEqual(await uploadsOf(id), []);
  const stream = await wire.request('POST', `/filetransfer/${id}/upload`, 'sender', { body: 'whole', headers: octets });
  assert.deepEqual([stream.status, String(await fetched(id))], [200, 'whole']);
});

test('given a file that is being made of its parts, when it is given up as a whole, then its last request is told that nothing came of it', async () => {
  const id = await announce();
  const parts = await partsOf(id);
  shut();
  const final = join(id, parts);
  await gate.reached.promise;

  assert.equal((await call('DELETE', id)).status, 204);
  gate.opened.resolve();

  assert.equal((await final).status, 404);
  assert.equal((await call('HEAD', id)).status, 404);
  assert.equal((await join(id, parts)).status, 201, 'its parts are there');
  assert.ok((await fetched(id)).equals(whole));
});

test('given tus-js-client with two lines, when its user gives up while the file is made, then the transfer is open again and the same client sends it anew', async () => {
  const id = await announce();
  const bytes = Buffer.from(bytesOf(200_000, 3));
  const options = {
    endpoint: `http://127.0.0.1:${wire.port}/broker/api/v1/filetransfer/upload/tus/${id}`,
    headers: { authorization: 'sender' },
    parallelUploads: 2,
    retryDelays: null,
  };
  shut();
  const given = new tusJs.Upload(bytes, { ...options, onError: () => {} });
  given.start();
  await gate.reached.promise;

  await given.abort(true);
  while ((await uploadsOf(id)).length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  gate.opened.resolve();

  const { promise, resolve, reject } = Promise.withResolvers<void>();
  new tusJs.Upload(bytes, { ...options, onError: reject, onSuccess: () => resolve() }).start();
  await promise;
  assert.equal(await statusOf(id), 'Published');
  assert.ok((await fetched(id)).equals(bytes));
});

test('given a length of none and bytes that come all the same, when the upload begins, then it is refused, nothing is published, and it may begin with the right length', async () => {
  const id = await announce();
  const none = { ...offsetOctets, 'upload-length': '0' };
  const refused = await world.nothingWritten(() => call('POST', id, none, 'hello'));
  assert.deepEqual([refused.status, await refused.text()], [400, 'File size exceeds maximum']);
  const unannounced = await call('POST', id, none, new Blob(['hello']).stream());
  assert.deepEqual([unannounced.status, await unannounced.text()], [400, 'File size exceeds maximum']);
  const more = await world.nothingWritten(() => call('POST', id, { ...none, 'upload-length': '4' }, 'hello'));
  assert.equal(more.status, 400);
  await finishUploads(ctx);
  assert.deepEqual([await statusOf(id), await uploadsOf(id)], ['UploadStarted', []]);

  assert.equal((await call('POST', id, { ...none, 'upload-length': '5' }, 'hello')).status, 201);
  assert.equal(String(await fetched(id)), 'hello');
  const empty = await announce();
  assert.equal((await call('POST', empty, none, new Blob([]).stream())).status, 201);
  assert.equal(await statusOf(empty), 'Published');
});

test('given a byte more than was announced behind whole pieces, when it has come, then the file is refused and never published, and the right bytes may come instead', async () => {
  const id = await announce();
  await begin(id, pieceBytes);
  const right = Buffer.alloc(pieceBytes, 'r');
  const refused = await patch(id, 0, new Blob([Buffer.alloc(pieceBytes, 'w'), 'x']).stream());
  assert.deepEqual([refused.status, await refused.text()], [400, 'File size exceeds maximum']);
  await finishUploads(ctx);
  assert.deepEqual([await statusOf(id), await offsetOf(id)], ['UploadStarted', 0]);

  assert.equal((await patch(id, 0, new Blob([right]).stream())).status, 204);
  assert.ok((await fetched(id)).equals(right));
});

test('given a transfer that nothing was uploaded to, when bytes come for an upload that never began, then there is no such upload, and one may begin', async () => {
  const id = await announce();
  const none = await world.nothingWritten(() => patch(id, 0, 'x'));
  assert.deepEqual([none.status, await none.text()], [404, 'The requested file transfer was not found']);
  await begin(id, 1);
  assert.equal((await patch(id, 0, 'x')).status, 204);
});

test('given a store that is away, when an upload began with bytes that it did not take, then the file may come in one stream at once', async () => {
  const id = await announce();
  const away = { ...ctx.blobs, receiveSegment: () => Promise.reject(new StoreUnavailable(new Error('busy'))) };
  const ill = tusClient(town, await openWire(town, {}, { ...ctx, blobs: away }));
  assert.equal((await ill.call('POST', id, { ...offsetOctets, 'upload-length': '5' }, 'hello')).status, 503);

  const stream = await wire.request('POST', `/filetransfer/${id}/upload`, 'sender', { body: 'hello', headers: octets });
  assert.equal(stream.status, 200, await stream.clone().text());
  await assertRefused(await wire.request('POST', `/filetransfer/${id}/upload`, 'sender', { body: 'hello', headers: octets }), 4);
});

const readBy = (read: typeof ctx.blobs.read) => ({ ...ctx, blobs: { ...ctx.blobs, read } });
const triesOf = async (id: string) =>
  (await rows<{ tries: number }>(town, sql`select tries from broker.tus_upload where file_transfer_id = ${id} and kind = 'joined'`))[0]
    ?.tries;
const becomeDue = (id: string) =>
  world.db.transaction(
    async (tx) =>
      void (await tx.run(sql`update broker.tus_upload set try_at = null where file_transfer_id = ${id} and try_at is not null`)),
  );
const broken = async () =>
  (await world.db.all(brokerInvariants.find(({ name }) => name.startsWith('no upload with all its bytes'))!.find)).length;

test('given joined uploads whose bytes are cut off in the store, and one whose bytes come back, when they are finished again and again, then that one is published, the others fail after an hour with their reason, and hold up nobody', async () => {
  const ids = await Promise.all(Array.from({ length: 3 }, () => announce()));
  const [lost, back, good] = ids as [string, string, string];
  const pieces = new Map<string, string>();
  const away = tusClient(
    town,
    await openWire(
      town,
      {},
      readBy(() => Promise.reject(new BlobMissing('gone'))),
    ),
  );
  for (const id of ids) {
    const parts = await partsOf(id);
    const [piece] = await rows<{ key: string }>(
      town,
      sql`select p.blob_key as key from broker.tus_piece p join broker.tus_upload u on u.id = p.tus_upload_id where u.file_transfer_id = ${id} limit 1`,
    );
    pieces.set(id, joinPath(world.blobFolder, piece!.key.slice(-2), piece!.key));
    assert.equal((await away.call('POST', id, { 'upload-concat': `final;${parts.join(' ')}` })).status, 500);
  }
  truncateSync(pieces.get(lost)!, 1);
  const isGone = new Set([back]);
  const ill = readBy(async (key, range) => {
    if ([...isGone].some((id) => pieces.get(id)!.endsWith(key))) throw new BlobMissing('gone');
    return ctx.blobs.read(key, range);
  });

  await finishUploads(ill);
  assert.deepEqual(await Promise.all(ids.map(statusOf)), ['UploadStarted', 'UploadStarted', 'Published']);
  assert.deepEqual([await triesOf(lost), await triesOf(back)], [1, 1]);
  await finishUploads(ill); // at once again: none is due
  assert.deepEqual([await triesOf(lost), await triesOf(back)], [1, 1]);
  for (let tries = 1; tries < mostTries - 1; tries += 1) {
    assert.equal(await broken(), tries >= 6 ? 2 : 0);
    for (const id of [lost, back]) await becomeDue(id);
    await finishUploads(ill);
  }
  assert.deepEqual([await triesOf(lost), await triesOf(back)], [11, 11]);
  isGone.clear();
  for (const id of [lost, back]) await becomeDue(id);
  await finishUploads(ill);

  assert.deepEqual(await Promise.all([lost, back].map(statusOf)), ['Failed', 'Published']);
  for (const id of [back, good]) {
    assert.ok((await fetched(id)).equals(whole));
    assert.match((await evidenceOf(town, id)).join(), /ContentHandover/);
  }
  assert.deepEqual([await uploadsOf(lost), await broken()], [[], 0]);
  assert.equal((await eventsOf(town, lost)).at(-1), 'uploadfailed Sender');
  assert.ok((await evidenceOf(town, lost)).includes('SubmissionRejection failed'));
  const shown = (await (await wire.json('GET', `/filetransfer/${lost}`, 'sender')).json()) as { fileTransferStatusText: string };
  assert.match(shown.fileTransferStatusText, /damaged or lost in the store/);
  assert.equal((await call('HEAD', lost)).status, 409);
  await world.nothingWritten(() => finishUploads(ill));
});

test('given a store that is away for hours, when an upload is finished again and again, then it waits longer and longer, never fails, and is published once the store is back', async () => {
  const id = await announce();
  const parts = await partsOf(id);
  const away = readBy(() => Promise.reject(new StoreUnavailable(new Error('busy'))));
  assert.equal(
    (await tusClient(town, await openWire(town, {}, away)).call('POST', id, { 'upload-concat': `final;${parts.join(' ')}` })).status,
    503,
  );
  for (let tries = 0; tries < mostTries + 3; tries += 1) {
    await becomeDue(id);
    await finishUploads(away);
  }
  assert.deepEqual([await statusOf(id), await triesOf(id)], ['UploadStarted', mostTries + 3]);
  assert.equal(await offsetOf(id), 6, 'its sender asks, and it is tried at once');
  assert.ok((await fetched(id)).equals(whole));
  const pauses = Array.from({ length: 10 }, (_, tries) => pauseAfter(tries));
  assert.deepEqual(pauses, [5, 10, 20, 40, 80, 160, 320, 600, 600, 600]);
});

test('given parts of which one has other bytes in the store than came, when they are made a file, with a hash that was declared and without, then it is none until they are back; what came otherwise than declared has failed', async () => {
  const differs = [{}, {}, { checksum: digestOf('md5', whole) }, { checksum: digestOf('md5', whole) }];
  for (const [i, declared] of differs.entries()) {
    const n = i % 2;
    const id = await announce(declared);
    const parts = await partsOf(id);
    const asked = sql`
      select p.blob_key as key from broker.tus_piece p join broker.tus_upload u on u.id = p.tus_upload_id
       where u.file_transfer_id = ${id} order by ${parts[0]} not like '%' || replace(u.id::text, '-', '') || '%'`;
    const { key } = (await rows<{ key: string }>(town, asked))[n]!;
    const path = joinPath(world.blobFolder, key.slice(-2), key);
    writeFileSync(path, 'xyz');

    assert.equal((await join(id, parts)).status, 500);
    assert.equal(await statusOf(id), 'UploadStarted');
    writeFileSync(path, ['abc', 'def'][n]!);
    assert.equal((await join(id, parts)).status, 201);
    assert.ok((await fetched(id)).equals(whole));
  }
  const declared = await announce({ checksum: digestOf('md5', Buffer.from('xyzdef')) });
  assert.equal((await join(declared, await partsOf(declared))).status, 400);
  assert.equal(await statusOf(declared), 'Failed');
});
