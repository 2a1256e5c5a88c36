import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, type ReadStream } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { letGo } from '#kernel/lent-bytes.ts';
import { StartError } from '#kernel/start-error.ts';
import { inPieces } from '../bytes.ts';
import { spooling } from '../share-memory.ts';

/** Bytes that came in and can be sent as often as it takes. */
export interface Part {
  /** From 1. */
  readonly number: number;
  readonly isLast: boolean;
  readonly sizeBytes: number;
  /** Base64, as the wire has it. */
  readonly md5: string;
  body(): Buffer | Readable;
  /** How much of the latest body was read, where that is a stream. */
  bytesRead(): number;
  close(): Promise<void>;
}

const mebibyte = 1024 * 1024;
const firstPartBytes = 8 * mebibyte;
const partsOfOneSize = 1_000;

/** Pure. A server takes 10,000 parts: they double every thousand, so that nobody must know how much will come; the last thousand are of 4 GiB. */
export const partBytes = (number: number): number => firstPartBytes * 2 ** Math.min(9, Math.floor((number - 1) / partsOfOneSize));

/**
 * Splits bytes into parts, each kept until it is closed: the first mebibyte in memory, less where many come, more of it in a file without a name, which is gone
 * when the process is. However large parts grow and however many uploads run, memory does not grow.
 */
export async function* intoParts(chunks: AsyncIterable<Buffer>, directory: string, sizeOf = partBytes): AsyncGenerator<Part> {
  const share = spooling.enter();
  const pieces = inPieces(chunks, share.bytes);
  try {
    yield* split(pieces, directory, sizeOf);
  } finally {
    share.leave();
    await pieces.return(undefined); // so that what they are made of gives back what it holds
  }
}

async function* split(pieces: AsyncGenerator<Buffer>, directory: string, sizeOf: typeof partBytes): AsyncGenerator<Part> {
  let held = await pieces.next();
  for (let number = 1; ; number++) {
    const wanted = sizeOf(number);
    const md5 = createHash('md5');
    const first = held.done ? Buffer.alloc(0) : held.value;
    md5.update(first);
    let sizeBytes = first.length;
    let file: FileHandle | undefined;
    try {
      if (!held.done) held = await pieces.next();
      while (!held.done && sizeBytes < wanted) {
        if (!file) {
          file = await startFile(directory, first);
          letGo(first);
        }
        await writeAll(file, held.value, sizeBytes);
        md5.update(held.value);
        sizeBytes += held.value.length;
        letGo(held.value);
        held = await pieces.next();
      }
    } catch (error) {
      await file?.close();
      throw error;
    }
    const end = sizeBytes - 1;
    const kept = file;
    let latest: ReadStream | undefined;
    yield {
      number,
      isLast: held.done === true,
      sizeBytes,
      md5: md5.digest('base64'),
      body() {
        latest = kept?.createReadStream({ start: 0, end, autoClose: false, highWaterMark: 256 * 1024 });
        return latest ?? first;
      },
      bytesRead: () => latest?.bytesRead ?? 0,
      close: async () => kept?.close(),
    };
    if (held.done) return;
  }
}

async function startFile(directory: string, first: Buffer): Promise<FileHandle> {
  const path = join(directory, `part-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  try {
    await unlink(path);
    await writeAll(file, first, 0);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** Refuses (StartError) a directory that cannot be made. */
export function makeSpool(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StartError(
      `The directory ${directory} for parts on their way to the object store cannot be made (${(error as NodeJS.ErrnoException).code}). Choose another with BUDSTIKKE_S3_SPOOL_DIR.`,
    );
  }
}
