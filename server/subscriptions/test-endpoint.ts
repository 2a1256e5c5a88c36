import type { Caller } from '#kernel/context.ts';
import { newId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import type { SubscriptionContext } from './context.ts';
import { answerOf, isTaken } from './decide-attempt.ts';
import { subscriptionErrors as e } from './errors.ts';
import { ownSubscription } from './own-subscriptions.ts';
import { findSecrets } from './store/subscription.ts';
import { bodyFor } from './webhook/body-for.ts';
import { stopping } from './webhook/post-webhook.ts';
import { signatureHeaders } from './webhook/sign.ts';

/** Between two tests of one endpoint, by one process: it may have said yes to its validation event without being the caller's. */
const pauseMillis = 5_000;
const testedAt = new Map<number, number>();

/**
 * Posts an event that stands for nothing to the endpoint, now, signed as all are, and tells what it answered. It has no number, stands in
 * no log, and changes nothing about the subscription; one that is paused is tested as well, so that whoever mends it can see that it works.
 * One at a time, and not again within five seconds. Refuses subscriptionNotFound, notValidated, testedJustNow. Ours.
 */
export async function testEndpoint(ctx: SubscriptionContext, caller: Caller, id: number) {
  const { state, endpoint, mediaType } = await ownSubscription(ctx.db, caller, id);
  if (state === 'Unvalidated') throw refuse(e.notValidated, { id });
  takeTurn(id);
  const eventId = newId();
  const event = {
    id: eventId,
    source: new URL(`/events/api/v1/subscriptions/${id}`, ctx.publicUrl).href,
    specversion: '1.0',
    type: 'no.budstikke.subscription.test',
    time: ctx.now().toISOString(),
  };
  const body = bodyFor(endpoint, JSON.stringify(event));
  const signed = signatureHeaders(eventId, body, await findSecrets(ctx.db, id), new Date());
  const begun = performance.now();
  const result = await ctx.webhooks.post({ url: endpoint, body, headers: { 'content-type': mediaType, ...signed } });
  const tookMillis = Math.round(performance.now() - begun);
  if (result === stopping) throw refuse(e.testedJustNow, { seconds: pauseMillis / 1000 });
  return { eventId, isTaken: isTaken(result), answer: answerOf(result), tookMillis };
}

function takeTurn(id: number): void {
  const now = Date.now();
  for (const [other, at] of testedAt) if (now - at >= pauseMillis) testedAt.delete(other);
  if (testedAt.has(id)) throw refuse(e.testedJustNow, { seconds: pauseMillis / 1000 });
  testedAt.set(id, now);
}
