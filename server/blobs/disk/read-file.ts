import { read } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ByteRange } from '../blobs.ts';
import { lendChunk, putBack, takeChunk } from '../chunk-pool.ts';

/** Read at a time: a mebibyte, which is the fastest, or less where many are read at once, so that together they hold no more memory than this. */
const mostChunkBytes = 1024 * 1024;
const leastChunkBytes = 64 * 1024;
const readingBytes = 16 * 1024 * 1024;

let reading = 0;

function chunkBytesNow(): number {
  const share = Math.floor(readingBytes / Math.max(1, reading));
  return Math.max(leastChunkBytes, Math.min(mostChunkBytes, 2 ** Math.floor(Math.log2(share))));
}

/** The bytes of a file, or a range of them, in chunks that are used again when their last user lets go of them. */
export async function readFile(path: string, { start = 0, end = Number.MAX_SAFE_INTEGER }: Partial<ByteRange> = {}): Promise<Readable> {
  const file = await open(path, 'r');
  reading += 1;
  return new FileReadable(file, { start, end });
}

class FileReadable extends Readable {
  readonly #file: FileHandle;
  readonly #chunkBytes: number;
  #at: number;
  readonly #end: number;
  /** Bytes are being read into a chunk, which the system must have to itself. */
  #busy: Promise<void> | undefined;

  constructor(file: FileHandle, { start, end }: Required<ByteRange>) {
    const chunkBytes = chunkBytesNow();
    super({ highWaterMark: chunkBytes });
    this.#file = file;
    this.#chunkBytes = chunkBytes;
    this.#at = start;
    this.#end = end;
  }

  override _read(): void {
    const wanted = Math.min(this.#chunkBytes, this.#end - this.#at + 1);
    if (wanted <= 0) {
      this.push(null);
      return;
    }
    const chunk = takeChunk(this.#chunkBytes);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#busy = promise;
    read(this.#file.fd, chunk, 0, wanted, this.#at, (error, bytesRead) => {
      this.#busy = undefined;
      resolve();
      if (error || this.destroyed || bytesRead === 0) {
        putBack(chunk);
        if (error) this.destroy(error);
        else this.push(null);
        return;
      }
      this.#at += bytesRead;
      this.push(lendChunk(chunk, bytesRead));
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    reading -= 1;
    Promise.resolve(this.#busy)
      .then(() => this.#file.close())
      .then(
        () => done(error),
        (worse: Error) => done(error ?? worse),
      );
  }
}
