import type { Tx } from '#kernel/database.ts';
import type { HandedOver, Purpose } from '#notifications/index.ts';
import { settleWatch } from './settle-watch.ts';
import { lockFailuresToldBy } from './store/failure.ts';

/** One mail tells a sender all of a day. */
const toSenders: ReadonlySet<Purpose> = new Set(['sender-failed', 'sender-decision', 'sender-unread']);

/**
 * Notices were taken by the next server. Those that told a sender of failures close the watches that they told of. Fills the
 * hook of notifications.
 */
export async function noteHandedOver(tx: Tx, handed: readonly HandedOver[]): Promise<void> {
  const [first, ...others] = handed.filter(({ purpose }) => toSenders.has(purpose));
  if (!first) return;
  const told = await lockFailuresToldBy(
    tx,
    [first, ...others].map(({ step }) => step),
  );
  settleWatch(
    tx,
    told.map(({ about, party, failure }) => ({ about, party, outcome: 'failed' as const, at: first.at, reason: failure })),
  );
}
