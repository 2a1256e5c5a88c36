import { randomBytes } from 'node:crypto';
import type { Db } from '#kernel/database.ts';
import { BlobMissing, StoreUnavailable } from '../blobs.ts';
import { type Bytes, streamOf } from '../bytes.ts';
import type { Keyring } from './keyring.ts';
import { seal, unseal, wantedOf } from './seal.ts';
import { findDataKey, saveDataKey } from './store.ts';

/**
 * Bytes that lie encrypted in another place. Each blob has a data key, which stands in the blob's row and is wrapped by a key of the ring;
 * what came before there were keys is read as it lies. With an empty ring nothing new is encrypted.
 */
export function encryptedBytes({ bytes, db, keyring }: { bytes: Bytes; db: Db; keyring: Keyring }): Bytes {
  return {
    ...bytes,
    async write(key, chunks) {
      if (keyring.current === undefined) return bytes.write(key, chunks);
      const dataKey = randomBytes(32);
      if (!(await saveDataKey(db, key, keyring.wrap(dataKey, key)).catch(refuseForgotten)))
        throw new Error('a blob was swept before its first byte came');
      await bytes.write(key, seal(chunks, dataKey));
    },

    async read(key, range) {
      const kept = await findDataKey(db, key);
      if (!kept?.wrapped) return bytes.read(key, range);
      const { sizeBytes, wrapped } = kept;
      if (sizeBytes === null) throw new BlobMissing('the blob has not come in whole');
      const dataKey = keyring.unwrap(wrapped, key);
      const wanted = wantedOf(sizeBytes, range);
      const source = await bytes.read(key, wanted.sealed);
      const opened = streamOf(unseal(source, dataKey, wanted));
      opened.once('close', () => source.destroy()); // of a stream that nobody began to read, too
      return opened;
    },
  };
}

/** A key that was rotated away although this server writes by it: nothing came, so whoever sends may come again, to a server that has the present file. */
function refuseForgotten(error: unknown): never {
  if ((error as { code?: unknown }).code === '23503') throw new StoreUnavailable(error);
  throw error;
}
