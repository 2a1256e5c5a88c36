import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { finished, Readable } from 'node:stream';
import { type Line, lineOf, type Unacknowledged, unacknowledged, unacknowledgedNow } from './unacknowledged.ts';

/**
 * Bytes that were given to the operating system lie in its buffers, some mebibytes of them, while their client reads; one that
 * breaks off before it has read them all resets the connection. So an answer counts as taken when the other side has acknowledged all of
 * its bytes, and after that its client has asked for something more on the same connection (and asks for one thing at a time) or closed it in order, or the connection
 * has stood whole for as long as the answer took, and this long at least. One that we close is looked after as if it stood: the kernel
 * remembers it for a minute, and forgets it at once when the other side resets it. Where the kernel does not tell what was acknowledged,
 * the rest alone counts. See decision 076.
 */
const leastMillis = 1000;
/** Of a connection that we have closed, for as long at most: kernels are told to remember some for less than their minute. */
const mostClosedMillis = 10_000;
/** How often it is looked for what is not acknowledged yet: more and more seldom. */
const firstLookMillis = 100;
const longestLookMillis = 5000;
/** A connection that is closed, with bytes on their way that become no fewer, is not looked after for longer. */
const stuckMillis = 60_000;

/** Those who wait on a connection; of requests that were sent ahead several do. */
const waiting = new WeakMap<Socket, Set<Standing>>();
/** All of these, of every server of this process. */
const standings = new Set<Standing>();
const lastOf = new WeakMap<Socket, ServerResponse>();
const sendAhead = new WeakSet<Socket>();

/**
 * A client that asks for something more has taken what it was given before, if that has come to it; but for one that does not wait for an
 * answer before it asks again, whose questions say nothing.
 */
export function noteRequest({ socket }: IncomingMessage, response: ServerResponse): void {
  if (lastOf.get(socket)?.writableFinished === false) sendAhead.add(socket);
  lastOf.set(socket, response);
  if (!sendAhead.has(socket)) for (const standing of waiting.get(socket) ?? []) standing.noteAsked();
}

/** In tests: clients whose answers were given to their connections have no more to ask before these count. */
export function countAsAsked(): void {
  for (const standing of standings) standing.noteAsked();
}

/** An answer whose last byte was given to the connection. */
interface Given {
  readonly socket: Socket;
  readonly line: Line | undefined;
  /** Bytes of the connection until the answer's last one. */
  readonly end: number;
  /** When it counts, if nothing speaks against it. */
  readonly dueAt: number;
}

/** Resolves once: whether the client has taken the answer, which is being written, to its end. A stop of the server waits for nobody's time. */
export function whenTaken(response: ServerResponse, body: unknown, stopping: AbortSignal): Promise<boolean> {
  const { socket } = response.req; // of an answer to what was sent ahead the response has none yet
  if (socket instanceof Socket && (socket.destroyed || socket.writableEnded)) return Promise.resolve(false);
  const line = lineOf(socket);
  const began = performance.now();
  let end = 0;
  response.prependOnceListener('finish', () => {
    end = socket.bytesWritten; // before the next answer is given to it
  });
  return new Promise((resolve) => {
    if (body instanceof Readable) finished(body, { writable: false }, (error) => error && resolve(false));
    finished(response, (error) => {
      if (error || !(socket instanceof Socket) || socket.errored) return resolve(!error && !socket.errored);
      const now = performance.now();
      isTaken({ socket, line, end, dueAt: now + Math.max(leastMillis, now - began) }, stopping).then(resolve);
    });
  });
}

async function isTaken(given: Given, stopping: AbortSignal): Promise<boolean> {
  const standing = new Standing(given.socket, stopping);
  try {
    let pauseMillis = firstLookMillis;
    for (const seen = new Seen(); !standing.isBroken; ) {
      const untilDue = standing.untilDue(given.dueAt);
      if (untilDue > 0) {
        await standing.pause(untilDue);
        continue;
      }
      const { isClosed } = standing;
      const left = await leftOf(given, stopping);
      if (standing.isBroken) break;
      if (left === undefined || left === 0) return true;
      const verdict = isClosed ? seen.closed(left, given.socket.readableEnded) : seen.open(left);
      if (verdict !== undefined) return verdict;
      await standing.pause(pauseMillis);
      pauseMillis = Math.min(longestLookMillis, pauseMillis * 2);
    }
    return false;
  } finally {
    standing.leave();
  }
}

