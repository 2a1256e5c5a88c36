import { createCipheriv, createHash } from 'node:crypto';
import { Readable } from 'node:stream';

const mebibyte = 1024 * 1024;
const blockBytes = 16;
const zeros = Buffer.alloc(mebibyte);

/** Bytes that look random, are the same for the same name, and lie nowhere: any run of them is made when it is read. */
export interface MadeFile {
  readonly name: string;
  /** Of the name's endless bytes. */
  readonly start: number;
  readonly end: number;
}

/** As Node streams go: nothing is made before somebody reads. */
export function readMade({ name, start, end }: MadeFile): Readable {
  function* chunks(): Generator<Buffer> {
    const key = createHash('sha256').update(name).digest();
    const counter = Buffer.alloc(blockBytes);
    counter.writeBigUInt64BE(BigInt(Math.floor(start / blockBytes)), 8);
    const cipher = createCipheriv('aes-256-ctr', key, counter);
    cipher.update(zeros.subarray(0, start % blockBytes));
    for (let left = end - start; left > 0; left -= mebibyte) yield cipher.update(left < mebibyte ? zeros.subarray(0, left) : zeros);
  }
  return Readable.from(chunks(), { highWaterMark: 1 });
}

export interface Hashes {
  readonly md5: string;
  readonly sha256: string;
}

export async function hashOf(source: AsyncIterable<Uint8Array>): Promise<Hashes> {
  const [md5, sha256] = [createHash('md5'), createHash('sha256')];
  for await (const chunk of source) {
    md5.update(chunk);
    sha256.update(chunk);
  }
  return { md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}

/** What tus-js-client reads a made file by: any part of it, and any part of a part. */
export const madeFileReader = {
  async openFile(file: MadeFile | { readonly made: MadeFile }) {
    const { name, start, end } = 'made' in file ? file.made : file;
    const size = end - start;
    return {
      size,
      async slice(from: number, to: number) {
        const made: MadeFile = { name, start: start + from, end: start + Math.min(to, size) };
        return { value: Object.assign(readMade(made), { size: made.end - made.start, made }), done: to >= size };
      },
      close() {},
    };
  },
};
