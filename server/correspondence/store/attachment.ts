import { isReceiving } from '#blobs/index.ts';
import { isQueued } from '#jobs/index.ts';
import { type Reader, sql, type Tx } from '#kernel/database.ts';
import { type AttachmentId, type BlobKey, type CorrespondenceId, newId, type PartyId, type ResourceId } from '#kernel/ids.ts';
import type { AttachmentState } from '../states.ts';

export interface Attachment {
  readonly id: AttachmentId;
  readonly resourceId: ResourceId;
  readonly ownerId: PartyId;
  readonly fileName: string;
  readonly displayName: string | null;
  readonly sendersReference: string;
  readonly isEncrypted: boolean;
  readonly declaredMd5: string | null;
  readonly expirationDays: number | null;
  readonly state: AttachmentState;
  readonly uploadBeganAt: Date | null;
  readonly blobKey: BlobKey | null;
  readonly sizeBytes: number | null;
  readonly md5: string | null;
  readonly sha256: string | null;
  readonly createdAt: Date;
}

export function saveAttachments(tx: Tx, rows: readonly Attachment[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    insert into correspondence.attachment
           (id, resource_id, owner_id, file_name, display_name, senders_reference, is_encrypted, declared_md5, expiration_days, state,
            upload_began_at, blob_key, size_bytes, md5, sha256, created_at)
    select id, "resourceId", "ownerId", "fileName", "displayName", "sendersReference", "isEncrypted", "declaredMd5", "expirationDays", state,
           "uploadBeganAt", "blobKey", "sizeBytes", md5, sha256, "createdAt"
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (
           id uuid, "resourceId" text, "ownerId" uuid, "fileName" text, "displayName" text, "sendersReference" text, "isEncrypted" boolean,
           "declaredMd5" text, "expirationDays" integer, state text, "uploadBeganAt" timestamptz, "blobKey" uuid, "sizeBytes" bigint, md5 text, sha256 text,
           "createdAt" timestamptz)`);
}

const columns = sql`
  a.id, a.resource_id as "resourceId", a.owner_id as "ownerId", a.file_name as "fileName", a.display_name as "displayName",
  a.senders_reference as "sendersReference", a.is_encrypted as "isEncrypted", a.declared_md5 as "declaredMd5",
  a.expiration_days as "expirationDays", a.state, a.upload_began_at as "uploadBeganAt", a.blob_key as "blobKey", a.size_bytes::float8 as "sizeBytes", a.md5, a.sha256,
  a.created_at as "createdAt"`;

/** index: attachment_pkey */
export function findAttachment(reader: Reader, id: AttachmentId): Promise<Attachment | undefined> {
  return reader.maybe<Attachment>(sql`select ${columns} from correspondence.attachment a where a.id = ${id}`);
}

export interface LockedAttachment extends Attachment {
  /** Under which the bytes of its upload come: its own id, until an upload was let go. */
  readonly uploadKey: BlobKey;
}

/** The attachment. Other writers, and requests that want to attach it, wait until the transaction ends. */
export async function lockAttachment(tx: Tx, id: AttachmentId): Promise<LockedAttachment | undefined> {
  const locked = await tx.maybe(sql`select id from correspondence.attachment where id = ${id} for update`);
  if (!locked) return undefined;
  return tx.maybe<LockedAttachment>(sql`
    select ${columns}, coalesce(a.upload_key, a.id) as "uploadKey" from correspondence.attachment a where a.id = ${id}`);
}

/** An attachment that a new message wants to carry along, with the end of its longest life so far. */
export interface ExistingAttachment extends Attachment {
  /** Null when some message that is not purged keeps it for ever, or none carries it yet. */
  readonly latestExpiry: Date | null;
}

/**
 * Attachments that a message is about to refer to: they can be neither purged nor expired until the transaction ends,
 * while others may refer to them too.
 */
export async function holdAttachments(tx: Tx, ids: readonly AttachmentId[]): Promise<ExistingAttachment[]> {
  if (ids.length === 0) return [];
  await tx.all(sql`select id from correspondence.attachment where id = any(${ids}::uuid[]) order by id for share`);
  return listWithLife(tx, ids);
}

/** Attachments with the end of their longest life. index: attachment_pkey, submission_attachment_attachment */
export async function listWithLife(reader: Reader, ids: readonly AttachmentId[]): Promise<ExistingAttachment[]> {
  if (ids.length === 0) return [];
  return reader.all<ExistingAttachment>(sql`
    select ${columns}, life.latest as "latestExpiry"
      from correspondence.attachment a
      left join lateral (
           select case when bool_or(l.expires_at is null) then null else max(l.expires_at) end as latest
             from correspondence.submission_attachment l
            where l.attachment_id = a.id
              and exists (select from correspondence.message m where m.submission_id = l.submission_id and m.purged_at is null)) life on true
     where a.id = any(${ids}::uuid[])
     order by a.id`);
}

/** The attachments of a submission, in the order of their ids; writers wait. Two statements: the second sees what was waited for. */
export async function lockAttachmentsOf(tx: Tx, submissions: readonly string[]): Promise<Attachment[]> {
  const rows = await tx.all<{ id: AttachmentId }>(sql`
    select a.id
      from correspondence.attachment a
     where a.id in (select attachment_id from correspondence.submission_attachment where submission_id = any(${submissions}::uuid[]))
     order by a.id
       for update`);
  if (rows.length === 0) return [];
  return tx.all<Attachment>(
    sql`select ${columns} from correspondence.attachment a where a.id = any(${rows.map((r) => r.id)}::uuid[]) order by a.id`,
  );
}

/** Which of these submissions have attachments. index: submission_attachment_pkey */
export async function listWithAttachments(reader: Reader, submissions: readonly string[]): Promise<Set<string>> {
  const rows = await reader.all<{ id: string }>(sql`
    select s.id from unnest(${submissions}::uuid[]) as s (id)
     where exists (select from correspondence.submission_attachment a where a.submission_id = s.id)`);
  return new Set(rows.map(({ id }) => id));
}

/**
 * Which of these bytes other attachments than these still have. Whoever else asks about the same bytes waits until this transaction ends,
 * so that of two last ones the second sees that it is the last. index: attachment_blob
 */
export async function listShared(tx: Tx, keys: readonly BlobKey[], besides: readonly AttachmentId[]): Promise<Set<BlobKey>> {
  await tx.all(sql`
    select pg_advisory_xact_lock(hashtextextended('bytes of an attachment ' || key, 0)) from (select unnest(${keys}::uuid[]) as key order by 1) k`);
  const rows = await tx.all<{ key: BlobKey }>(sql`
    select distinct blob_key as key from correspondence.attachment
     where blob_key = any(${keys}::uuid[]) and id <> all(${besides}::uuid[])
       and (state in ('UploadProcessing', 'Published') or kept_until is not null)`);
  return new Set(rows.map(({ key }) => key));
}

/** Attachments that are fetched, or kept for who has not opened them, and have these bytes. index: attachment_blob */
export async function listSharing(reader: Reader, key: BlobKey): Promise<AttachmentId[]> {
  const rows = await reader.all<{ id: AttachmentId }>(sql`
    select id from correspondence.attachment
     where blob_key = ${key} and (state = 'Published' or kept_until is not null) order by id`);
  return rows.map(({ id }) => id);
}

/** Of these attachments, those that no message carries any more but this one, which is about to go. */
export async function listAttachmentsOnlyHeldBy(tx: Tx, message: string, attachments: readonly AttachmentId[]): Promise<AttachmentId[]> {
  const rows = await tx.all<{ id: AttachmentId }>(sql`
    select a.id
      from unnest(${attachments}::uuid[]) as a (id)
     where not exists (
           select from correspondence.submission_attachment l
             join correspondence.message m on m.submission_id = l.submission_id
            where l.attachment_id = a.id and m.purged_at is null and m.id <> ${message})
     order by a.id`);
  return rows.map((r) => r.id);
}

/** Of these submissions, those whose attachments are all published. */
export async function listCompleteSubmissions(tx: Tx, submissions: readonly string[]): Promise<string[]> {
  const rows = await tx.all<{ id: string }>(sql`
    select s.id
      from unnest(${submissions}::uuid[]) as s (id)
     where not exists (
           select from correspondence.submission_attachment l
             join correspondence.attachment a on a.id = l.attachment_id
            where l.submission_id = s.id and a.state <> 'Published')`);
  return rows.map((r) => r.id);
}

/** Bytes that were promised and never came: uploads begun before `before` of which nothing is stored. index: attachment_processing */
export async function lockStaleUploads(tx: Tx, before: Date, limit: number): Promise<Attachment[]> {
  const rows = await tx.all<{ id: AttachmentId }>(sql`
    select a.id
      from correspondence.attachment a
     where a.state = 'UploadProcessing' and a.blob_key is null and a.upload_began_at < ${before} and not ${isReceiving(sql`coalesce(a.upload_key, a.id)`)}
     limit ${limit}
       for update skip locked`);
  if (rows.length === 0) return [];
  return tx.all<Attachment>(sql`select ${columns} from correspondence.attachment a where a.id = any(${rows.map((r) => r.id)}::uuid[])`);
}

/** Attachments whose bytes came before `before`, that no scan has settled and that none will. index: attachment_processing */
export async function listWaitingForScan(reader: Reader, before: Date, limit: number): Promise<AttachmentId[]> {
  const rows = await reader.all<{ id: AttachmentId }>(sql`
    select id
      from correspondence.attachment
     where state = 'UploadProcessing' and blob_key is not null and upload_began_at < ${before} and not ${isQueued(sql`attachment.id::text`)}
     order by upload_began_at
     limit ${limit}`);
  return rows.map((r) => r.id);
}

/** A move of an attachment, and the bytes that came with it. */
export interface AttachmentMove {
  readonly id: AttachmentId;
  readonly state: AttachmentState;
  readonly uploadBeganAt?: Date;
  readonly uploadKey?: BlobKey;
  readonly blob?: { readonly key: BlobKey; readonly sizeBytes: number; readonly md5: string; readonly sha256: string };
}

/** For attachments that the transaction has locked. */
export function saveAttachmentMoves(tx: Tx, moves: readonly AttachmentMove[]): void {
  if (moves.length === 0) return;
  tx.send(sql`
    update correspondence.attachment a
       set state = r.state,
           upload_began_at = coalesce(r.began, a.upload_began_at), upload_key = coalesce(r.upload_key, a.upload_key),
           blob_key = coalesce(r.key, a.blob_key), size_bytes = coalesce(r.size, a.size_bytes),
           md5 = coalesce(r.md5, a.md5), sha256 = coalesce(r.sha256, a.sha256)
      from unnest(${moves.map((m) => m.id)}::uuid[], ${moves.map((m) => m.state)}::text[], ${moves.map((m) => m.uploadBeganAt ?? null)}::timestamptz[],
                  ${moves.map((m) => m.blob?.key ?? null)}::uuid[], ${moves.map((m) => m.blob?.sizeBytes ?? null)}::bigint[],
                  ${moves.map((m) => m.blob?.md5 ?? null)}::text[], ${moves.map((m) => m.blob?.sha256 ?? null)}::text[],
                  ${moves.map((m) => m.uploadKey ?? null)}::uuid[])
           as r (id, state, began, key, size, md5, sha256, upload_key)
     where a.id = r.id`);
}

export interface AttachmentStatusRow {
  readonly status: AttachmentState;
  readonly text: string;
  readonly at: Date;
}

export interface AttachmentStatusOf extends AttachmentStatusRow {
  readonly attachmentId: AttachmentId;
  readonly party: PartyId | null;
}

export function saveAttachmentStatuses(tx: Tx, rows: readonly AttachmentStatusOf[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    insert into correspondence.attachment_status (id, attachment_id, status, text, at, party_id)
    select * from unnest(${rows.map(() => newId())}::uuid[], ${rows.map((r) => r.attachmentId)}::uuid[], ${rows.map((r) => r.status)}::text[],
                         ${rows.map((r) => r.text)}::text[], ${rows.map((r) => r.at)}::timestamptz[], ${rows.map((r) => r.party)}::uuid[])`);
}

