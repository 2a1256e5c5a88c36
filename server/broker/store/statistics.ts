import { type Reader, sql } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';

/** Resources on which something was announced in this time. index: file_transfer_created */
export async function listResourcesUsed(reader: Reader, from: Date, to: Date): Promise<ResourceId[]> {
  const rows = await reader.all<{ id: ResourceId }>(sql`
    select distinct resource_id as id from broker.file_transfer where created_at >= ${from} and created_at < ${to}`);
  return rows.map(({ id }) => id);
}

/** What went between two parties on a resource; null: not told apart by it. */
export interface PairSum {
  readonly resourceId: ResourceId;
  readonly senderVendor: PartyId | null;
  readonly recipientVendor: PartyId | null;
  readonly sender: PartyId | null;
  readonly recipient: PartyId | null;
  readonly transfers: string;
  readonly published: string;
  readonly downloads: string;
  readonly confirmed: string;
}

export interface PairsAsked {
  readonly resources: readonly ResourceId[];
  readonly from: Date;
  readonly to: Date;
  readonly endUser: boolean;
  readonly vendor: boolean;
}

/** Of transfers that were announced in this time, by sender, recipient and vendors as asked. index: file_transfer_created, recipient_pkey */
export function sumPairs(reader: Reader, { resources, from, to, endUser, vendor }: PairsAsked): Promise<PairSum[]> {
  return reader.all<PairSum>(sql`
    select "resourceId", "senderVendor", "recipientVendor", sender, recipient, count(*) as transfers,
           count(*) filter (where was_published) as published, sum(downloads) as downloads, count(*) filter (where is_confirmed) as confirmed
      from (select t.resource_id as "resourceId", case when ${vendor} then t.created_by end as "senderVendor",
                   case when ${vendor} then r.vendor_id end as "recipientVendor", case when ${endUser} then t.sender_id end as sender,
                   case when ${endUser} then r.party_id end as recipient, t.published_at is not null as was_published, r.downloads,
                   r.status = 'DownloadConfirmed' as is_confirmed
              from broker.file_transfer t join broker.recipient r on r.file_transfer_id = t.id
             where t.created_at >= ${from} and t.created_at < ${to} and t.resource_id = any(${resources}::text[])) pair
     group by "resourceId", "senderVendor", "recipientVendor", sender, recipient`);
}

/** What one sender announced on a resource on a day in UTC. */
export interface FileDaySum {
  /** `2026-11-29` */
  readonly day: string;
  readonly resourceId: ResourceId;
  readonly senderId: PartyId;
  readonly transfers: string;
  readonly bytes: string;
}

/** index: file_transfer_created */
export function sumFileDays(reader: Reader, from: Date, to: Date): Promise<FileDaySum[]> {
  return reader.all<FileDaySum>(sql`
    select to_char(day, 'YYYY-MM-DD') as day, "resourceId", "senderId", count(*) as transfers, coalesce(sum(bytes), 0)::bigint as bytes
      from (select (created_at at time zone 'UTC')::date as day, resource_id as "resourceId", sender_id as "senderId", size_bytes as bytes
              from broker.file_transfer where created_at >= ${from} and created_at < ${to}) t
     group by t.day, "resourceId", "senderId"
     order by t.day, "resourceId", "senderId"`);
}

/** When the first transfer was announced; null while there is none. index: file_transfer_created */
export async function findFirstAnnounced(reader: Reader): Promise<Date | null> {
  const row = await reader.maybe<{ at: Date }>(sql`select created_at as at from broker.file_transfer order by created_at limit 1`);
  return row?.at ?? null;
}
