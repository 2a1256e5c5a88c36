import { type Reader, sql, type Tx } from '#kernel/database.ts';
import { type FileTransferId, newId, type PartyId } from '#kernel/ids.ts';
import type { RecipientStatus } from '../states.ts';
import type { Transfer } from './transfer.ts';

export interface Recipient {
  readonly transferId: FileTransferId;
  readonly partyId: PartyId;
  readonly status: RecipientStatus;
  readonly changedAt: Date;
}

/** Of a transfer that is there, in the order given, each once. Their watches have begun in the same transaction: the database looks for them. */
export function saveRecipients(tx: Tx, { id, resourceId, createdAt }: Transfer, parties: readonly PartyId[]): void {
  tx.send(sql`
    insert into broker.recipient (file_transfer_id, party_id, ordinal, resource_id, changed_at, created_at)
    select t.id, r.party, r.n, ${resourceId}, ${createdAt}, t.created_at
      from broker.file_transfer t, unnest(${parties}::uuid[]) with ordinality as r(party, n) where t.id = ${id}`);
  saveAttempts(
    tx,
    parties.map((party) => ({ id, party, status: 'Initialized', at: createdAt, by: null })),
  );
}

/** In the order in which the sender named them. index: recipient_pkey */
export function listRecipients(reader: Reader, ids: readonly FileTransferId[]): Promise<Recipient[]> {
  return reader.all<Recipient>(sql`
    select file_transfer_id as "transferId", party_id as "partyId", status, changed_at as "changedAt"
      from broker.recipient
     where file_transfer_id = any(${ids}::uuid[])
     order by file_transfer_id, ordinal`);
}

/** Something that a recipient did, as the history shows it. */
export interface Attempt {
  readonly id: FileTransferId;
  readonly party: PartyId;
  readonly status: RecipientStatus;
  readonly at: Date;
  /** Who did it for the recipient. */
  readonly by: PartyId | null;
  /** Who holds the client that did it. */
  readonly vendor?: PartyId | null;
}

export function saveAttempts(tx: Tx, attempts: readonly Attempt[]): void {
  tx.send(sql`
    insert into broker.recipient_status (id, file_transfer_id, party_id, status, at, by_party)
    select * from unnest(${attempts.map(() => newId())}::uuid[], ${attempts.map((a) => a.id)}::uuid[], ${attempts.map((a) => a.party)}::uuid[],
                         ${attempts.map((a) => a.status)}::text[], ${attempts.map((a) => a.at)}::timestamptz[], ${attempts.map((a) => a.by)}::uuid[])`);
}

/** Downloads of one recipient that the history holds: the first of them, and the newest. Each has its evidence. */
export const downloadsInHistory = 50;

/** How long after a download began its confirmation is missed. */
const remindAfter = '1 hour';

/**
 * The attempt, and where the recipient stands by it: a status is never left for a lower one, and the time is that of the newest. A
 * download beyond those that the history holds takes the place of the one before it. index: recipient_status_party
 */
export function saveStanding(tx: Tx, { id, party, status, at, by, vendor = null }: Attempt): void {
  tx.send(sql`
    with standing as (
      update broker.recipient
         set status = case when status = 'DownloadConfirmed' then status else ${status} end, changed_at = ${at}, vendor_id = ${vendor},
             confirmed_at = case when ${status} = 'DownloadConfirmed' then coalesce(confirmed_at, ${at}) else confirmed_at end,
             remind_at = case when status = 'DownloadConfirmed' or ${status} = 'DownloadConfirmed' then null
                              else ${at}::timestamptz + ${remindAfter}::interval end,
             downloads = downloads + (${status} = 'DownloadStarted')::integer
       where file_transfer_id = ${id} and party_id = ${party}
      returning ${status} <> 'DownloadStarted' or downloads <= ${downloadsInHistory} as is_new),
    moved as (
      update broker.recipient_status set at = ${at}, by_party = ${by}
       where id = (select id from broker.recipient_status
                    where file_transfer_id = ${id} and party_id = ${party} and status = 'DownloadStarted' order by at desc, id desc limit 1)
         and (select not is_new from standing))
    insert into broker.recipient_status (id, file_transfer_id, party_id, status, at, by_party)
    select ${newId()}, ${id}, ${party}, ${status}, ${at}, ${by} from standing where is_new`);
}

/** Whether this caller has begun a download for the recipient since then. index: recipient_status_party */
export async function hasBegunSince(
  reader: Reader,
  { id, party, by }: Pick<Attempt, 'id' | 'party' | 'by'>,
  since: Date,
): Promise<boolean> {
  const row = await reader.maybe(sql`
    select 1 from broker.recipient_status
     where file_transfer_id = ${id} and party_id = ${party} and status = 'DownloadStarted' and by_party is not distinct from ${by} and at > ${since}
     limit 1`);
  return row !== undefined;
}

/** One recipient of a transfer; others that work on it wait. */
export async function lockRecipient(tx: Tx, id: FileTransferId, party: PartyId): Promise<Recipient | undefined> {
  await tx.maybe(sql`select 1 from broker.recipient where file_transfer_id = ${id} and party_id = ${party} for update`);
  return tx.maybe<Recipient>(sql`
    select file_transfer_id as "transferId", party_id as "partyId", status, changed_at as "changedAt"
      from broker.recipient where file_transfer_id = ${id} and party_id = ${party}`);
}

export interface AttemptRow {
  readonly partyId: PartyId;
  readonly status: RecipientStatus;
  readonly at: Date;
}

const mostShown = 10_000;

/** What recipients did, oldest first; of more than anybody reads the newest. index: recipient_status_party */
export function listAttempts(reader: Reader, id: FileTransferId): Promise<AttemptRow[]> {
  return reader.all<AttemptRow>(sql`
    select "partyId", status, at
      from (select id, party_id as "partyId", status, at from broker.recipient_status
             where file_transfer_id = ${id} order by at desc, id desc limit ${mostShown}) newest
     order by at, id`);
}
