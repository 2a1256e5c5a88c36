import type { Context } from '#kernel/context.ts';
import { takeUpReports } from '../deliver/take-up-reports.ts';
import { onReports } from '../hooks.ts';
import { shortAnswer } from '../ports.ts';
import { type DeliveryReport, keepEarly, lockReported } from '../store/report.ts';

/**
 * What carriers say of what they took. A notice that is noted as handed over is settled. Of one whose attempt is not, since its carrier was
 * faster than our commit or its answer was lost, the word is kept, and settled in the commit of that attempt (082). Says of how many it was
 * news: a report of what is settled already, or of nobody's notice, changes nothing.
 */
export function settleReports(ctx: Context, reports: readonly DeliveryReport[]): Promise<number> {
  if (reports.length === 0) return Promise.resolve(0);
  const given = reports.map((report) => ({ ...report, answer: report.answer === null ? null : shortAnswer(report.answer) }));
  return ctx.db.transaction(async (tx) => {
    const at = ctx.now();
    const others = (await onReports.call(tx, given, at)) ?? 0;
    if ((await lockReported(tx, given)) === 0) return others;
    const settled = await takeUpReports(tx, given, at);
    return settled + (await keepEarly(tx, given)) + others;
  });
}
