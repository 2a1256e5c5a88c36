import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { WatchKey } from '../types.ts';
import { isOpen } from './open.ts';

/** Who has been told by mail of an open watch, and whether it was asked to decide. */
export interface Told extends WatchKey {
  readonly hearer: PartyId;
  readonly isAsked: boolean;
  /** That it failed is told of apart, and is no word of its being unread. */
  readonly isFailure: boolean;
}

export function saveTold(tx: Tx, rows: readonly Told[], at: Date): void {
  if (rows.length === 0) return;
  tx.send(sql`
    update watch.item i
       set told_to = nullif(r.hearer, i.sender_id), unheard = null,
           told_at = case when r."isFailure" then i.told_at else coalesce(i.told_at, ${at}) end,
           asked_at = case when r."isAsked" then coalesce(i.asked_at, ${at}) else i.asked_at end
      from (select about, party, (array_agg(hearer))[1] as hearer, bool_or("isAsked") as "isAsked", bool_and("isFailure") as "isFailure"
              from json_to_recordset(${JSON.stringify(rows)}) as r(about uuid, party uuid, hearer uuid, "isAsked" boolean, "isFailure" boolean)
             group by about, party) r
     where i.about = r.about and i.party_id = r.party
       and i.about = any(${rows.map(({ about }) => about)}::uuid[])`); // of JSON a hundred rows are expected, and the table walked through
}

/** What a mail to a sender would say of a thing. */
export type Unheard = 'sender-unread' | 'sender-decision' | 'sender-failed' | 'sender-expiring';

/** The gravest last. Whoever is asked to decide hears of bytes that go in the same mail, and not the other way round. */
const byGravity: readonly Unheard[] = ['sender-unread', 'sender-expiring', 'sender-decision', 'sender-failed'];

