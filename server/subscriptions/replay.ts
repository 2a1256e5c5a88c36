import { eventsBetween, sourceOf } from '#events/index.ts';
import type { Caller } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import type { SubscriptionContext } from './context.ts';
import { subscriptionErrors as e } from './errors.ts';
import { deliverSweeper } from './jobs.ts';
import { asksFor } from './match-events.ts';
import { listKnownEvents, saveAgain, saveDeliveries } from './store/delivery.ts';
import { saveDue, saveLastNumbers } from './store/subscription.ts';
import { partiesOfSubjects } from './subjects.ts';
import { heardOf, numbered } from './tell-events.ts';
import { lockOwn } from './tend-subscription.ts';
import type { ReplayRequest } from './wire.ts';

/** Events of the resource that one replay looks at. */
export const mostReplayed = 10_000;

/**
 * Delivers what happened within a time once more: each event that the subscription asks for and may hear of. Those that it
 * has a number for keep it; those from before it subscribed get the next ones. Asking again delivers again.
 *
 * Refuses subscriptionNotFound, notValidated, replayBackwards, replayTooLarge. Ours.
 */
export function replay(
  ctx: SubscriptionContext,
  caller: Caller,
  id: number,
  request: ReplayRequest,
): Promise<{ again: number; added: number }> {
  const at = ctx.now();
  const [from, to] = [new Date(request.from), request.to ? new Date(request.to) : at];
  return ctx.db.transaction(async (tx) => {
    const subscription = await lockOwn(tx, caller, id);
    if (subscription.state === 'Unvalidated') throw refuse(e.notValidated, { id });
    if (to < from) throw refuse(e.replayBackwards, { id });
    const events = await eventsBetween(tx, { resource: subscription.resource, from, to }, mostReplayed + 1);
    if (events.length > mostReplayed) throw refuse(e.replayTooLarge, { most: mostReplayed });
    const parties = await partiesOfSubjects(
      tx,
      events.map(({ subject }) => subject),
    );
    const asked = events
      .map((event) => ({ subscription, event, party: parties.get(event.subject) }))
      .filter(({ event, party }) => asksFor(subscription, event, sourceOf(event, ctx.publicUrl), party));
    const heard = await heardOf(tx, asked);
    const known = await listKnownEvents(
      tx,
      id,
      heard.map(({ event }) => event.id),
    );
    const { rows, lastNumbers } = numbered(heard.filter(({ event }) => !known.has(event.id)));
    saveAgain(tx, id, [...known], at);
    saveDeliveries(tx, rows, at);
    saveLastNumbers(tx, lastNumbers, at);
    if (known.size > 0) saveDue(tx, [id], at);
    tx.afterCommit(deliverSweeper.wake);
    return { again: known.size, added: rows.length };
  });
}
