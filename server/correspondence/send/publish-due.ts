import type { Swept } from '#jobs/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { listMessages, lockDueMessages, type Message } from '../store/message.ts';
import { publishMessages } from './publish-messages.ts';

/** Messages that one transaction publishes. */
const batch = 200;

/**
 * Publishes a batch of what is complete and whose time has come; `more` when there may be another. Safe to run twice and in
 * several processes: what another holds is left to it.
 */
export async function publishDue(ctx: Context): Promise<Swept> {
  const taken = await ctx.db.transaction(async (tx) => {
    const due = await lockDueMessages(tx, batch);
    await publishMessages(tx, due, ctx.now());
    return due.length;
  });
  return taken === batch ? 'more' : undefined;
}

/**
 * The locked message as it is after its time: a reader who comes between the time and the sweeper is not turned away.
 * Source: compatibility.md, correspondence, §4.3.
 */
export async function publishIfDue(tx: Tx, message: Message, now: Date): Promise<Message> {
  return (await publishThoseDue(tx, [message], now)).get(message.id) ?? message;
}

/** The same of several locked messages: those that were published now, as they are after it. */
export async function publishThoseDue(tx: Tx, messages: readonly Message[], now: Date): Promise<Map<CorrespondenceId, Message>> {
  const due = messages.filter(({ state, requestedPublishAt }) => state === 'ReadyForPublish' && requestedPublishAt <= now);
  if (due.length === 0) return new Map();
  await publishMessages(tx, due, now);
  const published = await listMessages(
    tx,
    due.map(({ id }) => id),
  );
  return new Map(published.map((message) => [message.id, message]));
}
