import { type NumberedRow, numberEvents, sourceOf } from '#events/index.ts';
import type { Tx } from '#kernel/database.ts';
import type { ResourceId } from '#kernel/ids.ts';
import type { Party } from '#register/index.ts';
import type { SubscriptionContext } from './context.ts';
import { asksFor } from './match-events.ts';
import { mayHear } from './rights.ts';
import { type NewDelivery, saveDeliveries } from './store/delivery.ts';
import { isAnyAsking, lockAsking, type Subscription, saveLastNumbers } from './store/subscription.ts';
import { partiesOfSubjects } from './subjects.ts';
import { keptCaller } from './subscriber.ts';

const batch = 1000;

/**
 * Tells committed events: numbers them and lays each into the queue of every subscription that asks for it and may hear of
 * it, under that subscriber's next number. All of it in one transaction, and one process at a time: an event is in every
 * queue that it belongs to, once, or has not been told. `wake` is called when there is something to deliver.
 */
export async function tellEvents(ctx: SubscriptionContext, wake: () => void = () => {}): Promise<'more' | undefined> {
  const told = await ctx.db.transaction(async (tx) => {
    const events = await numberEvents(tx, batch);
    if (events.length > 0 && (await queueEvents(tx, events, ctx)) > 0) tx.afterCommit(wake);
    return events.length;
  });
  return told === batch ? 'more' : undefined;
}

async function queueEvents(tx: Tx, events: readonly NumberedRow[], ctx: SubscriptionContext): Promise<number> {
  const resources = [...new Set(events.map(({ resource }) => resource))];
  if (!(await isAnyAsking(tx, resources))) return 0; // as for most of a mailing
  const parties = await partiesOfSubjects(
    tx,
    events.map(({ subject }) => subject),
  );
  const places = [...parties.values()].flatMap(({ id, parentId }) => (parentId ? [id, parentId] : [id]));
  const subscriptions = await lockAsking(tx, resources, [...new Set(places)]);
  if (subscriptions.length === 0) return 0;
  const asked = await heardOf(tx, pairsOf(subscriptions, events, parties, ctx.publicUrl));
  const { rows, lastNumbers } = numbered(asked);
  const at = ctx.now();
  saveDeliveries(tx, rows, at);
  saveLastNumbers(tx, lastNumbers, at);
  return rows.length;
}

/** A subscription that asks for an event, and the party that the event speaks of. */
export interface Asked {
  readonly subscription: Subscription;
  readonly event: { readonly id: string; readonly resource: string; readonly type: string };
  readonly party: Party | undefined;
}

function pairsOf(
  subscriptions: readonly Subscription[],
  events: readonly NumberedRow[],
  parties: ReadonlyMap<string, Party>,
  publicUrl: string,
): Asked[] {
  const byResource = Map.groupBy(subscriptions, ({ resource }) => resource);
  return events.flatMap((event) => {
    const party = parties.get(event.subject);
    const source = sourceOf(event, publicUrl);
    return (byResource.get(event.resource as ResourceId) ?? [])
      .filter((subscription) => asksFor(subscription, event, source, party))
      .map((subscription) => ({ subscription, event, party }));
  });
}

/** Those who may hear of it: each right is asked for once, however many events hang on it. */
export async function heardOf(tx: Tx, pairs: readonly Asked[]): Promise<Asked[]> {
  const keyOf = ({ subscription, event, party }: Asked) => `${subscription.id} ${event.type} ${party?.id}`;
  const once = [...new Map(pairs.map((pair) => [keyOf(pair), pair])).entries()];
  const answers = await mayHear(
    tx,
    once.map(([, { subscription, event, party }]) => ({
      caller: keptCaller(subscription.caller),
      type: event.type,
      resource: subscription.resource,
      party: party?.id ?? null,
    })),
  );
  const heard = new Set(once.filter((_, i) => answers[i]).map(([key]) => key));
  return pairs.filter((pair) => heard.has(keyOf(pair)));
}

/** Pure. Gives each subscription's events its next numbers, in the order in which they come. */
export function numbered(asked: readonly Asked[]): {
  rows: NewDelivery[];
  lastNumbers: { id: number; lastNumber: number }[];
} {
  const last = new Map<number, number>();
  const rows = asked.map(({ subscription: { id, lastNumber }, event }): NewDelivery => {
    const number = (last.get(id) ?? lastNumber) + 1;
    last.set(id, number);
    return { subscription: id, number, eventId: event.id };
  });
  return { rows, lastNumbers: [...last].map(([id, lastNumber]) => ({ id, lastNumber })) };
}
