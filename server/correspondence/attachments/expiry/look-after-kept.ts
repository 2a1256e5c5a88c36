import { type EventRow, publishEvents } from '#events/index.ts';
import type { Swept } from '#jobs/index.ts';
import type { Context } from '#kernel/context.ts';
import { findParties, type Party } from '#register/index.ts';
import { decideKeeping, type KeepDecision, unreadBytesEvent } from '#watch/index.ts';
import { type KeptAttachment, listOnPaper, listUnread, lockKept, saveKeeping } from '../../store/expiry.ts';
import { saveGoing } from '../../store/going.ts';
import { goingOf, ownerOf, purgeBytes } from './expire-attachments.ts';
import { noteGoing } from './note-going.ts';

const batch = 100;

/**
 * Bytes of expired attachments that were kept for what is unread: they go when every message that carries them is closed on the
 * watch (opened, decided by its sender, deleted), or after 90 days, or as many as the document of their resource says, and when none of them
 * is on paper any more; their owner hears of it 7 days and 1 day before, and then. `more` when
 * there may be another batch; safe to run twice and in several processes.
 */
export async function lookAfterKept(ctx: Context): Promise<Swept> {
  const looked = await ctx.db.transaction(async (tx) => {
    const kept = await lockKept(tx, batch);
    if (kept.length === 0) return 0;
    const at = ctx.now();
    const unread = await listUnread(
      tx,
      kept.map(({ id }) => id),
    );
    const onPaper = await listOnPaper(
      tx,
      kept.filter(({ id, keptUntil }) => keptUntil <= at && unread.has(id)).map(({ id }) => id),
    );
    const owners = await findParties(
      tx,
      kept.map(({ ownerId }) => ownerId),
    );
    const decided = kept.map((attachment) => ({
      attachment,
      decision: decideKeeping(
        {
          until: attachment.keptUntil,
          warned: attachment.warned,
          isUnread: unread.has(attachment.id),
          isOnPaper: onPaper.has(attachment.id),
        },
        at,
      ),
    }));
    saveKeeping(
      tx,
      decided.map(({ attachment: { id, keptUntil, warned }, decision }) =>
        decision.kind === 'keep'
          ? { id, until: keptUntil, lookAt: decision.lookAt, warned: decision.warned }
          : { id, until: null, lookAt: null, warned },
      ),
    );
    publishEvents(
      tx,
      decided.flatMap(({ attachment, decision }) => warningOf(attachment, decision, ownerOf(owners, attachment), at)),
    );
    const warned = decided.filter(({ decision }) => decision.kind === 'keep' && decision.warnsOfDays !== null);
    saveGoing(
      tx,
      warned.map(({ attachment }) => ({ id: attachment.id, until: attachment.keptUntil })),
      at,
    );
    for (const why of ['decided', 'time is over'] as const) {
      const gone = decided.filter(({ decision }) => decision.kind === 'release' && decision.why === why);
      await purgeBytes(
        tx,
        gone.map(({ attachment }) => attachment),
        at,
        `expired, kept for what was unread: ${why}`,
      );
    }
    return kept.length;
  });
  await noteGoing(ctx);
  return looked === batch ? 'more' : undefined;
}

/** The sender hears that unread bytes are going, and when; and that they have gone, when it has not decided. */
function warningOf(attachment: KeptAttachment, decision: KeepDecision, owner: Party, at: Date): EventRow[] {
  const days = decision.kind === 'keep' ? decision.warnsOfDays : decision.why === 'decided' ? null : 0;
  return days === null ? [] : [unreadBytesEvent(goingOf(attachment, owner, { days, until: attachment.keptUntil }), at)];
}
