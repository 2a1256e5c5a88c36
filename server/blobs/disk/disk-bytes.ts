import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BlobKey } from '#kernel/ids.ts';
import { letGo } from '#kernel/lent-bytes.ts';
import { StartError } from '#kernel/start-error.ts';
import { BlobMissing } from '../blobs.ts';
import { type Bytes, checkKey } from '../bytes.ts';
import { writing as memory } from '../share-memory.ts';
import { readFile } from './read-file.ts';

/** Makes a change in a directory survive a power cut: the entry lies in the directory, not in the file. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

const shelves = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

/** With those above it, one by one: Node's own recursion never ends where the system says that a name cannot be, as in /proc. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another process was first
  }
}

/** Refuses (StartError) a directory that this process cannot write, or in which another user's process has made shelves. */
function makeShelves(directory: string): void {
  try {
    for (const path of ['incoming', ...shelves].map((name) => join(directory, name))) {
      makeDirectory(path);
      accessSync(path, constants.W_OK | constants.X_OK);
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new StartError(
      `The directory for bytes ${directory} cannot be used (${code}). Change its owner, or choose another with BUDSTIKKE_BLOB_DIR.`,
    );
  }
}

/**
 * Bytes in a directory. They grow in `incoming/<key>` and are renamed to `<xx>/<key>` when they are whole and synced, so that
 * a name outside `incoming` always means whole bytes. `xx` is the end of the key: its beginning is time. All directories are
 * made here, once; a directory that cannot be written is told at the start.
 */
export function diskBytes(directory: string): Bytes {
  makeShelves(directory);
  const places = (key: BlobKey) => {
    checkKey(key);
    const shelf = join(directory, key.slice(-2));
    return { temporary: join(directory, 'incoming', key), shelf, final: join(shelf, key) };
  };

  return {
    async write(key, chunks) {
      const { temporary, shelf, final } = places(key);
      const file = await open(temporary, 'wx', 0o600);
      try {
        await fill(file, chunks);
        await rename(temporary, final);
        await syncDirectory(shelf);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },

    read: (key, range) =>
      readFile(places(key).final, range).catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'ENOENT' ? new BlobMissing('the blob has no bytes') : error;
      }),

    async remove(key) {
      const { temporary, final } = places(key);
      await Promise.all([rm(temporary, { force: true }), rm(final, { force: true })]);
    },
  };
}

/** While some come the next chunks are taken and hashed while the former are written; where there are many each takes what it has room for. */
const workAheadBytes = 128 * 1024;

async function fill(file: FileHandle, chunks: AsyncIterable<Buffer>): Promise<void> {
  const share = memory.enter();
  let writing: Promise<void> | undefined;
  try {
    let held: Buffer[] = [];
    let heldBytes = 0;
    for await (const chunk of chunks) {
      held.push(chunk);
      heldBytes += chunk.length;
      if (heldBytes < share.bytes()) continue;
      await writing;
      writing = writeAll(file, held);
      writing.catch(() => {}); // thrown where it is waited for
      [held, heldBytes] = [[], 0];
      if (share.bytes() < workAheadBytes) await writing;
    }
    await writing;
    await writeAll(file, held);
    await file.datasync(); // with its length, which is what is needed to read it
  } finally {
    share.leave();
    await writing?.catch(() => {});
    await file.close();
  }
}

/** Writes chunks and lets go of them. */
async function writeAll(file: FileHandle, chunks: readonly Buffer[]): Promise<void> {
  let left = chunks.filter(({ length }) => length > 0);
  while (left.length > 0) {
    let { bytesWritten } = await file.writev(left);
    while (left[0] && bytesWritten >= left[0].length) {
      bytesWritten -= left[0].length;
      left = left.slice(1);
    }
    if (bytesWritten > 0) left = [left[0]!.subarray(bytesWritten), ...left.slice(1)];
  }
  for (const chunk of chunks) letGo(chunk);
}
