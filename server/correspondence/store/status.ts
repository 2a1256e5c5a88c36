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

/** Whether this party has fetched the message after `since`. index: status_message */
export async function wasFetchedSince(reader: Reader, message: CorrespondenceId, party: PartyId | null, since: Date): Promise<boolean> {
  const row = await reader.maybe(sql`
    select 1
      from correspondence.status
     where message_id = ${message} and status = 'Fetched' and party_id is not distinct from ${party} and at > ${since}
     limit 1`);
  return row !== undefined;
}
