import { sql, type Tx } from '#kernel/database.ts';
import type { Implication, RolePackage, SeedDocument } from '../seed/seed-document.ts';

/** Makes others who load wait until this transaction ends. Read the version afterwards. */
export async function lockSeed(tx: Tx): Promise<void> {
  await tx.run(sql`lock table access.seed in share row exclusive mode`);
}

/** The version that was loaded last, 0 before the first. */
export async function findSeedVersion(tx: Tx): Promise<number> {
  return (await tx.maybe<{ version: number }>(sql`select version from access.seed`))?.version ?? 0;
}

/**
 * Puts a document in the place of the one before. Roles and packages that it no longer has stay, since somebody may hold
 * them; what follows from them goes. Every policy gets a new version: what it means may have changed. Joined writing.
 */
export function saveSeed(tx: Tx, document: SeedDocument, implications: readonly Implication[], rolePackages: readonly RolePackage[]): void {
  tx.send(sql`
    insert into access.role (code, urn, legacy_code, is_key_role, entity_type, name)
    select code, urn, "legacyCode", "isKeyRole", "entityType", name
      from jsonb_to_recordset(${JSON.stringify(document.roles)}::jsonb)
        as g (code text, urn text, "legacyCode" text, "isKeyRole" boolean, "entityType" text, name jsonb)
        on conflict (code) do update
       set urn = excluded.urn, legacy_code = excluded.legacy_code, is_key_role = excluded.is_key_role, entity_type = excluded.entity_type, name = excluded.name`);
  tx.send(sql`
    insert into access.package (code, urn, id, area, entity_type, is_delegable, is_assignable, name)
    select code, urn, id, area, "entityType", "isDelegable", "isAssignable", name
      from jsonb_to_recordset(${JSON.stringify(document.packages)}::jsonb)
        as g (code text, urn text, id uuid, area text, "entityType" text, "isDelegable" boolean, "isAssignable" boolean, name jsonb)
        on conflict (code) do update
       set urn = excluded.urn, id = excluded.id, area = excluded.area, entity_type = excluded.entity_type, is_delegable = excluded.is_delegable,
           is_assignable = excluded.is_assignable, name = excluded.name`);
  tx.send(sql`delete from access.role_implication`);
  tx.send(sql`
    insert into access.role_implication (has, gets, kind)
    select has, gets, kind from jsonb_to_recordset(${JSON.stringify(implications)}::jsonb) as g (has text, gets text, kind text)`);
  tx.send(sql`delete from access.role_package`);
  tx.send(sql`
    insert into access.role_package (role, package, unit_type, has_access, can_delegate)
    select role, package, "unitType", bool_or("hasAccess"), bool_or("canDelegate")
      from jsonb_to_recordset(${JSON.stringify(rolePackages)}::jsonb)
        as g (role text, package text, "unitType" text, "hasAccess" boolean, "canDelegate" boolean)
     group by role, package, "unitType"`);
  tx.send(sql`update access.resource set policy_version = policy_version + 1, changed_in = pg_current_xact_id()`);
  tx.send(sql`
    insert into access.seed (version, loaded_at) values (${document.version}, clock.now())
        on conflict (single) do update set version = excluded.version, loaded_at = excluded.loaded_at`);
}
