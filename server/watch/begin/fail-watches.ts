import type { Tx } from '#kernel/database.ts';
import { cancelNotices } from '#notifications/index.ts';
import { saveFailures } from '../store/failure.ts';
import type { WatchFailure } from '../types.ts';

/**
 * What was watched will never reach its recipient. The watch is not over: its sender is told at once, by event and by mail,
 * and it closes as failed when a mail server has taken that mail (`noteHandedOver`). A sender without an address leaves it
 * open, and is tried again each day, until it decides. A watch that is published, failed or settled already stays as it is.
 * A constant number of statements.
 */
export function failWatches(tx: Tx, rows: readonly WatchFailure[]): void {
  if (rows.length > 0) saveFailures(tx, rows, { published: false });
}

/**
 * The same of what was published and is taken from whoever has not opened or confirmed it: notices to its recipients that have not gone
 * yet do not go. Watches that are not published, failed or settled already stay as they are.
 */
export function failPublishedWatches(tx: Tx, rows: readonly WatchFailure[]): void {
  if (rows.length === 0) return;
  saveFailures(tx, rows, { published: true });
  cancelNotices(tx, rows);
}