/** What nobody could be told of these, until somebody can: of several the gravest. */
export function saveUnheard(tx: Tx, rows: readonly (WatchKey & { readonly unheard: Unheard })[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    update watch.item i set unheard = (${byGravity}::text[])[greatest(r.gravity, array_position(${byGravity}::text[], i.unheard))]
      from (select about, party, max(array_position(${byGravity}::text[], unheard)) as gravity
              from json_to_recordset(${JSON.stringify(rows)}) as r(about uuid, party uuid, unheard text)
             group by about, party) r
     where i.about = r.about and i.party_id = r.party and i.about = any(${rows.map(({ about }) => about)}::uuid[])`);
}

export interface UnheardSender {
  readonly sender: PartyId;
  /** Who has sent it: the sender itself, or somebody on its service. */
  readonly hearer: PartyId;
}

/** Of whose open post somebody was to be told and nobody could be: each once, however much it is. -- index: item_open_unheard */
export function listUnheardSenders(reader: Reader): Promise<UnheardSender[]> {
  return reader.all<UnheardSender>(sql`
    with recursive each as (
      (select i.sender_id, coalesce(i.sent_by, i.sender_id) as hearer from watch.item i
        where i.settled_at is null and i.unheard is not null order by i.sender_id, coalesce(i.sent_by, i.sender_id) limit 1)
       union all
      select n.sender_id, n.hearer from each e
       cross join lateral (select i.sender_id, coalesce(i.sent_by, i.sender_id) as hearer from watch.item i
                            where i.settled_at is null and i.unheard is not null
                              and (i.sender_id, coalesce(i.sent_by, i.sender_id)) > (e.sender_id, e.hearer)
                            order by i.sender_id, coalesce(i.sent_by, i.sender_id) limit 1) n)
    select sender_id as sender, hearer from each limit 10000`);
}

export interface UnheardWatch extends WatchKey {
  readonly party: PartyId;
  readonly unheard: Unheard;
  readonly isPublished: boolean;
  /** Domain time of the claim. */
  readonly at: Date;
}

/** Open watches of these of which somebody is to be told yet; what others hold is left for the next minute. -- index: item_open_unheard */
export function claimUnheard(tx: Tx, of: readonly UnheardSender[], limit: number): Promise<UnheardWatch[]> {
  return tx.all<UnheardWatch>(sql`
    select i.about, i.party_id as party, i.unheard, i.published_at is not null as "isPublished", clock.now() as at
      from watch.item i
     where (i.sender_id, coalesce(i.sent_by, i.sender_id)) in (
             select * from unnest(${of.map((o) => o.sender)}::uuid[], ${of.map((o) => o.hearer)}::uuid[]))
       and i.settled_at is null and i.unheard is not null
     order by i.about, i.party_id limit ${limit}
       for update skip locked`);
}

export function clearUnheard(tx: Tx, keys: readonly WatchKey[]): void {
  tx.send(sql`
    update watch.item i set unheard = null
      from unnest(${keys.map((k) => k.about)}::uuid[], ${keys.map((k) => k.party)}::uuid[]) as k(about, party_id)
     where i.about = k.about and i.party_id = k.party_id`);
}

/** Whoever else words a mail to these waits until this transaction ends. Count what they are to hear of afterwards. */
export async function lockDigests(tx: Tx, hearers: readonly string[]): Promise<void> {
  const inOrder = [...hearers].sort();
  await tx.run(sql`
    select pg_advisory_xact_lock(hashtextextended('watch digest ' || s.id, 0))
      from unnest(${inOrder}::uuid[]) with ordinality as s(id, n) order by s.n`);
}

/** Of open watches: those that wait for a decision, and the others that somebody was told of. None is among both. */
export interface SenderCount {
  readonly sender: PartyId;
  readonly isFile: boolean;
  readonly told: number;
  readonly toldGrantNeeded: number;
  /** And nobody could let anybody in. */
  readonly toldNoOpener: number;
  /** Opened, and somebody must still confirm. */
  readonly toldUnconfirmed: number;
  readonly toldFailed: number;
  readonly asked: number;
  readonly askedGrantNeeded: number;
  readonly askedNoOpener: number;
  readonly askedFailed: number;
  /** Came back on paper, and nobody has read it. Of those that wait for a decision. */
  readonly returned: number;
}

/** Open watches that each of these was told of or asked about, and what hinders them. -- index: item_open_told */
export function countForSenders(reader: Reader, senders: readonly PartyId[]): Promise<SenderCount[]> {
  return reader.all<SenderCount>(sql`
    with told as materialized (
      select coalesce(i.told_to, i.sender_id) as sender, i.is_file, i.class, i.opened_at,
             i.asked_at is not null and (i.opened_at is null or i.is_file) as asked, i.returned_at,
             (select count(*) from notifications.notice_face n
               where n.about = i.about and n.party_id = i.party_id and n.state = 'failed') as failed
        from watch.item i
       where coalesce(i.told_to, i.sender_id) = any(${senders}::uuid[]) and i.settled_at is null and i.failed_at is null
         and i.told_at is not null)
    select sender, is_file as "isFile", (count(*) filter (where not asked))::integer as told, (count(*) filter (where asked))::integer as asked,
           (count(*) filter (where not asked and class = 'GRANTABLE'))::integer as "toldGrantNeeded",
           (count(*) filter (where not asked and class = 'UNREACHABLE'))::integer as "toldNoOpener",
           (count(*) filter (where not asked and opened_at is not null))::integer as "toldUnconfirmed",
           (count(*) filter (where asked and class = 'GRANTABLE'))::integer as "askedGrantNeeded",
           (count(*) filter (where asked and class = 'UNREACHABLE'))::integer as "askedNoOpener",
           coalesce(sum(failed) filter (where not asked), 0)::integer as "toldFailed",
           coalesce(sum(failed) filter (where asked), 0)::integer as "askedFailed",
           (count(*) filter (where asked and returned_at is not null))::integer as returned
      from told
     group by sender, is_file`);
}

/** To whom letters went that came back on paper, the latest of each sender; none that is confidential. -- index: item_open_told */
export async function listReturnedTo(reader: Reader, senders: readonly PartyId[], most: number): Promise<Map<PartyId, string[]>> {
  if (senders.length === 0) return new Map();
  const rows = await reader.all<{ sender: PartyId; names: string[] }>(sql`
    select s.id as sender, array_agg(p.name order by r.at desc) as names
      from unnest(${senders}::uuid[]) as s(id)
     cross join lateral (
       select i.party_id, i.returned_at as at from watch.item i
        where coalesce(i.told_to, i.sender_id) = s.id and i.settled_at is null and i.told_at is not null and i.failed_at is null
          and i.asked_at is not null and (i.opened_at is null or i.is_file) and i.returned_at is not null and not i.confidential
        order by i.returned_at desc limit ${most}) r
      join register.party_face p on p.id = r.party_id
     group by s.id`);
  return new Map(rows.map(({ sender, names }) => [sender, names]));
}

export interface GoingCount {
  readonly sender: PartyId;
  readonly isFile: boolean;
  readonly count: number;
  /** When the first of them go. */
  readonly first: Date;
}

/** Open watches of what each of these has sent whose bytes go. -- index: item_open_going */
export function countGoing(reader: Reader, senders: readonly PartyId[], at: Date): Promise<GoingCount[]> {
  return reader.all<GoingCount>(sql`
    select coalesce(i.sent_by, i.sender_id) as sender, i.is_file as "isFile", count(*)::integer as count, min(i.bytes_until) as first
      from watch.item i
     where coalesce(i.sent_by, i.sender_id) = any(${senders}::uuid[]) and i.settled_at is null and i.bytes_until > ${at}
     group by 1, 2`);
}

/** What a mail has said of a thing. */
export interface Said {
  readonly reader: PartyId;
  readonly isSecond: boolean;
  readonly purpose: string;
  readonly step: string;
  readonly at: Date;
  readonly count: number;
  /** Those that nobody can open, whether somebody could let anybody in or not. */
  readonly grantNeeded: number;
  readonly unconfirmed: number;
  readonly failed: number;
}

/** What these mails have said, of whomever, where no later one has said it anew; what has reached nobody is not said. -- index: said_step */
export function listSaid(reader: Reader, steps: readonly string[]): Promise<Said[]> {
  return reader.all<Said>(sql`
    select reader_id as reader, is_second as "isSecond", purpose, step_id as step, at, count, grant_needed as "grantNeeded", unconfirmed, failed
      from watch.said where step_id = any(${steps}::uuid[]) and missed_at is null order by reader_id`);
}

export function saveSaid(tx: Tx, rows: readonly Said[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    insert into watch.said as s (reader_id, is_second, purpose, step_id, at, count, grant_needed, unconfirmed, failed)
    select r.reader, r."isSecond", r.purpose, r.step, r.at, r.count, r."grantNeeded", r.unconfirmed, r.failed
      from json_to_recordset(${JSON.stringify(rows)}) as r(reader uuid, "isSecond" boolean, purpose text, step uuid, at timestamptz, count integer,
           "grantNeeded" integer, unconfirmed integer, failed integer)
     order by r.reader, r."isSecond", r.purpose
    on conflict (reader_id, is_second, purpose) do update
       set step_id = excluded.step_id, at = excluded.at, count = excluded.count, grant_needed = excluded.grant_needed,
           unconfirmed = excluded.unconfirmed, failed = excluded.failed, missed_at = null,
           silent_since = case when s.silent_since is not null and not exists (
                                 select from notifications.notice_face n
                                  where n.step_id = s.step_id and n.state in ('handed-over', 'delivered')) then s.silent_since end`);
}

