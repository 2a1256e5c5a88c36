import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { StepState } from '../states.ts';
import type { StepSpec, WatchKey } from '../types.ts';

export interface WatchStep {
  readonly id: string;
  readonly about: string;
  readonly party: PartyId;
  readonly name: string;
  readonly spec: StepSpec;
  readonly source: 'policy' | 'sender';
  readonly orderId: string | null;
  readonly dueAt: Date;
  readonly state: StepState;
  readonly reason: string | null;
  readonly changedAt: Date;
}

export interface ClaimedStep extends WatchKey {
  readonly id: string;
  readonly party: PartyId;
  /** Domain time of the claim. */
  readonly at: Date;
}

/**
 * Takes due steps together with their watches, passing over what others hold. A step whose watch is just being opened is
 * passed over too, and is gone when the opening is committed: the two cannot both win. The steps are taken first, by their
 * index, and by themselves: joined in one go, a planner without statistics compares every step with every watch.
 * -- index: step_due
 */
export function claimDueSteps(tx: Tx, limit: number): Promise<ClaimedStep[]> {
  return tx.all<ClaimedStep>(sql`
    with due as materialized (
      select s.id, s.about, s.party_id
        from watch.step s
       where s.state = 'due' and s.due_at <= clock.now()
       order by s.due_at
       limit ${limit}
         for update skip locked)
    select d.id, d.about, d.party_id as party, clock.now() as at
      from due d
      join watch.item i on i.about = d.about and i.party_id = d.party_id and i.settled_at is null
       for update of i skip locked`);
}

/** Every step of these watches, in the order in which they fall due. -- index: step_about */
export function listSteps(reader: Reader, keys: readonly WatchKey[]): Promise<WatchStep[]> {
  return reader.all<WatchStep>(sql`
    select s.id, s.about, s.party_id as party, s.name, s.spec, s.source, s.order_id as "orderId", s.due_at as "dueAt", s.state, s.reason,
           s.changed_at as "changedAt"
      from watch.step s
      join unnest(${keys.map((k) => k.about)}::uuid[], ${keys.map((k) => k.party)}::uuid[]) as k(about, party_id)
        on s.about = k.about and s.party_id = k.party_id
     order by s.due_at, s.id`);
}

export function saveTaken(
  tx: Tx,
  rows: readonly { readonly id: string; readonly state: StepState; readonly reason: string | null }[],
  at: Date,
): void {
  tx.send(sql`
    update watch.step s set state = r.state, reason = r.reason, changed_at = ${at}
      from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.state)}::text[], ${rows.map((r) => r.reason)}::text[]) as r(id, state, reason)
     where s.id = r.id and s.state = 'due'`);
}

/** A step of the ladder that is not planned yet, with the time at which it will fall due. */
export interface StepToCome extends WatchKey {
  readonly party: PartyId;
  readonly rank: number;
  readonly spec: StepSpec;
  readonly source: 'policy' | 'sender';
  readonly orderId: string | null;
  readonly dueAt: Date;
}

/**
 * What of their ladders lies before published watches, in order. Steps that only sealed post knows, and that were passed
 * over because it was not, do not come back. What is planned is gathered watch by watch: as an anti join the planner may
 * choose to read the whole table. -- index: step_about
 */
export function listStepsToCome(reader: Reader, keys: readonly WatchKey[]): Promise<StepToCome[]> {
  return reader.all<StepToCome>(sql`
    select i.about, i.party_id as party, s.rank, i.published_at + s.after as "dueAt", o."orderId",
           case when o."orderId" is null then 'policy' else 'sender' end as source,
           case when o."orderId" is null then s.spec else s.spec || jsonb_build_object('channel', o.channel) end as spec
      from unnest(${keys.map((k) => k.about)}::uuid[], ${keys.map((k) => k.party)}::uuid[]) as k(about, party_id)
      join watch.item i on i.about = k.about and i.party_id = k.party_id and i.published_at is not null and i.settled_at is null
      join watch.ladder_step s on s.ladder = i.ladder and s.version = i.ladder_version
     cross join lateral (select max(t.rank) as rank, array_agg(t.id) as ids from watch.step t
                          where t.about = i.about and t.party_id = i.party_id) planned
      left join lateral (select o."orderId", o.channel from jsonb_to_recordset(i.sender_steps) as o(name text, "orderId" uuid, channel text)
                          where o.name = s.spec ->> 'name' limit 1) o on true
     where watch.step_id(i.about, i.party_id, 'ladder ' || s.rank) <> all(coalesce(planned.ids, '{}'))
       and (not s.only_sealed or s.rank > coalesce(planned.rank, 0))
     order by s.rank`);
}

/** The sender is told at once, since nobody at the recipient could be: the step is planned now, or comes forward. */
export function hastenTellingSender(tx: Tx, keys: readonly WatchKey[], at: Date): void {
  if (keys.length === 0) return;
  tx.send(sql`
    insert into watch.step as t (id, about, party_id, name, spec, source, due_at, changed_at)
    select distinct on (i.about, i.party_id, s.rank)
           watch.step_id(i.about, i.party_id, 'ladder ' || s.rank), i.about, i.party_id, s.spec ->> 'name', s.spec, 'policy', ${at}::timestamptz, ${at}::timestamptz
      from unnest(${keys.map((k) => k.about)}::uuid[], ${keys.map((k) => k.party)}::uuid[]) as k(about, party_id)
      join watch.item i on i.about = k.about and i.party_id = k.party_id and i.settled_at is null
      join watch.ladder_step s on s.ladder = i.ladder and s.version = i.ladder_version and s.spec ->> 'name' = 'tell-sender'
    on conflict (id) do update set due_at = excluded.due_at, changed_at = excluded.changed_at
     where t.state = 'due' and t.due_at > excluded.due_at`);
}

/** Which of these steps have told nobody: every notice that they made has failed. */
export function listFailedSteps(reader: Reader, steps: readonly string[]): Promise<{ id: string; name: string }[]> {
  return reader.all(sql`
    select s.id, s.name from watch.step s
     where s.id in (select n.step_id from notifications.notice_face n where n.step_id = any(${steps}::uuid[])
                     group by n.step_id having bool_and(n.state = 'failed'))`);
}

/**
 * A second try by the other channel for steps whose notices all failed: once for each. Steps that were themselves a
 * second try get none.
 */
export function saveOtherwise(tx: Tx, failed: readonly { readonly step: string; readonly channel: 'email' | 'sms' }[], at: Date): void {
  tx.send(sql`
    insert into watch.step (id, about, party_id, name, spec, source, order_id, due_at, changed_at)
    select watch.step_id(s.about, s.party_id, 'otherwise ' || s.id), s.about, s.party_id, 'notify-otherwise',
           s.spec || jsonb_build_object('name', 'notify-otherwise', 'channel', case f.channel when 'email' then 'sms' else 'email' end),
           s.source, s.order_id, ${at}, ${at}
      from unnest(${failed.map((f) => f.step)}::uuid[], ${failed.map((f) => f.channel)}::text[]) as f(step, channel)
      join watch.step s on s.id = f.step and s.name <> 'notify-otherwise'
    on conflict (id) do nothing`);
}

/** -- index: step_due */
export async function findNextDue(reader: Reader): Promise<Date | null> {
  const row = await reader.maybe<{ at: Date }>(sql`select due_at as at from watch.step where state = 'due' order by due_at limit 1`);
  return row?.at ?? null;
}
