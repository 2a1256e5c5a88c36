import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { WatchKey } from '../types.ts';
import type { UnheardSender } from './told.ts';

/** What a recipient has deleted unopened, of which its sender is to be told by mail. */
export interface DeletedUnread extends WatchKey {
  readonly party: PartyId;
  readonly sender: PartyId;
  /** Who has sent it on the service of the sender. */
  readonly sentBy: PartyId | null;
}

export function saveDeletedUnread(tx: Tx, rows: readonly DeletedUnread[], at: Date): void {
  if (rows.length === 0) return;
  tx.send(sql`
    insert into watch.deleted_unread (about, party_id, sender_id, sent_by, at)
    select r.about, r.party, r.sender, r."sentBy", ${at}
      from json_to_recordset(${JSON.stringify(rows)}) as r(about uuid, party uuid, sender uuid, "sentBy" uuid)
    on conflict (about, party_id) do nothing`);
}

/** Of whose deleted post no mail tells yet: each once, however much it is. -- index: deleted_unread_untold */
export function listSendersOfDeleted(reader: Reader): Promise<UnheardSender[]> {
  return reader.all<UnheardSender>(sql`
    select distinct sender_id as sender, coalesce(sent_by, sender_id) as hearer
      from watch.deleted_unread where step_id is null order by 1, 2 limit 10000`);
}

/** What of theirs no mail tells yet; what others hold is left for the next minute. -- index: deleted_unread_untold */
export function claimDeleted(tx: Tx, of: readonly UnheardSender[], limit: number): Promise<DeletedUnread[]> {
  return tx.all<DeletedUnread>(sql`
    select d.about, d.party_id as party, d.sender_id as sender, d.sent_by as "sentBy"
      from watch.deleted_unread d
     where (d.sender_id, coalesce(d.sent_by, d.sender_id)) in (
             select * from unnest(${of.map((o) => o.sender)}::uuid[], ${of.map((o) => o.hearer)}::uuid[]))
       and d.step_id is null
     order by d.about, d.party_id limit ${limit}
       for update skip locked`);
}

/** Who hears of these. */
export function saveHearers(tx: Tx, rows: readonly (WatchKey & { readonly hearer: PartyId })[]): void {
  tx.send(sql`
    update watch.deleted_unread d set reader_id = r.hearer
      from json_to_recordset(${JSON.stringify(rows)}) as r(about uuid, party uuid, hearer uuid)
     where d.about = r.about and d.party_id = r.party`);
}

/** No mail tells of it, or one that still waits and is worded anew, or one that nobody has taken. */
const isToBeTold: Sql = sql`(d.step_id is null or not exists (
  select from notifications.notice_face n
   where n.step_id = d.step_id and (n.state in ('handing-over', 'handed-over', 'delivered') or n.state = 'due' and n.attempts > 0)))`;

/** How much of what these hear of was deleted unopened, and no mail that has gone has told. -- index: deleted_unread_reader */
export async function countDeleted(reader: Reader, senders: readonly PartyId[]): Promise<Map<PartyId, number>> {
  const rows = await reader.all<{ reader: PartyId; n: number }>(sql`
    select d.reader_id as reader, count(*)::integer as n from watch.deleted_unread d
     where d.reader_id = any(${senders}::uuid[]) and ${isToBeTold} group by 1`);
  return new Map(rows.map(({ reader: of, n }) => [of, n]));
}

/** Which mail tells of all that was counted for these. -- index: deleted_unread_reader */
export function saveTellsOfDeleted(tx: Tx, rows: readonly { readonly reader: PartyId; readonly step: string }[]): void {
  tx.send(sql`
    update watch.deleted_unread d set step_id = r.step
      from unnest(${rows.map(({ reader }) => reader)}::uuid[], ${rows.map(({ step }) => step)}::uuid[]) as r(reader, step)
     where d.reader_id = r.reader and ${isToBeTold}`);
}

/** What one mail was to tell is told by another. -- index: deleted_unread_step */
export function moveTellsOfDeleted(tx: Tx, from: readonly string[], to: string): void {
  tx.send(sql`update watch.deleted_unread set step_id = ${to} where step_id = any(${from}::uuid[])`);
}

/** A mail server has taken what tells of it: it is told. -- index: deleted_unread_step */
export function forgetTold(tx: Tx, steps: readonly string[]): void {
  tx.send(sql`delete from watch.deleted_unread where step_id = any(${steps}::uuid[])`);
}
