import type { StoredBlob } from '#blobs/index.ts';
import { type Db, type Reader, sql, type Tx } from '#kernel/database.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import { transferTexts } from '../states.ts';
import { distinct, saveStatuses, type Transfer, type TransferMove } from './transfer.ts';

/*
 * Whether an upload is still seen to is told in real time (`statement_timestamp()`): it is a lease, and a sandbox that moves its
 * clock must not give a running upload up.
 */

/** A transfer whose bytes one upload alone may store from now on. */
export interface UploadBegun {
  readonly id: FileTransferId;
  readonly uploadId: string;
  readonly at: Date;
}

/** For transfers that the transaction has locked. */
export function saveUploadsBegun(tx: Tx, rows: readonly UploadBegun[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    update broker.file_transfer t set upload_id = r.upload_id, upload_began_at = r.at, upload_seen_at = statement_timestamp()
      from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.uploadId)}::uuid[], ${rows.map((r) => r.at)}::timestamptz[]) as r (id, upload_id, at)
     where t.id = r.id`);
}

/** Whether somebody sees to the upload under way. For a transfer that the transaction has locked. */
export async function isUploading(tx: Tx, id: FileTransferId, leaseSeconds: number): Promise<boolean> {
  return (await listUploading(tx, [id], leaseSeconds)).has(id);
}

/** Of these transfers, which the transaction has locked, those whose upload somebody sees to. index: file_transfer_pkey */
export async function listUploading(tx: Tx, ids: readonly FileTransferId[], leaseSeconds: number): Promise<Set<FileTransferId>> {
  const rows = await tx.all<{ id: FileTransferId }>(sql`
    select id from broker.file_transfer
     where id = any(${ids}::uuid[]) and state = 'UploadStarted' and upload_seen_at > statement_timestamp() - make_interval(secs => ${leaseSeconds})`);
  return new Set(rows.map(({ id }) => id));
}

/** Says that these uploads are seen to. */
export function renewUpload(db: Db, id: FileTransferId, uploadId: string): Promise<void> {
  return db.transaction(async (tx) => {
    await tx.run(sql`update broker.file_transfer set upload_seen_at = statement_timestamp() where id = ${id} and upload_id = ${uploadId}`);
  });
}

/** Says that nobody sees to this upload any more, so that the next may begin. One that has ended stays as it is. */
export async function letGoUpload(tx: Tx, id: FileTransferId, uploadId: string): Promise<void> {
  await tx.run(sql`
    update broker.file_transfer set upload_seen_at = statement_timestamp() - interval '1 day'
     where id = ${id} and upload_id = ${uploadId} and state = 'UploadStarted'`);
}

/** Bytes of a transfer, and the hash that its sender gave with them. */
export interface TransferBytes extends Pick<Transfer, 'id' | 'declaredSha256'> {
  readonly blob: StoredBlob;
}

/** For transfers that the transaction has locked. */
export function saveBytes(tx: Tx, rows: readonly TransferBytes[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    update broker.file_transfer t
       set blob_key = r.key, size_bytes = r.size_bytes, md5 = r.md5, sha256 = r.sha256, declared_sha256 = r.declared, upload_seen_at = null
      from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.blob.key)}::uuid[], ${rows.map((r) => r.blob.sizeBytes)}::bigint[],
                  ${rows.map((r) => r.blob.md5)}::text[], ${rows.map((r) => r.blob.sha256)}::text[], ${rows.map((r) => r.declaredSha256)}::text[])
           as r (id, key, size_bytes, md5, sha256, declared)
     where t.id = r.id`);
}

/** Bytes that came in whole, what their transfer is with them, and of an upload that had not claimed it, that claim. */
export interface Arrival extends TransferBytes, Pick<TransferMove, 'state' | 'text' | 'at' | 'publishedAt'> {
  readonly claim?: { readonly uploadId: string; readonly since: Date } | undefined;
}

/** For transfers that the transaction has locked, and whose evidence it has recorded. */
export function saveArrivals(tx: Tx, rows: readonly Arrival[]): void {
  if (rows.length === 0) return;
  const each = <V>(pick: (row: Arrival) => V): V[] => rows.map(pick);
  const ids = each((r) => r.id);
  tx.send(sql`
    update broker.file_transfer t
       set upload_id = coalesce(r.upload_id, t.upload_id), upload_began_at = coalesce(r.began_at, t.upload_began_at), upload_seen_at = null,
           blob_key = r.key, size_bytes = r.size_bytes, md5 = r.md5, sha256 = r.sha256, declared_sha256 = r.declared,
           state = r.state, state_text = r.text, state_changed_at = ${distinct(sql`r.at`)}, published_at = coalesce(t.published_at, r.published_at)
      from unnest(${ids}::uuid[], ${each((r) => r.claim?.uploadId ?? null)}::uuid[], ${each((r) => r.claim?.since ?? null)}::timestamptz[],
                  ${each((r) => r.blob.key)}::uuid[], ${each((r) => r.blob.sizeBytes)}::bigint[], ${each((r) => r.blob.md5)}::text[],
                  ${each((r) => r.blob.sha256)}::text[], ${each((r) => r.declaredSha256)}::text[], ${each((r) => r.state)}::text[],
                  ${each((r) => r.text)}::text[], ${each((r) => r.at)}::timestamptz[], ${each((r) => r.publishedAt ?? null)}::timestamptz[])
           as r (id, upload_id, began_at, key, size_bytes, md5, sha256, declared, state, text, at, published_at)
     where t.id = r.id and t.id = any(${ids}::uuid[])`);
  saveStatuses(
    tx,
    rows.flatMap(({ id, claim, state, text, at }) => [
      ...(claim ? [{ id, state: 'UploadStarted' as const, text: transferTexts.UploadStarted, at: claim.since }] : []),
      { id, state, text, at },
    ]),
  );
}

/** Where uploads stand, of those of these transfers that there are. index: file_transfer_pkey */
export function listUploads(
  reader: Reader,
  ids: readonly FileTransferId[],
): Promise<Pick<Transfer, 'id' | 'uploadId' | 'state' | 'blobKey'>[]> {
  return reader.all(sql`
    select id, upload_id as "uploadId", state, blob_key as "blobKey" from broker.file_transfer where id = any(${ids}::uuid[])`);
}

/** Uploads that began before `before`, that nobody sees to and that cannot go on (`tus/`); others that work on them are passed over. index: file_transfer_uploading */
export async function lockStuckUploads(
  tx: Tx,
  before: Date,
  { leaseSeconds, limit }: { leaseSeconds: number; limit: number },
): Promise<FileTransferId[]> {
  const rows = await tx.all<{ id: FileTransferId }>(sql`
    select id from broker.file_transfer
     where state = 'UploadStarted' and upload_began_at < ${before}
       and upload_seen_at < statement_timestamp() - make_interval(secs => ${leaseSeconds})
       and not exists (select from broker.tus_upload u
                        where u.file_transfer_id = file_transfer.id and u.upload_id = file_transfer.upload_id and u.expires_at > statement_timestamp())
     order by upload_began_at
     limit ${limit}
       for update skip locked`);
  return rows.map((row) => row.id);
}
