import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';

/** The organizations that a service owner lets receive on a resource; the members replace those it had. */
export interface AccessList {
  readonly id: string;
  readonly owner: PartyId;
  readonly members: readonly PartyId[];
}

/** Stores access lists. Saving the same again changes nothing. Joined writing. */
export function saveAccessLists(tx: Tx, rows: readonly AccessList[]): void {
  if (rows.length === 0) return;
  const members = rows.flatMap((row) => row.members.map((party) => ({ list: row.id, party })));
  const given = sql`jsonb_to_recordset(${JSON.stringify(members)}::jsonb) as g (list text, party uuid)`;
  tx.send(sql`
    insert into access.access_list as l (id, owner_id, identifier, name)
    select id, owner, case when exists (select from access.access_list x where x.owner_id = g.owner and x.identifier = g.id and x.id <> g.id)
                           then 'town-' || id else id end, id from unnest(${rows.map((r) => r.id)}::text[], ${rows.map((r) => r.owner)}::uuid[]) as g (id, owner)
        on conflict (id) do update set owner_id = excluded.owner_id where l.owner_id <> excluded.owner_id`);
  tx.send(sql`
    delete from access.access_list_member m
     where m.list_id = any(${rows.map((r) => r.id)}::text[]) and not exists (select from ${given} where g.list = m.list_id and g.party = m.party_id)`);
  tx.send(sql`insert into access.access_list_member (list_id, party_id) select g.list, g.party from ${given} on conflict do nothing`);
}

/** An organization that is asked about on a resource. */
export interface OnResource {
  readonly resource: ResourceId;
  readonly party: PartyId;
}

/**
 * Which of these organizations stand in none of the lists that the resource asks for, where it asks for any; each question of an act
 * asks the same (`listedAt`). index: access_list_member_pkey
 */
export async function listOutside(reader: Reader, asked: readonly OnResource[], action: string): Promise<OnResource[]> {
  if (asked.length === 0) return [];
  return reader.all<OnResource>(sql`
    select k.resource, k.party
      from unnest(${asked.map((k) => k.resource)}::text[], ${asked.map((k) => k.party)}::uuid[]) as k (resource, party)
      join access.resource r on r.id = k.resource and (r.lists_enabled or r.access_list is not null)
     where not exists (select from access.access_list_member m where m.list_id = r.access_list and m.party_id = k.party)
       and not exists (
           select from access.access_list_resource c join access.access_list_member m on m.list_id = c.list_id and m.party_id = k.party
            where r.lists_enabled and c.resource_id = r.id and (c.action_filters is null or ${action} = any(c.action_filters)))`);
}
