import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';

/** How much of one thing was counted, of one sender's post in one resource. */
export interface Cell {
  readonly sender: PartyId;
  /** The sender has sent it on a service of somebody else, who answers for it. */
  readonly forAnother: boolean;
  readonly resource: ResourceId;
  readonly isFile: boolean;
  readonly part: string;
  readonly key: string;
  readonly n: number;
}

/** A day in Norway, `2026-11-29`, as two instants. */
export interface Day {
  readonly day: string;
  readonly from: Date;
  readonly to: Date;
}

/** The day and its bounds: 23, 24 or 25 hours apart. */
export async function boundsOf(reader: Reader, day: string): Promise<Day> {
  const { from, to } = await reader.one<{ from: Date; to: Date }>(sql`
    select (${day}::date)::timestamp at time zone 'Europe/Oslo' as from, (${day}::date + 1)::timestamp at time zone 'Europe/Oslo' as to`);
  return { day, from, to };
}

/**
 * Everything that was open at the beginning of a day or was accepted on it, counted for each sender and resource in one statement: what
 * of it began, ended, came back and stayed open, and how; what an organization, or one of its systems, has sent on another's service is counted for both. Of
 * what stayed open, why, for how long, for whom and what is next, as it was at the end of the day: what has changed since is told by the
 * history of its cause, or is `not-known`. Steps are asked for by their watch: as `exists` all steps there ever were would be read for it. Materialized: what is asked of each row is asked once, and not for each part that names it. Parts with
 * their keys are one array, of what is null where they do not apply: `values` are got ready anew for each row, which took most of the time.
 * -- index: item_open_sender, item_settled
 */
export function countDay(reader: Reader, { from, to }: Day): Promise<Cell[]> {
  return reader.all<Cell>(sql`
    with watched as materialized (
      select i.* from watch.board_item i where i.settled_at is null and i.begun_at < ${to}
       union all
      select i.* from watch.board_item i where i.settled_at >= ${from} and i.begun_at < ${to}),
    counted as materialized (
      select w.*, w.settled_at >= ${from} and w.settled_at < ${to} as closes,
             w.returned_at is not null and w.relayed_at >= ${from} and w.relayed_at < ${to} as goes_by_paper,
             case when w.stays then
               (select s.cause from watch.cause_span s
                 where s.about = w.about and s.party_id = w.party_id and s.from_at < ${to} and (s.to_at is null or s.to_at >= ${to})
                 order by s.from_at desc limit 1) end as why,
             w.stays and (select true from watch.step_face s where s.about = w.about and s.party_id = w.party_id and s.changed_at >= ${to} limit 1) is not null as moved,
             (select ${organizationOf(sql`a.created_by`)} from correspondence.sent_for_another a where a.about = w.about and not w.is_file) as sent_by
        from (select w.*, (w.settled_at is null or w.settled_at >= ${to}) and ${isHere(to)} as stays from watched w) w)
    select whose.sender, whose.for_another as "forAnother", c.resource_id as resource, c.is_file as "isFile",
           split_part(p.told, ' ', 1) as part, split_part(p.told, ' ', 2) as key, count(*)::integer as n
      from counted c
     cross join lateral (
       select c.sender_id as sender, false as for_another
        union all
       select c.sent_by, true where c.sent_by <> c.sender_id) whose
     cross join lateral unnest(array[
       'stock ' || case when c.begun_at >= ${from} then 'accepted' when ${isHere(from)} then 'openBefore' end,
       'stock ' || case when c.returned_at >= ${from} and c.returned_at < ${to} then 'returned' end,
       'stock ' || case when c.closes then 'closed' end,
       'stock ' || case when c.goes_by_paper then 'closed' end,
       'stock ' || case when c.stays then 'openAfter' end,
       'closedBy ' || case when c.closes then c.outcome end,
       'closedBy ' || case when c.goes_by_paper then 'relayed' end,
       'openBy ' || case when c.stays then coalesce(c.why, 'younger-than-a-day') end,
       'openAge ' || case when c.stays then unread.age_band(${to}::timestamptz - coalesce(c.published_at, c.begun_at)) end,
       'openByClass ' || case when c.stays then
                         case when c.why = 'no-opener' then 'UNREACHABLE' when c.why = 'grant-needed' then 'GRANTABLE'
                              when c.why not in ('not-published', 'returned', 'receiver-gone') and c.class in ('UNREACHABLE', 'GRANTABLE') then 'not-known'
                              when c.computed_at >= ${to} then 'not-known' else c.class end end,
       'nextAction ' || case when c.stays then
                        case when c.settled_at is null and c.next_action_at is null then 'none'
                             when c.settled_at is not null or c.moved then 'not-known'
                             when c.next_action_at < ${to}::timestamptz - interval '1 minute' then 'overdue'
                             when c.next_action_at < ${to}::timestamptz + interval '1 day' then 'within-a-day' else 'later' end end,
       'acts ' || case when c.published_at >= ${from} and c.published_at < ${to} then 'published' end,
       'acts ' || case when c.opened_at >= ${from} and c.opened_at < ${to} then 'opened' end,
       'acts ' || case when c.confirmed_at >= ${from} and c.confirmed_at < ${to} then 'confirmed' end]) as p(told)
     where p.told is not null
     group by 1, 2, 3, 4, 5, 6
     order by 1, 2, 3, 4, 5, 6`);
}

/** Whether a letter that came back from paper is with us at an instant, and has not ended as relayed: before it was posted, and since it came back. */
const isHere = (at: Date): Sql => sql`(returned_at is null or relayed_at >= ${at} or returned_at < ${at})`;

