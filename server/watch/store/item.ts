import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { Cause } from '../causes/cause.ts';
import type { OpenabilityClass } from '../openability.ts';
import type { Outcome } from '../states.ts';
import type { SenderStep, WatchKey, WatchSettlement } from '../types.ts';

export interface WatchItem {
  readonly about: string;
  readonly party: PartyId;
  readonly sender: PartyId;
  readonly resource: ResourceId;
  readonly confidential: boolean;
  readonly confirmNeeded: boolean;
  readonly isFile: boolean;
  readonly begunAt: Date;
  readonly dueAt: Date | null;
  readonly ladder: string;
  readonly ladderVersion: number;
  readonly senderSteps: readonly SenderStep[];
  readonly publishedAt: Date | null;
  readonly openedAt: Date | null;
  readonly confirmedAt: Date | null;
  readonly class: OpenabilityClass;
  readonly openers: number;
  readonly grantors: number;
  readonly attachmentLocked: boolean;
  /** The last time that a change of access told the sender that nobody can open it. */
  readonly noOpenerToldAt: Date | null;
  readonly accessVersion: string;
  readonly computedAt: Date;
  readonly nextAction: string | null;
  readonly nextActionAt: Date | null;
  readonly settledAt: Date | null;
  readonly outcome: Outcome | null;
  readonly settledBy: PartyId | null;
  readonly settledName: string | null;
  readonly settledReason: string | null;
  readonly failedAt: Date | null;
  readonly failure: string | null;
  /** Of the notice that tells the sender of the failure. */
  readonly failureNoticeStep: string | null;
  /** Of an open watch older than a day; the last one of a settled watch. */
  readonly cause: Cause | null;
  readonly causeSince: Date | null;
  /** How often its ladder was changed after publication. */
  readonly ladderTurn: number;
}

const columns: Sql = sql`i.about, i.party_id as party, i.sender_id as sender, i.resource_id as resource, i.confidential,
       i.confirm_needed as "confirmNeeded", i.is_file as "isFile", i.begun_at as "begunAt", i.due_at as "dueAt", i.ladder, i.ladder_version as "ladderVersion",
       i.sender_steps as "senderSteps", i.published_at as "publishedAt", i.opened_at as "openedAt", i.confirmed_at as "confirmedAt", i.class, i.openers,
       i.grantors, i.attachment_locked as "attachmentLocked", i.no_opener_told_at as "noOpenerToldAt", i.access_version as "accessVersion", i.computed_at as "computedAt",
       i.next_action as "nextAction", i.next_action_at as "nextActionAt", i.settled_at as "settledAt", i.outcome, i.settled_by as "settledBy",
       i.settled_name as "settledName", i.settled_reason as "settledReason", i.failed_at as "failedAt", i.failure,
       i.failure_notice_step as "failureNoticeStep", i.cause, i.cause_since as "causeSince", i.ladder_turn as "ladderTurn"`;

/** Waits for whoever works on these watches. One order of locks for all, so that two who want the same never wait for each other. */
export async function lockItems(tx: Tx, keys: readonly WatchKey[]): Promise<WatchItem[]> {
  const locked = tx.run(sql`
    select from watch.item i
      join unnest(${keys.map((k) => k.about)}::uuid[], ${keys.map((k) => k.party)}::uuid[]) as k(about, party_id)
        on i.about = k.about and i.party_id = k.party_id
     order by i.about, i.party_id
       for update of i`);
  const [, items] = await Promise.all([locked, listItems(tx, keys)]); // sent behind it, and read when they are locked
  return items;
}

/** -- index: the primary key */
export function listItems(reader: Reader, keys: readonly WatchKey[]): Promise<WatchItem[]> {
  return reader.all<WatchItem>(sql`
    select ${columns} from watch.item i
      join unnest(${keys.map((k) => k.about)}::uuid[], ${keys.map((k) => k.party)}::uuid[]) as k(about, party_id)
        on i.about = k.about and i.party_id = k.party_id
     order by i.about, i.party_id`);
}

/** All watches of a thing: one per recipient. -- index: the primary key */
export function listItemsOf(reader: Reader, about: string): Promise<WatchItem[]> {
  return reader.all<WatchItem>(sql`select ${columns} from watch.item i where i.about = ${about} order by i.party_id limit 1000`);
}

export function saveSettlements(tx: Tx, rows: readonly WatchSettlement[]): void {
  tx.send(sql`
    update watch.item i
       set settled_at = r.at, outcome = r.outcome, settled_by = r.by, settled_name = r.name, settled_reason = r.reason,
           next_action = null, next_action_at = null
      from unnest(${rows.map((r) => r.about)}::uuid[], ${rows.map((r) => r.party)}::uuid[], ${rows.map((r) => r.outcome)}::text[],
                  ${rows.map((r) => r.at)}::timestamptz[], ${rows.map((r) => r.by ?? null)}::uuid[], ${rows.map((r) => r.name ?? null)}::text[],
                  ${rows.map((r) => r.reason ?? null)}::text[]) as r(about, party, outcome, at, by, name, reason)
     where i.about = r.about and i.party_id = r.party and i.settled_at is null`);
}

