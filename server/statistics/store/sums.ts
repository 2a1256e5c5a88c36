import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';

/** What was sent on a day in UTC by one owner with one resource, under one name, to one kind of recipient. */
export interface DaySum {
  /** `2026-11-29` */
  readonly day: string;
  readonly ownerId: PartyId;
  readonly messageSender: string;
  readonly senderNumber: string;
  readonly resourceId: ResourceId;
  readonly recipientKind: string;
  readonly messages: string;
  readonly databaseBytes: string;
  readonly attachmentBytes: string;
}

/** Only what was made since is counted. Source: compatibility.md, correspondence, §8.6. */
const firstDay = '2025-01-01';

/**
 * Sums of the days from `from` up to but not with `to`. The bytes of attachments count once for a submission, however many
 * messages carry them. -- index: submission_created, message_submission
 */
const sums = (from: string, to: string | null): Sql => sql`
  with parts as (
    select (m.created_at at time zone 'UTC')::date as day, m.owner_id, coalesce(m.message_sender, '') as message_sender,
           coalesce(m.sender_number, '') as sender_number, m.resource_id, m.recipient_kind, m.submission_id,
           count(*) as messages, sum(m.content_bytes) as bytes
      from correspondence.counted_message m
     where m.created_at >= (${from}::date)::timestamp at time zone 'UTC'
       and (${to}::date is null or m.created_at < (${to}::date)::timestamp at time zone 'UTC')
     group by 1, 2, 3, 4, 5, 6, 7),
  carried as (
    select p.*, case when row_number() over (partition by p.submission_id order by p.recipient_kind) = 1 then a.bytes end as files
      from parts p left join lateral (select a.bytes from correspondence.counted_attachment a where a.submission_id = p.submission_id) a on true)
  select day, owner_id, message_sender, sender_number, resource_id, recipient_kind,
         sum(messages)::bigint as messages, sum(bytes)::bigint as database_bytes, coalesce(sum(files), 0)::bigint as attachment_bytes
    from carried group by 1, 2, 3, 4, 5, 6`;

const columns: Sql = sql`
  to_char(day, 'YYYY-MM-DD') as day, owner_id as "ownerId", message_sender as "messageSender", sender_number as "senderNumber",
  resource_id as "resourceId", recipient_kind as "recipientKind", messages, database_bytes as "databaseBytes", attachment_bytes as "attachmentBytes"`;

/** Where a page begins: the key of the row before it. */
export type Place = Pick<DaySum, 'day' | 'ownerId' | 'resourceId' | 'messageSender' | 'senderNumber' | 'recipientKind'>;

/** Kept sums of days before `before`, a page at a time. -- index: day_sum_pkey */
export function listKept(reader: Reader, before: string, after: Place | null, limit: number): Promise<DaySum[]> {
  return reader.all<DaySum>(sql`
    select ${columns} from statistics.day_sum
     where day < ${before}::date
       and (${after === null} or (day, owner_id, resource_id, message_sender, sender_number, recipient_kind)
            > (${after?.day ?? null}::date, ${after?.ownerId ?? null}::uuid, ${after?.resourceId ?? null}::text,
               ${after?.messageSender ?? null}::text, ${after?.senderNumber ?? null}::text, ${after?.recipientKind ?? null}::text))
     order by statistics.day_sum.day, owner_id, resource_id, message_sender, sender_number, recipient_kind limit ${limit}`);
}

/** Sums of days that are not kept yet, made now: `from` and all after it. */
export function listFresh(reader: Reader, from: string): Promise<DaySum[]> {
  return reader.all<DaySum>(sql`
    select ${columns} from (${sums(from, null)}) s order by s.day, owner_id, resource_id, message_sender, sender_number, recipient_kind`);
}

/** Keeps the sums of the days from `from` up to but not with `to`. */
export function saveSums(tx: Tx, from: string, to: string): void {
  tx.send(sql`
    insert into statistics.day_sum (day, owner_id, message_sender, sender_number, resource_id, recipient_kind, messages, database_bytes, attachment_bytes)
    ${sums(from, to)}`);
}

export interface Schedule {
  /** The first day that is not summed. */
  readonly summedTo: string;
  readonly nextAt: Date;
}

/** Makes the row where it is not there yet. Days begin with the first message that there is, or on `today`. */
export async function beginSchedule(tx: Tx, today: string, nextAt: Date): Promise<void> {
  await tx.run(sql`
    insert into statistics.schedule (summed_to, next_at)
    select greatest(${firstDay}::date, coalesce(
             (select (created_at at time zone 'UTC')::date from correspondence.counted_message order by submission_id limit 1), ${today}::date)),
           ${nextAt}
    on conflict do nothing`);
}

/** The schedule, locked: others who sum wait until the transaction ends. */
export function lockSchedule(tx: Tx): Promise<Schedule> {
  return tx.one<Schedule>(
    sql`select to_char(summed_to, 'YYYY-MM-DD') as "summedTo", next_at as "nextAt" from statistics.schedule for update`,
  );
}

export function findSchedule(reader: Reader): Promise<Schedule | undefined> {
  return reader.maybe<Schedule>(sql`select to_char(summed_to, 'YYYY-MM-DD') as "summedTo", next_at as "nextAt" from statistics.schedule`);
}

export function saveSummedTo(tx: Tx, day: string): void {
  tx.send(sql`update statistics.schedule set summed_to = ${day}::date`);
}

export function saveNextAt(tx: Tx, at: Date): void {
  tx.send(sql`update statistics.schedule set next_at = ${at}`);
}
