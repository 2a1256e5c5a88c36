import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tusJs from 'tus-js-client';
import { StoreUnavailable } from '#blobs/index.ts';
import { sql } from '#kernel/database.ts';
import { assertRefused, createTown, octets, openWire, rows } from '../testing/town.ts';
import { finishUploads } from './jobs.ts';
import { bytesOf, offsetOctets, tusClient } from './testing.ts';

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
