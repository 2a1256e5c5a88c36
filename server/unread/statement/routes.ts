import Type from 'typebox';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, Reply, route } from '#kernel/route.ts';
import { unreadErrors as e } from '../errors.ts';
import { senders } from '../policies.ts';
import { showStatements, writeStatements } from './show-statements.ts';
import { showTimeToOpen } from './show-time-to-open.ts';
import { PeriodQuery, Statements, TimeToOpen } from './wire.ts';

export const statementRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/budstikke/v1/statements',
    summary:
      'What became of all that a sender sent, day by day in Norway: parts that add up, each day bound to the one before by its hash.',
    scope: senders,
    query: PeriodQuery,
    answers: { 200: Statements },
    refusals: [e.sendersOnly, e.periodNotValid, e.notInItsPlace],
    run: (ctx: Context, caller, { query }) => showStatements(ctx, caller, query),
  }),
  route({
    method: 'GET',
    path: '/budstikke/v1/statements/text',
    summary: 'The same for people.',
    scope: senders,
    query: PeriodQuery,
    mediaType: 'text/plain',
    anyAccept: true,
    answers: { 200: Type.Unsafe<unknown>({ type: 'string' }) },
    refusals: [e.sendersOnly, e.periodNotValid, e.notInItsPlace],
    run: async (ctx: Context, caller, { query }) =>
      new Reply(200, await writeStatements(ctx, caller, query), { 'content-type': 'text/plain; charset=utf-8' }),
  }),
  route({
    method: 'GET',
    path: '/budstikke/v1/time-to-open',
    summary:
      'How long it took until what was published in a period was opened, by resource, kind of recipient, and why it was not after a week.',
    scope: senders,
    query: PeriodQuery,
    answers: { 200: TimeToOpen },
    callsPerMinute: 12,
    refusals: [e.sendersOnly, e.periodNotValid, e.notInItsPlace, e.stillMeasuring],
    run: (ctx: Context, caller, { query }) => showTimeToOpen(ctx, caller, query),
  }),
];
