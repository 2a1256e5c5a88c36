import type { Readable } from 'node:stream';
import { BlobMissing, type Blobs, type ByteRange } from '#blobs/index.ts';
import type { Context } from '#kernel/context.ts';
import type { BlobKey } from '#kernel/ids.ts';

/** Bytes that are held open, so that they can be sent to their end whatever becomes of the message meanwhile. */
export interface OpenBytes {
  /** The bytes of a key, once. Those that were not held are opened now. */
  take(key: BlobKey): Promise<Readable>;
  /** Lets go what nobody took. */
  close(): void;
}

/**
 * Opens what a download would send, before it is decided whether it may: what a purge or an expiry releases a moment later is
 * swept within a minute, and a slow reader takes hours. What is not there is left out.
 */
export async function openBytes(
  { blobs }: Context & { readonly blobs: Blobs },
  keys: readonly (BlobKey | null)[],
  range?: ByteRange,
): Promise<OpenBytes> {
  const open = new Map<BlobKey, Readable>();
  const close = (): void => {
    for (const stream of open.values()) stream.destroy();
    open.clear();
  };
  try {
    for (const key of new Set(keys)) {
      const stream = key === null ? undefined : await blobs.read(key, range).catch(unlessMissing);
      if (stream) open.set(key!, stream);
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    async take(key) {
      const stream = open.get(key);
      open.delete(key);
      return stream ?? blobs.read(key, range);
    },
    close,
  };
}

function unlessMissing(error: unknown): undefined {
  if (!(error instanceof BlobMissing)) throw error;
}
