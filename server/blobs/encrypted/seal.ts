import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { lendOwn, letGo } from '#kernel/lent-bytes.ts';
import { BlobDamaged, type ByteRange } from '../blobs.ts';
import { lendChunk, putBack, takeChunk } from '../chunk-pool.ts';
import { createPace } from '../pace.ts';
import { type Share, sealing } from '../share-memory.ts';

/*
 * How bytes are encrypted: in chunks of 64 KiB by AES-256-GCM under a data key of their own, each chunk as nonce, ciphertext, tag. What is
 * authenticated with a chunk is its place and whether it is the last, so that none can be left out, moved, or taken from elsewhere.
 * Nonces are drawn: under one key no more than 2^32 chunks are made, which is 256 TiB.
 */

const algorithm = 'aes-256-gcm';
const chunkBytes = 64 * 1024;
const [nonceBytes, tagBytes] = [12, 16];
const addedBytes = nonceBytes + tagBytes;
const sealedChunkBytes = chunkBytes + addedBytes;
const chunksAtOnce = (share: Share): number => Math.floor(share.bytes() / chunkBytes);

/** Nothing at all is one empty chunk, too. */
const chunksOf = (sizeBytes: number): number => Math.max(1, Math.ceil(sizeBytes / chunkBytes));

function place(index: number, isLast: boolean): Buffer {
  const bytes = Buffer.alloc(9);
  bytes.writeBigUInt64BE(BigInt(index));
  bytes[8] = isLast ? 1 : 0;
  return bytes;
}

/** A chunk, open or shut, and its place among the others. */
interface Chunk {
  readonly bytes: Buffer;
  readonly index: number;
  readonly isLast: boolean;
}

/** Writes a chunk into what comes out, and tells where that ends. */
function sealInto({ out, at }: { readonly out: Buffer; readonly at: number }, dataKey: Buffer, { bytes, index, isLast }: Chunk): number {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, dataKey, nonce).setAAD(place(index, isLast));
  const shut = cipher.update(bytes);
  cipher.final();
  let end = at;
  for (const part of [nonce, shut, cipher.getAuthTag()]) end += part.copy(out, end);
  letGo(lendOwn(shut));
  return end;
}

/** The bytes encrypted, as they come. They are lent, and what they are made of is let go of. */
export async function* seal(chunks: AsyncIterable<Buffer>, dataKey: Buffer): AsyncGenerator<Buffer> {
  const share = sealing.enter();
  const plain = takeChunk(chunkBytes);
  let filled = 0;
  let index = 0;
  let out: Buffer | undefined;
  let end = 0;
  const shut = (isLast: boolean): Buffer => {
    out ??= takeChunk(chunksAtOnce(share) * sealedChunkBytes);
    end = sealInto({ out, at: end }, dataKey, { bytes: plain.subarray(0, filled), index: index++, isLast });
    filled = 0;
    return out;
  };
  const lendOut = (whole: Buffer): Buffer => {
    const lent = lendChunk(whole, end);
    [out, end] = [undefined, 0];
    return lent;
  };
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; ) {
        if (filled === chunkBytes) {
          const whole = shut(false); // whether it is the last shows when more comes
          if (end === whole.length) yield lendOut(whole);
        }
        const copied = chunk.copy(plain, filled, at);
        filled += copied;
        at += copied;
      }
      letGo(chunk);
    }
    yield lendOut(shut(true));
  } finally {
    share.leave();
    putBack(plain);
    if (out) putBack(out);
  }
}

/** What is wanted of encrypted bytes, and what must be read for it. */
export interface Wanted {
  /** Of what lies encrypted. */
  readonly sealed: Required<ByteRange>;
  readonly firstChunk: number;
  /** Of all that lies there. */
  readonly lastChunk: number;
  /** Before what is wanted, within the first chunk. */
  readonly skipBytes: number;
  readonly takeBytes: number;
}

/** Pure. Whole chunks around the range; of a range that begins behind the end, the last chunk and nothing of it. */
export function wantedOf(sizeBytes: number, range: ByteRange = { start: 0 }): Wanted {
  const start = Math.min(range.start, sizeBytes);
  const end = Math.min(range.end ?? sizeBytes - 1, sizeBytes - 1);
  const many = chunksOf(sizeBytes);
  const firstChunk = Math.min(Math.floor(start / chunkBytes), many - 1);
  const lastWanted = Math.max(firstChunk, Math.min(Math.floor(Math.max(end, 0) / chunkBytes), many - 1));
  const sealedBytes = sizeBytes + many * addedBytes;
  return {
    sealed: { start: firstChunk * sealedChunkBytes, end: Math.min((lastWanted + 1) * sealedChunkBytes, sealedBytes) - 1 },
    firstChunk,
    lastChunk: many - 1,
    skipBytes: start - firstChunk * chunkBytes,
    takeBytes: Math.max(0, end - start + 1),
  };
}

function openChunk(dataKey: Buffer, { bytes: sealed, index, isLast }: Chunk): Buffer {
  try {
    const decipher = createDecipheriv(algorithm, dataKey, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes });
    decipher.setAAD(place(index, isLast)).setAuthTag(sealed.subarray(-tagBytes));
    const bytes = decipher.update(sealed.subarray(nonceBytes, -tagBytes));
    decipher.final();
    return bytes;
  } catch {
    throw new BlobDamaged(`chunk ${index} of an encrypted blob is not what was stored`);
  }
}

/**
 * The bytes that were encrypted: of `wanted`, which `source` brings. Nothing is given that was not authenticated before. They are lent, and what
 * they are made of is let go of. Throws `BlobDamaged` for whatever was changed, moved or cut off.
 */
export async function* unseal(source: AsyncIterable<Buffer>, dataKey: Buffer, wanted: Wanted): AsyncGenerator<Buffer> {
  const { lastChunk } = wanted;
  let { firstChunk: index, skipBytes, takeBytes } = wanted;
  let came = 0;
  const pace = createPace();
  let shut: Buffer | undefined;
  let filled = 0;
  let out: Buffer | undefined;
  let end = 0;
  const lendOut = (whole: Buffer): Buffer => {
    const lent = lendChunk(whole, end);
    [out, end] = [undefined, 0];
    return lent;
  };
  /** What is full is given, and nothing else is held while its reader is waited for. */
  function* open(whole: Buffer): Generator<Buffer> {
    const opened = openChunk(dataKey, { bytes: whole.subarray(0, filled), index, isLast: index === lastChunk });
    [filled, index] = [0, index + 1];
    putBack(whole);
    shut = undefined;
    const bytes = opened.subarray(skipBytes).subarray(0, takeBytes);
    skipBytes = 0;
    takeBytes -= bytes.length;
    if (bytes.length > 0) {
      out ??= takeChunk(Math.max(chunkBytes, pace.bytes()));
      end += bytes.copy(out, end);
    }
    letGo(lendOwn(opened));
    if (out && end + chunkBytes > out.length) yield lendOut(out);
  }
  try {
    for await (const chunk of source) {
      came += chunk.length;
      for (let at = 0; at < chunk.length; ) {
        shut ??= takeChunk(sealedChunkBytes);
        const copied = chunk.copy(shut, filled, at);
        filled += copied;
        at += copied;
        if (filled === sealedChunkBytes) yield* open(shut);
      }
      letGo(chunk);
    }
    if (shut) yield* open(shut);
    if (out) yield lendOut(out);
  } finally {
    pace.leave();
    if (shut) putBack(shut);
    if (out) putBack(out);
  }
  if (came !== wanted.sealed.end - wanted.sealed.start + 1) throw new BlobDamaged('an encrypted blob is shorter than it was stored');
}
