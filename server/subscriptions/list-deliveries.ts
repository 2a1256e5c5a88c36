import { findEvents } from '#events/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import { ownSubscription } from './own-subscriptions.ts';
import { listDeliveryRows } from './store/delivery.ts';
import type { DeliveryLog, DeliveryQuery } from './wire.ts';

const page = 100;

/** What was delivered to a subscriber, by number. Refuses subscriptionNotFound. */
export async function listDeliveries(ctx: Context, caller: Caller, id: number, query: DeliveryQuery): Promise<DeliveryLog> {
  const { after = null, state = null, sort } = query;
  const subscription = await ownSubscription(ctx.db, caller, id);
  const rows = await listDeliveryRows(ctx.db, subscription.id, { after, newestFirst: sort === 'newest', state, limit: page });
  const events = await findEvents(
    ctx.db,
    rows.map(({ eventId }) => eventId),
  );
  const deliveries = rows.flatMap(({ eventId, nextAt, changedAt, ...row }) => {
    const event = events.get(eventId);
    if (!event) return []; // deleted just now, with the row
    const { type, resourceInstance, at } = event;
    const seen = row.state === 'Withheld' ? { type: '', resourceInstance: '' } : { type, resourceInstance };
    return [
      { ...row, eventId, ...seen, at: at.toISOString(), nextAttemptAt: nextAt?.toISOString() ?? null, changedAt: changedAt.toISOString() },
    ];
  });
  return { deliveries, next: rows.length === page ? rows.at(-1)!.number : null };
}
