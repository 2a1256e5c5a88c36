import { DeleteObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { BlobKey } from '#kernel/ids.ts';
import { type Bytes, checkKey, isKey } from '../bytes.ts';
import { connectS3, isMissing, type S3, type S3Settings } from './connect.ts';
import { readObject } from './read-object.ts';
import { makeSpool, type partBytes } from './spool.ts';
import { abortUpload, writeObject } from './write-object.ts';

const dayMillis = 24 * 60 * 60 * 1000;
/** How long what has no row is left alone: whoever goes back to yesterday's database may still go forward to today's. */
const strayMillis = { objects: 7 * dayMillis, uploads: 2 * dayMillis };
const listedAtOnce = 1_000;

export interface S3Options {
  /** Of parts, by their number. */
  readonly sizeOf?: typeof partBytes;
  readonly strayMillis?: typeof strayMillis;
}

/** Bytes in a bucket of an object store: `<prefix><xx>/<key>`, where `xx` is the end of the key. */
export function s3Bytes(settings: S3Settings, { sizeOf, strayMillis: patience = strayMillis }: S3Options = {}): Bytes {
  const s3 = connectS3(settings);
  const { prefix, spoolDirectory } = settings;
  makeSpool(spoolDirectory);
  const nameOf = (key: BlobKey): string => {
    checkKey(key);
    return `${prefix}${key.slice(-2)}/${key}`;
  };
  const strays = walkStrays(s3, prefix, patience);

  return {
    write: (key, chunks) => writeObject(s3, nameOf(key), chunks, { spoolDirectory, ...(sizeOf ? { sizeOf } : {}) }),
    read: (key, range) => readObject(s3, nameOf(key), range),
    async remove(key) {
      const name = nameOf(key);
      await Promise.all([removeObject(s3, name), removeUploads(s3, name)]);
    },
    sweepStrays: strays,
    close: s3.close,
  };
}

async function removeObject(s3: S3, name: string): Promise<void> {
  await s3
    .send((client, abortSignal) => client.send(new DeleteObjectCommand({ Bucket: s3.bucket, Key: name }), { abortSignal }))
    .catch((error) => {
      if (!isMissing(error)) throw error;
    });
}

/** A key is written once: there are few, if any. */
async function removeUploads(s3: S3, name: string): Promise<void> {
  const ask = { Bucket: s3.bucket, Prefix: name };
  const { Uploads = [] } = await s3.send((client, abortSignal) => client.send(new ListMultipartUploadsCommand(ask), { abortSignal }));
  for (const { Key, UploadId } of Uploads) if (Key === name && UploadId !== undefined) await abortUpload(s3, name, UploadId);
}

/**
 * A walk through all that lies in the bucket, a page of objects and a page of unfinished uploads at a time: what a server that hung has
 * finished later than we waited has no row. What has a name that is none of ours is left alone.
 */
function walkStrays(s3: S3, prefix: string, patience: typeof strayMillis): NonNullable<Bytes['sweepStrays']> {
  let objectsAfter: string | undefined;
  let uploadsAfter: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
  const keyOf = (name: string | undefined): BlobKey | undefined => {
    const key = name?.slice(prefix.length + 3);
    return key !== undefined && isKey(key) && name === `${prefix}${key.slice(-2)}/${key}` ? (key as BlobKey) : undefined;
  };

  return async (whichAreKnown) => {
    let removed = 0;
    const ask = {
      Bucket: s3.bucket,
      Prefix: prefix,
      MaxKeys: listedAtOnce,
      ...(objectsAfter === undefined ? {} : { StartAfter: objectsAfter }),
    };
    const objects = await s3.send((client, abortSignal) => client.send(new ListObjectsV2Command(ask), { abortSignal }));
    const old = (objects.Contents ?? []).filter(({ Key, LastModified }) => keyOf(Key) && isOlder(LastModified, patience.objects));
    const known = await whichAreKnown(old.map(({ Key }) => keyOf(Key)!));
    for (const { Key } of old) {
      if (known.has(keyOf(Key)!)) continue;
      await removeObject(s3, Key!);
      removed += 1;
    }
    objectsAfter = objects.IsTruncated ? objects.Contents?.at(-1)?.Key : undefined;

    const askUploads = { Bucket: s3.bucket, ...(prefix === '' ? {} : { Prefix: prefix }), MaxUploads: listedAtOnce, ...uploadsAfter };
    const uploads = await s3.send((client, abortSignal) => client.send(new ListMultipartUploadsCommand(askUploads), { abortSignal }));
    const begun = (uploads.Uploads ?? []).filter(({ Key, Initiated }) => keyOf(Key) && isOlder(Initiated, patience.uploads));
    const alive = await whichAreKnown(begun.map(({ Key }) => keyOf(Key)!));
    for (const { Key, UploadId } of begun) {
      if (alive.has(keyOf(Key)!)) continue;
      await abortUpload(s3, Key!, UploadId!);
      removed += 1;
    }
    uploadsAfter = uploads.IsTruncated ? { KeyMarker: uploads.NextKeyMarker, UploadIdMarker: uploads.NextUploadIdMarker } : {};
    return removed;
  };
}

const isOlder = (at: Date | undefined, millis: number): boolean => at !== undefined && Date.now() - at.getTime() > millis;