/** Of each thing and each who has sent it: how many open watches have its going told. One would do, were it not opened meanwhile. */
export const mostTelling = 20;

/** A watch by which who has sent it is told. */
export interface TellingWatch extends WatchKey {
  readonly party: PartyId;
  readonly sender: PartyId;
}

/** Of whom, and what, mails tell that go to somebody else, who hears for them. */
export function saveToldElsewhere(tx: Tx, rows: readonly Said[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    insert into watch.told_elsewhere (reader_id, step_id, purposes)
    select r.reader, r.step, array_agg(distinct r.purpose) from json_to_recordset(${JSON.stringify(rows)}) as r(reader uuid, step uuid, purpose text)
     group by 1, 2 order by 1, 2
    on conflict (reader_id, step_id) do update set purposes = excluded.purposes`);
}

/** Mails that were written anew tell of these alone from now on. What was told by others is kept as long as those mails are. -- index: told_elsewhere_step */
export function forgetToldElsewhere(tx: Tx, steps: readonly string[], rows: readonly Said[]): void {
  if (steps.length === 0) return;
  tx.send(sql`
    delete from watch.told_elsewhere e
     where e.step_id = any(${steps}::uuid[])
       and not exists (select from unnest(${rows.map(({ reader }) => reader)}::uuid[], ${rows.map(({ step }) => step)}::uuid[]) as r(reader, step)
                        where r.reader = e.reader_id and r.step = e.step_id)`);
}

/**
 * Until when the bytes of open watches are there: `going` gives the thing whose bytes go, its watches, and when. Answers the watches by which it
 * is told. Also kept of what went by paper, which hears of it if it comes back. Locked in the one order of locks.
 */
export async function saveBytesUntil(tx: Tx, going: Sql, at: Date): Promise<TellingWatch[]> {
  await tx.run(sql`
    with locked as materialized (
      select i.about, i.party_id, g.until
        from (select g.about, g.party_id, min(g.until) as until from (${going}) g group by g.about, g.party_id) g
        join watch.item i on i.about = g.about and i.party_id = g.party_id and (${isOpen} or i.outcome = 'relayed')
       order by i.about, i.party_id
         for update of i)
    update watch.item i set bytes_until = least(case when i.bytes_until > ${at} then i.bytes_until end, l.until)
      from locked l
     where i.about = l.about and i.party_id = l.party_id
       and i.bytes_until is distinct from least(case when i.bytes_until > ${at} then i.bytes_until end, l.until)`);
  return tx.all<TellingWatch>(sql`
    select distinct n.about, n.party_id as party, n.sender
      from (select i.about, i.party_id, coalesce(i.sent_by, i.sender_id) as sender,
                   row_number() over (partition by g.thing, coalesce(i.sent_by, i.sender_id) order by i.about, i.party_id) as n
              from (${going}) g
              join watch.item i on i.about = g.about and i.party_id = g.party_id and ${isOpen}) n
     where n.n <= ${mostTelling}`);
}

/** The open watches of things whose bytes go. -- index: the primary key */
export function listWaitingFor(reader: Reader, going: Sql): Promise<WatchKey[]> {
  return reader.all<WatchKey>(sql`
    select distinct i.about, i.party_id as party from (${going}) g join watch.item i on i.about = g.about and i.party_id = g.party_id and ${isOpen}
     order by 1, 2`);
}

/** Open watches of these whose bytes go. -- index: the primary key */
export function listGoing(reader: Reader, keys: readonly WatchKey[], at: Date): Promise<WatchKey[]> {
  return reader.all<WatchKey>(sql`
    select i.about, i.party_id as party
      from watch.item i
      join unnest(${keys.map((k) => k.about)}::uuid[], ${keys.map((k) => k.party)}::uuid[]) as k(about, party_id)
        on i.about = k.about and i.party_id = k.party_id
     where i.settled_at is null and i.bytes_until > ${at}`);
}

/** Mails that have waited for an hour or more, and of which nothing is so any more. -- index: said_step, item_open_told, item_open_failed */
export async function listPointless(reader: Reader, steps: readonly string[]): Promise<Set<string>> {
  const rows = await reader.all<{ step: string }>(sql`
    select s.step_id as step
      from (select *, purpose like 'files-%' as is_file from watch.said where step_id = any(${steps}::uuid[])) s
     group by s.step_id
    having max(s.at) < clock.now() - interval '1 hour'
       and not bool_or(case
             when s.purpose = 'sender-deleted' then true
             when s.purpose like '%-failed' then exists (
               select from watch.item i
                where coalesce(i.told_to, i.sender_id) = s.reader_id and i.settled_at is null and i.failed_at is not null and i.is_file = s.is_file)
             when s.purpose like '%-expiring' then exists (
               select from watch.item i
                where (i.sender_id = s.reader_id or coalesce(i.sent_by, i.sender_id) = s.reader_id) and i.settled_at is null
                  and i.bytes_until > clock.now() and i.is_file = s.is_file)
             else exists (
               select from watch.item i
                where coalesce(i.told_to, i.sender_id) = s.reader_id and i.settled_at is null and i.told_at is not null and i.failed_at is null
                  and i.is_file = s.is_file
                  and (s.purpose like '%-unread' or i.asked_at is not null and (i.opened_at is null or i.is_file))
                  and (s.purpose <> 'paper-returned' or i.returned_at is not null))
           end)`);
  return new Set(rows.map(({ step }) => step));
}
