import type { Readable } from 'node:stream';
import Type from 'typebox';
import type { Chosen, RangeAsked } from '#kernel/byte-range.ts';
import { Reply } from '#kernel/route.ts';

/** What a download may answer: the file, a part of it, or that there is no such part. */
export const fileAnswers = { 200: Type.String({ format: 'binary' }), 206: Type.String({ format: 'binary' }), 416: Type.Null() } as const;

/** Pure. The headers of a request that ask for a part. */
export function partAskedBy(headers: Readonly<Record<string, string | undefined>>): RangeAsked {
  return { range: headers.range, ifRange: headers['if-range'] };
}

/** A file in an answer, without its bytes. */
interface Described {
  readonly sizeBytes: number;
  readonly entityTag: string;
}

/** What is sent of it, and whom that is told to when it was taken to its end, or was not. */
interface Sent {
  readonly bytes: Chosen | 'whole';
  readonly stream: Readable;
  readonly recordEnd?: (toTheEnd: boolean) => Promise<void>;
}

/** Pure. The answer to a request that wants no bytes, only what they would be. */
export function fileDescribed({ sizeBytes, entityTag }: Described, headers: Readonly<Record<string, string>> = {}): Reply {
  return new Reply(200, undefined, { ...headers, 'accept-ranges': 'bytes', etag: entityTag, 'content-length': String(sizeBytes) });
}

/** Pure. The whole file, or the part of it that was chosen. Source: RFC 9110 §14.4, §15.3.7. */
export function fileSent(
  { sizeBytes, entityTag }: Described,
  { bytes, stream, recordEnd }: Sent,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  const described = { ...headers, 'accept-ranges': 'bytes', etag: entityTag };
  if (bytes === 'whole') return new Reply(200, stream, { ...described, 'content-length': String(sizeBytes) }, recordEnd);
  const { start, end } = bytes;
  const ofPart = { 'content-range': `bytes ${start}-${end}/${sizeBytes}`, 'content-length': String(end - start + 1) };
  return new Reply(206, stream, { ...described, ...ofPart }, recordEnd);
}

/** Pure. The answer to a part that begins after the last byte. Source: RFC 9110 §15.5.17. */
export function noSuchPart({ sizeBytes }: Described): Reply {
  return new Reply(416, undefined, { 'accept-ranges': 'bytes', 'content-range': `bytes */${sizeBytes}` });
}
