import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { describeFault } from '#kernel/fault.ts';
import type { Log } from '#kernel/log.ts';
import type { Mount } from '#kernel/mount.ts';
import { OutcomeUnknown } from '#kernel/outcome-unknown.ts';
import { Overloaded } from '#kernel/overloaded.ts';
import { factsOf } from '../request-facts.ts';
import { always, drain } from './send.ts';

/**
 * Everything below a path, or the path alone, goes to a library, with the body unread. The headers that all answers have, the log line and what
 * becomes of an error are ours.
 */
export function handOver(fastify: FastifyInstance, { path, only, handle }: Mount, log: Log): void {
  const pattern = only ? path : `${path}/*`;
  fastify.route({
    method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: pattern,
    onRequest: ({ raw: request }, reply) => handOverOne(request, reply, { handle, route: pattern, log }),
    handler: () => {
      throw new Error('a request came to its handler without an answer');
    },
  });
}

/** One request, with the body unread. */
export async function handOverOne(
  request: IncomingMessage,
  reply: FastifyReply,
  { handle, route, log }: { readonly handle: Mount['handle']; readonly route: string; readonly log: Log },
): Promise<void> {
  const { raw: response } = reply.hijack();
  for (const [name, value] of Object.entries(always)) response.setHeader(name, value);
  try {
    await handle(request, response);
  } catch (error) {
    log.error({ traceId: factsOf(request).trace.traceId, route, ...describeFault(error) }, 'a request failed');
    if (response.headersSent) response.destroy();
    else if (error instanceof Overloaded) response.writeHead(503, { 'retry-after': String(error.retryAfterSeconds) }).end();
    else response.writeHead(error instanceof OutcomeUnknown ? 503 : 500).end();
  }
  setImmediate(drain, request);
}
