import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { letGo } from '#kernel/lent-bytes.ts';
import type { Served } from '../serve.ts';

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

/** Chunks of a stream are let go of when they are on their way: nobody else needs them. */
function lettingGo(response: ServerResponse): void {
  const write = response.write.bind(response) as (chunk: Buffer, done: () => void) => boolean;
  response.write = (chunk: Buffer) => write(chunk, () => letGo(chunk));
}

/** Writes an answer. A stream is destroyed when the client goes away before its end. */
export function send(request: IncomingMessage, reply: FastifyReply, { status, headers, body }: Served): void {
  if (body instanceof Readable) lettingGo(reply.raw);
  reply
    .code(status)
    .headers({ ...always, ...headers })
    .send(body);
  setImmediate(drain, request); // not at once: a reader that has just given up lets go of the stream in this turn
}
