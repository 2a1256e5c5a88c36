import Type from 'typebox';
import { type AnyRoute, Reply, route } from '#kernel/route.ts';
import type { UnreadContext } from '../context.ts';
import { unreadErrors as e } from '../errors.ts';
import { writeMetrics } from './write-metrics.ts';

export const metricsRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/metrics',
    summary: 'How this installation stands, for a Prometheus: open watches, what is late, how old queues are. By a token of its own.',
    scope: 'open',
    mediaType: 'text/plain',
    anyAccept: true,
    answers: { 200: Type.Unsafe<unknown>({ type: 'string' }) },
    refusals: [e.metricsKeyWrong],
    run: async (ctx: UnreadContext, _, { headers }) =>
      new Reply(200, await writeMetrics(ctx, headers.authorization), { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
  }),
];
