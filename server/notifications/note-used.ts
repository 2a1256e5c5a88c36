import type { Sql, Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { sendUsed, sendUsedOfCommon } from './store/used.ts';

/** Somebody has opened post that they had been told of, or let somebody in to it: the addresses that told them are theirs still. Joined writing. */
export function noteUsed(
  tx: Tx,
  acts: readonly { readonly about: string; readonly party: PartyId; readonly by: PartyId; readonly at: Date }[],
): void {
  if (acts.length > 0) sendUsed(tx, acts);
}

/** The same where one notice has told of several things: by a query of `step_id`, `by_id` and `at`. Joined writing. */
export function noteUsedOfCommon(tx: Tx, told: Sql): void {
  sendUsedOfCommon(tx, told);
}
