import { type Reader, sql } from '#kernel/database.ts';
import type { FileTransferId, PartyId, ResourceId } from '#kernel/ids.ts';
import type { Cause, Outcome } from '#watch/index.ts';
import type { TransferState } from '../states.ts';
import type { Hashes } from './custody.ts';

export interface SentRow {
  readonly id: FileTransferId;
  readonly fileName: string;
  readonly resourceId: ResourceId;
  readonly sendersReference: string | null;
  readonly state: TransferState;
  readonly sizeBytes: number | null;
  readonly createdAt: Date;
  readonly publishedAt: Date | null;
  readonly expiresAt: Date;
  readonly keptUntil: Date | null;
}

const columns = sql`id, file_name as "fileName", resource_id as "resourceId", senders_reference as "sendersReference", state,
           size_bytes::float8 as "sizeBytes", created_at as "createdAt", published_at as "publishedAt", expires_at as "expiresAt", kept_until as "keptUntil"`;

/** How many transfers one page of a search looks through. */
const lookedThrough = 2000;

export interface SentSearch {
  readonly party: PartyId;
  /** Words in the file's name, the reference or a recipient's name; or a recipient's number. */
  readonly text: string;
  /** These and no others. */
  readonly ids: readonly FileTransferId[] | null;
  readonly after: FileTransferId | null;
  readonly limit: number;
}

/** Of what a party has sent, what words are found in, latest first; `lookedTo` says where to go on. index: file_transfer_mine, recipient_pkey */
export async function searchSent(
  reader: Reader,
  { party, text, ids, after, limit }: SentSearch,
): Promise<{ readonly rows: SentRow[]; readonly lookedTo: FileTransferId | null }> {
  const like = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  const looked = sql`(select * from broker.file_transfer
                       where sender_id = ${party} and (${after}::uuid is null or id < ${after}::uuid)
                         and (${ids}::uuid[] is null or id = any(${ids}::uuid[]))
                       order by id desc limit ${lookedThrough})`;
  const rows = await reader.all<SentRow>(sql`
    select ${columns} from ${looked} f
     where f.file_name ilike ${like} or f.senders_reference ilike ${like}
        or exists (select from broker.recipient r join register.party_face p on p.id = r.party_id
                    where r.file_transfer_id = f.id and (p.name ilike ${like} or p.number = ${text}))
     order by id desc limit ${limit}`);
  const { end } = await reader.one<{ end: FileTransferId | null }>(sql`
    select (select id from ${looked} f order by id limit 1) as end where (select count(*) from ${looked} f) = ${lookedThrough}
     union all select null limit 1`);
  return { rows, lookedTo: end };
}

/** What a party has sent, latest first. index: file_transfer_mine */
export function listLatestSent(reader: Reader, { party, ids, after, limit }: Omit<SentSearch, 'text'>): Promise<SentRow[]> {
  return reader.all<SentRow>(sql`
    select ${columns}
      from broker.file_transfer
     where sender_id = ${party} and (${after}::uuid is null or id < ${after}::uuid)
       and (${ids}::uuid[] is null or id = any(${ids}::uuid[]))
     order by id desc
     limit ${limit}`);
}

/** The recipient that each of these names first. index: recipient_pkey */
export async function findFirstRecipients(reader: Reader, ids: readonly FileTransferId[]): Promise<Map<FileTransferId, PartyId>> {
  const rows = await reader.all<{ id: FileTransferId; party: PartyId }>(sql`
    select file_transfer_id as id, party_id as party from broker.recipient where file_transfer_id = any(${ids}::uuid[]) and ordinal = 1`);
  return new Map(rows.map(({ id, party }) => [id, party]));
}

/** A recipient and its watch. */
export interface RecipientRow extends Hashes {
  readonly ordinal: number;
  readonly class: 'UNREACHABLE' | 'GRANTABLE' | 'COLD' | 'REACHABLE' | 'PROVEN' | 'UNKNOWN';
  readonly openers: number;
  readonly grantors: number;
  readonly cause: Cause | null;
  readonly nextStepAt: Date | null;
  readonly outcome: Outcome | null;
  readonly settledAt: Date | null;
  /** Its watch says that it can be fetched, or that it never will be. */
  readonly isLying: boolean;
}

/** Recipients of a transfer in the order of their naming, each with its watch. index: recipient_pkey, and the watch's primary key */
export function listWatchedRecipients(
  reader: Reader,
  { id, after, limit }: { readonly id: FileTransferId; readonly after: number; readonly limit: number },
): Promise<RecipientRow[]> {
  return reader.all<RecipientRow>(sql`
    select r.ordinal, r.party_id as "partyId", r.status, r.downloads, r.fetched_at as "fetchedAt", r.confirmed_at as "confirmedAt",
           r.confirmed_sha256 as "confirmedSha256", r.confirmed_hash_at as "confirmedHashAt", r.disputed_sha256 as "disputedSha256",
           r.disputed_at as "disputedAt", w.class, w.openers, w.grantors, c.cause, w.outcome, w.settled_at as "settledAt",
           case when w.settled_at is null then w.next_action_at end as "nextStepAt",
           w.published_at is not null or w.failed_at is not null as "isLying"
      from broker.recipient r
      join watch.item_face w on w.about = r.file_transfer_id and w.party_id = r.party_id
      left join watch.open_cause c on c.about = r.file_transfer_id and c.party_id = r.party_id
     where r.file_transfer_id = ${id} and r.ordinal > ${after}
     order by r.ordinal
     limit ${limit}`);
}
