import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { Cause } from '../causes/cause.ts';
import { awaitDecision } from '../climb/decide-step.ts';
import type { OpenabilityClass } from '../openers/openability.ts';
import type { Outcome } from '../states.ts';
import { type SenderStep, type WatchKey, type WatchSettlement, watchKey } from '../types.ts';
import { isLetLie, isOpen, isOverFile } from './open.ts';

export interface WatchItem {
  readonly about: string;
  readonly party: PartyId;
  readonly sender: PartyId;
  /** Who sent it on a service of the sender's, and hears of it in its place. */
  readonly sentBy: PartyId | null;
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
  /** When the sender's side was first told by mail that it is unread, and first asked to decide. */
  readonly toldAt: Date | null;
  readonly askedAt: Date | null;
  /** Since when nobody at the recipient could be told of it; null where the last word reached somebody. */
  readonly unreachedAt: Date | null;
  /** Of a letter that came back from paper: when it was posted, and when it came back. */
  readonly relayedAt: Date | null;
  readonly returnedAt: Date | null;
  /** Of a letter that went by paper, or was let lie: how it would have ended since. */
  readonly endedSince: Outcome | null;
  /** When a system took it first, while it waits for a person. */
  readonly fetchedBySystemAt: Date | null;
  /** A file whose time is over: nobody fetches it any more, and its sender decides. */
  readonly isOver: boolean;
}

const columns: Sql = sql`i.about, i.party_id as party, i.sender_id as sender, i.sent_by as "sentBy", i.resource_id as resource, i.confidential,
       i.confirm_needed as "confirmNeeded", i.is_file as "isFile", i.begun_at as "begunAt", i.due_at as "dueAt", i.ladder, i.ladder_version as "ladderVersion",
       i.sender_steps as "senderSteps", i.published_at as "publishedAt", i.opened_at as "openedAt", i.confirmed_at as "confirmedAt", i.class, i.openers,
       i.grantors, i.attachment_locked as "attachmentLocked", i.no_opener_told_at as "noOpenerToldAt", i.access_version as "accessVersion", i.computed_at as "computedAt",
       i.next_action as "nextAction", i.next_action_at as "nextActionAt", i.settled_at as "settledAt", i.outcome, i.settled_by as "settledBy",
       i.settled_name as "settledName", i.settled_reason as "settledReason", i.failed_at as "failedAt", i.failure,
       i.failure_notice_step as "failureNoticeStep", i.cause, i.cause_since as "causeSince", i.ladder_turn as "ladderTurn",
       i.told_at as "toldAt", i.asked_at as "askedAt", i.relayed_at as "relayedAt", i.returned_at as "returnedAt",
       i.ended_since as "endedSince", i.unreached_at as "unreachedAt", i.fetched_by_system_at as "fetchedBySystemAt", ${isOverFile} as "isOver"`;

/** What was sent on the service of another. */
export interface SentForAnother extends WatchKey {
  readonly sentBy: PartyId;
}

/** Who has sent these hears of them no more; for watches that the transaction has locked. */
export function saveHandedBack(tx: Tx, keys: readonly WatchKey[]): void {
  if (keys.length === 0) return;
  tx.send(sql`
    update watch.item i set sent_by = null
      from unnest(${keys.map((k) => k.about)}::uuid[], ${keys.map((k) => k.party)}::uuid[]) as k(about, party_id)
     where i.about = k.about and i.party_id = k.party_id`);
}

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

/** Of these watches, by `watchKey`, those that others work on; the rest is locked from here on. For who does not wait. */
export async function lockUnlessHeld(tx: Tx, keys: readonly WatchKey[]): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const asked = sql`unnest(${keys.map((k) => k.about)}::uuid[], ${keys.map((k) => k.party)}::uuid[]) as k(about, party_id)`;
  const [locked, there] = await Promise.all([
    tx.all<WatchKey>(sql`
      select i.about, i.party_id as party from watch.item i join ${asked} on i.about = k.about and i.party_id = k.party_id
       order by i.about, i.party_id
         for update of i skip locked`),
    tx.all<WatchKey>(sql`
      select i.about, i.party_id as party from watch.item i join ${asked} on i.about = k.about and i.party_id = k.party_id`),
  ]);
  const ours = new Set(locked.map(watchKey));
  return new Set(there.map(watchKey)).difference(ours);
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

