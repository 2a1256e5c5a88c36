import { type Reader, sql } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';

export function unreadKey(party: PartyId, resource: ResourceId): string {
  return `${party} ${resource}`;
}

/** How much lies published and unopened at each of these parties, by resource; counted to so much for each. index: item_open_party */
export async function countUnread(reader: Reader, parties: readonly PartyId[]): Promise<Map<string, number>> {
  const rows = await reader.all<{ party: PartyId; resource: ResourceId; unread: number }>(sql`
    select u.id as party, w.resource_id as resource, count(*)::integer as unread
      from unnest(${parties}::uuid[]) u (id)
     cross join lateral (select b.resource_id from watch.board_item b
                          where b.party_id = u.id and b.settled_at is null and b.published_at is not null and b.opened_at is null
                          limit 10000) w
     group by 1, 2`);
  return new Map(rows.map(({ party, resource, unread }) => [unreadKey(party, resource), unread]));
}
