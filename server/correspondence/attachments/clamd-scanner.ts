import { once } from 'node:events';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import type { Scanner, ScanResult } from './scanner.ts';

export interface ClamdOptions {
  readonly host: string;
  readonly port: number;
  /** How long clamd may be silent. */
  readonly timeoutMillis?: number;
}

/**
 * Scans by clamd over TCP, with its command INSTREAM: chunks, each after its length in four bytes, then a zero. Throws when it
 * cannot be reached, gives up on the size of the file, or answers anything but a verdict.
 */
export function createClamdScanner({ host, port, timeoutMillis = 120_000 }: ClamdOptions): Scanner {
  return {
    name: 'clamd',
    async scan(stream) {
      const socket = connect({ host, port });
      socket.setTimeout(timeoutMillis, () => socket.destroy(new Error('clamd is silent')));
      const answer = readAll(socket);
      answer.catch(() => {}); // it is awaited after the bytes are sent, and may fail before
      try {
        await once(socket, 'connect');
        await sendStream(socket, stream);
        return verdictOf(await answer);
      } finally {
        socket.destroy();
        stream.destroy();
      }
    },
  };
}

async function sendStream(socket: ReturnType<typeof connect>, stream: Readable): Promise<void> {
  const write = async (bytes: Uint8Array | string): Promise<void> => {
    if (!socket.writable) return; // clamd has heard enough: its answer tells why
    if (!socket.write(bytes)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
  };
  await write('zINSTREAM\0');
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(chunk.length);
    await write(length);
    await write(chunk);
  }
  await write(Buffer.alloc(4));
}

async function readAll(socket: ReturnType<typeof connect>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) {
    chunks.push(chunk as Buffer);
    if ((chunk as Buffer).includes(0)) break;
  }
  return Buffer.concat(chunks).toString('utf8').replaceAll('\0', '').trim();
}

/** Pure. `stream: OK`, `stream: Eicar-Signature FOUND`, or an error that clamd has. */
export function verdictOf(answer: string): ScanResult {
  if (answer === 'stream: OK') return 'clean';
  const found = /^stream: (.+) FOUND$/.exec(answer)?.[1];
  if (found) return { malware: found };
  throw new Error(`clamd could not tell: ${answer.slice(0, 200)}`);
}
