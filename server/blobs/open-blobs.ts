import type { Db } from '#kernel/database.ts';
import type { Log } from '#kernel/log.ts';
import type { Blobs } from './blobs.ts';
import type { Bytes } from './bytes.ts';
import { createBlobs } from './create-blobs.ts';
import { diskBytes } from './disk/disk-bytes.ts';
import { encryptedBytes } from './encrypted/encrypted-bytes.ts';
import type { Keyring } from './encrypted/keyring.ts';
import { openKeyring, openServerKeyring } from './encrypted/open-keyring.ts';
import { claimBucket } from './s3/claim-bucket.ts';
import type { S3Settings } from './s3/connect.ts';
import { s3Bytes } from './s3/s3-bytes.ts';
import { findInstallation } from './store.ts';

export interface StoreSettings {
  /** Where bytes lie: a directory, or an object store. */
  readonly place: { readonly directory: string } | { readonly s3: S3Settings };
  /** The file of the keys that bytes are encrypted by. */
  readonly keys: string | undefined;
}

export interface OpenBlobs {
  readonly blobs: Blobs;
  readonly keyring: Keyring;
  close(): Promise<void>;
}

/** The store of the settings. Refuses (StartError) a directory, a bucket or keys that cannot be used. */
export async function openBlobs(db: Db, { place, keys }: StoreSettings, log?: Log): Promise<OpenBlobs> {
  const { keyring, leave } = await openServerKeyring(db, keys);
  const bytes = await openPlace(db, place).catch(async (error: unknown) => {
    await leave();
    throw error;
  });
  const close = async (): Promise<void> => {
    bytes.close?.();
    await leave();
  };
  return { blobs: createBlobs({ bytes: encryptedBytes({ bytes, db, keyring }), db, log }), keyring, close };
}

/** A directory for a copy: bytes as they lie there, and as they came. */
export async function openKept(db: Db, directory: string, keys: string | undefined): Promise<{ kept: Blobs; opened: Blobs }> {
  const keyring = await openKeyring(db, keys);
  const bytes = diskBytes(directory);
  return { kept: createBlobs({ bytes, db }), opened: createBlobs({ bytes: encryptedBytes({ bytes, db, keyring }), db }) };
}

async function openPlace(db: Db, place: StoreSettings['place']): Promise<Bytes> {
  if ('directory' in place) return diskBytes(place.directory);
  await claimBucket(place.s3, await findInstallation(db));
  return s3Bytes(place.s3);
}
