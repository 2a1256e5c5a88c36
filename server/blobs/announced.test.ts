import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { type BlobKey, newId } from '#kernel/ids.ts';
import { createTestDatabase } from '../../test/database.ts';
import { announceBlobs, bindReceived, createDiskBlobs, type StoredBlob } from './index.ts';

const { db } = await createTestDatabase();
const directory = await mkdtemp(join(tmpdir(), 'budstikke-announced-'));
after(() => rm(directory, { recursive: true }));
const blobs = createDiskBlobs({ directory, db });
const rowOf = async (key: string) =>
  (await db.pool.query('select state, size_bytes::int as size, md5, sha256 from blobs.blob where key = $1', [key])).rows[0];
const statesOf = (keys: readonly string[]) => Promise.all(keys.map(async (key) => (await rowOf(key))?.state));
const files = async () =>
  (await readdir(directory, { recursive: true, withFileTypes: true })).filter((one) => one.isFile()).map(({ name }) => name);
const announce = (...keys: BlobKey[]) => db.transaction(async (tx) => announceBlobs(tx, keys));
const bind = (...all: StoredBlob[]) => db.transaction(async (tx) => bindReceived(tx, all));
const put = (announced: BlobKey, bytes: string) => blobs.receive(Readable.from([Buffer.from(bytes)]), { maxBytes: 100, announced });

test('given announced keys, when their bytes have come, then nothing is told of them until a transaction binds them all, or none', async () => {
  const keys = [newId<BlobKey>(), newId<BlobKey>()];
  await announce(...keys);
  const come = await Promise.all(keys.map((key, i) => put(key, `bytes ${i}`)));
  assert.deepEqual(await statesOf(keys), ['receiving', 'receiving']);

  await assert.rejects(bind(come[0]!, { ...come[0]!, key: newId<BlobKey>() }), /only 1 of 2 blobs to bind are there/);
  assert.deepEqual(await statesOf(keys), ['receiving', 'receiving']);
  await bind(...come);

  const { key, sizeBytes: size, md5, sha256 } = come[1]!;
  assert.deepEqual(await rowOf(key), { state: 'bound', size, md5, sha256 });
  assert.equal(String(await buffer(await blobs.read(key))), 'bytes 1');
  await assert.rejects(bind(come[0]!), /only 0 of 1/);
});

test('given an announced key, when its bytes break off, are too many, or are given up, then neither byte nor row is left, even of what was swept meanwhile', async () => {
  const before = await files();
  const keys = Array.from({ length: 4 }, () => newId<BlobKey>()) as [BlobKey, BlobKey, BlobKey, BlobKey];
  const [broken, tooMany, givenUp, swept] = keys;
  await announce(...keys);
  const source = Readable.from(
    (async function* () {
      yield Buffer.alloc(10);
      throw new Error('the line went dead');
    })(),
  );

  await assert.rejects(blobs.receive(source, { maxBytes: 100, announced: broken }), /the line went dead/);
  await assert.rejects(put(tooMany, 'x'.repeat(101)), /more than 100 bytes/);
  const come = await Promise.all([givenUp, swept].map((key) => put(key, 'bytes')));
  await db.pool.query('delete from blobs.blob where key = $1', [swept]);
  await assert.rejects(bind(...come), /only 1 of 2/);
  for (const { key } of come) await blobs.remove(key);

  assert.deepEqual(await statesOf(keys), [undefined, undefined, undefined, undefined]);
  assert.deepEqual(await files(), before);
});
