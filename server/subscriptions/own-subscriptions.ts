import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { type ErrorRow, refuse } from '#kernel/refusal.ts';
import { findParties, findParty } from '#register/index.ts';
import { subscriptionErrors as e } from './errors.ts';
import { countPending } from './store/delivery.ts';
import { findOwn, listOwn, type Subscription } from './store/subscription.ts';
import { mostSubscriptions } from './subscribe.ts';
import { consumerNames } from './subscriber.ts';
import type { SubscriptionStatus, SubscriptionView } from './wire.ts';

/** Whose subscriptions the caller sees; undefined for somebody whom the register does not know. */
async function subscriberOf(reader: Reader, caller: Caller): Promise<{ party: PartyId; consumers: string[] } | undefined> {
  const party = caller.party === null ? undefined : await findParty(reader, caller.party);
  return party && { party: party.id, consumers: consumerNames(caller, party) };
}

/** All that the caller has, oldest first. */
export async function ownSubscriptions(reader: Reader, caller: Caller): Promise<Subscription[]> {
  const subscriber = await subscriberOf(reader, caller);
  return subscriber ? listOwn(reader, subscriber.party, subscriber.consumers, mostSubscriptions) : [];
}

/** One that is the caller's; refuses `missing` for any other, whether it is there or not. */
export async function ownSubscription(
  reader: Reader,
  caller: Caller,
  id: number,
  missing: ErrorRow = e.subscriptionNotFound,
): Promise<Subscription> {
  const subscriber = await subscriberOf(reader, caller);
  const found = subscriber && (await findOwn(reader, id, subscriber.party, subscriber.consumers));
  if (!found) throw refuse(missing, { id });
  return found;
}

/** As clients of the original see it. Source: compatibility.md, platform, §4.2. */
export function viewOf(s: Subscription): SubscriptionView {
  return {
    id: s.id,
    endPoint: s.endpoint,
    sourceFilter: s.sourceFilter,
    resourceFilter: `urn:altinn:resource:${s.resource}`,
    subjectFilter: s.subjectFilter,
    alternativeSubjectFilter: s.alternativeSubject,
    typeFilter: s.typeFilter,
    includeSubunits: s.includeSubunits,
    consumer: s.consumer,
    createdBy: s.consumer,
    created: s.createdAt.toISOString(),
    validated: s.validatedAt !== null,
  };
}

/** With what is known of their deliveries. */
export async function statusesOf(reader: Reader, subscriptions: readonly Subscription[]): Promise<SubscriptionStatus[]> {
  const ids = subscriptions.map(({ id }) => id);
  const actors = subscriptions.flatMap(({ caller }) => caller.actor ?? []);
  const [pending, people] = [await countPending(reader, ids), await findParties(reader, [...new Set(actors)])];
  return subscriptions.map((s) => ({
    ...viewOf(s),
    mediaType: s.mediaType,
    state: s.state,
    lastNumber: s.lastNumber,
    pending: pending.get(s.id) ?? 0,
    failures: s.failures,
    failingSince: s.failingSince?.toISOString() ?? null,
    nextAttemptAt: s.dueAt?.toISOString() ?? null,
    pausedAt: s.pausedAt?.toISOString() ?? null,
    madeBy: (s.caller.actor && people.get(s.caller.actor)?.name) ?? null,
  }));
}

export async function statusOf(reader: Reader, subscription: Subscription): Promise<SubscriptionStatus> {
  return (await statusesOf(reader, [subscription]))[0]!;
}
