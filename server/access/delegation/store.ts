import { type Reader, type Sql, sql } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { Grant } from '../store/grants.ts';

export interface ConnectionRow {
  readonly other: PartyId;
  readonly roles: readonly { readonly code: string; readonly urn: string }[];
  readonly packages: readonly { readonly id: string; readonly urn: string }[];
  readonly resources: readonly string[];
  readonly instances: readonly { readonly resourceId: string; readonly instanceId: string }[];
}

export interface Looked {
  readonly party: PartyId;
  readonly side: 'from' | 'to';
  readonly other: PartyId | null;
}

const live: Sql = sql`g.revoked_at is null and (g.expires_at is null or g.expires_at > clock.now())`;

/**
 * Whom a party is connected with on one side, by roles and by what was given, a page in the order of the ids. Systems are not
 * among them: they are shown as system users. index: role_assignment_pkey, role_assignment_holder, access_grant_from, access_grant_to
 */
export function listConnectionRows(
  reader: Reader,
  { party, side, other }: Looked,
  page: { after: PartyId | null; limit: number },
): Promise<ConnectionRow[]> {
  const ties =
    side === 'from'
      ? sql`select a.holder_id as other, a.role, null::text as package, null::text as resource, null::uuid as instance
              from access.role_assignment a where a.at_id = ${party}
            union all
            select g.to_id, null, g.package, g.resource_id, g.instance from access.access_grant g where g.from_id = ${party} and ${live}`
      : sql`select a.at_id as other, a.role, null::text as package, null::text as resource, null::uuid as instance
              from access.role_assignment a where a.holder_id = ${party}
            union all
            select g.from_id, null, g.package, g.resource_id, g.instance from access.access_grant g where g.to_id = ${party} and ${live}`;
  return reader.all<ConnectionRow>(sql`
    select c.other,
           coalesce(jsonb_agg(distinct jsonb_build_object('code', r.code, 'urn', r.urn)) filter (where r.code is not null), '[]') as roles,
           coalesce(jsonb_agg(distinct jsonb_build_object('id', k.id, 'urn', k.urn)) filter (where k.code is not null), '[]') as packages,
           coalesce(array_agg(distinct c.resource) filter (where c.resource is not null and c.instance is null), '{}') as resources,
           coalesce(jsonb_agg(distinct jsonb_build_object('resourceId', c.resource, 'instanceId', 'urn:altinn:correspondence-id:' || c.instance))
                    filter (where c.instance is not null), '[]') as instances
      from (${ties}) c
      join register.party_face p on p.id = c.other and p.kind <> 'system-user'
      left join access.role r on r.code = c.role
      left join access.package k on k.code = c.package
     where (${other}::uuid is null or c.other = ${other}) and (${page.after}::uuid is null or c.other > ${page.after})
     group by c.other order by c.other limit ${page.limit}`);
}

export interface PackageRow {
  readonly id: string;
  readonly urn: string;
  readonly code: string;
  readonly from: PartyId;
  readonly to: PartyId;
  readonly role: { readonly code: string; readonly urn: string } | null;
}

/** Where a page begins: after the row with this key. */
export interface Page {
  readonly after: readonly string[] | null;
  readonly limit: number;
}

/**
 * Access packages between a party and others: given, and those of roles. A page in the order of package, ends and role, each row once;
 * what is given beside a role has no role and comes first. index: role_assignment_pkey, role_assignment_holder, access_grant_from, access_grant_to
 */
export function listPackageRows(reader: Reader, { party, side, other }: Looked, code: string | null, page: Page): Promise<PackageRow[]> {
  const [afterCode = null, from = null, to = null, role = null] = page.after ?? [];
  const [given, roles] =
    side === 'from'
      ? [
          sql`g.from_id = ${party} and (${other}::uuid is null or g.to_id = ${other})`,
          sql`a.at_id = ${party} and (${other}::uuid is null or a.holder_id = ${other})`,
        ]
      : [
          sql`g.to_id = ${party} and (${other}::uuid is null or g.from_id = ${other})`,
          sql`a.holder_id = ${party} and (${other}::uuid is null or a.at_id = ${other})`,
        ];
  return reader.all<PackageRow>(sql`
    select k.id, k.urn, k.code, c.from, c.to, case when r.code is not null then jsonb_build_object('code', r.code, 'urn', r.urn) end as role
      from (select g.package, g.from_id as "from", g.to_id as "to", null as role from access.access_grant g where g.package is not null and ${given} and ${live}
            union
            select rp.package, a.at_id, a.holder_id, a.role
              from access.role_assignment a
              join register.party_face p on p.id = a.at_id
              join access.role_package rp on rp.role = a.role and rp.has_access and (rp.unit_type is null or rp.unit_type = p.unit_type)
             where ${roles}) c
      join access.package k on k.code = c.package
      left join access.role r on r.code = c.role
     where (${code}::text is null or k.code = ${code})
       and (${afterCode}::text is null or (k.code, c.from, c.to, coalesce(c.role, '')) > (${afterCode}, ${from}::uuid, ${to}::uuid, ${role}))
     order by k.code, c.from, c.to, coalesce(c.role, '') limit ${page.limit}`);
}

