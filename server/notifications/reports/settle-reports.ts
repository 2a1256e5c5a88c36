import { recordEvidence } from '#evidence/index.ts';
import type { Context } from '#kernel/context.ts';
import { evidenceOfDelivery } from '../deliver/delivery-evidence.ts';
import { settleShipments } from '../deliver/shipments.ts';
import { onDeliveryFailed, onReports } from '../hooks.ts';
import { shortAnswer } from '../ports.ts';
import { type DeliveryReport, settleReported } from '../store/report.ts';
import { planNextTwins } from '../store/suppressed.ts';

/**
 * Notices that were handed over have arrived, or never will: evidence, what the orders' senders are told, and for the failed the
 * same as if the server had refused them at once: who shares the address, the other channel, and then the sender. Says how many it settled. A report of what is settled
 * already, or of nobody's notice, changes nothing.
 */
export function settleReports(ctx: Context, reports: readonly DeliveryReport[]): Promise<number> {
  if (reports.length === 0) return Promise.resolve(0);
  const given = reports.map((report) => ({ ...report, answer: report.answer === null ? null : shortAnswer(report.answer) }));
  return ctx.db.transaction(async (tx) => {
    const at = ctx.now();
    const others = (await onReports.call(tx, given, at)) ?? 0;
    const settled = await settleReported(tx, given);
    if (settled.length === 0) return others;
    const became = settled.map((notice) => ({ ...notice, reason: notice.reason ?? ('carrier-refused' as const) }));
    const facts = became.map((notice) => ({ ...notice, became: notice.outcome === 'delivered' ? ('delivered' as const) : notice.reason }));
    recordEvidence(tx, await evidenceOfDelivery(tx, facts, at));
    const failed = became.filter(({ outcome }) => outcome === 'failed').map((notice) => ({ ...notice, at }));
    await planNextTwins(
      tx,
      failed.map(({ id }) => id),
      at,
    );
    await settleShipments(tx, [...new Set(became.flatMap(({ shipment }) => shipment ?? []))], at);
    if (failed.length > 0) await onDeliveryFailed.call(tx, failed);
    return settled.length + others;
  });
}