/** Of settled watches: their due steps, what opening took, and who could have let somebody in. */
export function endWork(tx: Tx, keys: readonly WatchKey[], at: Date): void {
  const [about, party] = [keys.map((k) => k.about), keys.map((k) => k.party)];
  tx.send(sql`
    update watch.step s set state = 'cancelled', reason = 'settled', changed_at = ${at}
      from unnest(${about}::uuid[], ${party}::uuid[]) as k(about, party_id)
     where s.about = k.about and s.party_id = k.party_id and s.state = 'due'`);
  tx.send(sql`
    delete from watch.need n using unnest(${about}::uuid[], ${party}::uuid[]) as k(about, party_id)
     where n.about = k.about and n.party_id = k.party_id`);
  tx.send(sql`
    delete from watch.grantor g using unnest(${about}::uuid[], ${party}::uuid[]) as k(about, party_id)
     where g.about = k.about and g.party_id = k.party_id`);
}

export function saveActs(
  tx: Tx,
  rows: readonly (WatchKey & { readonly openedAt: Date | null; readonly confirmedAt: Date | null })[],
): void {
  tx.send(sql`
    update watch.item i set opened_at = coalesce(i.opened_at, r."openedAt"), confirmed_at = coalesce(i.confirmed_at, r."confirmedAt")
      from unnest(${rows.map((r) => r.about)}::uuid[], ${rows.map((r) => r.party)}::uuid[], ${rows.map((r) => r.openedAt)}::timestamptz[],
                  ${rows.map((r) => r.confirmedAt)}::timestamptz[]) as r(about, party, "openedAt", "confirmedAt")
     where i.about = r.about and i.party_id = r.party and i.settled_at is null`);
}

/** The earliest due step becomes the next action. A watch without one keeps what it has, and an invariant finds it. */
export function refreshNextActions(tx: Tx, keys: readonly WatchKey[]): void {
  if (keys.length === 0) return;
  tx.send(sql`
    update watch.item i set next_action = f.name, next_action_at = f.due_at
      from unnest(${keys.map((k) => k.about)}::uuid[], ${keys.map((k) => k.party)}::uuid[]) as k(about, party_id)
     cross join lateral (select s.name, s.due_at from watch.step s
                          where s.about = k.about and s.party_id = k.party_id and s.state = 'due' order by s.due_at, s.id limit 1) f
     where i.about = k.about and i.party_id = k.party_id and i.settled_at is null`);
}

export function saveTold(tx: Tx, told: readonly WatchKey[], asked: readonly WatchKey[], at: Date): void {
  tx.send(sql`
    update watch.item i set told_at = coalesce(i.told_at, ${at}), asked_at = case when k.asked then coalesce(i.asked_at, ${at}) else i.asked_at end
      from unnest(${told.map((k) => k.about)}::uuid[], ${told.map((k) => k.party)}::uuid[], ${told.map((k) => asked.includes(k))}::boolean[]) as k(about, party_id, asked)
     where i.about = k.about and i.party_id = k.party_id`);
}

/** Whoever else words a mail to these senders waits until this transaction ends. Count what they are to hear of afterwards. */
export async function lockDigests(tx: Tx, senders: readonly PartyId[]): Promise<void> {
  const inOrder = [...senders].sort();
  await tx.run(sql`
    select pg_advisory_xact_lock(hashtextextended('watch digest ' || s.id, 0))
      from unnest(${inOrder}::uuid[]) with ordinality as s(id, n) order by s.n`);
}

export interface SenderCount {
  readonly sender: PartyId;
  readonly isFile: boolean;
  readonly told: number;
  readonly toldGrantNeeded: number;
  /** Opened, and somebody must still confirm. */
  readonly toldUnconfirmed: number;
  readonly toldFailed: number;
  readonly asked: number;
  readonly askedGrantNeeded: number;
  readonly askedFailed: number;
}

/** Open watches that each sender was told of or asked about, and what hinders them. -- index: item_open_sender */
export function countForSenders(reader: Reader, senders: readonly PartyId[]): Promise<SenderCount[]> {
  return reader.all<SenderCount>(sql`
    select i.sender_id as sender, i.is_file as "isFile", count(*)::integer as told, count(i.asked_at)::integer as asked,
           count(*) filter (where i.openers = 0)::integer as "toldGrantNeeded",
           count(*) filter (where i.opened_at is not null)::integer as "toldUnconfirmed",
           count(i.asked_at) filter (where i.openers = 0)::integer as "askedGrantNeeded",
           coalesce(sum(n.failed), 0)::integer as "toldFailed",
           coalesce(sum(n.failed) filter (where i.asked_at is not null), 0)::integer as "askedFailed"
      from watch.item i
     cross join lateral (select count(*) as failed from notifications.notice_face n
                          where n.about = i.about and n.party_id = i.party_id and n.state = 'failed') n
     where i.sender_id = any(${senders}::uuid[]) and i.settled_at is null and i.failed_at is null and i.told_at is not null
     group by i.sender_id, i.is_file`);
}

export interface OpenFiles {
  readonly sender: PartyId;
  readonly party: PartyId;
  readonly unopened: number;
  readonly opened: number;
}

/** Published files that wait at these recipients from these senders. -- index: item_open_files_of */
export function countOpenFiles(reader: Reader, pairs: readonly Pick<WatchItem, 'sender' | 'party'>[]): Promise<OpenFiles[]> {
  return reader.all<OpenFiles>(sql`
    select i.sender_id as sender, i.party_id as party, (count(*) filter (where i.opened_at is null))::integer as unopened,
           count(i.opened_at)::integer as opened
      from (select distinct * from unnest(${pairs.map((p) => p.sender)}::uuid[], ${pairs.map((p) => p.party)}::uuid[])) as p(sender_id, party_id)
      join watch.item i on i.party_id = p.party_id and i.sender_id = p.sender_id and i.settled_at is null and i.is_file
     where i.published_at is not null
     group by i.sender_id, i.party_id`);
}
