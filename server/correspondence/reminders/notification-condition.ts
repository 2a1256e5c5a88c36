import type { Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import type { DueNotice } from '#notifications/index.ts';
import { availableForRecipient, type MessageState } from '../states.ts';
import { listConditions } from '../store/reminder.ts';

/** What decides whether a notification still has a point. */
export interface ConditionFacts {
  readonly state: MessageState;
  readonly published: boolean;
  /** As clients see it. */
  readonly read: boolean;
  /** By a reader's own right, which is what counts for our own reminders. */
  readonly opened: boolean;
  readonly awaitsConfirmation: boolean;
}

/**
 * Pure. The original's question, which its notification service asks right before sending: not of what was deleted, has failed or was
 * never published; and no reminder of what is read. Nobody knows it: no. Source: compatibility.md, correspondence, §6.5.
 */
export function sendsNotification(
  facts: Pick<ConditionFacts, 'state' | 'published' | 'read'> | undefined,
  kind: 'main' | 'reminder',
): boolean {
  if (!facts?.published || !availableForRecipient.has(facts.state)) return false;
  return kind === 'main' || !facts.read;
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
 * Which of these notices have become pointless, by the same question, with the watch's sense of read: what was marked as read and not
 * opened is reminded of, and so is what was opened and waits to be confirmed. What is about no message of ours is not judged.
 * Fills the hook of notifications.
 */
export async function findPointlessNotices(reader: Reader, notices: readonly DueNotice[]): Promise<ReadonlySet<string>> {
  const facts = await listConditions(reader, [...new Set(notices.map(({ about }) => about as CorrespondenceId))]);
  const pointless = notices.filter(({ about, purpose }) => {
    const its = facts.get(about as CorrespondenceId);
    return its !== undefined && toReceivers.has(purpose) && !sendsNotification(...asked(its, purpose));
  });
  return new Set(pointless.map(({ id }) => id));
}

const toReceivers: ReadonlySet<DueNotice['purpose']> = new Set(['new-mail', 'reminder', 'reminder-confirm', 'sealed', 'sealed-attachment']);

function asked(facts: ConditionFacts, purpose: DueNotice['purpose']): [Parameters<typeof sendsNotification>[0], 'main' | 'reminder'] {
  return [{ ...facts, read: facts.opened && !facts.awaitsConfirmation }, purpose === 'reminder' ? 'reminder' : 'main'];
}
