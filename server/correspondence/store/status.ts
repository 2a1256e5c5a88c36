import { prepared, type Reader, sql, type Tx } from '#kernel/database.ts';
import { type CorrespondenceId, newId, type PartyId } from '#kernel/ids.ts';
import type { MessageStatus, StatusRow } from '../states.ts';

export interface StatusOf extends StatusRow {
  readonly messageId: CorrespondenceId;
  /** Whose act it was; null for the system's own. */
  readonly party: PartyId | null;
}

/** Rows of the history. The database refuses a change of state without evidence in the same transaction: record that first. */
export function saveStatuses(tx: Tx, rows: readonly StatusOf[]): void {
  if (rows.length === 0) return;
  tx.send(
    prepared(sql`
    insert into correspondence.status (id, message_id, status, text, at, party_id)
    select * from unnest(${rows.map(() => newId())}::uuid[], ${rows.map((r) => r.messageId)}::uuid[], ${rows.map((r) => r.status)}::text[],
                         ${rows.map((r) => r.text)}::text[], ${rows.map((r) => r.at)}::timestamptz[], ${rows.map((r) => r.party)}::uuid[])`),
  );
}

/** The whole history of a message, oldest first. index: status_message */
export function listStatuses(reader: Reader, message: CorrespondenceId): Promise<StatusRow[]> {
  return reader.all<{ status: MessageStatus; text: string; at: Date }>(sql`
    select status, text, at
      from correspondence.status
     where message_id = ${message}
     order by at, id`);
}

export interface FetchedBy {
  readonly messageId: CorrespondenceId;
  readonly party: PartyId | null;
  readonly since: Date;
}

/** Those of the messages that their party has fetched after `since`. index: status_message */
export async function listFetchedSince(reader: Reader, asked: readonly FetchedBy[]): Promise<Set<CorrespondenceId>> {
  if (asked.length === 0) return new Set();
  const rows = await reader.all<{ id: CorrespondenceId }>(sql`
    select r.id
      from unnest(${asked.map((a) => a.messageId)}::uuid[], ${asked.map((a) => a.party)}::uuid[], ${asked.map((a) => a.since)}::timestamptz[])
           as r (id, party, since)
     where exists (select from correspondence.status s
                    where s.message_id = r.id and s.status = 'Fetched' and s.party_id is not distinct from r.party and s.at > r.since)`);
  return new Set(rows.map(({ id }) => id));
}
