import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished, Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { countGiven } from '#kernel/given-bytes.ts';
import { letGo } from '#kernel/lent-bytes.ts';
import type { Place } from '#kernel/places.ts';
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

/**
 * Chunks of a stream are let go of when they are on their way: nobody else needs them. Until then they count as given, and the place that
 * the answer has waits for its client; it is left when the answer is out, or its connection gone.
 */
function giving(response: ServerResponse, place: Place | undefined): void {
  const write = response.write.bind(response) as (chunk: Buffer, done: () => void) => boolean;
  const given = countGiven();
  const giveUp = (): void => void response.req.socket.destroy();
  response.write = (chunk: Buffer) => {
    given.gave(chunk.length);
    place?.waits(giveUp, chunk.length);
    return write(chunk, () => {
      letGo(chunk);
      given.took(chunk.length);
      place?.came(0);
      if (given.isWaitedFor()) place?.waits(giveUp);
    });
  };
  finished(response, () => {
    given.end();
    place?.leave();
  });
}

/** Writes an answer. A stream is destroyed when the client goes away before its end. */
export function send(request: IncomingMessage, reply: FastifyReply, { status, headers, body, place }: Served): void {
  if (body instanceof Readable) giving(reply.raw, place);
  reply
    .code(status)
    .headers({ ...always, ...headers })
    .send(body);
  setImmediate(drain, request); // not at once: a reader that has just given up lets go of the stream in this turn
}
