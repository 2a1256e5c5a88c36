import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';

/** What was written. */
export interface Copied {
  readonly sizeBytes: number;
  /** lower-case hex */
  readonly sha256: string;
}

const filesAtOnce = 8;
/** A smaller file is read at once: most of a cluster's are a page or two, and a stream costs more than that. */
const wholeBytes = 1024 * 1024;

/** Writes what a stream gives into a new file, hashed on the way. Not synced: see `syncFileSystem`. */
export async function writeCopy(source: Readable, target: string): Promise<Copied> {
  const digest = createHash('sha256');
  let sizeBytes = 0;
  async function* hashed(): AsyncGenerator<Buffer> {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      digest.update(chunk);
      sizeBytes += chunk.length;
      yield chunk;
    }
  }
  const file = await open(target, 'wx', 0o600);
  try {
    await file.writeFile(hashed());
  } finally {
    await file.close();
  }
  return { sizeBytes, sha256: digest.digest('hex') };
}

/** Copies a file as it is now, or gives undefined when there is none. */
export async function copyFile(source: string, target: string): Promise<Copied | undefined> {
  const file = await open(source, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return undefined;
  const { size } = await file.stat();
  if (size > wholeBytes) return writeCopy(file.createReadStream({ highWaterMark: wholeBytes }), target);
  const bytes = await file.readFile().finally(() => file.close());
  await writeFile(target, bytes, { flag: 'wx', mode: 0o600 });
  return { sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/**
 * What was written below the directory survives a power cut. All of it at once, by the command of that name (Node has no word
 * for it): a cluster is a thousand small files, and to sync each by itself takes a busy disk minutes.
 */
export async function syncFileSystem(directory: string): Promise<void> {
  const child = spawn('sync', ['-f', directory], { stdio: 'ignore' });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`sync -f ended with ${code}`);
}

/** A name in a directory survives a power cut once the directory itself is synced. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Does `work` for each item, a few at a time. The first error is thrown once those under way are over. */
export async function forEachAtOnce<T>(items: readonly T[], signal: AbortSignal, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items].reverse();
  let failed: { error: unknown } | undefined;
  const turn = async (): Promise<void> => {
    for (let item = waiting.pop(); item !== undefined && !failed; item = waiting.pop()) {
      try {
        signal.throwIfAborted();
        await work(item);
      } catch (error) {
        failed ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: filesAtOnce }, turn));
  if (failed) throw failed.error;
}
