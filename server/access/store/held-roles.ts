import { type Reader, sql } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';

/**
 * Of these organizations, those at which somebody living holds one of the roles, at a subunit also by its main unit. Roles by
 * their codes (`daglig-leder`). For the rule of the original that asks for a key role and not for a right.
 * index: role_assignment_pkey, party_pkey
 */
export async function partiesWithRole(reader: Reader, organizations: readonly PartyId[], roles: readonly string[]): Promise<Set<PartyId>> {
  if (organizations.length === 0) return new Set();
  const rows = await reader.all<{ id: PartyId }>(sql`
    select o.id
      from register.party_face o
     where o.id = any(${organizations}::uuid[])
       and exists (select from access.role_assignment a
                     join register.party_face h on h.id = a.holder_id and h.alive
                    where a.at_id in (o.id, o.parent_id) and a.role = any(${roles}::text[]))`);
  return new Set(rows.map((row) => row.id));
}
