import { type Reader, sql } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';

/** index: message_pkey */
export function findMessage(
  reader: Reader,
  id: string,
): Promise<{ readonly recipient: PartyId; readonly resource: ResourceId } | undefined> {
  return reader.maybe(sql`select recipient_id as recipient, resource_id as resource from correspondence.accepted_message where id = ${id}`);
}

/** A message or a file as it lies with one recipient. */
export interface Arrived {
  readonly id: string;
  readonly recipient: PartyId;
  readonly resource: ResourceId;
  /** Of the recipient among those of the file, from 0; at most 1000. */
  readonly place: number;
}

/** What of this lies with its recipients now: published, and not taken back. index: message_pkey, recipient_pkey */
export function findArrived(reader: Reader, ids: readonly string[]): Promise<Arrived[]> {
  return reader.all<Arrived>(sql`
    select id, recipient_id as recipient, resource_id as resource, 0 as place from correspondence.inbox_face where id = any (${ids}::uuid[])
    union all
    select f.* from unnest(${ids}::uuid[]) t (id)
     cross join lateral (select id, recipient_id as recipient, resource_id as resource, row_number() over (order by recipient_id)::int - 1 as place
                           from broker.inbox_face where id = t.id order by recipient_id limit 1000) f`);
}

/** Which of these messages are confidential post of the party. index: item_pkey */
export async function listConfidential(reader: Reader, party: PartyId, about: readonly string[]): Promise<ReadonlySet<string>> {
  if (about.length === 0) return new Set();
  const rows = await reader.all<{ about: string }>(sql`
    select about from watch.item_face where about = any (${about}::uuid[]) and party_id = ${party} and confidential`);
  return new Set(rows.map((row) => row.about));
}
