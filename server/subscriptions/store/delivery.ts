import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { deliveryStates } from '../wire.ts';

export interface Delivery {
  readonly number: number;
  readonly eventId: string;
  readonly state: (typeof deliveryStates)[number];
  readonly attempts: number;
  readonly nextAt: Date | null;
  readonly lastAnswer: string | null;
  readonly changedAt: Date;
}

const columns: Sql = sql`
  number::float8 as number, event_id as "eventId", state, attempts, next_at as "nextAt", last_answer as "lastAnswer", changed_at as "changedAt"`;

export interface NewDelivery {
  readonly subscription: number;
  readonly number: number;
  readonly eventId: string;
}

export function saveDeliveries(tx: Tx, rows: readonly NewDelivery[], at: Date): void {
  if (rows.length === 0) return;
  tx.send(sql`
    insert into subscriptions.delivery (subscription_id, number, event_id, state, next_at, changed_at)
    select r.subscription, r.number, r.event, 'Pending', ${at}, ${at}
      from unnest(${rows.map((r) => r.subscription)}::int[], ${rows.map((r) => r.number)}::bigint[], ${rows.map((r) => r.eventId)}::uuid[])
           as r (subscription, number, event)`);
}

export interface DeliveryPage {
  /** Null: from the first, or the last where the newest come first. */
  readonly after: number | null;
  readonly newestFirst: boolean;
  readonly state: Delivery['state'] | null;
  readonly limit: number;
}

/** -- index: the primary key */
export function listDeliveryRows(
  reader: Reader,
  subscription: number,
  { after, newestFirst, state, limit }: DeliveryPage,
): Promise<Delivery[]> {
  const from = newestFirst
    ? sql`(${after}::bigint is null or number < ${after}) order by number desc`
    : sql`(${after}::bigint is null or number > ${after}) order by number`;
  return reader.all<Delivery>(sql`
    select ${columns} from subscriptions.delivery
     where subscription_id = ${subscription} and (${state}::text is null or state = ${state}) and ${from} limit ${limit}`);
}

/** Counted no further than 1000. -- index: delivery_pending */
export async function countPending(reader: Reader, subscriptions: readonly number[]): Promise<Map<number, number>> {
  const rows = await reader.all<{ id: number; count: number }>(sql`
    select s.id, p.count from unnest(${subscriptions}::int[]) as s (id),
           lateral (select count(*)::int as count from (
             select 1 from subscriptions.delivery d where d.subscription_id = s.id and d.state = 'Pending' limit 1000) d) p`);
  return new Map(rows.map(({ id, count }) => [id, count]));
}

/** Those of the events that the subscription has a number for. -- index: delivery_subscription_id_event_id_key */
export async function listKnownEvents(reader: Reader, subscription: number, events: readonly string[]): Promise<Set<string>> {
  const rows = await reader.all<{ id: string }>(sql`
    select event_id as id from subscriptions.delivery where subscription_id = ${subscription} and event_id = any(${events}::uuid[])`);
  return new Set(rows.map(({ id }) => id));
}

/** These events are delivered once more, under the numbers they have. */
export function saveAgain(tx: Tx, subscription: number, events: readonly string[], at: Date): void {
  tx.send(sql`
    update subscriptions.delivery set state = 'Pending', attempts = 0, next_at = ${at}, changed_at = ${at}
     where subscription_id = ${subscription} and event_id = any(${events}::uuid[])`);
}

/** What waits is tried anew, as if it had never failed. */
export function saveAfresh(tx: Tx, subscription: number, at: Date): void {
  tx.send(sql`
    update subscriptions.delivery set attempts = 0, next_at = ${at} where subscription_id = ${subscription} and state = 'Pending'`);
}
