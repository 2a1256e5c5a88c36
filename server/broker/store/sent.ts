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
}

/** What a party has sent, latest first. index: file_transfer_mine */
export function listLatestSent(
  reader: Reader,
  { party, after, limit }: { readonly party: PartyId; readonly after: FileTransferId | null; readonly limit: number },
): Promise<SentRow[]> {
  return reader.all<SentRow>(sql`
    select id, file_name as "fileName", resource_id as "resourceId", senders_reference as "sendersReference", state,
           size_bytes::float8 as "sizeBytes", created_at as "createdAt", published_at as "publishedAt", expires_at as "expiresAt"
      from broker.file_transfer
     where sender_id = ${party} and (${after}::uuid is null or id < ${after}::uuid)
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
