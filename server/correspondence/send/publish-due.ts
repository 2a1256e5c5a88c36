import type { Swept } from '#jobs/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { findMessage, lockDueMessages, type Message } from '../store/message.ts';
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
  if (message.state !== 'ReadyForPublish' || message.requestedPublishAt > now) return message;
  await publishMessages(tx, [message], now);
  return (await findMessage(tx, message.id)) ?? message;
}
