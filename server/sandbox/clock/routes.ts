import type { Context } from '#kernel/context.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import { advance, type TimeKeeping } from './advance.ts';
import { clockErrors } from './errors.ts';
import { readClock } from './store.ts';
import { AdvancedView, AdvanceRequest, advancedToWire, ClockView, toWire } from './wire.ts';

const path = '/budstikke/v1/sandbox/clock';

/** Domain time, told and moved. */
export function clockRoutes(time: TimeKeeping): AnyRoute[] {
  return [
    route({
      method: 'GET',
      path,
      summary: 'What time it is in the sandbox.',
      scope: 'open',
      answers: { 200: ClockView },
      anyAccept: true,
      refusals: [],
      run: async (ctx: Context) => toWire(await readClock(ctx.db)),
    }),
    route({
      method: 'POST',
      path,
      summary: 'Lets time pass: everything that falls due on the way is done, in order, before it answers.',
      scope: 'open',
      body: AdvanceRequest,
      bodyKind: 'json',
      answers: { 200: AdvancedView },
      anyAccept: true,
      refusals: Object.values(clockErrors),
      run: async (ctx: Context, _caller, { body }) => {
        await time.untilRecorded?.();
        return advancedToWire(await advance(ctx, time, body.advance));
      },
    }),
  ];
}
