import type { Context } from '#kernel/context.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import { unreadErrors as e } from '../errors.ts';
import { senders } from '../policies.ts';
import { PeriodQuery } from '../statement/wire.ts';
import { showFigures } from './show-figures.ts';
import { Figures } from './wire.ts';

export const figuresRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/budstikke/v1/unread/figures',
    summary:
      'How much of what was published in a period is opened and unread, and how long it took: by week, resource, kind of recipient, and why it was unread after a week.',
    scope: senders,
    query: PeriodQuery,
    answers: { 200: Figures },
    callsPerMinute: 12,
    refusals: [e.sendersOnly, e.periodNotValid, e.notInItsPlace, e.stillMeasuring],
    run: (ctx: Context, caller, { query }) => showFigures(ctx, caller, query),
  }),
];
