import type { Caller, Context } from '#kernel/context.ts';
import { type Asked, onceADay } from '../once-a-day.ts';
import { kindsOf } from '../policies.ts';
import { boundsOf } from '../store/statement.ts';
import { measureTimeToOpen } from '../store/time-to-open.ts';
import { senderOf } from './show-statements.ts';
import type { PeriodQuery, TimeToOpen } from './wire.ts';

const measureOnce = onceADay(measure);

/**
 * How long it took until what a sender published in a period was opened. Of the kinds of post that the caller may send. A period is
 * measured once a day in each process, and for a sender one at a time. Refuses sendersOnly, periodNotValid, notInItsPlace, stillMeasuring.
 */
export async function showTimeToOpen(ctx: Context, caller: Caller, query: PeriodQuery): Promise<TimeToOpen> {
  const sender = await senderOf(ctx.db, caller, query);
  return measureOnce(ctx, { from: query.from, to: query.to, sender, kinds: kindsOf(caller) });
}

async function measure(ctx: Context, { sender, kinds, ...query }: Asked): Promise<TimeToOpen> {
  const measuredAt = ctx.now().toISOString();
  const [{ from }, { to }] = await Promise.all([boundsOf(ctx.db, query.from), boundsOf(ctx.db, query.to)]);
  const rows = await measureTimeToOpen(ctx.db, { sender, kinds, from, to });
  return {
    sender,
    from: from.toISOString(),
    to: to.toISOString(),
    measuredAt,
    groups: rows.map(({ within1, within3, within7, within14, within30, aged1, aged3, aged7, aged14, aged30, neverOpened, ...row }) => {
      const share = (n: number, of: number) => (of === 0 ? null : n / of);
      return {
        ...row,
        openedWithin: {
          days1: share(within1, aged1),
          days3: share(within3, aged3),
          days7: share(within7, aged7),
          days14: share(within14, aged14),
          days30: share(within30, aged30),
        },
        neverOpened: share(neverOpened, row.published),
      };
    }),
  };
}
