import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { BlobKey, FileTransferId, PartyId } from '#kernel/ids.ts';
import { findTransfers, type Transfer } from './transfer.ts';

/** Transfers that are to go by now, locked; what somebody else holds is left for later. index: file_transfer_purge */
export async function lockDuePurges(tx: Tx, limit: number): Promise<Transfer[]> {
  const rows = await tx.all<{ id: FileTransferId }>(sql`
    select id from broker.file_transfer
     where purge_at <= clock.now()
     order by purge_at
     limit ${limit}
       for update skip locked`);
  if (rows.length === 0) return [];
  return findTransfers(
    tx,
    rows.map((row) => row.id),
  );
}

/** When the next transfer goes, or kept bytes are to be looked at; null when none. index: file_transfer_purge, file_transfer_kept */
export async function findNextPurge(reader: Reader): Promise<Date | null> {
  const row = await reader.one<{ at: Date | null }>(sql`
    select least((select min(purge_at) from broker.file_transfer where purge_at is not null),
                 (select min(keep_look_at) from broker.file_transfer where keep_look_at is not null)) as at`);
  return row.at;
}

/** Which of these transfers somebody is still watched to fetch. index: recipient_pkey */
export async function listAwaited(reader: Reader, ids: readonly FileTransferId[]): Promise<Set<FileTransferId>> {
  const rows = await reader.all<{ id: FileTransferId }>(sql`
    select distinct r.file_transfer_id as id
      from broker.recipient r join watch.open_item w on w.about = r.file_transfer_id and w.party_id = r.party_id
     where r.file_transfer_id = any(${ids}::uuid[])`);
  return new Set(rows.map((row) => row.id));
}

/** Whoever is to fetch these transfers, whose bytes go then, for their watches. index: recipient_pkey */
export const goingWith = (rows: readonly { readonly id: FileTransferId; readonly until: Date }[]): Sql => sql`
  select c.file_transfer_id as thing, c.file_transfer_id as about, c.party_id, r.until
    from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.until)}::timestamptz[]) as r (id, until)
    join broker.recipient c on c.file_transfer_id = r.id`;

/** Of transfers that are purged, locked: until when bytes that somebody has not fetched are to stay. Never taken back; the database holds it. */
export function saveUnreadUntil(tx: Tx, rows: readonly { readonly id: FileTransferId; readonly until: Date }[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    update broker.file_transfer t set unread_until = r.until
      from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.until)}::timestamptz[]) as r (id, until)
     where t.id = r.id`);
}

/**
 * Which of these bytes other transfers than these still have. Whoever else asks about the same bytes waits until this transaction ends,
 * so that of two last ones the second sees that it is the last. index: file_transfer_blob
 */
export async function listShared(tx: Tx, keys: readonly BlobKey[], besides: readonly FileTransferId[]): Promise<Set<BlobKey>> {
  await tx.all(sql`
    select pg_advisory_xact_lock(hashtextextended('bytes of a file ' || key, 0)) from (select unnest(${keys}::uuid[]) as key order by 1) k`);
  const rows = await tx.all<{ key: BlobKey }>(sql`
    select distinct blob_key as key from broker.file_transfer
     where blob_key = any(${keys}::uuid[]) and id <> all(${besides}::uuid[])
       and (state in ('UploadProcessing', 'Published', 'AllConfirmedDownloaded') or kept_until is not null)`);
  return new Set(rows.map(({ key }) => key));
}

/** Whether the bytes of a purged transfer are there yet. For one that the transaction has locked. */
export async function isKept(reader: Reader, id: FileTransferId): Promise<boolean> {
  const row = await reader.maybe(sql`select id from broker.file_transfer where id = ${id} and kept_until is not null`);
  return row !== undefined;
}

/** Bytes that stay although their transfer is purged. */
export interface Keeping {
  readonly id: FileTransferId;
  readonly until: Date | null;
  readonly lookAt: Date | null;
  readonly warned: number;
}

/** For transfers that the transaction has locked. Null: they are kept no longer. */
export function saveKeeping(tx: Tx, rows: readonly Keeping[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    update broker.file_transfer t
       set kept_until = r.until, keep_look_at = r.look_at, keep_warned = r.warned
      from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.until)}::timestamptz[], ${rows.map((r) => r.lookAt)}::timestamptz[],
                  ${rows.map((r) => r.warned)}::smallint[]) as r (id, until, look_at, warned)
     where t.id = r.id`);
}

/** Kept bytes are looked at when the sweeper comes next, and not when their day is over. */
export function lookAtOnce(tx: Tx, id: FileTransferId, at: Date): void {
  tx.send(sql`update broker.file_transfer set keep_look_at = ${at} where id = ${id} and keep_look_at is not null`);
}

export type KeptTransfer = Transfer & { readonly keptUntil: Date; readonly warned: number };

/** Kept bytes that are to be looked at, locked; what another worker holds is left to it. index: file_transfer_kept */
export async function lockKept(tx: Tx, limit: number): Promise<KeptTransfer[]> {
  const rows = await tx.all<{ id: FileTransferId; keptUntil: Date; warned: number }>(sql`
    select id, kept_until as "keptUntil", keep_warned as warned
      from broker.file_transfer
     where keep_look_at <= clock.now()
     order by keep_look_at
     limit ${limit}
       for update skip locked`);
  if (rows.length === 0) return [];
  const kept = new Map(rows.map((row) => [row.id, row]));
  const transfers = await findTransfers(
    tx,
    rows.map((row) => row.id),
  );
  return transfers.map((transfer) => ({ ...transfer, ...kept.get(transfer.id)! }));
}

/** One of those from whom a transfer was taken back. index: the watch's primary key */
export async function findRecalledParty(reader: Reader, id: FileTransferId): Promise<PartyId | undefined> {
  const row = await reader.maybe<{ party: PartyId }>(sql`
    select w.party_id as party from watch.item_face w where w.about = ${id} and w.outcome = 'recalled' limit 1`);
  return row?.party;
}
