import { type Reader, type Sql, sql } from '#kernel/database.ts';
import type { FileTransferId, PartyId, ResourceId } from '#kernel/ids.ts';
import type { RecipientStatus, TransferState } from '../states.ts';

export interface Search {
  readonly resource: ResourceId;
  readonly party: PartyId;
  readonly asSender: boolean;
  readonly asRecipient: boolean;
  readonly status: TransferState | null;
  readonly recipientStatus: RecipientStatus | null;
  /** Times as clients write them, to the microsecond. */
  readonly from: string | null;
  readonly to: string | null;
  readonly ascending: boolean;
}

const most = 100;

/**
 * Ids of a party's transfers on a resource, 100 at most; by when they were made, or, where a status is asked for, by when they got
 * it. Of times both ends count where both are given, and neither where one is. Equal times go by id.
 * index: recipient_received, recipient_standing, file_transfer_sent
 */
export async function searchTransfers(reader: Reader, search: Search): Promise<FileTransferId[]> {
  const sides = [...(search.asSender ? [sentBy(search)] : []), ...(search.asRecipient ? [receivedBy(search)] : [])];
  const [first, second] = sides;
  if (!first) return [];
  const direction = search.ascending ? sql`asc` : sql`desc`;
  const rows = await reader.all<{ id: FileTransferId }>(sql`
    select id from (${first} ${second ? sql`union ${second}` : sql``}) found order by at ${direction}, id ${direction} limit ${most}`);
  return rows.map((row) => row.id);
}

function sentBy(search: Search): Sql {
  const at = timeOf(search, sql`t.created_at`);
  return sql`(select t.id, ${at} as at from broker.file_transfer t
    where t.sender_id = ${search.party} and t.resource_id = ${search.resource} and ${within(search, at)} ${first(search)})`;
}

function receivedBy(search: Search): Sql {
  const at = timeOf(search, sql`r.created_at`); // the same as the transfer's, and in the index
  return sql`(select t.id, ${at} as at
     from broker.recipient r join broker.file_transfer t on t.id = r.file_transfer_id
    where r.party_id = ${search.party} and r.resource_id = ${search.resource}
      and (${search.recipientStatus}::text is null or r.status = ${search.recipientStatus}) and ${within(search, at)} ${first(search)})`;
}

/** Each side gives its own first hundred: more of it cannot be among the first hundred of both. */
function first({ ascending }: Search): Sql {
  return ascending ? sql`order by at asc, t.id asc limit ${most}` : sql`order by at desc, t.id desc limit ${most}`;
}

function timeOf({ status }: Search, created: Sql): Sql {
  return status === null ? created : sql`t.state_changed_at`;
}

function within({ status, from, to }: Search, at: Sql): Sql {
  const lower = from === null ? sql`` : to === null ? sql`and ${at} > ${from}::timestamptz` : sql`and ${at} >= ${from}::timestamptz`;
  const upper = to === null ? sql`` : from === null ? sql`and ${at} < ${to}::timestamptz` : sql`and ${at} <= ${to}::timestamptz`;
  return sql`(${status}::text is null or t.state = ${status}) ${lower} ${upper}`;
}
