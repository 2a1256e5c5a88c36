import { read } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ByteRange } from '../blobs.ts';
import { lendChunk, putBack, takeChunk } from '../chunk-pool.ts';
import { createPace } from '../pace.ts';

/** The bytes of a file, or a range of them, in chunks that are used again when their last user lets go of them. */
export async function readFile(path: string, { start = 0, end = Number.MAX_SAFE_INTEGER }: Partial<ByteRange> = {}): Promise<Readable> {
  const file = await open(path, 'r');
  return new FileReadable(file, { start, end });
}

/** Nothing is read before it is asked for: who takes slowly has one piece in hand, and no other waits here. */
class FileReadable extends Readable {
  readonly #file: FileHandle;
  readonly #pace = createPace();
  #at: number;
  readonly #end: number;
  /** Bytes are being read into a chunk, which the system must have to itself. */
  #busy: Promise<void> | undefined;

  constructor(file: FileHandle, { start, end }: Required<ByteRange>) {
    super({ highWaterMark: 0 });
    this.#file = file;
    this.#at = start;
    this.#end = end;
  }

  override _read(): void {
    const pieceBytes = this.#pace.bytes();
    const wanted = Math.min(pieceBytes, this.#end - this.#at + 1);
    if (wanted <= 0) {
      this.push(null);
      return;
    }
    const chunk = takeChunk(pieceBytes);
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
    this.#pace.leave();
    Promise.resolve(this.#busy)
      .then(() => this.#file.close())
      .then(
        () => done(error),
        (worse: Error) => done(error ?? worse),
      );
  }
}
