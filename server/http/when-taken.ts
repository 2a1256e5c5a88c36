import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { finished, Readable } from 'node:stream';

/**
 * Bytes that were given to the operating system lie in its buffers, some mebibytes of them, while their client reads; one that
 * breaks off before it has read them all resets the connection. So an answer counts as taken when, after its last byte was given, its client
 * asks for something more on the same connection, when that is closed in order by either side, or when it has stood whole for as long as the
 * answer took, and this long at least.
 */
const leastMillis = 1000;

const waiting = new WeakMap<Socket, () => void>();

/** A client that asks for something more has taken what it was given before. */
export function noteRequest({ socket }: IncomingMessage): void {
  waiting.get(socket)?.();
}

/** Resolves once: whether the client has taken the answer, which is being written, to its end. */
export function whenTaken(response: ServerResponse, body: unknown): Promise<boolean> {
  const { socket } = response;
  const began = performance.now();
  return new Promise((resolve) => {
    if (body instanceof Readable) finished(body, { writable: false }, (error) => error && resolve(false));
    finished(response, (error) => {
      if (error || !socket || socket.errored) resolve(!error && !socket?.errored);
      else stands(socket, Math.max(leastMillis, performance.now() - began)).then(resolve);
    });
  });
}

function stands(socket: Socket, millis: number): Promise<boolean> {
  if (socket.destroyed) return Promise.resolve(true);
  return new Promise((resolve) => {
    const whole = (): void => settle(true);
    const closed = (hadError: boolean): void => settle(!hadError);
    const broken = (): void => settle(false);
    const timer = setTimeout(whole, millis);
    function settle(toTheEnd: boolean): void {
      clearTimeout(timer);
      waiting.delete(socket);
      socket.off('error', broken).off('close', closed);
      resolve(toTheEnd);
    }
    waiting.set(socket, whole);
    socket.once('error', broken).once('close', closed); // not at its end, which a reset may follow
  });
}
