export { BlobMissing, type Blobs, BlobTooLarge, type ByteRange, type StoredBlob } from './blobs.ts';
export { createDiskBlobs } from './create-blobs.ts';
export { bindBlobs, isReceiving, joinBlobs, type Keeping, type KeptBlob, keepReleased, listKept, releaseBlobs } from './store.ts';
