import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

export interface Hashes {
  readonly md5: string;
  readonly sha256: string;
}

export const readBytes = 1024 * 1024;

/** Reads a file once. */
export async function hashFile(path: string, onProgress: (bytes: number) => void): Promise<Hashes> {
  const [md5, sha256] = [createHash('md5'), createHash('sha256')];
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: readBytes })) {
    md5.update(chunk as Buffer);
    sha256.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    onProgress(bytes);
  }
  return { md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}
