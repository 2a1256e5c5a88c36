import type { Tx } from '#kernel/database.ts';
import { lockCounter, type NumberedRow, numberRows } from './store.ts';

/**
 * Gives committed events their numbers, in the order of ids as far as it goes, and hands them out. Whoever numbers does so
 * alone, until the transaction ends: numbers become visible in their order, and no event ever comes in behind a reader's place.
 * Serves reading and locking.
 */
export async function numberEvents(tx: Tx, limit: number): Promise<NumberedRow[]> {
  const last = await lockCounter(tx);
  return numberRows(tx, last, limit);
}
