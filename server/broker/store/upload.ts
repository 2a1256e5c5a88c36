import type { StoredBlob } from '#blobs/index.ts';
import { type Db, sql, type Tx } from '#kernel/database.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import type { Transfer } from './transfer.ts';

/*
 * Whether an upload is still seen to is told in real time (`statement_timestamp()`): it is a lease, and a sandbox that moves its
 * clock must not give a running upload up.
 */

/** For a transfer that the transaction has locked: this upload alone may store its bytes from now on. */
export function saveUploadBegun(tx: Tx, id: FileTransferId, uploadId: string, at: Date): void {
  tx.send(sql`
    update broker.file_transfer
       set upload_id = ${uploadId}, upload_began_at = ${at}, upload_seen_at = statement_timestamp()
     where id = ${id}`);
}

/** Whether somebody sees to the upload under way. For a transfer that the transaction has locked. */
export async function isUploading(tx: Tx, id: FileTransferId, leaseSeconds: number): Promise<boolean> {
  const row = await tx.maybe(sql`
    select 1 from broker.file_transfer
     where id = ${id} and state = 'UploadStarted' and upload_seen_at > statement_timestamp() - make_interval(secs => ${leaseSeconds})`);
  return row !== undefined;
}

/** Says that these uploads are seen to. */
export function renewUpload(db: Db, id: FileTransferId, uploadId: string): Promise<void> {
  return db.transaction(async (tx) => {
    await tx.run(sql`update broker.file_transfer set upload_seen_at = statement_timestamp() where id = ${id} and upload_id = ${uploadId}`);
  });
}

/** Says that nobody sees to this upload any more, so that the next may begin. */
export function letGoUpload(db: Db, id: FileTransferId, uploadId: string): Promise<void> {
  return db.transaction(async (tx) => {
    await tx.run(sql`
      update broker.file_transfer set upload_seen_at = statement_timestamp() - interval '1 day' where id = ${id} and upload_id = ${uploadId}`);
  });
}

/** The bytes of a transfer that the transaction has locked, and the hash that its sender gave with them. */
export function saveBytes(tx: Tx, { id, declaredSha256 }: Pick<Transfer, 'id' | 'declaredSha256'>, blob: StoredBlob): void {
  tx.send(sql`
    update broker.file_transfer
       set blob_key = ${blob.key}, size_bytes = ${blob.sizeBytes}, md5 = ${blob.md5}, sha256 = ${blob.sha256},
           declared_sha256 = ${declaredSha256}, upload_seen_at = null
     where id = ${id}`);
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