/** With the act that ends each, where one does: a row that is written twice is written to all its indexes twice. */
export function saveSettlements(tx: Tx, rows: readonly (WatchSettlement & Partial<ActTimes>)[]): void {
  tx.send(sql`
    update watch.item i
       set settled_at = r.at, outcome = r.outcome, settled_by = r.by, settled_name = r.name, settled_reason = r.reason,
           opened_at = coalesce(i.opened_at, r."openedAt"), confirmed_at = coalesce(i.confirmed_at, r."confirmedAt"),
           next_action = null, next_action_at = null, let_lie = r.outcome = 'accepted-unread' and not i.is_file and (i.openers = 0 or i.attachment_locked)
      from unnest(${rows.map((r) => r.about)}::uuid[], ${rows.map((r) => r.party)}::uuid[], ${rows.map((r) => r.outcome)}::text[],
                  ${rows.map((r) => r.at)}::timestamptz[], ${rows.map((r) => r.by ?? null)}::uuid[], ${rows.map((r) => r.name ?? null)}::text[],
                  ${rows.map((r) => r.reason ?? null)}::text[], ${rows.map((r) => r.openedAt ?? null)}::timestamptz[],
                  ${rows.map((r) => r.confirmedAt ?? null)}::timestamptz[])
           as r(about, party, outcome, at, by, name, reason, "openedAt", "confirmedAt")
     where i.about = r.about and i.party_id = r.party and ${isOpen}`);
}

/**
 * What was posted has ended; should it come back, it ends as what it has become since. What was let lie unread lies there no more. Before `saveSettlements` of the same: whoever takes
 * it up again at that moment is seen by one of the two.
 */
export function saveEndedSince(tx: Tx, rows: readonly (WatchKey & { readonly outcome: Outcome })[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    update watch.item i set ended_since = r.outcome
      from unnest(${rows.map((r) => r.about)}::uuid[], ${rows.map((r) => r.party)}::uuid[], ${rows.map((r) => r.outcome)}::text[])
           as r(about, party, outcome)
     where i.about = r.about and i.party_id = r.party and i.outcome in ('relayed', 'accepted-unread')`);
}

/**
 * Watches that ended as relayed, taken up again: the letter has come back. What opening took of one that ended before that was kept is the
 * letter alone. Who could let somebody in is not known any more, and is worked out whatever has changed since.
 */
export function saveReturned(tx: Tx, keys: readonly WatchKey[], at: Date): void {
  const [about, party] = [keys.map((k) => k.about), keys.map((k) => k.party)];
  tx.send(sql`
    update watch.item i
       set relayed_at = i.settled_at, returned_at = ${at}, settled_at = null, outcome = null, next_action = ${awaitDecision.name}, next_action_at = ${at},
           access_version = -1
      from unnest(${about}::uuid[], ${party}::uuid[]) as k(about, party_id)
     where i.about = k.about and i.party_id = k.party_id and i.outcome = 'relayed'`);
  tx.send(sql`
    insert into watch.need (about, party_id, resource_id, action, instance, policy_version)
    select i.about, i.party_id, i.resource_id, 'read', i.about, 0
      from unnest(${about}::uuid[], ${party}::uuid[]) as k(about, party_id)
      join watch.item i on i.about = k.about and i.party_id = k.party_id
     where not exists (select from watch.need n where n.about = i.about and n.party_id = i.party_id)`);
}

/**
 * Of settled watches: their due steps, what opening took, and who could have let somebody in. What opening took of a letter that went
 * by paper stays, since it may come back; of one that is let lie while nobody can open it both stay, since it is there yet.
 */
export function endWork(tx: Tx, keys: readonly WatchKey[], at: Date): void {
  const [about, party] = [keys.map((k) => k.about), keys.map((k) => k.party)];
  tx.send(sql`
    update watch.step s set state = 'cancelled', reason = 'settled', changed_at = ${at}
      from unnest(${about}::uuid[], ${party}::uuid[]) as k(about, party_id)
     where s.about = k.about and s.party_id = k.party_id and s.state = 'due'`);
  tx.send(sql`
    delete from watch.need n using unnest(${about}::uuid[], ${party}::uuid[]) as k(about, party_id)
     where n.about = k.about and n.party_id = k.party_id
       and not exists (select from watch.item i where i.about = n.about and i.party_id = n.party_id and (i.outcome = 'relayed' or ${isLetLie}))`);
  tx.send(sql`
    delete from watch.grantor g using unnest(${about}::uuid[], ${party}::uuid[]) as k(about, party_id)
     where g.about = k.about and g.party_id = k.party_id
       and not exists (select from watch.item i where i.about = g.about and i.party_id = g.party_id and ${isLetLie})`);
}

/** When a recipient opened and confirmed; null where this act was not that. The first time stays. */
export interface ActTimes {
  readonly openedAt: Date | null;
  readonly confirmedAt: Date | null;
}

/**
 * What was ended without being opened, and lies there to be opened all the same: that somebody has is kept, and the outcome stays. What went by
 * paper is not unread, should it come back.
 */
export const endedUnopened = ['relayed', 'accepted-unread', 'read-elsewhere'] as const;

/** A system has taken what waits for a person: it is kept when it did first, and nothing has ended. */
export function saveFetchedBySystem(tx: Tx, rows: readonly (WatchKey & { readonly at: Date })[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    update watch.item i set fetched_by_system_at = coalesce(i.fetched_by_system_at, r.at)
      from unnest(${rows.map((r) => r.about)}::uuid[], ${rows.map((r) => r.party)}::uuid[], ${rows.map((r) => r.at)}::timestamptz[]) as r(about, party, at)
     where i.about = r.about and i.party_id = r.party`);
}

