import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { KeptCaller } from '../subscriber.ts';
import type { MediaType } from '../wire.ts';
import type { Delivery } from './delivery.ts';
import type { Subscription } from './subscription.ts';

/** A subscription that one worker looks after until it lets go, or its lease runs out. */
export interface Leased {
  readonly id: number;
  readonly lease: string;
  readonly partyId: Subscription['partyId'];
  readonly endpoint: string;
  readonly mediaType: MediaType;
  readonly resource: Subscription['resource'];
  readonly caller: KeptCaller;
  readonly state: Subscription['state'];
  readonly failures: number;
  readonly failingSince: Date | null;
  /** The secret, and the former one while it counts. */
  readonly secrets: readonly Buffer[];
}

/** Those that have not answered yet whether they want events, those that fail, and all others. */
export type Condition = 'new' | 'failing' | 'healthy';

const isIn: Readonly<Record<Condition, Sql>> = {
  new: sql`state = 'Unvalidated'`,
  failing: sql`state <> 'Unvalidated' and failures > 0`,
  healthy: sql`state <> 'Unvalidated' and failures = 0`,
};

/**
 * Takes subscriptions in this condition that are due and that nobody holds, of each party as many as leave it with `mostOfOne`
 * at most: whoever has hundreds of endpoints that hang keeps nobody else from being served. Two processes that ask at the same
 * moment may give it that many each. The lease is real time. -- index: subscription_due
 */
export function leaseDue(
  tx: Tx,
  {
    lease,
    limit,
    mostOfOne,
    condition,
    leaseSeconds,
  }: { lease: string; limit: number; mostOfOne: number; condition: Condition; leaseSeconds: number },
): Promise<Leased[]> {
  return tx.all<Leased>(sql`
    with held as (
      select party_id, count(*) as n from subscriptions.subscription
       where leased_until >= statement_timestamp() and ${isIn[condition]} group by party_id),
    free as (
      select id, due_at, coalesce(held.n, 0) + row_number() over (partition by party_id order by due_at, id) as place
        from subscriptions.subscription left join held using (party_id)
       where due_at <= clock.now() and ${isIn[condition]} and (leased_until is null or leased_until < statement_timestamp())),
    due as (
      select id from subscriptions.subscription
       where id in (select id from free where place <= ${mostOfOne} order by due_at, id limit ${limit})
         and due_at <= clock.now() and (leased_until is null or leased_until < statement_timestamp())
       order by due_at for update skip locked)
    update subscriptions.subscription s
       set lease = ${lease}, leased_until = statement_timestamp() + make_interval(secs => ${leaseSeconds}::double precision)
      from due where s.id = due.id
    returning s.id, s.lease, s.party_id as "partyId", s.endpoint, s.media_type as "mediaType", s.resource, s.caller, s.state, s.failures,
              s.failing_since as "failingSince",
              case when s.former_until > statement_timestamp() then array[s.secret, s.former_secret] else array[s.secret] end as secrets`);
}

/** What is due for a subscription, in the order of numbers. -- index: delivery_pending */
export function listDue(reader: Reader, subscription: number, limit: number): Promise<Delivery[]> {
  return reader.all<Delivery>(sql`
    select number::float8 as number, event_id as "eventId", state, attempts, next_at as "nextAt", last_answer as "lastAnswer",
           changed_at as "changedAt"
      from subscriptions.delivery
     where subscription_id = ${subscription} and state = 'Pending' and next_at <= clock.now()
     order by number limit ${limit}`);
}

/** Whether the lease still stands; others who would change the row wait until the transaction ends. It is renewed. */
export async function holdLease(tx: Tx, { id, lease }: Pick<Leased, 'id' | 'lease'>, leaseSeconds: number): Promise<boolean> {
  return (
    (await tx.run(sql`
    update subscriptions.subscription
       set leased_until = statement_timestamp() + make_interval(secs => ${leaseSeconds}::double precision)
     where id = ${id} and lease = ${lease}`)) === 1
  );
}

export interface SettledDelivery {
  readonly number: number;
  readonly state: Delivery['state'];
  readonly attempts: number;
  readonly nextAt: Date | null;
  readonly answer: string | null;
}

export function saveSettled(tx: Tx, subscription: number, rows: readonly SettledDelivery[], at: Date): void {
  if (rows.length === 0) return;
  tx.send(sql`
    update subscriptions.delivery d
       set state = r.state, attempts = r.attempts, next_at = r."nextAt", last_answer = coalesce(r.answer, d.last_answer), changed_at = ${at}
      from json_to_recordset(${JSON.stringify(rows)}) as r (number bigint, state text, attempts integer, "nextAt" timestamptz, answer text)
     where d.subscription_id = ${subscription} and d.number = r.number`);
}

/** How the subscriber fares after an attempt. */
export function saveHealth(
  tx: Tx,
  id: number,
  health: { readonly failures: number; readonly failingSince: Date | null; readonly notBefore: Date | null },
): void {
  tx.send(sql`
    update subscriptions.subscription
       set failures = ${health.failures}, failing_since = ${health.failingSince}, not_before = ${health.notBefore}
     where id = ${id}`);
}

export function savePaused(tx: Tx, id: number, at: Date): void {
  tx.send(sql`
    update subscriptions.subscription set state = 'Paused', paused_at = ${at}, due_at = null, not_before = null where id = ${id}`);
}

/** The endpoint has answered its validation event. */
export function saveValidated(tx: Tx, id: number, at: Date): void {
  tx.send(sql`
    update subscriptions.subscription
       set state = 'Active', validated_at = ${at}, failures = 0, failing_since = null, not_before = null
     where id = ${id} and state = 'Unvalidated'`);
}

/** When an endpoint that did not answer is asked again; null: not again by itself. */
export function saveUnvalidated(tx: Tx, id: number, failures: number, since: Date, dueAt: Date | null): void {
  tx.send(sql`
    update subscriptions.subscription
       set failures = ${failures}, failing_since = ${since}, not_before = ${dueAt}, due_at = ${dueAt}
     where id = ${id} and state = 'Unvalidated'`);
}

/** Takes the row's lock, so that what is read next is what others have left. */
export async function lockLeased(tx: Tx, { id, lease }: Pick<Leased, 'id' | 'lease'>): Promise<boolean> {
  return (await tx.maybe(sql`select 1 from subscriptions.subscription where id = ${id} and lease = ${lease} for update`)) !== undefined;
}

/** Lets go. When it is looked at next follows from what waits; of an endpoint that has not answered it is known already. */
export function releaseLease(tx: Tx, id: number): void {
  tx.send(sql`
    update subscriptions.subscription s
       set lease = null, leased_until = null,
           due_at = case s.state when 'Active' then (
                      select greatest(s.not_before, d.next_at) from subscriptions.delivery d
                       where d.subscription_id = s.id and d.state = 'Pending' order by d.next_at limit 1)
                    when 'Unvalidated' then s.due_at end
     where s.id = ${id}`);
}

/** When a subscription must next be looked after; null when none. -- index: subscription_due */
export async function findNextDue(reader: Reader): Promise<Date | null> {
  const row = await reader.maybe<{ at: Date }>(
    sql`select due_at as at from subscriptions.subscription where due_at is not null order by due_at limit 1`,
  );
  return row?.at ?? null;
}
