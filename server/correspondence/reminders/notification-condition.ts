import type { Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import type { DueNotice, WhyNot } from '#notifications/index.ts';
import { findParties } from '#register/index.ts';
import { availableForRecipient } from '../states.ts';
import { type ConditionFacts, listConditions } from '../store/reminder.ts';

/**
 * Pure. The original's question, which its notification service asks right before sending: not of what was deleted, has failed or was
 * never published; and no reminder of what is read, by whomever. Nobody knows it: no. Source: compatibility.md, correspondence, §6.5.
 */
export function sendsNotification(
  facts: Pick<ConditionFacts, 'state' | 'published' | 'read' | 'opened'> | undefined,
  kind: 'main' | 'reminder',
): boolean {
  if (!facts?.published || !availableForRecipient.has(facts.state)) return false;
  return kind === 'main' || !(facts.read || facts.opened);
}

/** Whether the main notification, or the reminder, of a message should be sent now. */
export async function checkNotification(
  ctx: Context,
  id: CorrespondenceId,
  kind: 'main' | 'reminder',
): Promise<{ sendNotification: boolean }> {
  const facts = await listConditions(ctx.db, [id]);
  return { sendNotification: sendsNotification(facts.get(id), kind) };
}

/**
 * Which of these notices are not to go. What a sender ordered goes by the question above, and the watch has our own go in the place of a
 * reminder that is called off by it. Our own go by the watch's sense of read: what was marked as read and not opened is reminded of, and so is
 * what was opened and waits to be confirmed, until it is, and what was opened while an attachment was locked that nobody has fetched. Of persons
 * who have said no to digital post since, neither the recipient nor whom the sender named is told, unless the sender ignores reservations.
 * What is about no message of ours is not judged. Fills the hook of notifications. Source: compatibility.md, correspondence, §6.5, §6.3.
 */
export async function findPointlessNotices(reader: Reader, notices: readonly DueNotice[]): Promise<ReadonlyMap<string, WhyNot>> {
  const about = new Set(notices.flatMap(({ about }) => (about === null ? [] : [about as CorrespondenceId])));
  if (about.size === 0) return new Map();
  const facts = await listConditions(reader, [...about]);
  const judged = notices.flatMap((notice) => {
    const its = facts.get(notice.about as CorrespondenceId);
    return its && toReceivers.has(notice.purpose) ? [{ notice, facts: its }] : [];
  });
  const parties = await findParties(reader, [...new Set(judged.flatMap(({ notice }) => notice.to ?? []))]);
  const isReserved = ({ notice: { to, orderedFor }, facts: { recipientId, ignoreReservation } }: Judged): boolean => {
    const party = to === null || ignoreReservation ? undefined : parties.get(to);
    return party?.kind === 'person' && party.reserved && (to === recipientId || orderedFor === 'custom');
  };
  return new Map(
    judged.flatMap((each): [string, WhyNot][] => {
      if (!hasPoint(each)) return [[each.notice.id, 'pointless']];
      return isReserved(each) ? [[each.notice.id, 'reserved']] : [];
    }),
  );
}

interface Judged {
  readonly notice: DueNotice;
  readonly facts: ConditionFacts;
}

const reminders: ReadonlySet<DueNotice['purpose']> = new Set(['reminder', 'reminder-confirm', 'attachment-reminder']);
const toReceivers: ReadonlySet<DueNotice['purpose']> = new Set([
  ...reminders,
  ...(['new-mail', 'attachment-unlocked', 'sealed', 'sealed-attachment'] as const),
]);

function hasPoint({ notice: { purpose, orderedFor }, facts }: Judged): boolean {
  if (!reminders.has(purpose)) return sendsNotification(facts, 'main');
  if (orderedFor !== null) return sendsNotification(facts, 'reminder');
  // Of an attachment: until the watch ends, which calls it off.
  const isDone = purpose === 'reminder' ? facts.opened : purpose === 'reminder-confirm' && !facts.awaitsConfirmation;
  return sendsNotification({ ...facts, read: isDone, opened: isDone }, 'reminder');
}
