import { type EventRow, publishEvents } from '#events/index.ts';
import type { Swept } from '#jobs/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { findParties } from '#register/index.ts';
import { type CorrespondenceEvent, correspondenceEvent } from '../events.ts';
import { availableForRecipient, unpublished } from '../states.ts';
import { type DueMessage, lockDueSubmissions, lockMessagesAfter, saveDueProgress, saveLate, takeLate } from '../store/due-date.ts';

/** Messages that one transaction looks after. */
const batch = 500;
/** Submissions whose messages it takes in at once. */
const mostSubmissions = 50;

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
    const submissions = await lockDueSubmissions(tx, mostSubmissions);
    if (submissions.length === 0) return late.length === limit;
    // Of each as many as all of them may have, and so many that one of many messages holds up no other.
    const each = Math.ceil(limit / submissions.length);
    const messages = await lockMessagesAfter(tx, submissions, each);
    const dueAt = new Map(submissions.map((submission) => [submission.id, submission.dueAt]));
    saveLate(
      tx,
      messages.filter(isUnpublished).map(({ id, submissionId }) => ({ id, dueAt: dueAt.get(submissionId)! })),
    );
    await tellOf(
      tx,
      messages.filter((message) => !isUnpublished(message)),
      ctx.now(),
    );
    const of = Map.groupBy(messages, ({ submissionId }) => submissionId);
    const progress = submissions.map(({ id }) => ({ id, to: of.get(id)?.length === each ? of.get(id)!.at(-1)!.id : null }));
    saveDueProgress(tx, progress);
    return submissions.length === mostSubmissions || progress.some(({ to }) => to !== null) || late.length === limit;
  });
  return more ? 'more' : undefined;
}

const isUnpublished = ({ state }: DueMessage): boolean => unpublished.has(state);

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
