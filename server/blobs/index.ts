export {
  BlobDamaged,
  BlobMissing,
  type Blobs,
  BlobTooLarge,
  type ByteRange,
  type StoredBlob,
  type StoredSegment,
  StoreUnavailable,
} from './blobs.ts';
export { createDiskBlobs } from './create-blobs.ts';
export { rewrapContentKeys } from './encrypted/content-keys.ts';
export { openContents } from './encrypted/contents.ts';
export type { Keyring, WrappedKey } from './encrypted/keyring.ts';
export { openKeyring } from './encrypted/open-keyring.ts';
export { type Rewrap, type Rotated, rewrapBlobs, rotateKeys } from './encrypted/rotate-keys.ts';
export { type OpenBlobs, openBlobs, openKept, type StoreSettings } from './open-blobs.ts';
export type { S3Settings } from './s3/connect.ts';
export {
  type Amounts,
  announceBlobs,
  announceMeant,
  awaitNoMore,
  bindBlobs,
  bindReceived,
  isReceiving,
  joinBlobs,
  type Keeping,
  type KeptBlob,
  keepReleased,
  listAwaiting,
  listKept,
  listKnown,
  listPlainHashes,
  readAmounts,
  releaseBlobs,
  releaseUnbound,
} from './store.ts';
