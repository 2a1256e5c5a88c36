import { Refusal } from '#kernel/refusal.ts';
import type { StatisticsContext } from './context.ts';
import { generateReport } from './generate-report.ts';
import { lockSchedule, saveNextAt } from './store/sums.ts';
import { nextReportAt, sumDays } from './sum-days.ts';

/**
 * Sums what is over, and makes the report of the day when its time has come. Two processes may both find it due: the one that
 * moves the time makes it. A report that could not be made is made the next day; it can be asked for at any time.
 */
export async function makeDueReport(ctx: StatisticsContext): Promise<'more' | undefined> {
  if ((await sumDays(ctx)) === 'more') return 'more';
  const at = ctx.now();
  const isMine = await ctx.db.transaction(async (tx) => {
    const { nextAt } = await lockSchedule(tx);
    if (nextAt > at) return false;
    saveNextAt(tx, nextReportAt(at));
    return true;
  });
  if (!isMine) return undefined;
  await generateReport(ctx).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error; // nothing was sent yet, or it is in the log
  });
  return undefined;
}
