import { recordEvidence } from '#evidence/index.ts';
import type { Tx } from '#kernel/database.ts';
import { onDeliveryFailed } from '../hooks.ts';
import { type DeliveryReport, settleReported } from '../store/report.ts';
import { planNextTwins } from '../store/suppressed.ts';
import { evidenceOfDelivery } from './delivery-evidence.ts';
import { settleShipments } from './shipments.ts';

/**
 * Notices that were handed over have arrived, or never will: evidence, what the orders' senders are told, and for the failed the same as
 * if the server had refused them at once: who shares the address, the other channel, and then the sender. Says how many it settled. What
 * is said of others changes nothing.
 */
export async function takeUpReports(tx: Tx, reports: readonly DeliveryReport[], at: Date): Promise<number> {
  const settled = await settleReported(tx, reports);
  if (settled.length === 0) return 0;
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
  return settled.length;
}
