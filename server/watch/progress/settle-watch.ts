import type { Tx } from '#kernel/database.ts';
import { cancelNotices, cancelNoticesOf } from '#notifications/index.ts';
import { type ActTimes, endWork, saveEndedSince, saveSettlements } from '../store/item.ts';
import { idleBundles } from '../store/step.ts';
import type { WatchSettlement } from '../types.ts';

/** With the act that ends it, where one does. */
interface Settlement extends WatchSettlement, Partial<ActTimes> {
  readonly isFile?: boolean;
}

/**
 * Ends watches by the closed list of outcomes. Every step and notice that is still due dies in the same transaction; a
 * reminder that a worker is just taking is waited for. Settling again changes nothing: the first outcome stays; of what went by paper
 * it is kept that it was deleted or taken back since.
 * `accepted-unread` needs who and why, and the database refuses it without. `failed` is for whoever has been told by then: of
 * a failure that comes after the sender has had its answer, `failWatches` sees to that. `isFile`, where it is known: of letters there is
 * no notice that speaks of several, and to look for one takes longer to plan than all the rest.
 */
export function settleWatch(tx: Tx, rows: readonly Settlement[]): void {
  if (rows.length === 0) return;
  saveEndedSince(
    tx,
    rows.filter(({ outcome }) => outcome === 'deleted-by-recipient' || outcome === 'recalled'),
  );
  saveSettlements(tx, rows);
  endWork(tx, rows, rows[0]!.at);
  cancelNotices(tx, rows);
  const mayBeFiles = rows.filter(({ isFile }) => isFile !== false);
  if (mayBeFiles.length > 0) cancelNoticesOf(tx, idleBundles(mayBeFiles));
}
