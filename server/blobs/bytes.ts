import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { BlobKey } from '#kernel/ids.ts';
import { BlobTooLarge, type ByteRange } from './blobs.ts';

/** What was written, as counted and hashed on the way. */
export interface Written {
  readonly sizeBytes: number;
  readonly md5: string;
  readonly sha256: string;
}

/** A place for bytes, knowing nothing of rows: a directory now, an object store later. */
export interface Bytes {
  /** Keeps all of `chunks` under `key`, synced, or nothing. */
  write(key: BlobKey, chunks: AsyncIterable<Buffer>): Promise<void>;
  read(key: BlobKey, range?: ByteRange): Promise<Readable>;
  /** Removes whatever lies under `key`, finished or not. Missing bytes count as removed. */
  remove(key: BlobKey): Promise<void>;
}

/** Counts and hashes what passes; what really arrives counts, whatever was announced. Throws `BlobTooLarge`. */
export function meter(
  source: AsyncIterable<Buffer | string>,
  maxBytes: number,
  beat: () => void,
): { chunks: AsyncIterable<Buffer>; written(): Written } {
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  let sizeBytes = 0;
  async function* pass(): AsyncGenerator<Buffer> {
    for await (const piece of source) {
      const chunk = typeof piece === 'string' ? Buffer.from(piece) : piece;
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) throw new BlobTooLarge(maxBytes);
      md5.update(chunk);
      sha256.update(chunk);
      beat();
      yield chunk;
    }
  }
  return { chunks: pass(), written: () => ({ sizeBytes, md5: md5.digest('hex'), sha256: sha256.digest('hex') }) };
}
