import assert from 'node:assert/strict';
import { existsSync, readlinkSync, rmSync } from 'node:fs';
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
  const { sync, datasync } = handle;
  const synced: string[] = [];
  const noting = (really: FileHandle['sync']) =>
    function (this: FileHandle): Promise<void> {
      synced.push(readlinkSync(`/proc/self/fd/${this.fd}`));
      return really.call(this);
    };
  [handle.sync, handle.datasync] = [noting(sync), noting(datasync)];
  try {
    await work();
  } finally {
    [handle.sync, handle.datasync] = [sync, datasync];
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

test('given a disk that takes some of what it is given, and one that is full later, when bytes are written, then none is left out, and nothing stays', async () => {
  const probe = await open(directory);
  const handle = Object.getPrototypeOf(probe) as FileHandle;
  await probe.close();
  const { writev } = handle;
  const given = Array.from({ length: 40 }, (_, i) => Buffer.alloc(30_000 + i, i));
  const bytes = diskBytes(directory);
  const [key, other] = [newId<BlobKey>(), newId<BlobKey>()];
  const stream = async function* () {
    yield* given;
  };
  handle.writev = function (this: FileHandle, buffers: readonly NodeJS.ArrayBufferView[]) {
    return writev.call(this, [(buffers[0] as Buffer).subarray(0, 20_001)]);
  } as typeof writev;
  try {
    await bytes.write(key, stream());
    let writes = 0;
    handle.writev = function (this: FileHandle, buffers: readonly NodeJS.ArrayBufferView[]) {
      writes += 1;
      return writes === 3
        ? Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' }))
        : writev.call(this, buffers as never);
    } as typeof writev;
    await assert.rejects(bytes.write(other, stream()), { code: 'ENOSPC' });
  } finally {
    handle.writev = writev;
  }

  assert.ok(Buffer.concat(await (await bytes.read(key)).toArray()).equals(Buffer.concat(given)));
  await assert.rejects(bytes.read(other), { name: 'BlobMissing' });
  assert.equal(existsSync(join(directory, 'incoming', other)), false);
});
