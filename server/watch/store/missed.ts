import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';

/** Of these mails to senders, those that have reached nobody by any address: what each was the last to say. In the one order of locks. */
export async function saveMissed(tx: Tx, steps: readonly string[], at: Date): Promise<void> {
  if (steps.length === 0) return;
  await tx.run(sql`
    with missed as materialized (
      select s.reader_id, s.is_second, s.purpose from watch.said s
       where s.step_id = any(${steps}::uuid[]) and s.missed_at is null
         and not exists (select from notifications.notice_face n where n.step_id = s.step_id and n.state not in ('failed', 'cancelled'))
       order by s.reader_id, s.is_second, s.purpose
         for update)
    update watch.said s set missed_at = ${at}, silent_since = coalesce(s.silent_since, ${at}) from missed m
     where s.reader_id = m.reader_id and s.is_second = m.is_second and s.purpose = m.purpose`);
}

export interface MissedReader {
  readonly reader: PartyId;
  /** Of the mails that have reached nobody. */
  readonly steps: readonly string[];
  /** The mail was for its second contact. */
  readonly isSecond: boolean;
}

/** Whose mails have reached nobody. -- index: said_missed */
export function listMissedReaders(reader: Reader): Promise<MissedReader[]> {
  return reader.all<MissedReader>(sql`
    select reader_id as reader, is_second as "isSecond", array_agg(distinct step_id) as steps from watch.said where missed_at is not null
     group by reader_id, is_second order by reader_id, is_second limit 10000`);
}

export interface Missed {
  readonly reader: PartyId;
  readonly purpose: string;
  /** Of the mail that has reached nobody. */
  readonly step: string;
  readonly count: number;
}

/** What these were to hear, or their second contacts, and have not. -- index: the primary key */
export function lockMissed(tx: Tx, readers: readonly PartyId[], isSecond: boolean): Promise<Missed[]> {
  return tx.all<Missed>(sql`
    select reader_id as reader, purpose, step_id as step, count from watch.said
     where reader_id = any(${readers}::uuid[]) and is_second = ${isSecond} and missed_at is not null
     order by reader_id, is_second, purpose for update`);
}

/** There is nothing left to say of it. */
export function forgetMissed(tx: Tx, rows: readonly Missed[], isSecond: boolean): void {
  if (rows.length === 0) return;
  tx.send(sql`
    delete from watch.said s
     using unnest(${rows.map(({ reader }) => reader)}::uuid[], ${rows.map(({ purpose }) => purpose)}::text[]) as r(reader, purpose)
     where s.reader_id = r.reader and s.is_second = ${isSecond} and s.purpose = r.purpose and s.missed_at is not null`);
}

/** Nothing of what these mails were to say is so any more. That something has failed, or was deleted, stays to be said. -- index: said_step */
export function forgetPointless(tx: Tx, steps: readonly string[]): void {
  tx.send(sql`delete from watch.said where step_id = any(${steps}::uuid[]) and missed_at is not null and purpose not like '%-failed'
              and purpose <> 'sender-deleted'`);
}

/** Open watches whose failure one mail was to tell are told of by another. -- index: item_open_failure_notice */
export function moveFailureNotices(tx: Tx, from: readonly string[], to: string): void {
  tx.send(sql`
    update watch.item set failure_notice_step = ${to} where failure_notice_step = any(${from}::uuid[]) and settled_at is null`);
}
