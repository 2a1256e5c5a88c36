import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { StoreUnavailable } from '../blobs.ts';
import { refusalOf, type S3, type Sent } from './connect.ts';
import { intoParts, type Part, type partBytes } from './spool.ts';

/** Parts that are sent while more bytes come. */
const partsAtOnce = 3;
const completionMillisPerPart = 40; // so much patience more, for each part that is put together

export interface WriteOptions {
  readonly spoolDirectory: string;
  readonly sizeOf?: typeof partBytes;
}

/**
 * Keeps all of `chunks` under a name, or nothing: an object shows when it is complete. What fits into one part is put at once, more of it in
 * parts; over another object only where the store does not know how to refuse that.
 */
export async function writeObject(s3: S3, name: string, chunks: AsyncIterable<Buffer>, options: WriteOptions): Promise<void> {
  const parts = intoParts(chunks, options.spoolDirectory, options.sizeOf);
  try {
    const first = await parts.next();
    if (first.done) throw new Error('there is always a first part');
    if (first.value.isLast) await putWhole(s3, name, first.value).finally(first.value.close);
    else await writeInParts(s3, name, first.value, parts);
  } finally {
    await parts.return(undefined); // who is left in the middle holds memory that others share
  }
}

async function putWhole(s3: S3, name: string, part: Part): Promise<void> {
  await unlessThere(s3, name, part.sizeBytes, (condition, attempts) =>
    s3.send(
      (client, abortSignal) =>
        client.send(new PutObjectCommand({ Bucket: s3.bucket, Key: name, ...bodyOf(part), ...condition }), { abortSignal }),
      { ...ofPart(part), attempts },
    ),
  );
}

const bodyOf = (part: Part) => ({ Body: part.body(), ContentLength: part.sizeBytes, ContentMD5: part.md5 });
const ofPart = (part: Part): Sent => ({ sizeBytes: part.sizeBytes, sentBytes: part.bytesRead });

interface SentPart {
  readonly PartNumber: number;
  readonly ETag: string | undefined;
}

async function writeInParts(s3: S3, name: string, first: Part, more: AsyncGenerator<Part>): Promise<void> {
  const object = { Bucket: s3.bucket, Key: name };
  let uploadId: string | undefined;
  const sending = new Set<Promise<unknown>>();
  try {
    const upload = await s3
      .send((client, abortSignal) => client.send(new CreateMultipartUploadCommand(object), { abortSignal }))
      .catch(async (error) => {
        await first.close();
        throw error;
      });
    uploadId = upload.UploadId;
    const sent: SentPart[] = [];
    let sizeBytes = 0;
    let failed: { error: unknown } | undefined;
    const gone = new AbortController(); // a store that does not answer about one part is waited for by none
    const send = async (part: Part): Promise<void> => {
      try {
        const ask = { ...object, UploadId: uploadId, PartNumber: part.number };
        const { ETag } = await s3.send(
          (client, abortSignal) => client.send(new UploadPartCommand({ ...ask, ...bodyOf(part) }), { abortSignal }),
          { ...ofPart(part), signal: gone.signal },
        );
        sent.push({ PartNumber: part.number, ETag });
      } catch (error) {
        failed ??= { error };
        if (error instanceof StoreUnavailable) gone.abort(error);
      } finally {
        await part.close();
      }
    };
    const begin = async (part: Part): Promise<void> => {
      sizeBytes += part.sizeBytes;
      const promise = send(part);
      sending.add(promise);
      promise.finally(() => sending.delete(promise));
      if (sending.size >= partsAtOnce) await Promise.race(sending);
      if (failed) throw failed.error;
    };
    await begin(first);
    for await (const part of more) await begin(part);
    await Promise.all(sending);
    if (failed) throw (failed as { error: unknown }).error;
    await complete(s3, name, { uploadId: uploadId!, sizeBytes, parts: sent.toSorted((a, b) => a.PartNumber - b.PartNumber) });
  } catch (error) {
    await Promise.all(sending); // a part that comes later than the end of its upload would stay
    const isAsked = uploadId !== undefined && !(error instanceof StoreUnavailable); // otherwise the sweeper takes it
    if (isAsked) await abortUpload(s3, name, uploadId!).catch(() => {});
    throw error;
  }
}

async function complete(s3: S3, name: string, upload: { uploadId: string; sizeBytes: number; parts: SentPart[] }): Promise<void> {
  const ask = { Bucket: s3.bucket, Key: name, UploadId: upload.uploadId, MultipartUpload: { Parts: upload.parts } };
  await unlessThere(s3, name, upload.sizeBytes, (condition, attempts) =>
    s3.send((client, abortSignal) => client.send(new CompleteMultipartUploadCommand({ ...ask, ...condition }), { abortSignal }), {
      moreMillis: upload.parts.length * completionMillisPerPart,
      attempts,
    }),
  );
}

/** Of a store that does not know the condition. */
const unknownCondition = 501;

type Condition = { readonly IfNoneMatch?: '*' };

/** An answer that was lost, so that the same request came twice, is no refusal when the object is there and whole. */
async function unlessThere(
  s3: S3,
  name: string,
  sizeBytes: number,
  write: (condition: Condition, attempts: { many: number }) => Promise<unknown>,
): Promise<void> {
  const attempts = { many: 0 };
  try {
    await write({ IfNoneMatch: '*' }, attempts).catch((error) => {
      if (refusalOf(error)?.status !== unknownCondition) throw error;
      return write({}, attempts);
    });
  } catch (error) {
    const refusal = refusalOf(error);
    const mayBeOurs = attempts.many > 1 && (refusal?.status === 412 || refusal?.name === 'NoSuchUpload');
    if (!mayBeOurs || (await sizeOf(s3, name)) !== sizeBytes) throw error;
  }
}

async function sizeOf(s3: S3, name: string): Promise<number | undefined> {
  const head = await s3.send((client, abortSignal) =>
    client.send(new HeadObjectCommand({ Bucket: s3.bucket, Key: name }), { abortSignal }),
  );
  return head.ContentLength;
}

/** Its parts are gone afterwards. One that is gone already counts as ended. */
export async function abortUpload(s3: S3, name: string, uploadId: string): Promise<void> {
  await s3
    .send((client, abortSignal) =>
      client.send(new AbortMultipartUploadCommand({ Bucket: s3.bucket, Key: name, UploadId: uploadId }), { abortSignal }),
    )
    .catch((error) => {
      if (refusalOf(error)?.status !== 404) throw error;
    });
}