/** Oldest first. index: attachment_status_attachment */
export function listAttachmentStatuses(reader: Reader, id: AttachmentId): Promise<AttachmentStatusRow[]> {
  return reader.all<AttachmentStatusRow>(sql`
    select status, text, at
      from correspondence.attachment_status
     where attachment_id = ${id}
     order by at, id`);
}

/** The messages that carry an attachment. index: submission_attachment_attachment, message_submission */
export function listMessagesWith(reader: Reader, id: AttachmentId): Promise<{ id: string; publishedAt: Date | null }[]> {
  return reader.all(sql`
    select m.id, m.published_at as "publishedAt"
      from correspondence.submission_attachment l
      join correspondence.message m on m.submission_id = l.submission_id
     where l.attachment_id = ${id}
     order by m.id`);
}

/** Whether any message carries the attachment, or ever did. index: submission_attachment_attachment */
export async function isLinked(reader: Reader, id: AttachmentId): Promise<boolean> {
  const row = await reader.maybe(sql`select 1 from correspondence.submission_attachment where attachment_id = ${id} limit 1`);
  return row !== undefined;
}

/** An attachment as a message shows it. */
export interface LinkedAttachment extends Attachment {
  readonly expiresAt: Date | null;
  readonly statusText: string;
  readonly statusChanged: Date;
}

