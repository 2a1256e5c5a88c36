import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { Policy } from '../policy.ts';
import type { Resource } from '../resource.ts';

const face: Sql = sql`
  r.id, r.type, r.owner_id as "ownerId", o.number as "ownerNumber", r.title, r.confidential, r.strict_altinn as "strictAltinn",
  r.min_level as "minLevel", r.access_list as "accessList", r.ladder, r.unreachable, r.packages, r.broker,
  r.policy_version as "policyVersion", r.policy_class as "policyClass", r.implicit, r.lists_enabled as "listsEnabled",
  r.fallback_id as fallback, r.person_since is not null as "demandsPerson", r.deleted_at as "deletedAt", r.updated_at as "updatedAt"`;

/** index: resource_pkey */
export async function findResources(reader: Reader, ids: readonly ResourceId[]): Promise<Map<ResourceId, Resource>> {
  if (ids.length === 0) return new Map();
  const rows = await reader.all<Resource>(sql`
    select ${face} from access.resource r join register.party_face o on o.id = r.owner_id where r.id = any(${ids}::text[])`);
  return new Map(rows.map((row) => [row.id, row]));
}

/** index: resource_pkey */
export function findResource(reader: Reader, id: ResourceId): Promise<Resource | undefined> {
  return reader.maybe<Resource>(
    sql`select ${face} from access.resource r join register.party_face o on o.id = r.owner_id where r.id = ${id}`,
  );
}

const policy: Sql = sql`
  r.id, r.owner_id as "ownerId", r.min_level as "minLevel", r.min_level_org as "minLevelOrg", r.access_list as "accessList",
  r.policy_version || ' ' || r.policy_hash as version, r.person_since is not null as "demandsPerson",
  case when r.lists_enabled then
    coalesce((select jsonb_agg(jsonb_build_object('list', c.list_id, 'actions', c.action_filters)) from access.access_list_resource c
               where c.resource_id = r.id), '[]') end as lists,
  coalesce((select jsonb_agg(jsonb_build_object('effect', u.effect, 'actions', u.actions, 'target', u.target) order by u.ordinal)
              from access.rule u where u.resource_id = r.id), '[]') as rules`;

/** A policy as it was read, with what `findStanding` tells as its version. */
export interface VersionedPolicy extends Policy {
  readonly version: string;
}

