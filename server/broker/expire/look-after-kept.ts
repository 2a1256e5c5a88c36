import { type EventRow, publishEvents } from '#events/index.ts';
import type { Swept } from '#jobs/index.ts';
import type { Context } from '#kernel/context.ts';
import { findParties, type Party } from '#register/index.ts';
import { decideKeeping, type KeepDecision, noteBytesGoing, unreadBytesEvent } from '#watch/index.ts';
import { goingWith, type KeptTransfer, listAwaited, lockKept, saveKeeping } from '../store/expiry.ts';
import { goingOf, releaseBytes } from './purge-transfers.ts';

const batch = 100;

/**
 * Bytes of purged transfers that were kept for who has not fetched them: they go when nobody is watched to any more (its sender has
 * decided), or after 90 days, or as many as the document of their resource says; their sender hears of it 7 days and 1 day before, and
 * then. `more` when there may be another batch; safe to run
 * twice and in several processes.
 */
export async function lookAfterKept(ctx: Context): Promise<Swept> {
  const looked = await ctx.db.transaction(async (tx) => {
    const kept = await lockKept(tx, batch);
    if (kept.length === 0) return 0;
    const at = ctx.now();
    const awaited = await listAwaited(
      tx,
      kept.map(({ id }) => id),
    );
    const senders = await findParties(tx, [...new Set(kept.map(({ senderId }) => senderId))]);
    const decided = kept.map((transfer) => ({
      transfer,
      decision: decideKeeping({ until: transfer.keptUntil, warned: transfer.warned, isUnread: awaited.has(transfer.id) }, at),
    }));
    saveKeeping(
      tx,
      decided.map(({ transfer: { id, keptUntil, warned }, decision }) =>
        decision.kind === 'keep'
          ? { id, until: keptUntil, lookAt: decision.lookAt, warned: decision.warned }
          : { id, until: null, lookAt: null, warned },
      ),
    );
    publishEvents(
      tx,
      decided.flatMap(({ transfer, decision }) => warningOf(transfer, decision, senders.get(transfer.senderId)!, at)),
    );
    const warned = decided.filter(({ decision }) => decision.kind === 'keep' && decision.warnsOfDays !== null);
    const going = warned.map(({ transfer }) => ({ id: transfer.id, until: transfer.keptUntil }));
    if (going.length > 0) await noteBytesGoing(tx, goingWith(going), at);
    for (const why of ['decided', 'time is over'] as const) {
      const gone = decided.filter(({ decision }) => decision.kind === 'release' && decision.why === why);
      await releaseBytes(
        tx,
        gone.map(({ transfer }) => transfer),
        at,
        `kept for who had not fetched it: ${why}`,
      );
    }
    return kept.length;
  });
  return looked === batch ? 'more' : undefined;
}

/** The sender hears that bytes which somebody has not fetched are going, and when; and that they have gone, when it has not decided. */
function warningOf(transfer: KeptTransfer, decision: KeepDecision, sender: Party, at: Date): EventRow[] {
  const days = decision.kind === 'keep' ? decision.warnsOfDays : decision.why === 'decided' ? null : 0;
  return days === null ? [] : [unreadBytesEvent(goingOf(transfer, sender, { days, until: transfer.keptUntil }), at)];
}
