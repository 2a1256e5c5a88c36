export { BlobMissing, type Blobs, BlobTooLarge, type ByteRange, type StoredBlob } from './blobs.ts';
export { createDiskBlobs } from './create-blobs.ts';
export { bindBlobs, releaseBlobs } from './store.ts';
