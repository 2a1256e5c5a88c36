import { type Reader, sql } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';

interface Unread {
  readonly party: PartyId;
  readonly resource: ResourceId;
  readonly unread: number;
  /** At the party, on all its services; counted to the limit. */
  readonly total: number;
}

/** How much lies published and unopened at each of these parties, by resource, of so much as the limit counts. index: item_open_party */
export function countUnread(reader: Reader, parties: readonly PartyId[], limit: number): Promise<Unread[]> {
  return reader.all<Unread>(sql`
    select u.id as party, w.resource_id as resource, count(*)::integer as unread, (sum(count(*)) over (partition by u.id))::integer as total
      from unnest(${parties}::uuid[]) u (id)
     cross join lateral (select b.resource_id from watch.board_item b
                          where b.party_id = u.id and b.settled_at is null and b.published_at is not null and b.opened_at is null
                          limit ${limit}) w
     group by u.id, w.resource_id`);
}
