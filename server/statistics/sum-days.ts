import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { beginSchedule, lockSchedule, saveSummedTo, saveSums } from './store/sums.ts';

const dayMillis = 86_400_000;
/** A transaction that began before midnight may commit after it. */
const settlingMillis = 3_600_000;
/** Days that one transaction sums. */
const daysAtOnce = 7;

/** The day in UTC: `2026-11-29`. */
export function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}

export function ensureSchedule(tx: Tx, at: Date): Promise<void> {
  return beginSchedule(tx, dayOf(at), nextReportAt(at));
}

/** Sums days that are over, a week at a time. `more` when there are others. */
export function sumDays(ctx: Context): Promise<'more' | undefined> {
  const at = ctx.now();
  const end = dayOf(new Date(at.getTime() - settlingMillis));
  return ctx.db.transaction(async (tx) => {
    await ensureSchedule(tx, at);
    const { summedTo } = await lockSchedule(tx);
    if (summedTo >= end) return undefined;
    const to = [end, dayOf(new Date(Date.parse(summedTo) + daysAtOnce * dayMillis))].sort()[0]!;
    saveSums(tx, summedTo, to);
    saveSummedTo(tx, to);
    return to < end ? 'more' : undefined;
  });
}

const osloHour = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Oslo', hour: 'numeric', hourCycle: 'h23' });
/** After midnight in UTC, whatever the season in Norway. */
const reportHour = 5;

/** Pure. The next time that it is five in the morning in Norway. */
export function nextReportAt(at: Date): Date {
  const hour = 3_600_000;
  let next = new Date(Math.floor(at.getTime() / hour) * hour + hour);
  while (Number(osloHour.format(next)) !== reportHour) next = new Date(next.getTime() + hour);
  return next;
}
