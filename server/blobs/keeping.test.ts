import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { newId } from '#kernel/ids.ts';
import { createTestDatabase } from '../../test/database.ts';
import { makeScratchDirectory } from '../../test/scratch.ts';
import { createDiskBlobs } from './create-blobs.ts';
import { bindBlobs, keepReleased, listKept, releaseBlobs } from './store.ts';

const directory = makeScratchDirectory();
after(() => rmSync(directory, { recursive: true, force: true }));
const { db, ctx, url } = await createTestDatabase();
const blobs = createDiskBlobs({ directory, db });

async function boundBlob(text: string) {
  const { key } = await blobs.receive(Readable.from([Buffer.from(text)]), { maxBytes: 100 });
  await db.transaction(async (tx) => bindBlobs(tx, [key]));
  return key;
}

test('given a copy under way, when a blob is released, then its bytes stay until the copy is over', async () => {
  const key = await boundBlob('kept');
  const kept = await keepReleased(url);
  await db.transaction(async (tx) => releaseBlobs(tx, [key]));

  assert.equal(await blobs.sweep(ctx), 0);
  assert.equal(Buffer.concat(await (await blobs.read(key)).toArray()).toString(), 'kept');

  await kept.check();
  await kept.release();
  assert.equal(await blobs.sweep(ctx), 1);
  await assert.rejects(blobs.read(key));
});

test('given keys that are bound, released and still coming, when those to copy are listed, then they come in their order, page by page', async () => {
  const keys = [await boundBlob('a'), await boundBlob('b'), await boundBlob('c')];
  await db.transaction(async (tx) => releaseBlobs(tx, [keys[1]!]));
  const youngest = newId();
  await boundBlob('later');

  const first = await listKept(db, { after: '00000000-0000-0000-0000-000000000000', upTo: youngest, limit: 2 });
  const rest = await listKept(db, { after: first[1]!.key, upTo: youngest, limit: 2 });

  const listed = [...first, ...rest];
  assert.deepEqual(
    listed.map(({ key }) => key),
    keys,
  );
  assert.deepEqual(
    listed.map(({ isBound }) => isBound),
    [true, false, true],
  );
});
