import type { Caller, Context } from '#kernel/context.ts';
import { type Asked, onceADay } from '../once-a-day.ts';
import { kindsOf } from '../policies.ts';
import { senderOf } from '../statement/show-statements.ts';
import type { PeriodQuery } from '../statement/wire.ts';
import { type FigureRow, measureFigures } from '../store/figures.ts';
import { boundsOf } from '../store/statement.ts';
import type { Figures } from './wire.ts';

const measureOnce = onceADay(measure);

/**
 * What became of what a sender published in a period, counted in four ways, for charts: shares of time to open cannot be added up from
 * smaller groups, so each is counted by itself; of the kinds of post that the caller may send. Measured once a day. Refuses sendersOnly, periodNotValid, notInItsPlace, stillMeasuring.
 */
export async function showFigures(ctx: Context, caller: Caller, query: PeriodQuery): Promise<Figures> {
  const sender = await senderOf(ctx.db, caller, query);
  return measureOnce(ctx, { from: query.from, to: query.to, sender, kinds: kindsOf(caller) });
}

async function measure(ctx: Context, { sender, kinds, ...query }: Asked): Promise<Figures> {
  const measuredAt = ctx.now().toISOString();
  const [{ from }, { to }] = await Promise.all([boundsOf(ctx.db, query.from), boundsOf(ctx.db, query.to)]);
  const rows = await measureFigures(ctx.db, { sender, kinds, from, to });
  const by = (part: FigureRow['part']) => rows.filter((row) => row.part === part);
  return {
    sender,
    from: from.toISOString(),
    to: to.toISOString(),
    measuredAt,
    total: measuresOf(by('total')[0]!),
    weeks: by('week').map((row) => ({ week: row.key, ...measuresOf(row) })),
    resources: by('resource').map((row) => ({ resource: row.key, ...measuresOf(row) })),
    recipientKinds: by('kind').map((row) => ({ recipientKind: row.key, ...measuresOf(row) })),
    causesAtDay7: by('cause').map((row) => ({ cause: row.key, ...measuresOf(row) })),
  };
}

/** Pure. */
function measuresOf(row: FigureRow): Figures['total'] {
  const { published, opened, endedUnopened, unread, medianSeconds, p90Seconds } = row;
  const within = (n: number, of: number) => ({ opened: n, of });
  return {
    ...{ published, opened, endedUnopened, unread, medianSeconds, p90Seconds },
    within: {
      days1: within(row.within1, row.aged1),
      days3: within(row.within3, row.aged3),
      days7: within(row.within7, row.aged7),
      days14: within(row.within14, row.aged14),
      days30: within(row.within30, row.aged30),
    },
  };
}
