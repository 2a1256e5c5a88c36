import type { Tx } from '#kernel/database.ts';
import type { HandedOver } from '#notifications/index.ts';
import { settleWatch } from './settle-watch.ts';
import { lockFailuresToldBy } from './store/failure.ts';

/**
 * Notices were taken by the next server. Those that told a sender of failures close the watches that they told of. Fills the
 * hook of notifications.
 */
export async function noteHandedOver(tx: Tx, handed: readonly HandedOver[]): Promise<void> {
  const [first, ...others] = handed.filter(({ purpose }) => purpose === 'sender-failed');
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
