import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { finished, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Line, lineOf, unacknowledged } from './unacknowledged.ts';

/**
 * Bytes that were given to the operating system lie in its buffers, some mebibytes of them, while their client reads; one that
 * breaks off before it has read them all resets the connection. So an answer counts as taken when, after its last byte was given, its client
 * asks for something more on the same connection; or when the other side has acknowledged all bytes, and the connection was closed in order,
 * or has stood whole for as long as the answer took, and this long at least. Where the kernel does not tell what was acknowledged,
 * the time alone counts. See decision 070.
 */
const leastMillis = 1000;
/** How often it is looked for what is not acknowledged yet: now, and more and more seldom. */
const firstLookMillis = 100;
const longestLookMillis = 5000;
/** A connection that is closed, with bytes on their way, is not looked after for longer. */
const closedMillis = 60_000;

const waiting = new WeakMap<Socket, () => void>();

/** A client that asks for something more has taken what it was given before. */
export function noteRequest({ socket }: IncomingMessage): void {
  waiting.get(socket)?.();
}

/** Resolves once: whether the client has taken the answer, which is being written, to its end. */
export function whenTaken(response: ServerResponse, body: unknown): Promise<boolean> {
  const { socket } = response;
  const line = socket ? lineOf(socket) : undefined;
  const began = performance.now();
  return new Promise((resolve) => {
    if (body instanceof Readable) finished(body, { writable: false }, (error) => error && resolve(false));
    finished(response, (error) => {
      if (error || !socket || socket.errored) resolve(!error && !socket?.errored);
      else stands(socket, line, Math.max(leastMillis, performance.now() - began)).then(resolve);
    });
  });
}

function stands(socket: Socket, line: Line | undefined, millis: number): Promise<boolean> {
  if (socket.destroyed) return arrives(socket, line);
  return new Promise((resolve) => {
    let isSettled = false;
    const whole = (): void => settle(true);
    const closed = (hadError: boolean): void => settle(hadError ? false : arrives(socket, line));
    const broken = (): void => settle(false);
    let timer = setTimeout(look, millis, firstLookMillis);
    function look(pauseMillis: number): void {
      isOnItsWay(line).then((isUnderWay) => {
        if (isSettled) return;
        if (!isUnderWay) return settle(true);
        timer = setTimeout(look, pauseMillis, Math.min(longestLookMillis, pauseMillis * 2));
      });
    }
    function settle(toTheEnd: boolean | Promise<boolean>): void {
      isSettled = true;
      clearTimeout(timer);
      waiting.delete(socket);
      socket.off('error', broken).off('close', closed);
      resolve(toTheEnd);
    }
    waiting.set(socket, whole);
    socket.once('error', broken).once('close', closed); // not at its end, which a reset may follow
  });
}

async function isOnItsWay(line: Line | undefined): Promise<boolean> {
  const left = line && (await unacknowledged(line));
  return typeof left === 'number' && left > 0;
}

/**
 * Of a connection that was closed in order: whether what was on its way has come. One that the client has closed goes as soon as it has; one that we
 * have closed is remembered by the kernel for a minute more, and goes before that when the other side resets it.
 */
async function arrives(socket: Socket, line: Line | undefined): Promise<boolean> {
  const byClient = socket.readableEnded;
  const until = performance.now() + closedMillis;
  for (let pauseMillis = firstLookMillis, sawSome = false; ; pauseMillis = Math.min(longestLookMillis, pauseMillis * 2)) {
    const left = line && (await unacknowledged(line));
    if (left === undefined || left === 0) return true;
    if (left === 'gone') return byClient && !sawSome;
    if (performance.now() > until) return false;
    sawSome = true;
    await sleep(pauseMillis);
  }
}
