import assert from 'node:assert/strict';
import { readlinkSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type BlobKey, newId } from '#kernel/ids.ts';
import { makeScratchDirectory } from '../../../test/scratch.ts';
import { diskBytes } from './disk-bytes.ts';

const directory = makeScratchDirectory();
after(() => rmSync(directory, { recursive: true, force: true }));

/** Notes what Node syncs, by the path that it has at that moment, and syncs it all the same. */
async function syncedBy(work: () => Promise<void>): Promise<string[]> {
  const probe = await open(directory);
  const handle = Object.getPrototypeOf(probe) as FileHandle;
  await probe.close();
  const { sync } = handle;
  const synced: string[] = [];
  handle.sync = function (this: FileHandle) {
    synced.push(readlinkSync(`/proc/self/fd/${this.fd}`));
    return sync.call(this);
  };
  try {
    await work();
  } finally {
    handle.sync = sync;
  }
  return synced;
}

async function* chunks(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

test('given bytes, when they are written, then the file is synced before it gets its name, and the directory after', async () => {
  const key = newId<BlobKey>();
  const bytes = diskBytes(directory);

  const synced = await syncedBy(() => bytes.write(key, chunks('whole ', 'bytes')));

  assert.deepEqual(synced, [join(directory, 'incoming', key), join(directory, key.slice(-2))]);
  assert.equal(Buffer.concat(await (await bytes.read(key)).toArray()).toString(), 'whole bytes');
});
