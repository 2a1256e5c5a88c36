import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { Texts } from '../resource.ts';

/** A right that a system needs at those that use it. */
export interface NeededRight {
  readonly resource: ResourceId;
  readonly action: string;
}

/** A system that a vendor offers. */
export interface System {
  readonly id: string;
  readonly internalId: string;
  readonly vendorId: PartyId;
  readonly name: Texts;
  readonly description: Texts;
  readonly rights: readonly NeededRight[];
  readonly packages: readonly string[];
  readonly clientIds: readonly string[];
  readonly isVisible: boolean;
  readonly redirectUrls: readonly string[];
  readonly createdAt: Date;
  readonly changedAt: Date;
  readonly deletedAt: Date | null;
}

export type SystemChange = 'create' | 'update' | 'rights_update' | 'access_package_update' | 'delete';

const face: Sql = sql`
  s.id, s.internal_id as "internalId", s.vendor_id as "vendorId", s.name, s.description, s.rights, s.packages, s.client_ids as "clientIds",
  s.is_visible as "isVisible", s.redirect_urls as "redirectUrls", s.created_at as "createdAt", s.changed_at as "changedAt", s.deleted_at as "deletedAt"`;

/** index: system_pkey */
export function findSystem(reader: Reader, id: string): Promise<System | undefined> {
  return reader.maybe<System>(sql`select ${face} from access.system s where s.id = ${id}`);
}

/** index: system_pkey */
export async function findSystems(reader: Reader, ids: readonly string[]): Promise<Map<string, System>> {
  const rows = await reader.all<System>(sql`select ${face} from access.system s where s.id = any (${ids}::text[])`);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Systems that organizations may choose among: all of them, since the original's answer has no next page. */
export function listVisibleSystems(reader: Reader): Promise<System[]> {
  return reader.all<System>(sql`select ${face} from access.system s where s.is_visible and s.deleted_at is null order by s.id`);
}

/** All of them, as above. index: system_vendor */
export function listSystemsOf(reader: Reader, vendor: PartyId): Promise<System[]> {
  return reader.all<System>(sql`select ${face} from access.system s where s.vendor_id = ${vendor} and s.deleted_at is null order by s.id`);
}

/** Whoever registers or alters a system waits: ids of clients are no two systems'. */
export async function lockSystems(tx: Tx): Promise<void> {
  await tx.run(sql`lock table access.system in share row exclusive mode`);
}

/** The first of these clients that another system has. index: system_clients */
export async function findTakenClient(reader: Reader, clientIds: readonly string[], other: string): Promise<string | undefined> {
  const row = await reader.maybe<{ taken: string }>(sql`
    select c.taken from access.system s cross join lateral unnest(s.client_ids) c (taken)
     where s.client_ids && ${clientIds}::text[] and c.taken = any (${clientIds}::text[]) and s.id <> ${other} and s.deleted_at is null limit 1`);
  return row?.taken;
}

/** Stores a system, new or anew. Joined writing. */
export function saveSystem(tx: Tx, system: System): void {
  tx.send(sql`
    insert into access.system as s (id, internal_id, vendor_id, name, description, rights, packages, client_ids, is_visible, redirect_urls,
           created_at, changed_at, deleted_at)
    values (${system.id}, ${system.internalId}, ${system.vendorId}, ${JSON.stringify(system.name)}::jsonb, ${JSON.stringify(system.description)}::jsonb,
            ${JSON.stringify(system.rights)}::jsonb, ${system.packages}, ${system.clientIds}, ${system.isVisible}, ${system.redirectUrls},
            ${system.createdAt}, ${system.changedAt}, ${system.deletedAt})
        on conflict (id) do update
       set name = excluded.name, description = excluded.description, rights = excluded.rights, packages = excluded.packages,
           client_ids = excluded.client_ids, is_visible = excluded.is_visible, redirect_urls = excluded.redirect_urls,
           changed_at = excluded.changed_at, deleted_at = excluded.deleted_at`);
}

export interface SystemChangeRow {
  readonly id: string;
  readonly system: string;
  readonly kind: SystemChange;
  readonly by: string | null;
  readonly at: Date;
  readonly change: object;
}

/** Joined writing. */
export function saveSystemChange(tx: Tx, { id, system, kind, by, at, change }: SystemChangeRow): void {
  tx.send(sql`
    insert into access.system_change (id, system_id, kind, changed_by, changed_at, change)
    values (${id}, ${system}, ${kind}, ${by}, ${at}, ${JSON.stringify(change)}::jsonb)`);
}

/** All that was said, newest first: the original's answer has no next page. index: system_change_system */
export function listSystemChanges(reader: Reader, system: string): Promise<SystemChangeRow[]> {
  return reader.all<SystemChangeRow>(sql`
    select id, system_id as system, kind, changed_by as by, changed_at as at, change from access.system_change
     where system_id = ${system} order by id desc`);
}

/** Whether organizations have system users of it. index: system_user_system */
export async function isInUse(reader: Reader, system: string): Promise<boolean> {
  return (await reader.maybe(sql`select from access.system_user where system_id = ${system} and deleted_at is null limit 1`)) !== undefined;
}
