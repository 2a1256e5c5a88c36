import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { codeOf } from '../codes.ts';

/** What a guardian may do for a ward: roles of guardianship, which replace those it had for that ward. */
export interface Guardianship {
  readonly guardian: PartyId;
  readonly ward: PartyId;
  readonly roles: readonly string[];
}

/** Stores guardianships. Saving the same again changes nothing. The roles are known as such (`listOtherRoles`). Joined writing. index: role_assignment_pkey */
export function saveGuardianships(tx: Tx, rows: readonly Guardianship[]): void {
  if (rows.length === 0) return;
  const given = JSON.stringify(rows.map((row) => ({ ...row, roles: row.roles.map(codeOf) })));
  tx.send(sql`
    delete from access.role_assignment a
     using jsonb_to_recordset(${given}::jsonb) as g (guardian uuid, ward uuid, roles text[]), access.role r
     where a.at_id = g.ward and a.holder_id = g.guardian and r.code = a.role and r.urn like 'urn:altinn:external-role:cra:%'
       and not a.role = any (g.roles)`);
  tx.send(sql`
    insert into access.role_assignment (holder_id, at_id, role, source, changed_at)
    select g.guardian, g.ward, access.role_code(c.role), 'cra', clock.now()
      from jsonb_to_recordset(${given}::jsonb) as g (guardian uuid, ward uuid, roles text[]) cross join lateral unnest(g.roles) c (role)
        on conflict do nothing`);
}

/** Those of these roles that are known and are none of guardianship, in the spelling given. index: role_pkey, role_legacy_code_key */
export async function listOtherRoles(reader: Reader, roles: readonly string[]): Promise<ReadonlySet<string>> {
  if (roles.length === 0) return new Set();
  const rows = await reader.all<{ name: string }>(sql`
    select g.name from unnest(${roles}::text[], ${roles.map(codeOf)}::text[]) as g (name, code)
     where exists (select from access.role r where (r.code = g.code or r.legacy_code = g.code) and r.urn not like 'urn:altinn:external-role:cra:%')`);
  return new Set(rows.map(({ name }) => name));
}