export interface RoleRow {
  readonly code: string;
  readonly urn: string;
  readonly from: PartyId;
  readonly to: PartyId;
}

/** Roles between a party and others, a page in the order of role and ends. index: role_assignment_pkey, role_assignment_holder */
export function listRoleRows(reader: Reader, { party, side, other }: Looked, page: Page): Promise<RoleRow[]> {
  const [code = null, at = null, holder = null] = page.after ?? [];
  const which =
    side === 'from'
      ? sql`a.at_id = ${party} and (${other}::uuid is null or a.holder_id = ${other})`
      : sql`a.holder_id = ${party} and (${other}::uuid is null or a.at_id = ${other})`;
  return reader.all<RoleRow>(sql`
    select r.code, r.urn, a.at_id as "from", a.holder_id as "to" from access.role_assignment a join access.role r on r.code = a.role
     where ${which} and (${code}::text is null or (r.code, a.at_id, a.holder_id) > (${code}, ${at}::uuid, ${holder}::uuid))
     order by r.code, a.at_id, a.holder_id limit ${page.limit}`);
}

/** Grants of resources, or of single items, between a party and others, a page in the order of resource and id. index: access_grant_from, access_grant_to */
export function listResourceGrants(
  reader: Reader,
  { party, side, other }: Looked,
  what: { resource: string | null; instance: string | null; items: boolean },
  page: Page,
): Promise<Pick<Grant, 'id' | 'at' | 'to' | 'actions' | 'resource' | 'instance'>[]> {
  const [resource = null, id = null] = page.after ?? [];
  const which =
    side === 'from'
      ? sql`g.from_id = ${party} and (${other}::uuid is null or g.to_id = ${other})`
      : sql`g.to_id = ${party} and (${other}::uuid is null or g.from_id = ${other})`;
  return reader.all(sql`
    select g.id, g.from_id as at, g.to_id as "to", g.actions, g.resource_id as resource, g.instance
      from access.access_grant g
     where ${which} and ${live} and g.resource_id is not null and (g.instance is not null) = ${what.items}
       and (${what.resource}::text is null or g.resource_id = ${what.resource})
       and (${what.instance}::uuid is null or g.instance = ${what.instance})
       and (${resource}::text is null or (g.resource_id, g.id) > (${resource}, ${id}::uuid))
     order by g.resource_id, g.id limit ${page.limit}`);
}

/** All that one party has given another and that stands. index: access_grant_from */
export function listGrantsBetween(reader: Reader, from: PartyId, to: PartyId): Promise<Grant[]> {
  return reader.all<Grant>(sql`
    select g.id, g.from_id as at, g.to_id as "to", g.package, g.resource_id as resource, g.instance, g.actions, g.granted_by as "grantedBy",
           g.reason, g.expires_at as until, g.created_at as "createdAt", g.revoked_at as "revokedAt"
      from access.access_grant g where g.from_id = ${from} and g.to_id = ${to} and ${live} order by g.id`);
}

export interface PackageName {
  readonly code: string;
  readonly id: string;
  readonly urn: string;
  readonly isAssignable: boolean;
}

/** Access packages by code, URN or id; without any, all that can be given. index: package_pkey, package_id_key */
export function listPackageNames(reader: Reader, named: readonly string[] | null): Promise<PackageName[]> {
  return reader.all<PackageName>(sql`
    select code, id, urn, is_assignable as "isAssignable" from access.package
     where case when ${named}::text[] is null then is_assignable else code = any (${named}::text[]) or id::text = any (${named}::text[]) end
     order by code`);
}

/** Whether somebody is a right holder at a party. index: role_assignment_pkey */
export async function isRightHolder(reader: Reader, at: PartyId, holder: PartyId): Promise<boolean> {
  const row = await reader.maybe(sql`
    select from access.role_assignment where at_id = ${at} and holder_id = ${holder} and role = 'rettighetshaver'`);
  return row !== undefined;
}

/** Resources that somebody, or an organization that it leads, was given anywhere. index: access_grant_to */
export function listGivenTo(reader: Reader, subjects: readonly PartyId[]): Promise<{ resource: ResourceId; instance: string | null }[]> {
  return reader.all(sql`
    select distinct g.resource_id as resource, g.instance from access.access_grant g
     where g.to_id = any (${subjects}::uuid[]) and g.resource_id is not null and ${live} order by 1, 2`);
}

/** The codes of all access packages: some two hundred. */
export async function listPackageCodes(reader: Reader): Promise<string[]> {
  const rows = await reader.all<{ code: string }>(sql`select code from access.package order by code`);
  return rows.map(({ code }) => code);
}
