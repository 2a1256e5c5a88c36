import Type from 'typebox';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, Reply, route } from '#kernel/route.ts';
import { unreadErrors as e } from '../errors.ts';
import { senders } from '../policies.ts';
import { extractBoard } from './extract.ts';
import { showBoard, showSummary } from './show-board.ts';
import { Board, BoardQuery, ExtractQuery, FilterQuery, Summary } from './wire.ts';

export const boardRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/budstikke/v1/unread',
    summary: 'What a sender has sent and nobody has opened: with whom it lies, why, for how long, and what happens next. Never a title.',
    scope: senders,
    query: BoardQuery,
    answers: { 200: Board },
    refusals: [e.placeNotValid],
    run: (ctx: Context, caller, { query }) => showBoard(ctx, caller, query),
  }),
  route({
    method: 'GET',
    path: '/budstikke/v1/unread/summary',
    summary: 'How much of it there is, by cause, age and resource, and with whom most of it lies.',
    scope: senders,
    query: FilterQuery,
    answers: { 200: Summary },
    refusals: [],
    run: (ctx: Context, caller, { query }) => showSummary(ctx, caller, query),
  }),
  route({
    method: 'GET',
    path: '/budstikke/v1/unread/extract',
    summary: 'The same as CSV (RFC 4180) with a heading, for a file or a spreadsheet; any length.',
    scope: senders,
    query: ExtractQuery,
    mediaType: 'text/csv',
    anyAccept: true,
    answers: { 200: Type.Unsafe<unknown>({ type: 'string' }) },
    refusals: [],
    run: async (ctx: Context, caller, { query }) =>
      new Reply(200, await extractBoard(ctx, caller, query), {
        'content-type': 'text/csv; charset=utf-8; header=present',
        'content-disposition': `attachment; filename="ulest-post-${ctx.now().toISOString().slice(0, 10)}.csv"`,
      }),
  }),
];
