import type { Readable } from 'node:stream';
import type { Db } from '#kernel/database.ts';
import type { BlobKey } from '#kernel/ids.ts';
import type { ByteRange } from './blobs.ts';
import { type Bytes, streamOf } from './bytes.ts';
import { listSegments, type Segment } from './store.ts';

const segmentsAtOnce = 100;

/** The bytes of a key: its own, or those of the segments that it is joined of, one after another and none before it is read. */
export async function readJoined({ bytes, db }: { bytes: Bytes; db: Db }, key: BlobKey, range?: ByteRange): Promise<Readable> {
  const asked = { start: range?.start ?? 0, end: range?.end ?? Number.MAX_SAFE_INTEGER };
  const page = await listSegments(db, key, asked, segmentsAtOnce);
  if (page.length === 0) return bytes.read(key, range);
  const open = (segment: Segment): Promise<Readable> => bytes.read(segment.key, partOf(segment, asked));
  const first = await open(page[0]!);

  async function* all(): AsyncGenerator<Buffer> {
    yield* first;
    let end = page[0]!.start + page[0]!.sizeBytes;
    for (let rest = page.slice(1); ; rest = await listSegments(db, key, { ...asked, start: end }, segmentsAtOnce)) {
      for (const segment of rest) {
        yield* await open(segment);
        end = segment.start + segment.sizeBytes;
      }
      if (rest.length < segmentsAtOnce - 1) return;
    }
  }
  const whole = streamOf(all());
  whole.once('close', () => first.destroy()); // of a stream that nobody began to read, too
  return whole;
}

/** Pure. What of a segment lies within the range asked for, counted from the segment's own beginning. */
function partOf({ start, sizeBytes }: Segment, asked: Required<ByteRange>): ByteRange {
  return { start: Math.max(0, asked.start - start), end: Math.min(sizeBytes, asked.end - start + 1) - 1 };
}
