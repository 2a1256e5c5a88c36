import type { FastifyInstance } from 'fastify';
import { describeFault } from '#kernel/fault.ts';
import type { Log } from '#kernel/log.ts';
import type { Mount } from '#kernel/mount.ts';
import { factsOf } from './request-facts.ts';
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
    onRequest: async ({ raw: request }, reply) => {
      const { raw: response } = reply.hijack();
      for (const [name, value] of Object.entries(always)) response.setHeader(name, value);
      try {
        await handle(request, response);
      } catch (error) {
        log.error({ traceId: factsOf(request).trace.traceId, route: pattern, ...describeFault(error) }, 'a request failed');
        if (response.headersSent) response.destroy();
        else response.writeHead(500).end();
      }
      setImmediate(drain, request);
    },
    handler: () => {
      throw new Error('a request came to its handler without an answer');
    },
  });
}
