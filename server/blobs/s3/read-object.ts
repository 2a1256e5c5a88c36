import { Readable } from 'node:stream';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { lendOwn } from '#kernel/lent-bytes.ts';
import { BlobMissing, type ByteRange, StoreUnavailable } from '../blobs.ts';
import { inPieces, streamOf } from '../bytes.ts';
import { createPace } from '../pace.ts';
import { isMissing, type Patience, refusalOf, type S3 } from './connect.ts';

const mostCuts = 5;

interface Opened {
  readonly body: Readable;
  readonly sizeBytes: number;
  readonly etag: string | undefined;
}

/**
 * The bytes of an object. A line that breaks or stands still in the middle is taken up where it was, from the same object, a few times without
 * a byte at most. A reader who is slow is waited for: only we are impatient with the store, never it with the reader.
 */
export async function readObject(s3: S3, name: string, range: ByteRange = { start: 0 }): Promise<Readable> {
  const first = await open(s3, name, range);
  if (!first) return Readable.from([], { objectMode: false });
  let current = first;

  async function* all(): AsyncGenerator<Buffer> {
    const silence = createSilence(s3.patience);
    for (let [came, cuts] = [0, 0]; ; ) {
      try {
        for await (const chunk of moving(current.body, s3.patience, silence)) {
          came += chunk.length;
          cuts = 0;
          yield lendOwn(chunk);
        }
        if (came === first!.sizeBytes) return;
        throw new Error('the store sent less than it said');
      } catch (error) {
        if (++cuts > mostCuts || silence.leftMillis() <= 0) throw new StoreUnavailable(error);
        const rest = { start: range.start + came, end: range.start + first!.sizeBytes - 1 };
        if (came === first!.sizeBytes) return;
        const next = await silence.during(() => open(s3, name, rest, { etag: first!.etag, leftMillis: silence.leftMillis() }));
        if (!next) throw error;
        current = next;
      }
    }
  }
  const { bytes, leave } = createPace();
  const stream = streamOf(inPieces(all(), bytes));
  stream.once('close', () => {
    leave();
    current.body.destroy(); // of a stream that nobody began to read, too
  });
  return stream;
}

/** Undefined when nothing lies in the range. */
async function open(
  s3: S3,
  name: string,
  { start, end }: ByteRange,
  { etag, leftMillis }: { readonly etag?: string | undefined; readonly leftMillis?: number } = {},
): Promise<Opened | undefined> {
  const isWhole = start === 0 && end === undefined;
  const ask = {
    Bucket: s3.bucket,
    Key: name,
    ...(isWhole ? {} : { Range: `bytes=${start}-${end ?? ''}` }),
    ...(etag === undefined ? {} : { IfMatch: etag }),
  };
  try {
    const got = await s3.send(
      (client, abortSignal) => client.send(new GetObjectCommand(ask), { abortSignal }),
      leftMillis === undefined ? {} : { leftMillis },
    );
    const body = got.Body as unknown as Readable;
    body.on('error', () => {}); // told to whoever reads it; a stream that is let go must not end the process
    return { body, sizeBytes: got.ContentLength ?? 0, etag: got.ETag };
  } catch (error) {
    if (isMissing(error)) throw new BlobMissing('the blob has no bytes');
    if (refusalOf(error)?.status === 416) return undefined;
    throw error;
  }
}

/** How long the store was waited for since a byte came. */
interface Silence {
  during<T>(work: () => Promise<T>): Promise<T>;
  end(): void;
  leftMillis(): number;
}

function createSilence({ totalMillis }: Patience): Silence {
  let sofar = 0;
  return {
    async during(work) {
      const began = Date.now();
      return work().finally(() => {
        sofar += Date.now() - began;
      });
    },
    end() {
      sofar = 0;
    },
    leftMillis: () => totalMillis - sofar,
  };
}

/** What comes, as long as it comes: throws when nothing does for so long while somebody waits for it. */
async function* moving(body: Readable, { attemptMillis }: Patience, silence: Silence): AsyncGenerator<Buffer> {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    for (;;) {
      const stillMillis = Math.min(attemptMillis, silence.leftMillis());
      const timer = setTimeout(() => body.destroy(new Error('nothing came any more')), stillMillis);
      const next = await silence.during(() => chunks.next()).finally(() => clearTimeout(timer));
      if (next.done) return;
      silence.end();
      yield next.value;
    }
  } finally {
    body.destroy();
  }
}
