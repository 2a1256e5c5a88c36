import Type from 'typebox';
import { answers } from './db/index.ts';
import type { Context } from './kernel/context.ts';
import { type AnyRoute, Reply, route } from './kernel/route.ts';

const Health = Type.Object({ status: Type.String(), message: Type.String() });

/** Whether this process can serve, and whether it lives. Source: compatibility.md, correspondence, §1.1. */
export const healthRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/health',
    summary: 'Whether requests can be served: the database answers.',
    scope: 'open',
    answers: { 200: Health, 500: Health },
    anyAccept: true,
    refusals: [],
    run: async (ctx: Context) => {
      if (await answers(ctx.db)) return { status: 'Healthy', message: 'The database answers.' };
      return new Reply(500, { status: 'Unhealthy', message: 'The database does not answer.' });
    },
  }),
  route({
    method: 'GET',
    path: '/healthz',
    summary: 'Whether the process lives.',
    scope: 'open',
    answers: { 200: Health },
    anyAccept: true,
    refusals: [],
    run: async () => ({ status: 'Healthy', message: 'The process lives.' }),
  }),
];
