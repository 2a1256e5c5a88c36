import type { Readable } from 'node:stream';
import type { Context } from '#kernel/context.ts';
import type { Db } from '#kernel/database.ts';
import { type BlobKey, newId } from '#kernel/ids.ts';
import type { Log } from '#kernel/log.ts';
import { BlobDamaged, BlobMissing, type Blobs, StoreUnavailable } from './blobs.ts';
import { type Bytes, bothHashes, checkKey, type Digests, type Hashing, meter, onlySha256 } from './bytes.ts';
import { diskBytes } from './disk/disk-bytes.ts';
import { readJoined } from './read-joined.ts';
import {
  forgetReleased,
  listKnown,
  listReleased,
  releaseExpired,
  releaseUnbound,
  renewReceiving,
  saveReceiving,
  saveStored,
} from './store.ts';

/** How long a key may stay unbound, in real time. */
export const leaseSeconds = 24 * 60 * 60;
const renewEveryMillis = 15 * 60 * 1000;
const sweptAtOnce = 100;

interface Receiving<D extends Digests> {
  readonly maxBytes: number;
  readonly key: BlobKey;
  /** Its row is there, and is told of its bytes by whoever binds them. */
  readonly isAnnounced: boolean;
  readonly hashing: Hashing<D>;
}

/**
 * The rows of `blobs.blob` and a place for the bytes, in this order: row, bytes, row on the way in; row, bytes, row on the way
 * out. Whatever is cut off between two steps has a row that the sweeper finds.
 */
export function createBlobs({ bytes, db, log }: { bytes: Bytes; db: Db; log?: Log | undefined }): Blobs {
  /** Whoever reads sees an answer that breaks off; whoever runs this must learn which blob it is. */
  function tellBroken(key: BlobKey, error: unknown): void {
    if (!(error instanceof BlobMissing || error instanceof BlobDamaged)) return;
    log?.error({ blob: key, error: error.name, message: error.message }, 'a stored blob is missing or damaged');
  }

  async function discard(key: BlobKey): Promise<void> {
    // Of a key without a row, which was swept while its bytes came, nobody else would remove them.
    if (!(await releaseUnbound(db, key)) && (await listKnown(db, [key])).size > 0) return;
    await bytes.remove(key);
    await forgetReleased(db, [key]);
  }

  async function receive<D extends Digests>(
    stream: Readable,
    { maxBytes, key, isAnnounced, hashing }: Receiving<D>,
  ): Promise<D & { readonly key: BlobKey; readonly sizeBytes: number }> {
    if (!isAnnounced) {
      await saveReceiving(db, key).catch((error) => {
        stream.destroy();
        throw error;
      });
    }
    try {
      const { chunks, written } = meter(stream, { maxBytes, hashing, beat: renewal(db, key) });
      await bytes.write(key, chunks);
      const blob = { key, ...written() };
      if (!isAnnounced && !(await saveStored(db, blob))) {
        await bytes.remove(key); // its row is gone, so nobody else would
        throw new Error('a blob was swept while its bytes were coming in');
      }
      return blob;
    } catch (error) {
      stream.destroy();
      // A store that does not answer is not asked again: whoever waits is told at once, and the sweeper removes what came.
      const cleared = error instanceof StoreUnavailable ? releaseUnbound(db, key) : discard(key);
      await cleared.catch(() => {}); // the sweeper takes it; the first error is the one to tell
      throw error;
    }
  }

  return {
    receive(stream, { maxBytes, ...named }) {
      const isAnnounced = 'announced' in named;
      const key = isAnnounced ? named.announced : (named.key ?? newId<BlobKey>());
      return receive(stream, { maxBytes, key, isAnnounced, hashing: bothHashes() });
    },
    async receiveSegment(stream, { maxBytes, announced: key, sha256 }) {
      const how = { maxBytes, key, isAnnounced: true, hashing: onlySha256(sha256) };
      const { md5: _, ...stored } = await receive(stream, how);
      return stored;
    },
    async read(key, range) {
      checkKey(key);
      const stream = await readJoined({ bytes, db }, key, range).catch((error: unknown) => {
        tellBroken(key, error);
        throw error;
      });
      return stream.once('error', (error) => tellBroken(key, error));
    },
    remove: discard,
    async sweep(ctx) {
      let swept = 0;
      for (;;) {
        const expired = await releaseExpired(ctx.db, leaseSeconds, sweptAtOnce);
        const keys = await listReleased(ctx.db, sweptAtOnce);
        const gone = await removeEach(ctx, bytes, keys);
        swept += await forgetReleased(ctx.db, gone);
        if (gone.length < keys.length || (expired < sweptAtOnce && keys.length < sweptAtOnce)) break;
      }
      return swept + ((await bytes.sweepStrays?.((keys) => listKnown(ctx.db, keys))) ?? 0);
    },
  };
}

/** The keys whose bytes are gone. One that cannot be removed is told and tried again at the next sweep. */
async function removeEach(ctx: Context, bytes: Bytes, keys: readonly BlobKey[]): Promise<BlobKey[]> {
  const gone: BlobKey[] = [];
  for (const key of keys) {
    try {
      await bytes.remove(key);
      gone.push(key);
    } catch (error) {
      ctx.log.error(
        { key, code: (error as NodeJS.ErrnoException).code ?? (error as Error).name },
        'the bytes of a released blob could not be removed',
      );
      if (error instanceof StoreUnavailable) return gone; // nor would the others go
    }
  }
  return gone;
}

/** A stream that runs for days keeps its lease. One renewal at a time; one that fails is tried at the next chunk. */
function renewal(db: Db, key: BlobKey): () => void {
  let renewed = Date.now();
  let running = false;
  return () => {
    if (running || Date.now() - renewed < renewEveryMillis) return;
    running = true;
    renewReceiving(db, key)
      .then(() => {
        renewed = Date.now();
      })
      .catch(() => {})
      .finally(() => {
        running = false;
      });
  };
}

/** Blobs in a directory of this machine (or one that all processes mount), as they came. */
export function createDiskBlobs({ directory, db }: { directory: string; db: Db }): Blobs {
  return createBlobs({ bytes: diskBytes(directory), db });
}
