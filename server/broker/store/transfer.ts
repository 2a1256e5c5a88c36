import { isQueued } from '#jobs/index.ts';
import { prepared, type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import { type BlobKey, type FileTransferId, newId, type PartyId, type ResourceId } from '#kernel/ids.ts';
import type { TransferState } from '../states.ts';
import { saveAttempts } from './recipient.ts';

export interface Transfer {
  readonly id: FileTransferId;
  readonly resourceId: ResourceId;
  readonly senderId: PartyId;
  readonly senderGiven: string;
  readonly sendersReference: string | null;
  readonly fileName: string;
  readonly propertyList: Readonly<Record<string, string>>;
  readonly declaredMd5: string | null;
  readonly declaredSha256: string | null;
  readonly useVirusScan: boolean;
  readonly createdBy: PartyId | null;
  readonly state: TransferState;
  readonly stateText: string;
  readonly stateChangedAt: Date;
  readonly uploadId: string | null;
  readonly uploadBeganAt: Date | null;
  readonly blobKey: BlobKey | null;
  readonly sizeBytes: number | null;
  readonly md5: string | null;
  readonly sha256: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly publishedAt: Date | null;
  readonly purgeAt: Date | null;
  /** The same times to the microsecond, as they are searched for, of what was read from the database. */
  readonly inFull?: { readonly createdAt: string; readonly stateChangedAt: string };
}

/**
 * Fragment: a time of one row, moved by less than a millisecond so that it is that of no other row. Lists are paged by `from`, the time of
 * the last that was seen, and what came within the same millisecond would be passed over. Source: compatibility.md, broker, §8.
 */
export function distinct(at: Sql): Sql {
  return sql`${at} + nextval('broker.microsecond') * interval '1 microsecond'`;
}

function inFull(at: Sql): Sql {
  return sql`to_char(${at} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** A transfer that is announced, with its recipients in the order given, each once. */
export interface NewTransfer extends Transfer {
  readonly recipients: readonly PartyId[];
}

/** Transfers with their recipients, whose watches have begun in the same transaction: the database looks for them. */
export function saveTransfers(tx: Tx, rows: readonly NewTransfer[]): void {
  const each = <V>(pick: (row: NewTransfer) => V): V[] => rows.map(pick);
  const recipients = rows.flatMap(({ id, recipients: all }) => all.map((party, i) => ({ id, party, ordinal: i + 1 })));
  tx.send(
    prepared(sql`
      with sent as (
        insert into broker.file_transfer (id, resource_id, sender_id, sender_given, senders_reference, file_name, property_list, declared_md5,
               declared_sha256, use_virus_scan, created_by, state, state_text, state_changed_at, created_at, expires_at, purge_at)
        select id, resource_id, sender_id, sender_given, senders_reference, file_name, property_list::jsonb, declared_md5, declared_sha256,
               use_virus_scan, created_by, state, state_text, ${distinct(sql`changed_at`)}, ${distinct(sql`created_at`)}, expires_at, purge_at
          from unnest(${each((r) => r.id)}::uuid[], ${each((r) => r.resourceId)}::text[], ${each((r) => r.senderId)}::uuid[],
                      ${each((r) => r.senderGiven)}::text[], ${each((r) => r.sendersReference)}::text[], ${each((r) => r.fileName)}::text[],
                      ${each((r) => JSON.stringify(r.propertyList))}::text[], ${each((r) => r.declaredMd5)}::text[],
                      ${each((r) => r.declaredSha256)}::text[], ${each((r) => r.useVirusScan)}::boolean[], ${each((r) => r.createdBy)}::uuid[],
                      ${each((r) => r.state)}::text[], ${each((r) => r.stateText)}::text[], ${each((r) => r.stateChangedAt)}::timestamptz[],
                      ${each((r) => r.createdAt)}::timestamptz[], ${each((r) => r.expiresAt)}::timestamptz[], ${each((r) => r.purgeAt)}::timestamptz[])
               as t (id, resource_id, sender_id, sender_given, senders_reference, file_name, property_list, declared_md5, declared_sha256,
                     use_virus_scan, created_by, state, state_text, changed_at, created_at, expires_at, purge_at)
        returning id, resource_id, created_at)
      insert into broker.recipient (file_transfer_id, party_id, ordinal, resource_id, changed_at, created_at)
      select sent.id, r.party, r.n, sent.resource_id, date_trunc('milliseconds', sent.created_at), sent.created_at
        from unnest(${recipients.map((r) => r.id)}::uuid[], ${recipients.map((r) => r.party)}::uuid[], ${recipients.map((r) => r.ordinal)}::integer[])
             as r (id, party, n)
        join sent on sent.id = r.id`),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  saveAttempts(
    tx,
    recipients.map(({ id, party }) => ({ id, party, status: 'Initialized', at: byId.get(id)!.createdAt, by: null })),
  );
}

export const transferColumns: Sql = sql`
  t.id, t.resource_id as "resourceId", t.sender_id as "senderId", t.sender_given as "senderGiven", t.senders_reference as "sendersReference",
  t.file_name as "fileName", t.property_list as "propertyList", t.declared_md5 as "declaredMd5", t.declared_sha256 as "declaredSha256", t.use_virus_scan as "useVirusScan",
  t.created_by as "createdBy", t.state, t.state_text as "stateText", t.state_changed_at as "stateChangedAt", t.upload_id as "uploadId",
  t.upload_began_at as "uploadBeganAt", t.blob_key as "blobKey", t.size_bytes::float8 as "sizeBytes", t.md5, t.sha256,
  t.created_at as "createdAt", t.expires_at as "expiresAt", t.published_at as "publishedAt", t.purge_at as "purgeAt",
  json_build_object('createdAt', ${inFull(sql`t.created_at`)}, 'stateChangedAt', ${inFull(sql`t.state_changed_at`)}) as "inFull"`;

/** index: file_transfer_pkey */
export function findTransfer(reader: Reader, id: FileTransferId): Promise<Transfer | undefined> {
  return reader.maybe<Transfer>(sql`select ${transferColumns} from broker.file_transfer t where t.id = ${id}`);
}

/** index: file_transfer_pkey */
export function findTransfers(reader: Reader, ids: readonly FileTransferId[]): Promise<Transfer[]> {
  return reader.all<Transfer>(sql`select ${transferColumns} from broker.file_transfer t where t.id = any(${ids}::uuid[]) order by t.id`);
}

/** The transfer; whoever else moves it waits. Read in a second statement, which sees what was waited for. */
export async function lockTransfer(tx: Tx, id: FileTransferId): Promise<Transfer | undefined> {
  const locked = await tx.maybe(sql`select id from broker.file_transfer where id = ${id} for update`);
  return locked ? findTransfer(tx, id) : undefined;
}

/**
 * Transfers, in one order of locks; whoever else moves them waits. Those that others hold are left out, or waited for. Read in a second
 * statement. Of those that are there and left out `isHeld` tells.
 */
export async function lockTransfers(tx: Tx, ids: readonly FileTransferId[], how: Lock): Promise<LockedTransfers> {
  const strength = how.shared ? sql`for share` : sql`for update`;
  const locked = await tx.all<{ id: FileTransferId }>(sql`
    select id from broker.file_transfer where id = any(${ids}::uuid[]) order by id ${strength} ${how.waits ? sql`` : sql`skip locked`}`);
  const ours = new Set(locked.map(({ id }) => id));
  const found = await findTransfers(tx, ids);
  const others = new Set(how.waits ? [] : found.filter(({ id }) => !ours.has(id)).map(({ id }) => id));
  return { transfers: new Map(found.filter(({ id }) => ours.has(id)).map((one) => [one.id, one])), isHeld: (id) => others.has(id) };
}

export interface Lock {
  readonly waits: boolean;
  /** Others may hold it too, and nobody moves it. */
  readonly shared?: boolean;
}

export interface LockedTransfers {
  readonly transfers: ReadonlyMap<FileTransferId, Transfer>;
  /** Somebody else has it. */
  isHeld(id: FileTransferId): boolean;
}

/** Transfers with these bytes that are fetched, or whose bytes are kept. index: file_transfer_blob */
export async function listSharing(reader: Reader, key: BlobKey): Promise<FileTransferId[]> {
  const rows = await reader.all<{ id: FileTransferId }>(sql`
    select id from broker.file_transfer
     where blob_key = ${key} and (state in ('Published', 'AllConfirmedDownloaded') or kept_until is not null) order by id`);
  return rows.map(({ id }) => id);
}

/** The transfer, which nobody moves until the transaction ends; others may hold it too. */
export async function holdTransfer(tx: Tx, id: FileTransferId): Promise<Transfer | undefined> {
  const held = await tx.maybe(sql`select id from broker.file_transfer where id = ${id} for share`);
  return held ? findTransfer(tx, id) : undefined;
}

/** A move of a transfer as its history shows it, and what comes with it. */
export interface TransferMove {
  readonly id: FileTransferId;
  readonly state: TransferState;
  readonly text: string;
  readonly at: Date;
  readonly publishedAt?: Date;
  /** Null: nothing is left to purge. */
  readonly purgeAt?: Date | null;
}

/** For transfers that the transaction has locked, and whose evidence it has recorded. */
export function saveMoves(tx: Tx, moves: readonly TransferMove[]): void {
  if (moves.length === 0) return;
  tx.send(sql`
    update broker.file_transfer t
       set state = r.state, state_text = r.text, state_changed_at = ${distinct(sql`r.at`)}, published_at = coalesce(t.published_at, r."publishedAt"),
           purge_at = case when r.moves_purge then r."purgeAt" else t.purge_at end
      from json_to_recordset(${JSON.stringify(moves.map((move) => ({ ...move, moves_purge: move.purgeAt !== undefined })))})
           as r(id uuid, state text, text text, at timestamptz, "publishedAt" timestamptz, "purgeAt" timestamptz, moves_purge boolean)
     where t.id = r.id and t.id = any(${moves.map(({ id }) => id)}::uuid[])`); // of JSON a hundred rows are expected, and the table walked through
  saveStatuses(tx, moves);
}

/** Rows of the history, for what has just been inserted and for moves. */
export function saveStatuses(tx: Tx, moves: readonly Pick<TransferMove, 'id' | 'state' | 'text' | 'at'>[]): void {
  tx.send(
    prepared(sql`
      insert into broker.status (id, file_transfer_id, status, text, at)
      select * from unnest(${moves.map(() => newId())}::uuid[], ${moves.map((m) => m.id)}::uuid[], ${moves.map((m) => m.state)}::text[],
                           ${moves.map((m) => m.text)}::text[], ${moves.map((m) => m.at)}::timestamptz[])`),
  );
}

export interface StatusRow {
  readonly status: TransferState;
  readonly text: string;
  readonly at: Date;
}

/** Oldest first. index: status_file_transfer */
export function listStatuses(reader: Reader, id: FileTransferId): Promise<StatusRow[]> {
  return reader.all<StatusRow>(sql`select status, text, at from broker.status where file_transfer_id = ${id} order by at, id`);
}

/** Transfers whose bytes came before `before` and that no scan has settled. index: file_transfer_uploading */
export async function listWaitingForScan(reader: Reader, before: Date, limit: number): Promise<FileTransferId[]> {
  const rows = await reader.all<{ id: FileTransferId }>(sql`
    select id from broker.file_transfer
     where state = 'UploadProcessing' and upload_began_at < ${before} and not ${isQueued(sql`file_transfer.id::text`)}
     order by upload_began_at
     limit ${limit}`);
  return rows.map((row) => row.id);
}
