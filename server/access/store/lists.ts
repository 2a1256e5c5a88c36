import { sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';

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
