import type { IncomingMessage } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Served } from './serve.ts';

/** What a client may still send after it was refused, before the connection is cut. */
const drainedBytes = 64 * 1024 * 1024;

/** Source: compatibility.md, correspondence, §1.1. */
export const always = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' } as const;

/**
 * Reads and drops what is left of a body, so that a client in the middle of sending gets to read its refusal instead of a
 * broken connection; one that goes on for too long is cut off.
 */
export function drain(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  let left = drainedBytes;
  request.on('error', () => {});
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
  });
  request.resume();
}

/** Writes an answer. A stream is destroyed when the client goes away before its end. */
export function send(request: IncomingMessage, reply: FastifyReply, { status, headers, body }: Served): void {
  reply
    .code(status)
    .headers({ ...always, ...headers })
    .send(body);
  setImmediate(drain, request); // not at once: a reader that has just given up lets go of the stream in this turn
}