/** The organization that somebody sends for: itself, or whose system it is; null of a person. */
const organizationOf = (party: Sql): Sql => sql`
  (select case p.kind when 'organization' then p.id when 'system-user' then p.parent_id end from register.party_face p where p.id = ${party})`;

/** How much was accepted on a day, for each recipient, by the tables of messages and files themselves. */
export interface Independent {
  readonly sender: PartyId;
  readonly messages: number;
  readonly files: number;
  /** Messages that it has sent on services of others; they are among the messages of those. */
  readonly forAnother: number;
  /** Of its messages and files, without a watch. */
  readonly unwatched: number;
  /** Of what it has sent on services of others, without a watch. */
  readonly forAnotherUnwatched: number;
}

/**
 * The same day counted another way: from what was accepted, and not from what watches it; and who sent it from the messages themselves, and
 * not by the view that the first count goes by. -- index: submission_created, file_transfer_created
 */
export function countAccepted(reader: Reader, { from, to }: Day): Promise<Independent[]> {
  return reader.all<Independent>(sql`
    with message as materialized (
      select m.owner_id, m.created_by, ${isWatched(sql`m`)} as is_watched
        from correspondence.accepted_message m where m.created_at >= ${from} and m.created_at < ${to}),
    sent as (
      select p.id as by, m.owner_id, m.is_watched from message m join register.party_face p on p.id = m.created_by and p.kind = 'organization'
       union all
      select p.parent_id, m.owner_id, m.is_watched from message m join register.party_face p on p.id = m.created_by and p.kind = 'system-user')
    select a.sender, (count(*) filter (where a.what = 'message'))::integer as messages, (count(*) filter (where a.what = 'file'))::integer as files,
           (count(*) filter (where a.what = 'for another'))::integer as "forAnother",
           (count(*) filter (where a.what <> 'for another' and not a.is_watched))::integer as unwatched,
           (count(*) filter (where a.what = 'for another' and not a.is_watched))::integer as "forAnotherUnwatched"
      from (select m.owner_id as sender, 'message' as what, m.is_watched from message m
             union all
            select f.owner_id, 'file', ${isWatched(sql`f`)} from broker.accepted_file f where f.created_at >= ${from} and f.created_at < ${to}
             union all
            select s.by, 'for another', s.is_watched from sent s where s.by <> s.owner_id) a
     group by a.sender`);
}

const isWatched = (of: Sql): Sql =>
  sql`exists (select from watch.board_item w where w.about = ${of}.id and w.party_id = ${of}.recipient_id)`;

export interface StoredStatement {
  readonly sender: PartyId;
  readonly day: string;
  readonly madeAt: Date;
  readonly canonical: string;
  readonly sha256: string;
  readonly previousSha256: string | null;
  readonly broken: readonly string[];
}

const columns = sql`s.sender_id as sender, to_char(s.day, 'YYYY-MM-DD') as day, s.made_at as "madeAt", s.canonical, s.sha256,
       s.previous_sha256 as "previousSha256", s.broken`;

/** The last statement of each sender before a day. -- index: the primary key, twice for each sender */
export function listLastStatements(reader: Reader, day: string): Promise<StoredStatement[]> {
  return reader.all<StoredStatement>(sql`
    with recursive each_sender as (
      (select t.sender_id from unread.statement t order by t.sender_id limit 1)
       union all
      select (select t.sender_id from unread.statement t where t.sender_id > e.sender_id order by t.sender_id limit 1)
        from each_sender e where e.sender_id is not null)
    select ${columns}
      from each_sender e
     cross join lateral (select * from unread.statement t where t.sender_id = e.sender_id and t.day < ${day}::date order by t.day desc limit 1) s
     where e.sender_id is not null`);
}

/** Statements of a sender, oldest first. -- index: the primary key */
export function listStatements(reader: Reader, sender: PartyId, from: string, to: string, limit: number): Promise<StoredStatement[]> {
  return reader.all<StoredStatement>(sql`
    select ${columns} from unread.statement s
     where s.sender_id = ${sender} and s.day between ${from}::date and ${to}::date
     order by s.day
     limit ${limit}`);
}

export function saveStatements(tx: Tx, rows: readonly StoredStatement[]): void {
  tx.send(sql`
    insert into unread.statement (sender_id, day, made_at, canonical, sha256, previous_sha256, broken)
    select r.sender, r.day, r."madeAt", r.canonical, r.sha256, r."previousSha256", array(select jsonb_array_elements_text(r.broken))
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(sender uuid, day date, "madeAt" timestamptz, canonical text, sha256 text,
           "previousSha256" text, broken jsonb)`);
}

/**
 * The last day of which senders have statements; where there is none, the day before the first post, of which somebody will have one. Null
 * where there is neither.
 */
export const lastDay = sql`coalesce(
  (select max(d.day) from unread.statement_day d),
  (select (w.begun_at at time zone 'Europe/Oslo')::date - 1 from watch.board_item w order by w.about limit 1))`;

/** Whoever else makes statements waits until this transaction ends. The day after the last that was made; null when none was. */
export async function lockNextDay(tx: Tx): Promise<string | null> {
  await tx.run(sql`select pg_advisory_xact_lock(hashtextextended('unread statements', 0))`);
  const { day } = await tx.one<{ day: string | null }>(
    sql`select to_char(max(d.day) + 1, 'YYYY-MM-DD') as day from unread.statement_day d`,
  );
  return day;
}

/** A day of which statements are made; and of whom one could not be. */
export function saveDay(tx: Tx, day: string, { made, failed }: { made: number; failed: readonly PartyId[] }, at: Date): void {
  tx.send(sql`insert into unread.statement_day (day, made_at, senders, failed) values (${day}::date, ${at}, ${made}, ${failed}::uuid[])`);
}
