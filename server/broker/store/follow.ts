import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { FileTransferId, PartyId, ResourceId } from '#kernel/ids.ts';
import type { RecipientStatus, TransferState } from '../states.ts';

export interface Following {
  readonly party: PartyId;
  readonly resource: ResourceId | null;
  readonly state: TransferState | null;
  /** Whether somebody has not begun to fetch it. */
  readonly unfetched: boolean | null;
  /** Whether somebody is still waited for to confirm it. */
  readonly unconfirmed: boolean | null;
  readonly after: FileTransferId | null;
  readonly limit: number;
}

export interface FollowedRow {
  readonly id: FileTransferId;
  readonly resourceId: ResourceId;
  readonly senderId: PartyId;
  readonly state: TransferState;
  readonly sendersReference: string | null;
  readonly sizeBytes: number | null;
  readonly createdAt: Date;
  readonly publishedAt: Date | null;
  readonly expiresAt: Date;
}

const columns: Sql = sql`
  t.id, t.resource_id as "resourceId", t.sender_id as "senderId", t.state, t.senders_reference as "sendersReference",
  t.size_bytes::float8 as "sizeBytes", t.created_at as "createdAt", t.published_at as "publishedAt", t.expires_at as "expiresAt"`;

const underWay: ReadonlySet<TransferState> = new Set(['Initialized', 'UploadStarted', 'UploadProcessing', 'Published']);

/** Conditions on a transfer that either side may ask for. A state under way is said twice, so that its index is found. */
function onTransfer({ resource, state }: Following): Sql {
  const open = state !== null && underWay.has(state);
  return sql`
    ${resource === null ? sql`` : sql`and t.resource_id = ${resource}`} ${state === null ? sql`` : sql`and t.state = ${state}`}
    ${open ? sql`and t.state in ('Initialized', 'UploadStarted', 'UploadProcessing', 'Published')` : sql``}`;
}

export interface ReceivedRow extends FollowedRow {
  readonly status: RecipientStatus;
  readonly fetchedAt: Date | null;
  readonly awaited: boolean;
}

/** What a party has received or is to receive, oldest first. index: recipient_mine; recipient_waiting where it is to confirm */
export function listReceived(reader: Reader, following: Following): Promise<ReceivedRow[]> {
  const { party, unfetched, unconfirmed, after, limit } = following;
  const fetching = unfetched === null ? sql`` : unfetched ? sql`and r.status = 'Initialized'` : sql`and r.status <> 'Initialized'`;
  const isAwaited = sql`(r.status <> 'DownloadConfirmed' and t.published_at is not null and w.settled_at is null)`;
  const confirming =
    unconfirmed === null ? sql`` : unconfirmed ? sql`and r.status <> 'DownloadConfirmed' and ${isAwaited}` : sql`and not ${isAwaited}`;
  return reader.all<ReceivedRow>(sql`
    select ${columns}, r.status, r.fetched_at as "fetchedAt", ${isAwaited} as awaited
      from broker.recipient r
      join broker.file_transfer t on t.id = r.file_transfer_id
      join watch.item_face w on w.about = r.file_transfer_id and w.party_id = r.party_id
     where r.party_id = ${party} and (${after}::uuid is null or r.file_transfer_id > ${after}::uuid) ${fetching} ${confirming} ${onTransfer(following)}
     order by r.file_transfer_id
     limit ${limit}`);
}

/**
 * What a party has sent, oldest first. What recipients are still waited for is looked up from their open watches.
 * index: file_transfer_mine, file_transfer_open; item_open_files where somebody is to fetch or confirm
 */
