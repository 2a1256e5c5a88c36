import type { Readable } from 'node:stream';
import type { Context } from '#kernel/context.ts';
import type { BlobKey } from '#kernel/ids.ts';
import { Overloaded } from '#kernel/overloaded.ts';

/** Bytes that have come in whole and lie synced in the store. */
export interface StoredBlob {
  readonly key: BlobKey;
  readonly sizeBytes: number;
  /** lower-case hex */
  readonly md5: string;
  readonly sha256: string;
}

/** The same of bytes that are to be joined to others (`joinBlobs`): nobody asks for their MD5. */
export type StoredSegment = Omit<StoredBlob, 'md5'>;

/** Bytes `start` to `end`, both inclusive as in HTTP; `end` left out is the last one. */
export interface ByteRange {
  readonly start: number;
  readonly end?: number;
}

export interface Blobs {
  /**
   * Takes the bytes of a stream under a new key that nobody refers to yet: hashed on the way, synced to the store, and swept
   * after a day unless a transaction binds the key. The row is committed before the first byte. Throws `BlobTooLarge` when
   * more than `maxBytes` arrive, and the stream's own error when it breaks off; the bytes so far are removed at once. Who gives
   * the key, which must be new, can ask meanwhile whether bytes still come (`isReceiving`). Whoever has committed the row itself
   * (`announceBlobs`) names the key as `announced`: then nothing is told of the bytes until they are bound (`bindReceived`).
   */
  receive(
    stream: Readable,
    options: { readonly maxBytes: number } & ({ readonly key?: BlobKey } | { readonly announced: BlobKey }),
  ): Promise<StoredBlob>;
  /** The same for a segment, of an announced key. Whoever has hashed its bytes for another reason tells their SHA-256 when all of them have passed. */
  receiveSegment(
    stream: Readable,
    options: { readonly maxBytes: number; readonly announced: BlobKey; readonly sha256?: () => string },
  ): Promise<StoredSegment>;
  /** The bytes in chunks of a mebibyte, of a joined blob (`joinBlobs`) those of its segments in order. Throws `BlobMissing` before the first one when there are none. */
  read(key: BlobKey, range?: ByteRange): Promise<Readable>;
  /** Removes what nobody has bound; a bound key is left alone. Safe to repeat. */
  remove(key: BlobKey): Promise<void>;
  /** Removes the bytes of released keys, and of keys that nobody bound within a day. Safe to repeat and to run in several processes. Tells how many went. */
  sweep(ctx: Context): Promise<number>;
}

/** More bytes arrived than the receiver takes. */
export class BlobTooLarge extends Error {
  override readonly name = 'BlobTooLarge';
  readonly maxBytes: number;
  constructor(maxBytes: number) {
    super(`more than ${maxBytes} bytes arrived`);
    this.maxBytes = maxBytes;
  }
}

/** The store has no bytes under the key. */
export class BlobMissing extends Error {
  override readonly name = 'BlobMissing';
}

/** What lies in the store is not what was put there: it was changed, moved, or cut off. */
export class BlobDamaged extends Error {
  override readonly name = 'BlobDamaged';
}

/** The store does not answer, or says that it cannot now. Nothing was done; the caller may come again. */
export class StoreUnavailable extends Overloaded {
  override readonly name = 'StoreUnavailable';
  constructor(cause: unknown) {
    super(10, 'The store of bytes does not answer.');
    this.cause = cause;
  }
}
