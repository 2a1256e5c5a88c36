import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { ToldTogether } from '#notifications/index.ts';
import { awaitDecision } from '../climb/decide-step.ts';
import type { StepState } from '../states.ts';
import type { StepSpec, WatchKey } from '../types.ts';
import { type Among, within } from './among.ts';
import { isOpen, isOverFile, openByKey } from './open.ts';

export interface WatchStep {
  readonly id: string;
  readonly about: string;
  readonly party: PartyId;
  readonly name: string;
  readonly spec: StepSpec;
  readonly source: 'policy' | 'sender';
  readonly orderId: string | null;
  /** Within its ladder; null for what no ladder has. */
  readonly rank: number | null;
  readonly dueAt: Date;
  readonly state: StepState;
  readonly reason: string | null;
  readonly changedAt: Date;
  /** Of the notice that told of several files, this one among them. */
  readonly noticeStep: string | null;
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
export function claimDueSteps(tx: Tx, limit: number, among: Among = {}): Promise<ClaimedStep[]> {
  return tx.all<ClaimedStep>(sql`
    with due as materialized (
      select s.id, s.about, s.party_id
        from watch.step s
       where s.state = 'due' and s.due_at <= clock.now() ${within(among, sql`s`)}
       order by s.due_at
       limit ${limit}
         for update skip locked)
    select d.id, d.about, d.party_id as party, clock.now() as at
      from due d
      join watch.item i on i.about = d.about and i.party_id = d.party_id and ${isOpen}
       for update of i skip locked`);
}

/** Every step of these watches, in the order in which they fall due. -- index: step_about */
export function listSteps(reader: Reader, keys: readonly WatchKey[]): Promise<WatchStep[]> {
  return reader.all<WatchStep>(sql`
    select s.id, s.about, s.party_id as party, s.name, s.spec, s.source, s.order_id as "orderId", s.rank, s.due_at as "dueAt", s.state, s.reason,
           s.changed_at as "changedAt", s.notice_step as "noticeStep"
      from watch.step s
      join unnest(${keys.map((k) => k.about)}::uuid[], ${keys.map((k) => k.party)}::uuid[]) as k(about, party_id)
        on s.about = k.about and s.party_id = k.party_id
     order by s.due_at, s.id`);
}

/** Whom these turn to next, by the step that they wait for; nobody stands for what is no step of a ladder. -- index: step_about, item_pkey */
export function listTurns(reader: Reader, keys: readonly WatchKey[]): Promise<(WatchKey & { readonly who: StepSpec['who'] })[]> {
  return reader.all(sql`
    select distinct on (s.about, s.party_id) s.about, s.party_id as party, s.spec ->> 'who' as who
      from unnest(${keys.map((k) => k.about)}::uuid[], ${keys.map((k) => k.party)}::uuid[]) as k(about, party_id)
      ${openByKey}
      join watch.step s on s.about = i.about and s.party_id = i.party_id and s.name = i.next_action and s.state = 'due'
     order by s.about, s.party_id, s.due_at, s.id`);
}

/** Steps that are due later than they were. */
export function postponeSteps(tx: Tx, rows: readonly { readonly id: string; readonly until: Date }[]): void {
  tx.send(sql`
    update watch.step s set due_at = r.until
      from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.until)}::timestamptz[]) as r(id, until)
     where s.id = r.id and s.state = 'due'`);
}

export function saveTaken(
  tx: Tx,
  rows: readonly {
    readonly id: string;
    readonly state: StepState;
    readonly reason: string | null;
    readonly noticeStep?: string | undefined;
  }[],
  at: Date,
): void {
  tx.send(sql`
    update watch.step s set state = r.state, reason = r.reason, notice_step = r.notice_step, changed_at = ${at}
      from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.state)}::text[], ${rows.map((r) => r.reason)}::text[],
                  ${rows.map((r) => r.noticeStep ?? null)}::uuid[]) as r(id, state, reason, notice_step)
     where s.id = r.id and s.state = 'due'`);
}

/** A step of the ladder that is not planned yet, with the time at which it will fall due. */
export interface StepToCome extends WatchKey {
  readonly party: PartyId;
  readonly rank: number;
  readonly turn: number;
  readonly spec: StepSpec;
  readonly source: 'policy' | 'sender';
  readonly orderId: string | null;
  readonly dueAt: Date;
}

/**
 * What of their ladders lies before published watches, in the order in which it falls due. Steps that only sealed post knows, and that
 * were passed over because it was not, do not come back: what lies before the last that came. A step that was brought forward, so that the
 * sender hears at once, counts from when it came, and takes nothing with it that lies between. After a change of ladder what was done under
 * the former does not come again, nor what was passed over, unless it is put off to after that. What is planned is gathered watch by watch,
 * once for each: as an anti join the planner may choose to read the whole table. Ladders are laid out once for each time of
 * publication, which what was sent together shares, and of all that there are no others.
 * -- index: step_about
 */
export function listStepsToCome(reader: Reader, keys: readonly WatchKey[]): Promise<StepToCome[]> {
  return reader.all<StepToCome>(sql`
    with watched as materialized (
      select i.about, i.party_id, i.ladder, i.ladder_version, i.ladder_turn, i.published_at, i.sender_steps, i.openers = 0 or i.attachment_locked as sealed,
             planned.*
        from unnest(${keys.map((k) => k.about)}::uuid[], ${keys.map((k) => k.party)}::uuid[]) as k(about, party_id)
        ${openByKey}
       cross join lateral (select array_agg(t.id) as ids, array_agg(t.due_at) as came,
                                  array_agg(t.name) filter (where t.state in ('done', 'skipped')) as past,
                                  array_agg(case t.state when 'skipped' then t.changed_at end) filter (where t.state in ('done', 'skipped')) as passed_over_at
                             from watch.step t where t.about = i.about and t.party_id = i.party_id) planned
       where i.published_at is not null),
    laid as materialized (
      select l.ladder, l.version, l.published_at, s.rank, s.spec, s.only_sealed, d.due_at
        from (select distinct w.ladder, w.ladder_version as version, w.published_at from watched w) l
       cross join lateral (select * from watch.ladder_step s where s.ladder = l.ladder and s.version = l.version offset 0) s
       cross join lateral (select watch.step_due_at(l.published_at, s.after, s.working_days) as due_at offset 0) d),
    climbed as (
      select w.about, w.party_id, w.sender_steps, w.ladder_turn, w.sealed, s.rank, s.spec, s.only_sealed, s.due_at,
             w.came[array_position(w.ids, watch.step_id(w.about, w.party_id, watch.ladder_key(w.ladder_turn, s.rank)))] as came_at,
             w.ladder_turn > 0 and exists (select from unnest(w.past, w.passed_over_at) as p(name, passed_over_at)
                                            where p.name = s.spec ->> 'name' and (p.passed_over_at is null or s.due_at <= p.passed_over_at)) as is_past
        from watched w
        join laid s on s.ladder = w.ladder and s.version = w.ladder_version and s.published_at = w.published_at),
    reached as (
      select c.*, max(least(c.due_at, c.came_at)) filter (where c.came_at is not null) over (partition by c.about, c.party_id) as until
        from climbed c)
    select c.about, c.party_id as party, c.rank, c.ladder_turn as turn, c.due_at as "dueAt", o."orderId",
           case when o."orderId" is null then coalesce(c.spec ->> 'source', 'policy') else 'sender' end as source,
           case when o."orderId" is null then c.spec else c.spec || jsonb_build_object('channel', o.channel) end as spec
      from reached c
      left join lateral (select o."orderId", o.channel from jsonb_to_recordset(c.sender_steps) as o(name text, "orderId" uuid, channel text)
                          where o.name = c.spec ->> 'name' limit 1) o on true
     where c.came_at is null and not c.is_past and (not c.only_sealed or c.due_at > coalesce(c.until, case when c.ladder_turn > 0 and not c.sealed then clock.now() else '-infinity' end))
     order by c.due_at, c.only_sealed desc, c.rank`);
}

/**
 * The sender is told at once, since nobody at the recipient could be: the first step toward it that will tell it of this, by an event alone
 * only where no other does, is planned now, or comes forward. A ladder without any has the sender asked.
 */
export function hastenTellingSender(tx: Tx, keys: readonly WatchKey[], at: Date): void {
  if (keys.length === 0) return;
  tx.send(sql`
    insert into watch.step as t (id, about, party_id, name, spec, source, due_at, changed_at)
    select distinct on (i.about, i.party_id)
           watch.step_id(i.about, i.party_id, coalesce(watch.ladder_key(i.ladder_turn, s.rank), 'climbed')), i.about, i.party_id,
           coalesce(s.spec, d.spec) ->> 'name', coalesce(s.spec, d.spec), coalesce(s.spec ->> 'source', 'policy'), ${at}::timestamptz, ${at}::timestamptz
      from unnest(${keys.map((k) => k.about)}::uuid[], ${keys.map((k) => k.party)}::uuid[]) as k(about, party_id)
      ${openByKey}
     cross join (select ${JSON.stringify(awaitDecision)}::jsonb as spec) d
      left join lateral (select f.cause from watch.cause_by_facts f where f.about = i.about and f.party_id = i.party_id offset 0) c on true
      left join lateral (select * from watch.ladder_step l where l.ladder = i.ladder and l.version = i.ladder_version offset 0) s
             on s.spec ->> 'who' = 'sender' and (s.spec -> 'when' = '[]' or s.spec -> 'when' ? c.cause)
            and not exists (select from watch.step o where o.id = watch.step_id(i.about, i.party_id, watch.ladder_key(i.ladder_turn, s.rank))
                                                       and o.state in ('skipped', 'cancelled'))
     order by i.about, i.party_id, s.spec ->> 'channel' = 'event', watch.step_due_at(i.published_at, s.after, s.working_days), s.rank
    on conflict (id) do update set due_at = excluded.due_at, changed_at = excluded.changed_at
     where t.state = 'due' and t.due_at > excluded.due_at`);
}

/** Which of these steps have told nobody: every notice that they made has failed. Not those toward whom a step that told others could not tell. */
export function listFailedSteps(reader: Reader, steps: readonly string[]): Promise<{ id: string; name: string }[]> {
  return reader.all(sql`
    select s.id, s.name from watch.step s
     where not s.spec ? 'toward' and s.id in (select n.step_id from notifications.notice_face n where n.step_id = any(${steps}::uuid[])
                     group by n.step_id having bool_and(n.state = 'failed'))`);
}

/** Which of these steps, ordered by senders, have told nobody: every notice that they made was called off or has failed. */
export function listStepsCalledOff(
  reader: Reader,
  steps: readonly string[],
): Promise<(WatchKey & Pick<WatchStep, 'id' | 'party' | 'spec'> & { readonly orderId: string })[]> {
  return reader.all(sql`
    select s.id, s.about, s.party_id as party, s.spec, s.order_id as "orderId" from watch.step s
     where s.order_id is not null
       and s.id in (select n.step_id from notifications.notice_face n where n.step_id = any(${steps}::uuid[])
                     group by n.step_id having bool_and(n.state in ('cancelled', 'failed')))
     order by s.about, s.party_id`);
}

/**
 * Steps of open watches that these notices, each common to many, have told of and that told nobody: all of the notice has failed.
 * -- index: step_notice
 */
export function listFailedBundles(
  reader: Reader,
  notices: readonly string[],
): Promise<(WatchKey & { readonly notice: string; readonly step: string; readonly name: string })[]> {
  return reader.all(sql`
    select s.about, s.party_id as party, s.notice_step as notice, s.id as step, s.name
      from watch.step s join watch.item i on i.about = s.about and i.party_id = s.party_id and ${isOpen}
     where s.notice_step in (select n.step_id from notifications.notice_face n where n.step_id = any(${notices}::uuid[])
                              group by n.step_id having bool_and(n.state = 'failed'))
     order by s.about, s.party_id`);
}

/** The steps of open watches that these notices, each common to many, have told of, whatever came of them. -- index: step_notice */
export function listBundled(
  reader: Reader,
  notices: readonly string[],
): Promise<(WatchKey & { readonly notice: string; readonly step: string })[]> {
  return reader.all(sql`
    select s.about, s.party_id as party, s.notice_step as notice, s.id as step
      from watch.step s join watch.item i on i.about = s.about and i.party_id = s.party_id and ${isOpen}
     where s.notice_step = any(${notices}::uuid[])
     order by s.about, s.party_id`);
}

/** When these common notices were first written: as the first of the steps that they tell of was taken. -- index: step_notice */
export async function whenBundled(reader: Reader, notices: readonly string[]): Promise<Map<string, Date>> {
  const rows = await reader.all<{ notice: string; at: Date }>(sql`
    select notice_step as notice, min(changed_at) as at from watch.step where notice_step = any(${notices}::uuid[]) group by notice_step`);
  return new Map(rows.map(({ notice, at }) => [notice, at]));
}

/** What common notices have told of, by their steps. -- index: step_notice */
export function listToldTogether(reader: Reader, notices: readonly string[]): Promise<ToldTogether[]> {
  return reader.all<ToldTogether>(sql`
    select distinct s.notice_step as step, s.about, s.party_id as party from watch.step s where s.notice_step = any(${notices}::uuid[])
     order by s.about, s.party_id`);
}

/** Which common notices have told of a thing, and for whom. -- index: step_about */
export function listCommonNoticesOf(reader: Reader, about: string): Promise<{ readonly step: string; readonly party: PartyId }[]> {
  return reader.all(sql`
    select distinct s.notice_step as step, s.party_id as party from watch.step s where s.about = ${about} and s.notice_step is not null`);
}

/** The common notices that speak of these, and of no open watch of which `waits` holds. -- index: step_notice, step_about */
const bundlesOver = (keys: readonly WatchKey[], waits: Sql): Sql => sql`
  select s.notice_step from watch.step s
    join unnest(${keys.map((k) => k.about)}::uuid[], ${keys.map((k) => k.party)}::uuid[]) as k(about, party_id)
      on s.about = k.about and s.party_id = k.party_id
   where s.notice_step is not null
     and not exists (select from watch.step o join watch.item i on i.about = o.about and i.party_id = o.party_id and ${isOpen}
                      where o.notice_step = s.notice_step and ${waits})`;

/** Of settled watches: the common notices that speak of no open one any more. */
export const idleBundles = (keys: readonly WatchKey[]): Sql => bundlesOver(keys, sql`true`);

/** Of fetched files: the common notices of which every file that is still watched was fetched, and waits at most to be confirmed, or is over. */
export const fetchedBundles = (keys: readonly WatchKey[]): Sql => bundlesOver(keys, sql`i.opened_at is null and not ${isOverFile}`);

/** Of files whose time is over: the common notices of which every file that is still watched is. */
export const overBundles = (keys: readonly WatchKey[]): Sql => bundlesOver(keys, sql`not ${isOverFile}`);

/** The common notices that have told of these, with who has acted on them, and when. -- index: step_about */
export const commonNoticesOf = (uses: readonly (WatchKey & { readonly by: PartyId; readonly at: Date })[]): Sql => sql`
  select s.notice_step as step_id, u.by_id, max(u.at) as at
    from unnest(${uses.map((u) => u.about)}::uuid[], ${uses.map((u) => u.party)}::uuid[], ${uses.map((u) => u.by)}::uuid[],
                ${uses.map((u) => u.at)}::timestamptz[]) as u(about, party_id, by_id, at)
    join watch.step s on s.about = u.about and s.party_id = u.party_id and s.notice_step is not null
   group by 1, 2`;

/** Open watches of these steps that have a cause already, in the one order of locks. -- index: the primary key */
export async function lockCausedOf(tx: Tx, steps: readonly string[]): Promise<WatchKey[]> {
  if (steps.length === 0) return [];
  return tx.all<WatchKey>(sql`
    select i.about, i.party_id as party from watch.item i
     where (i.about, i.party_id) in (select s.about, s.party_id from watch.step s where s.id = any(${steps}::uuid[]))
       and ${isOpen} and i.cause is not null
     order by i.about, i.party_id
       for update`);
}

/**
 * A second try by the other channel for steps whose notices all failed: once for each; and where a step told others, once for each that it
 * could not, and toward them alone. Steps that were themselves a second try get none.
 */
export function saveOtherwise(
  tx: Tx,
  failed: readonly { readonly step: string; readonly channel: 'email' | 'sms'; readonly toward?: PartyId | null }[],
  at: Date,
): void {
  tx.send(sql`
    insert into watch.step (id, about, party_id, name, spec, source, order_id, due_at, changed_at)
    select watch.step_id(s.about, s.party_id, concat_ws(' ', 'otherwise', s.id, f.toward)), s.about, s.party_id, 'notify-otherwise',
           s.spec || jsonb_build_object('name', 'notify-otherwise', 'channel', case f.channel when 'email' then 'sms' else 'email' end)
                  || case when f.toward is null then '{}'::jsonb else jsonb_build_object('toward', jsonb_build_array(f.toward)) end,
           s.source, s.order_id, ${at}, ${at}
      from unnest(${failed.map((f) => f.step)}::uuid[], ${failed.map((f) => f.channel)}::text[],
                  ${failed.map((f) => f.toward ?? null)}::uuid[]) as f(step, channel, toward)
      join watch.step s on s.id = f.step and s.name <> 'notify-otherwise'
     where f.toward is null
        or not exists (select from notifications.notice_face o where o.step_id = coalesce(s.notice_step, s.id) and o.to_id = f.toward
                                                                and o.state in ('due', 'handing-over', 'handed-over', 'delivered'))
    on conflict (id) do nothing`);
}

/** -- index: step_due */
export async function findNextDue(reader: Reader, among: Among): Promise<Date | null> {
  const row = await reader.maybe<{ at: Date }>(sql`
    select s.due_at as at from watch.step s where s.state = 'due' ${within(among, sql`s`)} order by s.due_at limit 1`);
  return row?.at ?? null;
}
