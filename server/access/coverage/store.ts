import { type Reader, type Sql, sql } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { Texts } from '../resource.ts';

/** An organization in the tree of units below another. */
export interface Unit {
  readonly id: PartyId;
  readonly name: string;
  readonly number: string;
  readonly unitType: string | null;
  /** Null for the one that the tree is of. */
  readonly parent: PartyId | null;
  readonly depth: number;
  /** Closed units stand on the way to what lives below them. */
  readonly alive: boolean;
}

/** How far below an organization units are looked for. */
const mostSteps = 20;

/** Where a unit stands in the order of the tree: names and ids from the top down to it. */
export type Path = readonly string[];

/** A path, compared as the tree is ordered: each unit is followed by what is below it, by name. */
const inOrder = (path: Sql): Sql => sql`${path} collate "nb-NO-x-icu"`;

/**
 * An organization and what is below it, living or closed, in the order of the tree, from behind a place on. A unit stands where its parent
 * does however deep, to so many steps, and once: circles end. Of each step no more are held than are asked for. index: party_pkey, party_parent
 */
export function listUnits(
  reader: Reader,
  root: PartyId,
  { after, limit }: { readonly after: Path | null; readonly limit: number },
): Promise<(Unit & { readonly path: Path })[]> {
  const place = sql`t.place || array[p.name, p.id::text]`;
  const ahead = (path: Sql): Sql =>
    after === null ? sql`true` : sql`(${inOrder(path)} > ${after}::text[] or (${after}::text[])[1:cardinality(${path})] = ${path})`;
  return reader.all<Unit & { readonly path: Path }>(sql`
    with recursive tree as (
      select p.id, p.name, p.number, p.unit_type, p.alive, null::uuid as parent, 0 as depth, array[p.name, p.id::text] as place
        from register.party_face p where p.id = ${root} and p.kind = 'organization'
      union all
      select * from (
        select p.id, p.name, p.number, p.unit_type, p.alive, t.id as parent, t.depth + 1, ${place} as place
          from tree t join register.party_face p on p.parent_id = t.id and p.kind = 'organization'
         where t.depth < ${mostSteps} and p.id::text <> all (t.place) and ${ahead(place)}
         order by ${inOrder(place)} limit ${limit + 1}) below)
    select id, name, number, unit_type as "unitType", parent, depth, alive, place as path from tree
     where ${after === null ? sql`true` : sql`${inOrder(sql`place`)} > ${after}::text[]`}
     order by ${inOrder(sql`place`)} limit ${limit}`);
}

/** Where a unit stands below an organization, or is that one; undefined where it does not. index: party_pkey */
export async function pathTo(reader: Reader, root: PartyId, unit: string): Promise<Path | undefined> {
  const row = await reader.maybe<{ path: string[] }>(sql`
    with recursive up as (
      select p.id, p.parent_id, array[p.name, p.id::text] as place, 0 as steps
        from register.party_face p where p.id = ${unit}::uuid and p.kind = 'organization'
      union all
      select p.id, p.parent_id, array[p.name, p.id::text] || u.place, u.steps + 1
        from up u join register.party_face p on p.id = u.parent_id and p.kind = 'organization'
       where u.id <> ${root} and u.steps < ${mostSteps})
    select place as path from up where id = ${root}`);
  return row?.path;
}

/** How many units live at and below an organization, itself among them, and which are closed. index: party_pkey, party_parent */
export function countUnits(reader: Reader, root: PartyId): Promise<{ readonly living: number; readonly closed: readonly PartyId[] }> {
  return reader.one<{ living: number; closed: PartyId[] }>(sql`
    with recursive tree as (
      select p.id, true as counts, array[p.id] as way from register.party_face p where p.id = ${root} and p.kind = 'organization'
      union all
      select p.id, p.alive, t.way || p.id
        from tree t join register.party_face p on p.parent_id = t.id and p.kind = 'organization'
       where cardinality(t.way) <= ${mostSteps} and p.id <> all (t.way))
    select count(*) filter (where counts)::integer as living, coalesce(array_agg(id) filter (where not counts), '{}') as closed from tree`);
}

/** A service on which post comes. */
export interface Service {
  readonly id: ResourceId;
  readonly isOfFiles: boolean;
  readonly title: Texts;
  readonly confidential: boolean;
  readonly owner: string;
  /** Services of one class ask the same of whoever opens their post. */
  readonly policyClass: string;
  /** Taken out of the registry: nothing more comes on it, and what came stays as open as it was. */
  readonly isDeleted: boolean;
}

/** The services on which messages and files are or were sent, in the order of their ids, from behind one on. index: resource_pkey */
export function listServices(
  reader: Reader,
  { after, limit }: { readonly after: ResourceId | null; readonly limit: number },
): Promise<Service[]> {
  return reader.all<Service>(sql`
    select r.id, r.type = 'BrokerService' as "isOfFiles", r.title, r.confidential, o.name as owner, r.policy_class || case when r.person_since is null then '' else ' person' end as "policyClass", r.deleted_at is not null as "isDeleted"
      from access.resource r join register.party_face o on o.id = r.owner_id
     where r.type in ('CorrespondenceService', 'BrokerService') and r.id > ${after ?? ''}
     order by r.id limit ${limit}`);
}

/** Which of these services were given to somebody by themselves, at which of these units or above; as `unit service`. index: access_grant_from */
export async function listGivenAlone(reader: Reader, units: readonly PartyId[], services: readonly ResourceId[]): Promise<Set<string>> {
  const rows = await reader.all<{ key: string }>(sql`
    select distinct w.at || ' ' || g.resource_id as key
      from unnest(${units}::uuid[]) u (id)
      join access.place w on w.at = u.id
      join access.access_grant g on g.from_id = w.via and g.revoked_at is null
     where g.resource_id = any (${services}::text[]) and g.instance is null`);
  return new Set(rows.map(({ key }) => key));
}

/** An access package: what it is called, whether it can be given, and whether it is for persons' own matters. */
export interface Package {
  readonly code: string;
  readonly name: Texts;
  readonly isAssignable: boolean;
  readonly isPersonal: boolean;
}

/** index: package_pkey */
export function listPackages(reader: Reader, codes: readonly string[]): Promise<Package[]> {
  return reader.all<Package>(sql`
    select code, name, is_assignable as "isAssignable", entity_type = 'Person' as "isPersonal" from access.package where code = any (${codes}::text[])`);
}

export interface Face {
  readonly id: PartyId;
  readonly name: string;
  /** Here in the last 30 days. */
  readonly isRecent: boolean;
}

/** Who these are, and whether they were here lately. index: party_pkey, activity_pkey */
export function listFaces(reader: Reader, parties: readonly PartyId[]): Promise<Face[]> {
  return reader.all<Face>(sql`
    select p.id, p.name,
           coalesce(p.last_login_on::timestamptz > clock.now() - interval '30 days', false)
             or exists (select from identity.activity_face a where a.party_id = p.id and a.last_seen_at > clock.now() - interval '30 days') as "isRecent"
      from register.party_face p where p.id = any (${parties}::uuid[])`);
}
