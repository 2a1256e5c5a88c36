import { publishEvents } from '#events/index.ts';
import type { Swept } from '#jobs/index.ts';
import type { Context } from '#kernel/context.ts';
import { findParties } from '#register/index.ts';
import { ownTransferEvent, recipientIs, senderIs } from '../events.ts';
import { lockUnconfirmed, saveReminders } from '../store/follow.ts';

const batch = 100;
const againMillis = 24 * 60 * 60 * 1000;

/**
 * Files that were fetched and not confirmed: an hour after the download began, and each day from then on, sender and recipient hear of
 * it by event. A system that died between the two thus finds what it has to confirm. `more` when there may be another batch; safe to
 * run twice and in several processes.
 */
export async function remindUnconfirmed(ctx: Context): Promise<Swept> {
  const looked = await ctx.db.transaction(async (tx) => {
    const due = await lockUnconfirmed(tx, batch);
    if (due.length === 0) return 0;
    const at = ctx.now();
    const open = due.filter(({ isOpen }) => isOpen);
    const parties = await findParties(tx, [...new Set(open.flatMap(({ senderId, party }) => [senderId, party]))]);
    publishEvents(
      tx,
      open.flatMap((one) =>
        [senderIs(parties.get(one.senderId)!), recipientIs(parties.get(one.party)!)].map((to) =>
          ownTransferEvent('unconfirmed', one, to, at),
        ),
      ),
    );
    const again = new Date(at.getTime() + againMillis);
    saveReminders(
      tx,
      due.map(({ id, party, isOpen }) => ({ id, party, at: isOpen ? again : null })),
    );
    return due.length;
  });
  return looked === batch ? 'more' : undefined;
}