export function saveActs(tx: Tx, rows: readonly (WatchKey & ActTimes)[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    update watch.item i set opened_at = coalesce(i.opened_at, r."openedAt"), confirmed_at = coalesce(i.confirmed_at, r."confirmedAt")
      from unnest(${rows.map((r) => r.about)}::uuid[], ${rows.map((r) => r.party)}::uuid[], ${rows.map((r) => r.openedAt)}::timestamptz[],
                  ${rows.map((r) => r.confirmedAt)}::timestamptz[]) as r(about, party, "openedAt", "confirmedAt")
     where i.about = r.about and i.party_id = r.party and (${isOpen} or i.outcome = any(${endedUnopened}))`);
}

/** The earliest due step becomes the next action. A watch without one keeps what it has, and an invariant finds it. */
export function refreshNextActions(tx: Tx, keys: readonly WatchKey[]): void {
  if (keys.length === 0) return;
  tx.send(sql`
    update watch.item i set next_action = f.name, next_action_at = f.due_at
      from unnest(${keys.map((k) => k.about)}::uuid[], ${keys.map((k) => k.party)}::uuid[]) as k(about, party_id)
     cross join lateral (select s.name, s.due_at
                           from (select * from watch.step t where t.about = k.about and t.party_id = k.party_id offset 0) s
                          where s.state = 'due' order by s.due_at, s.id limit 1) f
     where i.about = k.about and i.party_id = k.party_id and ${isOpen}`);
}

export interface OpenFiles {
  readonly sender: PartyId;
  readonly party: PartyId;
  readonly resource: ResourceId;
  readonly unopened: number;
  /** Of those, what nobody can fetch and somebody could let somebody in to. */
  readonly sealed: number;
  readonly opened: number;
}

/** Published files that wait at these recipients from these senders. -- index: item_open_files_of */
export function countOpenFiles(reader: Reader, pairs: readonly Pick<WatchItem, 'sender' | 'party' | 'resource'>[]): Promise<OpenFiles[]> {
  return reader.all<OpenFiles>(sql`
    select i.sender_id as sender, i.party_id as party, i.resource_id as resource, (count(*) filter (where i.opened_at is null))::integer as unopened,
           (count(*) filter (where i.opened_at is null and i.grantors > 0 and (i.openers = 0 or i.attachment_locked)))::integer as sealed,
           count(i.opened_at)::integer as opened
      from (select distinct * from unnest(${pairs.map((p) => p.sender)}::uuid[], ${pairs.map((p) => p.party)}::uuid[],
                                          ${pairs.map((p) => p.resource)}::text[])) as p(sender_id, party_id, resource_id)
      join watch.item i on i.party_id = p.party_id and i.sender_id = p.sender_id and i.resource_id = p.resource_id and i.settled_at is null and i.is_file
     where i.published_at is not null and not ${isOverFile}
     group by i.sender_id, i.party_id, i.resource_id`);
}
