import { setTimeout as sleep } from 'node:timers/promises';
import { type CloudEvent, findEvents, type OutboxRow, toCloudEvent } from '#events/index.ts';
import { describeFault } from '#kernel/fault.ts';
import { newId } from '#kernel/ids.ts';
import type { SubscriptionContext } from './context.ts';
import { mayHear } from './rights.ts';
import { leaseSeconds, settleAttempt, settleValidation, withhold } from './settle-attempt.ts';
import type { Delivery } from './store/delivery.ts';
import { type Condition, type Leased, leaseDue, listDue, lockLeased, releaseLease } from './store/lease.ts';
import { partiesOfSubjects } from './subjects.ts';
import { keptCaller } from './subscriber.ts';
import { bodyFor } from './webhook/body-for.ts';
import { type PostResult, stopping } from './webhook/post-webhook.ts';
import { signatureHeaders } from './webhook/sign.ts';

/** Subscribers that are posted to at the same time by one process. Those that are new, and those that fail, have slots of their own, so that however many hang, others are served. */
const slots: Readonly<Record<Condition, number>> = { healthy: 40, failing: 16, new: 8 };
/** As many of them may be one party's. */
const mostOfOne: Readonly<Record<Condition, number>> = { healthy: 10, failing: 4, new: 2 };
const conditions = ['healthy', 'failing', 'new'] as const;
/** How often new work is looked for while some is under way. */
const lookAgainMillis = 250;
/** A subscriber with much to get lets others have its slot after this. */
const turnMillis = 20_000;
/** Rights that were asked for longer ago are asked for again. */
const freshMillis = 2_000;
const batch = 20;

/**
 * Delivers what is due, each subscriber's events in the order of their numbers and one at a time, many subscribers side by
 * side; returns when nothing is due. Any number of processes may run it: a lease keeps two from serving one subscriber. At
 * least once: what was posted and not settled when a process dies is posted again when its lease has run out.
 */
export async function deliverDue(ctx: SubscriptionContext): Promise<void> {
  const running: Record<Condition, Set<Promise<void>>> = { healthy: new Set(), failing: new Set(), new: new Set() };
  for (;;) {
    for (const kind of conditions) {
      for (const subscription of await lease(ctx, kind, slots[kind] - running[kind].size)) {
        const work: Promise<void> = lookAfter(ctx, subscription).finally(() => running[kind].delete(work));
        running[kind].add(work);
      }
    }
    const all = conditions.flatMap((kind) => [...running[kind]]);
    if (all.length === 0) return;
    await Promise.race([...all, sleep(lookAgainMillis)]);
  }
}

async function lease(ctx: SubscriptionContext, condition: Condition, limit: number): Promise<Leased[]> {
  if (limit <= 0 || ctx.webhooks.isClosed) return [];
  return ctx.db.transaction((tx) => leaseDue(tx, { lease: newId(), limit, mostOfOne: mostOfOne[condition], condition, leaseSeconds }));
}

/** What goes wrong here keeps the lease, so that it is not tried again at once. */
async function lookAfter(ctx: SubscriptionContext, subscription: Leased): Promise<void> {
  try {
    if (subscription.state === 'Unvalidated') await validate(ctx, subscription);
    else await deliverTo(ctx, subscription);
    await ctx.db.transaction(async (tx) => {
      if (await lockLeased(tx, subscription)) releaseLease(tx, subscription.id);
    });
  } catch (error) {
    ctx.log.error({ subscription: subscription.id, ...describeFault(error) }, 'a subscriber could not be served; it will be tried again');
  }
}

/** Source: compatibility.md, platform, §4.2. */
async function validate(ctx: SubscriptionContext, subscription: Leased): Promise<void> {
  const id = newId();
  const event = {
    id,
    source: new URL(`/events/api/v1/subscriptions/${subscription.id}`, ctx.publicUrl).href,
    specversion: '1.0',
    type: 'platform.events.validatesubscription',
  };
  const result = await post(ctx, subscription, id, event, {});
  if (result !== stopping) await settleValidation(ctx, subscription, result);
}

async function deliverTo(ctx: SubscriptionContext, subscription: Leased): Promise<void> {
  const until = Date.now() + turnMillis;
  let failures = subscription.failures;
  while (Date.now() < until) {
    const due = await listDue(ctx.db, subscription.id, batch);
    if (due.length === 0) return;
    const asked = Date.now();
    const events = await heardEvents(ctx, subscription, due);
    for (const delivery of due) {
      if (Date.now() - asked > freshMillis) break;
      const event = events.get(delivery.eventId);
      const settled = event
        ? await attempt(ctx, { ...subscription, failures }, delivery, event)
        : await withhold(ctx, subscription, delivery);
      if (settled !== 'go on') return;
      failures = 0;
    }
  }
}

/** The events that the subscriber may hear of now. */
async function heardEvents(
  ctx: SubscriptionContext,
  { caller, resource }: Leased,
  due: readonly Delivery[],
): Promise<Map<string, OutboxRow>> {
  const events = [
    ...(
      await findEvents(
        ctx.db,
        due.map(({ eventId }) => eventId),
      )
    ).values(),
  ];
  const parties = await partiesOfSubjects(
    ctx.db,
    events.map(({ subject }) => subject),
  );
  const heard = await mayHear(
    ctx.db,
    events.map(({ subject, type }) => ({ caller: keptCaller(caller), type, resource, party: parties.get(subject)?.id ?? null })),
  );
  return new Map(events.filter((_, i) => heard[i]).map((event) => [event.id, event]));
}

async function attempt(ctx: SubscriptionContext, subscription: Leased, delivery: Delivery, event: OutboxRow): Promise<'go on' | 'leave'> {
  const headers = { 'budstikke-number': String(delivery.number) };
  const result = await post(ctx, subscription, event.id, toCloudEvent(event, ctx.publicUrl), headers);
  return result === stopping ? 'leave' : settleAttempt(ctx, subscription, { delivery, event, result });
}

function post(
  ctx: SubscriptionContext,
  { endpoint, mediaType, secrets }: Leased,
  id: string,
  event: CloudEvent | object,
  headers: Readonly<Record<string, string>>,
): Promise<PostResult | typeof stopping> {
  const body = bodyFor(endpoint, JSON.stringify(event));
  const signed = signatureHeaders(id, body, secrets, new Date());
  return ctx.webhooks.post({ url: endpoint, body, headers: { 'content-type': mediaType, ...headers, ...signed } });
}
