import { announceBlobs, bindReceived, releaseBlobs, type StoredSegment } from '#blobs/index.ts';
import type { Actor } from '#evidence/index.ts';
import { type Db, type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import { type BlobKey, type Branded, type FileTransferId, newId } from '#kernel/ids.ts';

/*
 * Times are real (`statement_timestamp()`): claims and lives of uploads are leases, and a sandbox that moves its clock must not
 * give up what is running.
 */

export type TusUploadId = Branded<string, 'TusUploadId'>;

/** How long a claim counts without a word of who holds it. */
export const claimSeconds = 5;

export interface TusUpload {
  readonly id: TusUploadId;
  readonly transferId: FileTransferId;
  readonly uploadId: string;
  readonly kind: 'whole' | 'part' | 'joined';
  readonly lengthBytes: number;
  readonly offsetBytes: number;
  readonly metadata: string | null;
  readonly concat: string | null;
  readonly parts: readonly TusUploadId[] | null;
  readonly who: Actor;
  readonly isClaimed: boolean;
  readonly isFinished: boolean;
  readonly expiresAt: Date;
}

const columns: Sql = sql`
  u.id, u.file_transfer_id as "transferId", u.upload_id as "uploadId", u.kind, u.length_bytes::float8 as "lengthBytes",
  u.offset_bytes::float8 as "offsetBytes", u.metadata, u.concat, u.parts, u.who, u.finished_at is not null as "isFinished",
  u.expires_at as "expiresAt",
  coalesce(u.claimed_at > statement_timestamp() - make_interval(secs => ${claimSeconds}), false) as "isClaimed"`;

const life: Sql = sql`statement_timestamp() + interval '24 hours'`;

export type NewUpload = Omit<TusUpload, 'isClaimed' | 'isFinished' | 'expiresAt'> & {
  /** Of who begins it, which may go on with it when it has run out; none where that is not known. */
  readonly token: string | undefined;
};

/** For a transfer that the transaction has locked. Tells when it expires. */
export async function saveUpload(tx: Tx, row: NewUpload): Promise<Date> {
  const saved = await tx.one<{ expiresAt: Date }>(sql`
    insert into broker.tus_upload (id, file_transfer_id, upload_id, kind, length_bytes, offset_bytes, metadata, concat, parts, who, tokens, expires_at)
    values (${row.id}, ${row.transferId}, ${row.uploadId}, ${row.kind}, ${row.lengthBytes}, ${row.offsetBytes}, ${row.metadata},
            ${row.concat}, ${row.parts}, ${JSON.stringify(row.who)}::jsonb,
            ${row.token === undefined ? [] : [row.token]}::text[], ${life})
    returning expires_at as "expiresAt"`);
  return saved.expiresAt;
}

/** The upload of a transfer, or a part of it, unless it has expired. index: tus_upload_one, tus_upload_pkey */
export function findUpload(reader: Reader, transferId: FileTransferId, partId: TusUploadId | null): Promise<TusUpload | undefined> {
  const which = partId === null ? sql`u.kind <> 'part'` : sql`u.kind = 'part' and u.id = ${partId}`;
  return reader.maybe<TusUpload>(sql`
    select ${columns} from broker.tus_upload u
     where u.file_transfer_id = ${transferId} and ${which} and u.expires_at > statement_timestamp()`);
}

/** Whoever else changes it waits. The transfer is locked before. */
export async function lockUpload(tx: Tx, id: TusUploadId): Promise<TusUpload | undefined> {
  const locked = await tx.maybe(sql`select id from broker.tus_upload where id = ${id} for update`);
  return locked ? tx.maybe<TusUpload>(sql`select ${columns} from broker.tus_upload u where u.id = ${id}`) : undefined;
}

/** The same for several, of which nothing is read. */
export async function lockUploads(tx: Tx, ids: readonly TusUploadId[]): Promise<void> {
  await tx.all(sql`select id from broker.tus_upload where id = any(${ids}::uuid[]) order by id for update`);
}

/** Uploads that shall live on for as long as one that has just begun. */
export function renewLives(tx: Tx, ids: readonly TusUploadId[]): void {
  tx.send(sql`update broker.tus_upload set expires_at = ${life} where id = any(${ids}::uuid[])`);
}

/** index: tus_upload_pkey */
export function listUploads(reader: Reader, transferId: FileTransferId, ids: readonly TusUploadId[]): Promise<TusUpload[]> {
  return reader.all<TusUpload>(sql`
    select ${columns} from broker.tus_upload u
     where u.id = any(${ids}::uuid[]) and u.file_transfer_id = ${transferId} and u.expires_at > statement_timestamp()`);
}

/** How many uploads a transfer has, and how often bytes came to them. index: tus_upload_transfer */
export function countPieces(reader: Reader, transferId: FileTransferId): Promise<{ uploads: number; pieces: number }> {
  return reader.one(sql`
    select count(*)::int as uploads, coalesce(sum(pieces), 0)::int as pieces from broker.tus_upload where file_transfer_id = ${transferId}`);
}

/** Whether the transfer's present upload is one that can go on. index: tus_upload_transfer */
export async function hasUploads(reader: Reader, transferId: FileTransferId, uploadId: string): Promise<boolean> {
  const found = await reader.maybe(sql`
    select 1 from broker.tus_upload
     where file_transfer_id = ${transferId} and upload_id = ${uploadId} and expires_at > statement_timestamp() limit 1`);
  return found !== undefined;
}

/** Whether a request writes to any part of this upload of a transfer. index: tus_upload_transfer */
export async function isWritten(reader: Reader, transferId: FileTransferId, uploadId: string): Promise<boolean> {
  const found = await reader.maybe(sql`
    select 1 from broker.tus_upload
     where file_transfer_id = ${transferId} and upload_id = ${uploadId}
       and claimed_at > statement_timestamp() - make_interval(secs => ${claimSeconds}) limit 1`);
  return found !== undefined;
}

/** Of these transfers, those of whose present upload bytes are there, so that it can go on. index: tus_upload_transfer */
export async function listWithBytes(
  reader: Reader,
  transfers: readonly { readonly id: FileTransferId; readonly uploadId: string | null }[],
): Promise<Set<FileTransferId>> {
  const rows = await reader.all<{ id: FileTransferId }>(sql`
    select t.id
      from unnest(${transfers.map((t) => t.id)}::uuid[], ${transfers.map((t) => t.uploadId)}::uuid[]) as t (id, upload_id)
     where exists (select from broker.tus_upload u
                    where u.file_transfer_id = t.id and u.upload_id = t.upload_id and u.offset_bytes > 0 and u.expires_at > statement_timestamp())`);
  return new Set(rows.map(({ id }) => id));
}

/** Whether a token has begun this upload of a transfer, or brought something to it, and it is under way or was lately. index: tus_upload_transfer */
export async function isTokenOf(
  reader: Reader,
  { id, uploadId }: { readonly id: FileTransferId; readonly uploadId: string | null },
  token: string,
): Promise<boolean> {
  const found = await reader.maybe(sql`
    select 1 from broker.tus_upload
     where file_transfer_id = ${id} and upload_id = ${uploadId} and expires_at > statement_timestamp() and ${token} = any(tokens) limit 1`);
  return found !== undefined;
}

/** Of one upload the latest are kept. */
const mostTokens = 20;

/** An upload as its address names it: of the whole file, or of a part. */
export interface UploadNamed {
  readonly id: FileTransferId;
  readonly partId: TusUploadId | null;
}

/** The right of one request to write to an upload. */
export interface Claim {
  readonly id: string;
  /** Under which its first bytes come; announced with it. */
  readonly firstKey: BlobKey;
}

/** This request alone may write to the upload, which the transaction has locked; by this token, where it is one's. */
export function saveClaim(
  tx: Tx,
  { id, claimId, token }: { readonly id: TusUploadId; readonly claimId: string; readonly token?: string | undefined },
): void {
  const tokens = sql`
    case when ${token ?? null}::text is null or ${token ?? null} = any(tokens) then tokens
         else (tokens || ${token ?? null}::text)[greatest(1, cardinality(tokens) + 2 - ${mostTokens}::int):] end`;
  tx.send(sql`
    update broker.tus_upload
       set claim_id = ${claimId}, claimed_at = statement_timestamp(), pieces = pieces + 1, expires_at = ${life}, tokens = ${tokens}
     where id = ${id}`);
}

export function newClaim(): Claim {
  return { id: newId(), firstKey: newId<BlobKey>() };
}

/** The same for a request that brings bytes. */
export function claimForBytes(
  tx: Tx,
  id: TusUploadId,
  { claim, token }: { readonly claim: Claim; readonly token: string | undefined },
): void {
  saveClaim(tx, { id, claimId: claim.id, token });
  announceBlobs(tx, [claim.firstKey]);
}

/** Says that these claims are seen to. One that another has taken over, or whose row somebody holds just then, is passed over. */
export function renewClaims(db: Db, claims: readonly { readonly id: TusUploadId; readonly claimId: string }[]): Promise<void> {
  return db.transaction(async (tx) => {
    await tx.run(sql`
      update broker.tus_upload set claimed_at = statement_timestamp(), expires_at = ${life}
       where id in (
         select u.id from broker.tus_upload u
           join unnest(${claims.map(({ id }) => id)}::uuid[], ${claims.map(({ claimId }) => claimId)}::uuid[]) as c (id, claim_id)
             on u.id = c.id and u.claim_id = c.claim_id
            for update of u skip locked)`);
  });
}

export function releaseClaim(db: Db, id: TusUploadId, claimId: string): Promise<void> {
  return db.transaction(async (tx) => {
    await tx.run(sql`update broker.tus_upload set claim_id = null, claimed_at = null where id = ${id} and claim_id = ${claimId}`);
  });
}

export interface Piece {
  readonly key: BlobKey;
  readonly sizeBytes: number;
}

/** Bytes that lie durable, from an offset on, by who holds the claim. */
export interface Advance {
  readonly id: TusUploadId;
  readonly transferId: FileTransferId;
  readonly uploadId: string;
  readonly claimId: string;
  readonly from: number;
  /** Of announced keys. */
  readonly pieces: readonly StoredSegment[];
}

/** Undefined when the claim is another's by now, or the transfer takes no more bytes of this upload: then nothing is written. */
export async function saveAdvance(tx: Tx, { id, transferId, uploadId, claimId, from, pieces }: Advance): Promise<Date | undefined> {
  const to = pieces.reduce((end, { sizeBytes }) => end + sizeBytes, from);
  const takes = await tx.run(sql`
    update broker.file_transfer set upload_seen_at = statement_timestamp()
     where id = ${transferId} and state = 'UploadStarted' and upload_id = ${uploadId}`);
  if (takes !== 1) return undefined;
  const moved = await tx.maybe<{ expiresAt: Date }>(sql`
    update broker.tus_upload set offset_bytes = ${to}, claimed_at = statement_timestamp(), expires_at = ${life}
     where id = ${id} and claim_id = ${claimId} and offset_bytes = ${from}
    returning expires_at as "expiresAt"`);
  if (!moved) return undefined;
  tx.send(sql`
    insert into broker.tus_piece (tus_upload_id, start_byte, size_bytes, blob_key)
    select ${id}, ${from}::bigint + sum(size_bytes) over (order by ordinal) - size_bytes, size_bytes, blob_key
      from unnest(${pieces.map((p) => p.sizeBytes)}::bigint[], ${pieces.map((p) => p.key)}::uuid[])
           with ordinality as p (size_bytes, blob_key, ordinal)`);
  bindReceived(tx, pieces);
  return moved.expiresAt;
}

/** The bytes of these uploads, one upload after another as they are named. At most 50000 and what long requests were cut into. index: tus_piece_pkey */
export function listPieces(reader: Reader, ids: readonly TusUploadId[]): Promise<Piece[]> {
  return reader.all<Piece>(sql`
    select p.blob_key as key, p.size_bytes::float8 as "sizeBytes"
      from unnest(${ids}::uuid[]) with ordinality as asked (id, ordinal)
      join broker.tus_piece p on p.tus_upload_id = asked.id
     order by asked.ordinal, p.start_byte`);
}

/** These uploads are no more, and their bytes go. The transaction has locked their transfer, or them. */
export async function dropUploads(tx: Tx, ids: readonly TusUploadId[]): Promise<void> {
  if (ids.length === 0) return;
  const pieces = await listPieces(tx, ids);
  releaseBlobs(
    tx,
    pieces.map(({ key }) => key),
  );
  tx.send(sql`delete from broker.tus_upload where id = any(${ids}::uuid[])`);
}

/** Every upload of a transfer that the transaction has locked. index: tus_upload_transfer */
export async function listUploadIds(reader: Reader, transferId: FileTransferId): Promise<TusUploadId[]> {
  const rows = await reader.all<{ id: TusUploadId }>(sql`select id from broker.tus_upload where file_transfer_id = ${transferId}`);
  return rows.map(({ id }) => id);
}

/** Their bytes are the transfer's now. They can still be asked for, for as long as they lived. */
export function saveFinished(tx: Tx, ids: readonly TusUploadId[]): void {
  tx.send(sql`delete from broker.tus_piece where tus_upload_id = any(${ids}::uuid[])`);
  tx.send(sql`
    update broker.tus_upload set finished_at = statement_timestamp(), claim_id = null, claimed_at = null, expires_at = ${life}
     where id = any(${ids}::uuid[])`);
}

/** Another upload may begin at once; for a transfer that the transaction has locked. */
export function saveNobodyUploads(tx: Tx, id: FileTransferId): void {
  tx.send(sql`update broker.file_transfer set upload_seen_at = statement_timestamp() - interval '1 hour' where id = ${id}`);
}

/** An upload that has all its bytes and is no file yet. */
export interface Unfinished {
  readonly id: TusUploadId;
  readonly transferId: FileTransferId;
  /** How often that has failed before. */
  readonly tries: number;
}

/** Those whose request died before they were the transfer's, and that are due. index: tus_upload_complete */
export function listUnfinished(reader: Reader, limit: number): Promise<Unfinished[]> {
  return reader.all<Unfinished>(sql`
    select id, file_transfer_id as "transferId", tries from broker.tus_upload
     where finished_at is null and kind <> 'part' and offset_bytes = length_bytes
       and (claimed_at is null or claimed_at < statement_timestamp() - make_interval(secs => ${claimSeconds}))
       and (try_at is null or try_at <= statement_timestamp())
     order by try_at nulls first, claimed_at nulls first
     limit ${limit}`);
}

/** It could not be made a file, and is not tried again before so many seconds have passed. It lives on meanwhile. */
export function saveTry(db: Db, id: TusUploadId, seconds: number): Promise<void> {
  return db.transaction(async (tx) => {
    await tx.run(sql`
      update broker.tus_upload set tries = tries + 1, try_at = statement_timestamp() + make_interval(secs => ${seconds}), expires_at = ${life}
       where id = ${id} and finished_at is null`);
  });
}

/** Uploads that nobody went on with for a day, or whose transfer takes no more bytes; locked, those that others hold passed over. index: tus_upload_expires */
export async function lockOver(tx: Tx, limit: number): Promise<TusUploadId[]> {
  const rows = await tx.all<{ id: TusUploadId }>(sql`
    select u.id from broker.tus_upload u
     where u.expires_at <= statement_timestamp()
        or (u.finished_at is null and not exists (
              select from broker.file_transfer t where t.id = u.file_transfer_id and t.state = 'UploadStarted' and t.upload_id = u.upload_id))
     order by u.expires_at
     limit ${limit}
       for update of u skip locked`);
  return rows.map(({ id }) => id);
}
