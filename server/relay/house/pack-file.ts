import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BlobDamaged, BlobMissing } from '#blobs/index.ts';
import { type PackedFile, UnprintableFile } from './print-house.ts';

/**
 * Writes a file of an envelope to its place, synced. Throws `UnprintableFile` when it is gone or damaged, is not of the kind that its name
 * says, or is locked.
 */
export async function packFile(file: PackedFile, path: string): Promise<void> {
  await pipeline(fileAsItIs(file), createWriteStream(path, { flags: 'wx', mode: 0o640, flush: true }));
}

/** The bytes of a file, looked at as they pass. Fails as `packFile` does, at the end at the latest. */
export function fileAsItIs(file: PackedFile): Readable {
  return Readable.from(looked(file), { objectMode: false });
}

async function* looked(file: PackedFile): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  const look = looker(file);
  try {
    for await (const chunk of (await file.read()) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      if (!look.at(chunk)) throw new UnprintableFile('attachment-not-printable');
      yield chunk;
    }
  } catch (error) {
    if (error instanceof BlobMissing || error instanceof BlobDamaged) throw new UnprintableFile('attachment-gone');
    throw error;
  }
  if (!look.isComplete()) throw new UnprintableFile('attachment-not-printable');
  if (hash.digest('hex') !== file.sha256) throw new UnprintableFile('attachment-gone');
}

/** In PDF, where a file is locked with a password. */
const lock = Buffer.from('/Encrypt');

/** Looks at chunks as they pass, whatever their borders. */
function looker({ begins, mediaType }: PackedFile): { at(chunk: Buffer): boolean; isComplete(): boolean } {
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  const wanted = begins ?? Buffer.alloc(0);
  return {
    at(chunk) {
      if (head.length < wanted.length) head = Buffer.concat([head, chunk]).subarray(0, wanted.length);
      if (!wanted.subarray(0, head.length).equals(head)) return false;
      if (mediaType === 'text/plain') return !chunk.includes(0);
      if (mediaType !== 'application/pdf') return true;
      const seen = Buffer.concat([tail, chunk]);
      tail = seen.subarray(-(lock.length - 1));
      return !seen.includes(lock);
    },
    isComplete: () => head.length === wanted.length,
  };
}
