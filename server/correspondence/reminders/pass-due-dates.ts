import { type EventRow, publishEvents } from '#events/index.ts';
import type { Swept } from '#jobs/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { findParties } from '#register/index.ts';
import { type CorrespondenceEvent, correspondenceEvent } from '../events.ts';
import { availableForRecipient, unpublished } from '../states.ts';
import { type DueMessage, lockDueSubmission, lockMessagesAfter, saveDueProgress, saveLate, takeLate } from '../store/due-date.ts';

/** Messages that one transaction looks after. */
const batch = 500;

/**
 * Tells recipient and sender of messages whose due date has passed and that nobody has read, or confirmed where that is asked. Due
 * dates are rows, and how far a submission's messages have been looked after stands in its own: what fails is tried again, what
 * is done is not told twice, and any number of workers may run it. What is not published by then is told when it is.
 * Source: compatibility.md, correspondence, §8.3 (the original tries once, and tells the recipient alone).
 */
export async function passDueDates(ctx: Context, limit = batch): Promise<Swept> {
  const more = await ctx.db.transaction(async (tx) => {
    tx.keepPlans();
    const late = await takeLate(tx, limit);
    await tellOf(tx, late, ctx.now());
    const submission = await lockDueSubmission(tx);
    if (!submission) return late.length === limit;
    const messages = await lockMessagesAfter(tx, submission, limit);
    const [waiting, rest] = [
      messages.filter(({ state }) => unpublished.has(state)),
      messages.filter(({ state }) => !unpublished.has(state)),
    ];
    saveLate(
      tx,
      waiting.map(({ id }) => id),
      submission.dueAt,
    );
    await tellOf(tx, rest, ctx.now());
    saveDueProgress(tx, submission, messages.length === limit ? messages.at(-1)!.id : null);
    return true;
  });
  return more ? 'more' : undefined;
}

async function tellOf(tx: Tx, messages: readonly DueMessage[], at: Date): Promise<void> {
  const missed = messages.flatMap((message) => missedBy(message).map((name) => ({ message, name })));
  const parties = await findParties(tx, [...new Set(missed.flatMap(({ message }) => [message.recipientId, message.ownerId]))]);
  publishEvents(
    tx,
    missed.flatMap(({ message, name }): EventRow[] =>
      [...new Set([message.recipientId, message.ownerId])].map((party) => correspondenceEvent(name, message, parties.get(party)!, at)),
    ),
  );
}

/** Pure. What has not been done with a published message by its due date. Of what is deleted nothing is told. */
export function missedBy(
  message: Pick<DueMessage, 'state' | 'publishedAt' | 'readAt' | 'confirmedAt' | 'isConfirmationNeeded'>,
): CorrespondenceEvent[] {
  if (message.publishedAt === null || !availableForRecipient.has(message.state)) return [];
  const unread = message.readAt === null;
  const unconfirmed = message.isConfirmationNeeded && message.confirmedAt === null;
  return [
    ...(unread ? (['correspondencereceiverneverread'] as const) : []),
    ...(unconfirmed ? (['correspondencereceiverneverconfirmed'] as const) : []),
  ];
}
