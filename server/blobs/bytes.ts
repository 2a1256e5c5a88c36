import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { BlobKey } from '#kernel/ids.ts';
import { letGo } from '#kernel/lent-bytes.ts';
import { BlobMissing, BlobTooLarge, type ByteRange } from './blobs.ts';
import { lendChunk, putBack, takeChunk } from './chunk-pool.ts';

/** The hashes of what was written; one that is not wanted is null. */
export interface Digests {
  readonly md5: string | null;
  readonly sha256: string;
}

/** How bytes are hashed on their way. */
export interface Hashing<D extends Digests> {
  update(chunk: Buffer): void;
  digests(): D;
}

export function bothHashes(): Hashing<{ md5: string; sha256: string }> {
  const [md5, sha256] = [createHash('md5'), createHash('sha256')];
  return {
    update(chunk) {
      md5.update(chunk);
      sha256.update(chunk);
    },
    digests: () => ({ md5: md5.digest('hex'), sha256: sha256.digest('hex') }),
  };
}

/** Told by who hashes them too, or computed. */
export function onlySha256(told?: () => string): Hashing<{ md5: null; sha256: string }> {
  if (told) return { update() {}, digests: () => ({ md5: null, sha256: told() }) };
  const sha256 = createHash('sha256');
  return { update: (chunk) => void sha256.update(chunk), digests: () => ({ md5: null, sha256: sha256.digest('hex') }) };
}

/** A place for bytes, knowing nothing of rows: a directory, an object store, and either one with what lies there encrypted. */
export interface Bytes {
  /** Keeps all of `chunks` under `key`, synced, or nothing. */
  write(key: BlobKey, chunks: AsyncIterable<Buffer>): Promise<void>;
  read(key: BlobKey, range?: ByteRange): Promise<Readable>;
  /** Removes whatever lies under `key`, finished or not. Missing bytes count as removed. */
  remove(key: BlobKey): Promise<void>;
  /**
   * Where bytes may come to lie after they were given up: looks through some more of the store and removes what is old and has no row. Tells how
   * many went.
   */
  sweepStrays?(whichAreKnown: (keys: readonly BlobKey[]) => Promise<ReadonlySet<BlobKey>>): Promise<number>;
  close?(): void;
}

/** Counts and hashes what passes; what really arrives counts, whatever was announced. Throws `BlobTooLarge`. */
export function meter<D extends Digests>(
  source: AsyncIterable<Buffer | string>,
  { maxBytes, hashing, beat }: { readonly maxBytes: number; readonly hashing: Hashing<D>; beat(): void },
): { chunks: AsyncIterable<Buffer>; written(): D & { readonly sizeBytes: number } } {
  let sizeBytes = 0;
  async function* pass(): AsyncGenerator<Buffer> {
    for await (const piece of source) {
      const chunk = typeof piece === 'string' ? Buffer.from(piece) : piece;
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) throw new BlobTooLarge(maxBytes);
      hashing.update(chunk);
      beat();
      yield chunk;
    }
  }
  return { chunks: pass(), written: () => ({ sizeBytes, ...hashing.digests() }) };
}

const keyShape = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const isKey = (name: string): boolean => keyShape.test(name);

/** Throws `BlobMissing` for what is no key: no name of a file or an object is made of it. */
export function checkKey(key: string): void {
  if (!isKey(key)) throw new BlobMissing(`no blob is named so: ${key.length} characters`);
}

/**
 * The same bytes in pieces of one size, which may be asked for anew for each; the last may be smaller, and none is empty. Pieces are lent, and
 * the chunks that they are made of are let go of.
 */
export async function* inPieces(source: AsyncIterable<Buffer>, size: number | (() => number)): AsyncGenerator<Buffer> {
  const sizeNow = typeof size === 'number' ? () => size : size;
  let piece: Buffer | undefined;
  let filled = 0;
  const lendPiece = (whole: Buffer): Buffer => {
    const lent = lendChunk(whole, filled);
    [piece, filled] = [undefined, 0];
    return lent;
  };
  try {
    for await (const chunk of source) {
      for (let at = 0; at < chunk.length; ) {
        piece ??= takeChunk(sizeNow());
        const copied = chunk.copy(piece, filled, at);
        filled += copied;
        at += copied;
        if (filled === piece.length) yield lendPiece(piece);
      }
      letGo(chunk);
    }
    if (piece) yield lendPiece(piece);
  } finally {
    if (piece) putBack(piece);
  }
}

/** A stream of which no chunk is made before it is asked for: while its reader is waited for, it holds nothing. */
export function streamOf(chunks: AsyncGenerator<Buffer>): Readable {
  return new Readable({
    highWaterMark: 0,
    read() {
      nextOf(chunks).then(
        (chunk) => this.push(chunk),
        (error: Error) => this.destroy(error),
      );
    },
    destroy(error, done) {
      chunks.return(undefined).then(
        () => done(error),
        (worse: Error) => done(error ?? worse),
      );
    },
  });
}

/** Null at the end. An empty chunk would leave its reader waiting. */
async function nextOf(chunks: AsyncGenerator<Buffer>): Promise<Buffer | null> {
  for (;;) {
    const { done, value } = await chunks.next();
    if (done || value.length > 0) return done ? null : value;
  }
}