/**
 * Of the answer's own bytes: what was given to the connection after it lies behind them. That is counted before the kernel is asked, and
 * without what may still lie with us, so that it is never too much.
 */
async function leftOf({ socket, line, end }: Given, stopping: AbortSignal): Promise<Unacknowledged> {
  const behind = socket.destroyed ? 0 : Math.max(0, socket.bytesWritten - socket.writableLength - end);
  const look = stopping.aborted ? unacknowledgedNow : unacknowledged;
  const left = line === undefined ? undefined : await look(line);
  return typeof left === 'number' ? Math.max(0, left - behind) : left;
}

/** What was seen so far of bytes that are on their way, and what another look says: taken, broken off, or nothing yet. */
class Seen {
  #wasThere = false;
  #wasGone = false;
  #least = Number.POSITIVE_INFINITY;
  #since = 0;

  /** One that stands and is gone has broken, which we are about to hear; one that the kernel never names is none that it tells of. */
  open(left: number | 'gone'): boolean | undefined {
    if (left === 'gone' && this.#wasGone && !this.#wasThere) return true;
    this.#wasGone = left === 'gone';
    this.#wasThere ||= left !== 'gone';
    return undefined;
  }

  /** One that its client has closed goes as soon as all has come to it; one that we have closed goes before its time when the other side resets it. */
  closed(left: number | 'gone', byClient: boolean): boolean | undefined {
    if (left === 'gone') return byClient && this.#least === Number.POSITIVE_INFINITY;
    const now = performance.now();
    if (left < this.#least) this.#since = now;
    this.#least = Math.min(left, this.#least);
    return now - this.#since > stuckMillis ? false : undefined;
  }
}

/** What has become of a connection since an answer was given to it. */
class Standing {
  isBroken = false;
  isClosed: boolean;
  #hasAsked = false;
  #closedAt = performance.now();
  #hasNews = false;
  #hear = (): void => {};
  readonly #socket: Socket;
  readonly #stopping: AbortSignal;

  constructor(socket: Socket, stopping: AbortSignal) {
    this.#socket = socket;
    this.#stopping = stopping;
    this.isClosed = socket.destroyed;
    standings.add(this);
    waiting.set(socket, (waiting.get(socket) ?? new Set()).add(this));
    socket.on('error', this.#noteBroken).on('close', this.#noteClosed); // not at its end, which a reset may follow
    stopping.addEventListener('abort', this.#noteStop);
  }

  /** How long from now; none where its client has gone on, or has closed it in order. */
  untilDue(dueAt: number): number {
    const now = performance.now();
    if (!this.isClosed) return this.#hasAsked ? 0 : dueAt - now;
    if (this.#socket.readableEnded || this.#stopping.aborted) return 0;
    return Math.min(dueAt, this.#closedAt + mostClosedMillis) - now;
  }

  /** For so long, or until something has become of it. */
  async pause(millis: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    if (!this.#hasNews)
      await new Promise<void>((resolve) => {
        timer = setTimeout(resolve, millis);
        this.#hear = resolve;
      });
    clearTimeout(timer);
    this.#hasNews = false;
  }

  #wake(): void {
    this.#hasNews = true;
    this.#hear();
  }

  noteAsked(): void {
    this.#hasAsked = true;
    this.#wake();
  }

  readonly #noteStop = (): void => this.#wake();

  readonly #noteBroken = (): void => {
    this.isBroken = true;
    this.#wake();
  };

  readonly #noteClosed = (hadError: boolean): void => {
    this.isBroken ||= hadError;
    this.isClosed = true;
    this.#closedAt = performance.now();
    this.#wake();
  };

  leave(): void {
    standings.delete(this);
    waiting.get(this.#socket)?.delete(this);
    this.#socket.off('error', this.#noteBroken).off('close', this.#noteClosed);
    this.#stopping.removeEventListener('abort', this.#noteStop);
  }
}
