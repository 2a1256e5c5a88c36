import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CannotTell, type Scanner, type ScanResult } from './scanner.ts';

export interface ClamdOptions {
  readonly host: string;
  readonly port: number;
  /** How long nothing at all may move between us and clamd. Longer than clamd's own limit for one scan, two minutes by default. */
  readonly timeoutMillis?: number;
}

/**
 * Has clamd look through the bytes of a file as they are read (INSTREAM, clamd(8)). Clean is only what clamd calls clean after
 * it was given every byte; anything else that happens is thrown. A file that clamd looked through in part only counts as clean
 * with clamd unless its configuration says `AlertExceedsMax yes`, and an archive with a password unless it says `AlertEncrypted yes`. The stream is always destroyed in the end.
 */
export function createClamdScanner({ host, port, timeoutMillis = 180_000 }: ClamdOptions): Scanner {
  return {
    name: 'clamd',
    mostBytes: 2_147_483_647, // "prevent ClamAV from scanning files greater than 2 GB", clamd.conf(5), MaxFileSize; whatever is configured
    async scan(stream) {
      const socket = connect({ host, port, timeout: timeoutMillis });
      socket.once('timeout', () => socket.destroy(new Error(`nothing moved between us and clamd for ${timeoutMillis} ms`)));
      // An answer ends it, come when it may: a stream cut short by it fails the sending.
      const answered = wholeAnswer(socket)
        .then(readAnswer)
        .finally(() => stream.destroy());
      // Our side stays open until then: the protocol promises no answer to a client that has hung up.
      const sent = pipeline(stream, asInstream, socket, { end: false });
      sent.catch((error: Error) => {
        // The file broke off on our side, and clamd would wait for the rest of it. Where it is clamd that hung up, what it said counts for more.
        if (socket.writable) socket.destroy(error);
      });
      try {
        const result = await answered;
        await sent;
        return result;
      } finally {
        socket.destroy();
        stream.destroy();
      }
    },
  };
}

async function* asInstream(stream: Readable): AsyncGenerator<Buffer | string> {
  yield 'zINSTREAM\0';
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (chunk.length === 0) continue; // On the wire it would say that the file ends here.
    yield lengthOf(chunk);
    yield chunk;
  }
  yield lengthOf(Buffer.alloc(0));
}

function lengthOf(chunk: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(chunk.length);
  return length;
}

/** What was answered, also by one that hangs up with bytes of ours unread. */
async function wholeAnswer(socket: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = [];
  const answer = (): string => Buffer.concat(pieces).toString();
  try {
    for await (const piece of socket) pieces.push(piece);
  } catch (error) {
    if (!answer().endsWith('\0')) throw error;
  }
  return answer();
}

function readAnswer(answer: string): ScanResult {
  if (answer === 'stream: OK\0') return 'clean';
  const malware = /^stream: (.+) FOUND\0$/.exec(answer)?.[1];
  if (malware?.startsWith('Heuristics.Encrypted')) return { malware, isEncrypted: true };
  if (malware !== undefined && !malware.startsWith('Heuristics.Limits.Exceeded')) return { malware };
  const what = `clamd cannot tell: ${answer.replaceAll('\0', '').slice(0, 200)}`;
  throw answer.endsWith('\0') ? new CannotTell(what) : new Error(what);
}
