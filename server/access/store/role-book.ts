import { type Reader, sql } from '#kernel/database.ts';

/** Something that whoever has a role has, or may give, by it. */
export interface RoleEntry {
  readonly role: string;
  readonly kind: 'role' | 'package';
  readonly value: string;
  /** The old code of a role. */
  readonly alias: string | null;
  /** Only at parties of this form. */
  readonly unitType: string | null;
  readonly isHad: boolean;
  readonly isHandedOn: boolean;
}

/** All that roles give, from the document that is loaded: some 1,700 rows. */
export function listRoleEntries(reader: Reader): Promise<RoleEntry[]> {
  return reader.all<RoleEntry>(sql`
    select code as role, 'role' as kind, code as value, legacy_code as alias, null as "unitType", true as "isHad", false as "isHandedOn" from access.role
    union all
    select i.has, 'role', r.code, r.legacy_code, null, true, false
      from access.role_implication i join access.role r on r.code = i.gets where i.kind = 'has'
    union all
    select p.role, 'package', p.package, null, p.unit_type, p.has_access, p.can_delegate and k.is_assignable
      from access.role_package p join access.package k on k.code = p.package`);
}
