import { prepared, type Reader, sql, type Tx } from '#kernel/database.ts';
import { type FileTransferId, newId, type PartyId } from '#kernel/ids.ts';
import type { RecipientStatus } from '../states.ts';

export interface Recipient {
  readonly transferId: FileTransferId;
  readonly partyId: PartyId;
  readonly status: RecipientStatus;
  readonly changedAt: Date;
}

/** In the order in which the sender named them. index: recipient_pkey */
export function listRecipients(reader: Reader, ids: readonly FileTransferId[]): Promise<Recipient[]> {
  return reader.all<Recipient>(sql`
    select file_transfer_id as "transferId", party_id as "partyId", status, changed_at as "changedAt"
      from broker.recipient
     where file_transfer_id = any(${ids}::uuid[])
     order by file_transfer_id, ordinal`);
}

/** How many recipients each of these has. index: recipient_pkey */
export async function countRecipients(reader: Reader, ids: readonly FileTransferId[]): Promise<Map<FileTransferId, number>> {
  const rows = await reader.all<{ id: FileTransferId; recipients: number }>(sql`
    select file_transfer_id as id, count(*)::integer as recipients from broker.recipient
     where file_transfer_id = any(${ids}::uuid[]) group by file_transfer_id`);
  return new Map(rows.map(({ id, recipients }) => [id, recipients]));
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
  tx.send(
    prepared(sql`
      insert into broker.recipient_status (id, file_transfer_id, party_id, status, at, by_party)
      select * from unnest(${attempts.map(() => newId())}::uuid[], ${attempts.map((a) => a.id)}::uuid[], ${attempts.map((a) => a.party)}::uuid[],
                           ${attempts.map((a) => a.status)}::text[], ${attempts.map((a) => a.at)}::timestamptz[], ${attempts.map((a) => a.by)}::uuid[])`),
  );
}

/** An attempt that is new, with its id in the history. */
export interface NewAttempt extends Attempt {
  readonly attemptId: string;
}

/** Downloads of one recipient that the history holds: the first of them, and the newest. Each has its evidence. */
export const downloadsInHistory = 50;

/** How long after a download began its confirmation is missed. */
const remindAfter = '1 hour';

/**
 * Attempts, one of a recipient of a transfer, and where the recipients stand by them: a status is never left for a lower one, and the time is
 * that of the newest. A download beyond those that the history holds takes the place of the one before it. index: recipient_status_party
 */
export function saveStandings(tx: Tx, attempts: readonly NewAttempt[]): void {
  if (attempts.length === 0) return;
  tx.send(sql`
    with given as (
      select * from unnest(${attempts.map((a) => a.attemptId)}::uuid[], ${attempts.map((a) => a.id)}::uuid[], ${attempts.map((a) => a.party)}::uuid[],
                           ${attempts.map((a) => a.status)}::text[], ${attempts.map((a) => a.at)}::timestamptz[],
                           ${attempts.map((a) => a.by)}::uuid[], ${attempts.map((a) => a.vendor ?? null)}::uuid[])
               as g (attempt_id, transfer_id, party_id, status, at, by_party, vendor_id)),
    standing as (
      update broker.recipient r
         set status = case when r.status = 'DownloadConfirmed' then r.status else g.status end, changed_at = g.at, vendor_id = g.vendor_id,
             confirmed_at = case when g.status = 'DownloadConfirmed' then coalesce(r.confirmed_at, g.at) else r.confirmed_at end,
             remind_at = case when r.status = 'DownloadConfirmed' or g.status = 'DownloadConfirmed' then null
                              else g.at + ${remindAfter}::interval end,
             downloads = r.downloads + (g.status = 'DownloadStarted')::integer
        from given g
       where r.file_transfer_id = g.transfer_id and r.party_id = g.party_id
      returning g.*, g.status <> 'DownloadStarted' or r.downloads <= ${downloadsInHistory} as is_new),
    moved as (
      update broker.recipient_status s set at = g.at, by_party = g.by_party
        from standing g
       where not g.is_new
         and s.id = (select id from broker.recipient_status
                      where file_transfer_id = g.transfer_id and party_id = g.party_id and status = 'DownloadStarted'
                      order by at desc, id desc limit 1))
    insert into broker.recipient_status (id, file_transfer_id, party_id, status, at, by_party)
    select attempt_id, transfer_id, party_id, status, at, by_party from standing where is_new`);
}

/** Of these ids, those of attempts that the history holds. index: recipient_status_pkey */
export async function findAttempts(reader: Reader, ids: readonly string[]): Promise<Set<string>> {
  const rows = await reader.all<{ id: string }>(sql`select id from broker.recipient_status where id = any(${ids}::uuid[])`);
  return new Set(rows.map(({ id }) => id));
}

/** Of recipients, each with a time, those for whom this caller has begun a download since (`recipientKey`). index: recipient_status_party */
export async function listBegunSince(
  reader: Reader,
  asked: readonly (Pick<Attempt, 'id' | 'party' | 'by'> & { readonly since: Date })[],
): Promise<Set<string>> {
  if (asked.length === 0) return new Set();
  const rows = await reader.all<Pick<Attempt, 'id' | 'party'>>(sql`
    select g.transfer_id as id, g.party_id as party
      from unnest(${asked.map((a) => a.id)}::uuid[], ${asked.map((a) => a.party)}::uuid[], ${asked.map((a) => a.by)}::uuid[],
                  ${asked.map((a) => a.since)}::timestamptz[]) as g (transfer_id, party_id, by_party, since)
     where exists (select from broker.recipient_status s
                    where s.file_transfer_id = g.transfer_id and s.party_id = g.party_id and s.status = 'DownloadStarted'
                      and s.by_party is not distinct from g.by_party and s.at > g.since)`);
  return new Set(rows.map(recipientKey));
}

/** What tells a recipient of a transfer apart where it is looked up. */
export function recipientKey({ id, party }: Pick<Attempt, 'id' | 'party'>): string {
  return `${id} ${party}`;
}

/**
 * Recipients of transfers, in one order of locks; others that work on them wait. Those that others hold are left out, or waited for.
 * index: recipient_pkey
 */
export async function lockRecipients(
  tx: Tx,
  keys: readonly Pick<Attempt, 'id' | 'party'>[],
  { waits }: { readonly waits: boolean },
): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const rows = await tx.all<Pick<Attempt, 'id' | 'party'>>(sql`
    select r.file_transfer_id as id, r.party_id as party
      from broker.recipient r
      join (select distinct * from unnest(${keys.map((k) => k.id)}::uuid[], ${keys.map((k) => k.party)}::uuid[])) as k (id, party)
        on r.file_transfer_id = k.id and r.party_id = k.party
     order by r.file_transfer_id, r.party_id
       for update of r ${waits ? sql`` : sql`skip locked`}`);
  return new Set(rows.map(recipientKey));
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
