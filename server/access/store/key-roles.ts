import { type Reader, sql } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';

/**
 * The living persons who lead these organizations: who hold a key role there (chief executive, chair, …), at a subunit also at its main
 * unit, and where an organization holds it, who hold one at that. index: role_assignment_pkey, party_pkey
 */
export async function listKeyRoleHolders(reader: Reader, organizations: readonly PartyId[]): Promise<Map<PartyId, PartyId[]>> {
  if (organizations.length === 0) return new Map();
  const rows = await reader.all<{ at: PartyId; holders: PartyId[] }>(sql`
    with direct as (
      select o.id as at, a.holder_id as holder
        from register.party_face o
        join access.role_assignment a on a.at_id in (o.id, o.parent_id)
        join access.role r on r.code = a.role and r.is_key_role
       where o.id = any(${organizations}::uuid[])),
    all_of as (
      select at, holder from direct
       union
      select d.at, a.holder_id from direct d
        join access.role_assignment a on a.at_id = d.holder
        join access.role r on r.code = a.role and r.is_key_role)
    select f.at, array_agg(f.holder order by f.holder) as holders
      from all_of f join register.party_face h on h.id = f.holder and h.kind = 'person' and h.alive
     group by f.at`);
  return new Map(rows.map(({ at, holders }) => [at, holders]));
}

/** Which organizations each of these persons leads, at most so many of each. index: role_assignment_holder, party_pkey */
export async function listLed(reader: Reader, persons: readonly PartyId[], most: number): Promise<Map<PartyId, PartyId[]>> {
  if (persons.length === 0) return new Map();
  const rows = await reader.all<{ holder: PartyId; led: PartyId[] }>(sql`
    select holder, array_agg(at order by at) as led
      from unnest(${persons}::uuid[]) holder
     cross join lateral (
           select distinct a.at_id as at from access.role_assignment a join access.role r on r.code = a.role and r.is_key_role
            where a.holder_id = holder order by 1 limit ${most}) led
     group by holder`);
  return new Map(rows.map(({ holder, led }) => [holder, led]));
}
