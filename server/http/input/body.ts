import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { BodyStalled } from '#kernel/body-stalled.ts';
import { lendOwn } from '#kernel/lent-bytes.ts';
import type { Place } from '#kernel/places.ts';
import { BodyTooLarge, ClientGone, misfit } from './refused.ts';
import { isKeepableThroughout, unkeepableText } from './text.ts';

/** How long nothing at all may come of a body. However slowly it comes is slow enough. */
const usualPatienceMillis = 120_000;
const patience = new WeakMap<IncomingMessage, number>();

const placed = new WeakMap<IncomingMessage, Place>();

/** Whoever reads this request's body has a place, which others may get when nothing comes of it. */
export function receiveAt(request: IncomingMessage, place: Place): void {
  placed.set(request, place);
}

/** Another patience with this request's body. */
export function waitForBody(request: IncomingMessage, millis: number): void {
  patience.set(request, millis);
}

/**
 * The next chunk, or `BodyStalled` when none comes, or what the place is given up by. The time that the reader of the chunks takes does
 * not count.
 */
function patiently(
  chunks: AsyncIterator<Buffer>,
  patienceMillis: number,
  place: Place | undefined,
): { next(): Promise<IteratorResult<Buffer>>; stop(): void } {
  let giveUp: ((why: Error) => void) | undefined;
  const alarm = setTimeout(() => giveUp?.(new BodyStalled()), patienceMillis).unref(); // who waits has a connection, which keeps the process
  return {
    next() {
      alarm.refresh();
      const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<Buffer>>();
      giveUp = reject;
      place?.waits(reject);
      chunks
        .next()
        .finally(() => {
          giveUp = undefined;
        })
        .then((one) => {
          place?.came(one.value?.length ?? 0);
          resolve(one);
        }, reject);
      return promise;
    },
    stop: () => clearTimeout(alarm),
  };
}

/**
 * The chunks of a request's body, counted: more than `maxBytes` is `BodyTooLarge`, known before the first byte where the
 * length is announced; when nothing comes for two minutes it is `BodyStalled`. Giving up in the middle leaves the connection
 * whole, so that the refusal can still be written.
 */
export async function* bodyChunks(request: IncomingMessage, maxBytes: number): AsyncGenerator<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw new BodyTooLarge();
  const chunks = (request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const patient = patiently(chunks, patience.get(request) ?? usualPatienceMillis, placed.get(request));
  let sizeBytes = 0;
  try {
    for (;;) {
      const { value: chunk, done } = await patient.next();
      if (done) return;
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) throw new BodyTooLarge();
      yield lendOwn(chunk);
    }
  } catch (error) {
    throw request.errored ? new ClientGone() : error;
  } finally {
    patient.stop();
    chunks.return?.().catch(() => {}); // not waited for: after a stall it ends with the connection
  }
}

/**
 * The body as a stream of its own: destroying it does not destroy the connection. Whoever reads it chunk by chunk gets the chunks as they
 * came, past the stream's own buffer, and breaks the stream by the error that they end with.
 */
export function bodyStream(request: IncomingMessage, maxBytes: number): Readable {
  const chunks = bodyChunks(request, maxBytes);
  const stream = Readable.from(chunks, { objectMode: false });
  stream.on('error', () => {}); // whoever reads is told by what it reads
  stream[Symbol.asyncIterator] = () => {
    const own = {
      next: () =>
        chunks.next().catch((error: Error) => {
          stream.destroy(error);
          throw error;
        }),
      return: () => chunks.return(undefined),
      throw: (error: unknown) => chunks.throw(error),
      [Symbol.asyncIterator]: () => own,
      [Symbol.asyncDispose]: () => chunks[Symbol.asyncDispose](),
    };
    return own;
  };
  return stream;
}

/** How deep JSON may nest, as in the original's reader. */
const deepest = 64;

/** How often `mark` stands in the text, counted no further than needed to know that it may be too deep. */
function countUpTo(text: string, mark: string, most: number): number {
  let count = 0;
  for (let at = text.indexOf(mark); at >= 0 && count < most; at = text.indexOf(mark, at + 1)) count += 1;
  return count;
}

/** Bytes of a body's limit for each value that it may hold: names cost more than their bytes, and an honest value is not this short. */
const bytesPerValue = 40;

/** What is wrong with the structure of a JSON text, seen before it costs anything to build. */
function misbuilt(text: string, mostValues: number): string | undefined {
  const commas = countUpTo(text, ',', mostValues);
  const brackets = countUpTo(text, '{', deepest) + countUpTo(text, '[', deepest);
  if (brackets < deepest && commas < mostValues) return undefined; // almost every body; the walk below is slow
  let depth = 0;
  let values = 1;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (quoted) {
      if (c === 0x5c) i++;
      else if (c === 0x22) quoted = false;
    } else if (c === 0x22) quoted = true;
    else if (c === 0x2c) {
      values += 1;
      if (values > mostValues) return `The JSON body holds more than ${mostValues} values.`;
    } else if (c === 0x7b || c === 0x5b) {
      depth += 1;
      if (depth > deepest) return `The JSON body nests deeper than ${deepest} levels.`;
    } else if (c === 0x7d || c === 0x5d) depth -= 1;
  }
  return undefined;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The JSON value of a body. Throws `Misfit` for what is empty, not UTF-8, not JSON, nested deeper than 64, holds more values than
 * its bytes may (one for every 40 of the limit), or text that cannot be kept; `BodyTooLarge` past `maxBytes`.
 */
export async function readJson(request: IncomingMessage, maxBytes: number, mayBeEmpty = false): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of bodyChunks(request, maxBytes)) chunks.push(chunk);
  if (chunks.length === 0 && mayBeEmpty) return {};
  return parseJson(Buffer.concat(chunks), Math.floor(maxBytes / bytesPerValue));
}

/** The body as text. Throws `Misfit` for what is not UTF-8, `BodyTooLarge` past `maxBytes`. */
export async function readText(request: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of bodyChunks(request, maxBytes)) chunks.push(chunk);
  return decode(Buffer.concat(chunks));
}

/** See `readJson`. The text of the caller is not repeated in what is said of it. */
export function parseJson(bytes: Buffer, mostValues: number): unknown {
  const text = decode(bytes);
  if (text.trim() === '') throw misfit('', 'A non-empty request body is required.');
  const wrong = misbuilt(text, mostValues);
  if (wrong) throw misfit('$', wrong);
  const value = parse(text);
  // an escape is the only way in for such text: bytes of UTF-8 cannot hold half a pair, and JSON takes no bare control characters
  if (/\\u(?:0000|d[89a-f])/i.test(text) && !isKeepableThroughout(value)) throw misfit('$', unkeepableText);
  return value;
}

function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw misfit('$', 'The body is not UTF-8.');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = /position (\d+)/.exec((error as Error).message)?.[1];
    throw misfit('$', `The body is not JSON${position === undefined ? '' : `: unexpected text at position ${position}`}.`);
  }
}