export function listSent(reader: Reader, following: Following): Promise<FollowedRow[]> {
  const { party, unfetched, unconfirmed, after, limit } = following;
  const isAfter = (id: Sql) => sql`(${after}::uuid is null or ${id} > ${after}::uuid)`;
  if (unfetched !== true && unconfirmed !== true) {
    const none = sql`not exists (select from watch.item_face w join broker.recipient r on r.file_transfer_id = w.about and r.party_id = w.party_id
                                  where w.about = t.id and w.settled_at is null and w.published_at is not null`;
    return reader.all<FollowedRow>(sql`
      select ${columns} from broker.file_transfer t
       where t.sender_id = ${party} and ${isAfter(sql`t.id`)} ${onTransfer(following)}
         ${unfetched === false ? sql`and ${none} and r.status = 'Initialized')` : sql``} ${unconfirmed === false ? sql`and ${none})` : sql``}
       order by t.id
       limit ${limit}`);
  }
  const fetching = unfetched === null ? sql`` : unfetched ? sql`and r.status = 'Initialized'` : sql`and r.status = 'DownloadStarted'`;
  return reader.all<FollowedRow>(sql`
    with waiting as materialized (
      select distinct w.about
        from watch.item_face w
        join broker.recipient r on r.file_transfer_id = w.about and r.party_id = w.party_id and r.status <> 'DownloadConfirmed'
        join broker.file_transfer t on t.id = w.about
       where w.sender_id = ${party} and w.is_file and w.settled_at is null and w.published_at is not null and ${isAfter(sql`w.about`)}
             ${fetching} ${onTransfer(following)}
       order by w.about
       limit ${limit})
    select ${columns} from waiting join broker.file_transfer t on t.id = waiting.about order by t.id`);
}

export interface Standing {
  readonly id: FileTransferId;
  readonly recipients: number;
  readonly unfetched: number;
  readonly fetched: number;
  readonly confirmed: number;
  /** Watched to confirm. */
  readonly awaited: number;
}

/** How far the recipients of these transfers have come. index: recipient_pkey, and the watch's primary key */
export function countStandings(reader: Reader, ids: readonly FileTransferId[]): Promise<Standing[]> {
  return reader.all<Standing>(sql`
    select r.file_transfer_id as id, count(*)::integer as recipients, (count(*) filter (where r.status = 'Initialized'))::integer as unfetched,
           (count(*) filter (where r.status = 'DownloadStarted'))::integer as fetched,
           (count(*) filter (where r.status = 'DownloadConfirmed'))::integer as confirmed,
           (count(*) filter (where w.settled_at is null and w.published_at is not null))::integer as awaited
      from broker.recipient r join watch.item_face w on w.about = r.file_transfer_id and w.party_id = r.party_id
     where r.file_transfer_id = any(${ids}::uuid[])
     group by r.file_transfer_id`);
}

export interface Unconfirmed {
  readonly id: FileTransferId;
  readonly party: PartyId;
  readonly senderId: PartyId;
  readonly resourceId: ResourceId;
  /** It may still confirm. */
  readonly isOpen: boolean;
}

/** Recipients that fetched and have not confirmed, of whom it is time to tell, locked; what another worker holds is left to it. index: recipient_remind */
export async function lockUnconfirmed(tx: Tx, limit: number): Promise<Unconfirmed[]> {
  const rows = await tx.all<{ id: FileTransferId; party: PartyId }>(sql`
    select file_transfer_id as id, party_id as party from broker.recipient
     where remind_at <= clock.now() order by remind_at limit ${limit} for update skip locked`);
  if (rows.length === 0) return [];
  return tx.all<Unconfirmed>(sql`
    select r.file_transfer_id as id, r.party_id as party, t.sender_id as "senderId", t.resource_id as "resourceId",
           r.status = 'DownloadStarted' and t.state = 'Published' and w.about is not null as "isOpen"
      from unnest(${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.party)}::uuid[]) as k(id, party)
      join broker.recipient r on r.file_transfer_id = k.id and r.party_id = k.party
      join broker.file_transfer t on t.id = k.id
      left join watch.open_item w on w.about = k.id and w.party_id = k.party
     order by r.file_transfer_id, r.party_id`);
}

/** When it is told of next; null: no more. For recipients that the transaction has locked. */
export function saveReminders(
  tx: Tx,
  rows: readonly { readonly id: FileTransferId; readonly party: PartyId; readonly at: Date | null }[],
): void {
  if (rows.length === 0) return;
  tx.send(sql`
    update broker.recipient r set remind_at = k.at
      from unnest(${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.party)}::uuid[], ${rows.map((row) => row.at)}::timestamptz[]) as k(id, party, at)
     where r.file_transfer_id = k.id and r.party_id = k.party`);
}
