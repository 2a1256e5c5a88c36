import Type from 'typebox';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, Reply, route } from '#kernel/route.ts';
import { deleteCaught, listCaught } from './store.ts';
import { OutboxPage, OutboxQuery, toWire } from './wire.ts';

const path = '/budstikke/v1/sandbox/outbox';

/** What was caught, for tests and demos; the page for people is beside it. */
export const outboxRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path,
    summary: 'Mail and SMS that the sandbox caught, newest first.',
    scope: 'open',
    query: OutboxQuery,
    answers: { 200: OutboxPage },
    anyAccept: true,
    refusals: [],
    run: async (ctx: Context, _caller, { query }) => {
      const limit = query.limit ?? 100;
      const found = await listCaught(ctx.db, { address: query.address, before: query.before, limit: limit + 1 });
      const items = found.slice(0, limit).map(toWire);
      return { items, next: found.length > limit ? items.at(-1)!.id : null };
    },
  }),
  route({
    method: 'DELETE',
    path,
    summary: 'Empties the outbox.',
    scope: 'open',
    answers: { 204: Type.Null() },
    anyAccept: true,
    refusals: [],
    run: async (ctx: Context) => {
      await ctx.db.transaction(deleteCaught);
      return new Reply(204, null);
    },
  }),
];
