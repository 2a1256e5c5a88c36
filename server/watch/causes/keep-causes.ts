import type { Tx } from '#kernel/database.ts';
import type { WatchKey } from '../types.ts';
import { sendCauses } from './store.ts';

/**
 * What the caller has just changed about these watches may have changed why they are unread: of those that are open and older than a day
 * the cause is stored anew, with what it was in its history. One statement, joined writing; of all others nothing is touched.
 */
export function keepCauses(tx: Tx, keys: readonly WatchKey[]): void {
  if (keys.length > 0) sendCauses(tx, keys);
}

const surelyYoungMillis = 23 * 60 * 60 * 1000;

/** Pure. False of what began less than a day ago, with an hour for clocks that differ: to plan the statement takes longer than all else that an opening writes. */
export function mayHaveCause(begunAt: Date, at: Date): boolean {
  return at.getTime() - begunAt.getTime() > surelyYoungMillis;
}
