import { Agent, request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Source } from '../../sdk/index.ts';

const mebibyte = 1024 * 1024;
const agent = new Agent({ keepAlive: true, maxSockets: 1000 });
const piece = Buffer.from(Uint8Array.from({ length: mebibyte }, (_, i) => (i * 31 + (i >> 8)) & 0xff));

export interface Target {
  readonly url: string;
  readonly token?: string;
}

/** Bytes out of memory: what is measured is not the client's disk. */
function* bytesOf(size: number): Generator<Buffer> {
  for (let left = size; left > 0; left -= piece.length) yield left < piece.length ? piece.subarray(0, left) : piece;
}

export function memorySource(sizeBytes: number): Source {
  return { sizeBytes, read: (start, end) => Readable.from(bytesOf(end - start), { highWaterMark: 1 }) };
}

/** Sends a body of so many bytes, and resolves when it is answered. */
export async function sendBytes({ url, token }: Target, size: number): Promise<void> {
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': size,
    ...(token ? { authorization: `Bearer ${token}` } : {}),
  };
  const sending = request(url, { method: 'POST', headers, agent });
  const answered = new Promise<number>((resolve, reject) => {
    sending.on('error', reject);
    sending.on('response', (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode!));
      answer.on('error', reject);
    });
  });
  await Promise.all([pipeline(Readable.from(bytesOf(size), { highWaterMark: 1 }), sending), answered]);
  if ((await answered) !== 200) throw new Error(`${url} answered ${await answered}`);
}

/** Reads an answer to its end. Throws when it is not of so many bytes. */
export async function receiveBytes({ url, token }: Target, size: number): Promise<void> {
  const got = await new Promise<number>((resolve, reject) => {
    const asking = request(url, { headers: token ? { authorization: `Bearer ${token}` } : {}, agent }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
      answer.on('end', () => resolve(answer.statusCode === 200 ? bytes : -answer.statusCode!));
      answer.on('error', reject);
    });
    asking.on('error', reject);
    asking.end();
  });
  if (got !== size) throw new Error(`${url} answered ${got < 0 ? -got : `${got} bytes, not ${size}`}`);
}

/** All of these, so many at once. */
export async function together<T>(all: readonly T[], atOnce: number, work: (one: T) => Promise<unknown>): Promise<void> {
  const left = all.values();
  await Promise.all(
    Array.from({ length: Math.min(atOnce, all.length) }, async () => {
      for (const one of left) await work(one);
    }),
  );
}