/** What is decided on, by resource; unknown resources are left out. index: resource_pkey, rule_pkey, access_list_resource_resource */
export async function findPolicies(reader: Reader, ids: readonly ResourceId[]): Promise<Map<ResourceId, VersionedPolicy>> {
  const rows = await reader.all<VersionedPolicy>(sql`select ${policy} from access.resource r where r.id = any(${ids}::text[])`);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Which of these parties are in which of these lists, as `list party`. index: access_list_member_pkey */
export async function findMembers(reader: Reader, lists: readonly string[], parties: readonly PartyId[]): Promise<Set<string>> {
  if (lists.length === 0) return new Set();
  const rows = await reader.all<{ list: string; party: PartyId }>(sql`
    select list_id as list, party_id as party from access.access_list_member
     where list_id = any(${lists}::text[]) and party_id = any(${parties}::uuid[])`);
  return new Set(rows.map(({ list, party }) => memberKey(list, party)));
}

export function memberKey(list: string, party: PartyId): string {
  return `${list} ${party}`;
}

export interface StoredResource {
  readonly id: ResourceId;
  readonly type: string;
  readonly owner: PartyId;
  readonly title: object;
  readonly confidential: boolean;
  readonly strictAltinn: boolean;
  readonly minLevel: number;
  readonly accessList: string | null;
  readonly ladder: string;
  readonly unreachable: string;
  readonly fallback: PartyId | null;
  readonly demandsPerson: boolean;
  readonly packages: readonly string[];
  readonly broker: object | null;
  readonly shorthand: object | null;
  readonly policyClass: string;
  readonly policyHash: string;
  readonly implicit: boolean;
  readonly rules: Policy['rules'];
}

/** Of a resource that is stored anew: whoever could open before can, and nobody else. */
const asksTheSame: Sql = sql`(r.policy_hash = excluded.policy_hash and (r.person_since is null) = (excluded.person_since is null))`;

/**
 * Stores resources and their rules; what is the same stays untouched. A policy that changes has a new version and marks
 * the resource as changed by this transaction. Joined writing; an access package that nobody knows fails it.
 */
export function saveResourceRows(
  tx: Tx,
  rows: readonly StoredResource[],
  names: { roles: readonly string[]; packages: readonly string[] },
): void {
  const ids = rows.map((row) => row.id);
  tx.send(sql`
    select access.role_code(role) from unnest(${names.roles}::text[]) as r (role)
    union all select access.package_code(package) from unnest(${names.packages}::text[]) as p (package)`);
  tx.send(sql`
    insert into access.resource as r (id, type, owner_id, title, confidential, strict_altinn, min_level, access_list, ladder, unreachable,
                                      fallback_id, packages, broker, shorthand, policy_class, policy_hash, implicit, person_since)
    select g.id, g.type, g.owner, g.title, g.confidential, g."strictAltinn", g."minLevel", g."accessList", g.ladder, g.unreachable,
           g.fallback, g.packages, g.broker, g.shorthand, g."policyClass", g."policyHash", g.implicit,
           case when g."demandsPerson" then clock.now() end
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as g (id text, type text, owner uuid, title jsonb, confidential boolean,
           "strictAltinn" boolean, "minLevel" smallint, "accessList" text, ladder text, unreachable text, fallback uuid, packages text[], broker jsonb,
           shorthand jsonb, "policyClass" text, "policyHash" text, implicit boolean,
           "demandsPerson" boolean)
     order by g.id
        on conflict (id) do update
       set (type, owner_id, title, confidential, strict_altinn, min_level, access_list, ladder, unreachable, fallback_id, packages, broker,
            shorthand, policy_class, policy_hash, implicit, deleted_at, person_since)
         = (excluded.type, excluded.owner_id, excluded.title, excluded.confidential, excluded.strict_altinn, excluded.min_level,
            excluded.access_list, excluded.ladder, excluded.unreachable, excluded.fallback_id, excluded.packages, excluded.broker,
            excluded.shorthand, excluded.policy_class, excluded.policy_hash, excluded.implicit, null,
            case when excluded.person_since is not null then coalesce(r.person_since, excluded.person_since) end),
           policy_version = case when ${asksTheSame} then r.policy_version else r.policy_version + 1 end,
           changed_in = case when ${asksTheSame} then r.changed_in else pg_current_xact_id() end
     where (r.type, r.owner_id, r.title, r.confidential, r.strict_altinn, r.min_level, r.access_list, r.ladder, r.unreachable, r.fallback_id,
            r.packages, r.broker, r.shorthand, r.policy_class, r.policy_hash, r.implicit, r.deleted_at, r.person_since is null)
           is distinct from (excluded.type, excluded.owner_id, excluded.title, excluded.confidential, excluded.strict_altinn,
            excluded.min_level, excluded.access_list, excluded.ladder, excluded.unreachable, excluded.fallback_id, excluded.packages,
            excluded.broker, excluded.shorthand, excluded.policy_class, excluded.policy_hash, excluded.implicit, null::timestamptz,
            excluded.person_since is null)`);
  const rules = rows.flatMap(({ id, rules }) => rules.map((rule, ordinal) => ({ id, ordinal, ...rule })));
  tx.send(sql`
    delete from access.rule u
     using (select i.id, count(g.id) as n
              from unnest(${ids}::text[]) as i (id) left join jsonb_to_recordset(${JSON.stringify(rules)}::jsonb) as g (id text) on g.id = i.id
             group by i.id) kept
     where u.resource_id = kept.id and u.ordinal >= kept.n`);
  tx.send(sql`
    insert into access.rule as u (resource_id, ordinal, effect, actions, target)
    select g.id, g.ordinal, g.effect, g.actions, g.target
      from jsonb_to_recordset(${JSON.stringify(rules)}::jsonb) as g (id text, ordinal smallint, effect text, actions text[], target jsonb)
        on conflict (resource_id, ordinal) do update
       set effect = excluded.effect, actions = excluded.actions, target = excluded.target
     where (u.effect, u.actions, u.target) is distinct from (excluded.effect, excluded.actions, excluded.target)`);
}

/** What these parties own. The table is read whole: it holds some thousands of rows. */
export function listOwned(reader: Reader, owners: readonly PartyId[]): Promise<{ id: ResourceId; ownerId: PartyId }[]> {
  return reader.all<{ id: ResourceId; ownerId: PartyId }>(sql`
    select id, owner_id as "ownerId" from access.resource where owner_id = any(${owners}::uuid[]) and deleted_at is null order by id`);
}

/**
 * Resources of others in which the party could be one of those who send: a rule that lets somebody `write` names another than the owner,
 * or asks nothing of who it is, or the owner has given the party the resource. Whether it may is for `mayEach` to say. The tables are
 * read whole: they hold some thousands of rows.
 */
export function listPerhapsOpen(reader: Reader, party: PartyId): Promise<{ id: ResourceId; ownerId: PartyId }[]> {
  return reader.all<{ id: ResourceId; ownerId: PartyId }>(sql`
    select r.id, r.owner_id as "ownerId"
      from access.resource r
     where r.owner_id <> ${party} and r.deleted_at is null
       and (exists (select from access.rule u
                     where u.resource_id = r.id and u.effect = 'permit' and position(r.owner_id::text in u.target::text) = 0
                       and (u.actions = '{}' or exists (select from unnest(u.actions) as a (name) where lower(a.name) = 'write')))
            or exists (select from access.access_grant g where g.resource_id = r.id and g.to_id = ${party} and g.revoked_at is null))
     order by r.id`);
}

/** Which of these parties own resources. Few parties do: the table is read whole. */
export async function listOwners(reader: Reader, parties: readonly PartyId[]): Promise<Set<PartyId>> {
  const rows = await reader.all<{ id: PartyId }>(sql`
    select distinct r.owner_id as id from access.resource r where r.owner_id = any(${parties}::uuid[]) and r.deleted_at is null`);
  return new Set(rows.map(({ id }) => id));
}