/** The attachments of a submission in the order in which they show, each with its latest status. */
export function listAttachmentsOf(reader: Reader, submission: string): Promise<LinkedAttachment[]> {
  return reader.all<LinkedAttachment>(sql`
    select ${columns}, l.expires_at as "expiresAt", latest.text as "statusText", latest.at as "statusChanged"
      from correspondence.submission_attachment l
      join correspondence.attachment a on a.id = l.attachment_id
      join lateral (select text, at from correspondence.attachment_status t where t.attachment_id = a.id order by at desc, id desc limit 1) latest on true
     where l.submission_id = ${submission}
     order by l.ordinal`);
}

/** -- index: message_pkey, submission_attachment_pkey */
export async function listAttachmentIdsOf(reader: Reader, message: CorrespondenceId): Promise<AttachmentId[]> {
  const rows = await reader.all<{ id: AttachmentId }>(sql`
    select l.attachment_id as id from correspondence.message m join correspondence.submission_attachment l on l.submission_id = m.submission_id
     where m.id = ${message}`);
  return rows.map(({ id }) => id);
}

/** The attachments of several submissions, each named by its submission, in the order in which they show. */
export function listAttachmentsOfMany(
  reader: Reader,
  submissions: readonly string[],
): Promise<(Attachment & { readonly submissionId: string })[]> {
  return reader.all(sql`
    select ${columns}, l.submission_id as "submissionId"
      from correspondence.submission_attachment l
      join correspondence.attachment a on a.id = l.attachment_id
     where l.submission_id = any(${submissions}::uuid[])
     order by l.submission_id, l.ordinal`);
}
