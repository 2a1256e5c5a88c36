import { type Reader, sql } from '#kernel/database.ts';
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
export const mostSteps = 20;

/**
 * An organization and what is below it, living or closed, each followed by what is below it, by name. A unit stands where its parent does
 * however deep, to so many steps: circles end there. index: party_pkey, party_parent
 */
export function listUnits(reader: Reader, root: PartyId): Promise<Unit[]> {
  return reader.all<Unit>(sql`
    with recursive tree as (
      select p.id, p.name, p.number, p.unit_type, p.alive, null::uuid as parent, 0 as depth, array[p.name, p.id::text] as place
        from register.party_face p where p.id = ${root} and p.kind = 'organization'
      union all
      select p.id, p.name, p.number, p.unit_type, p.alive, t.id, t.depth + 1, t.place || array[p.name, p.id::text]
        from tree t join register.party_face p on p.parent_id = t.id and p.kind = 'organization'
       where t.depth < ${mostSteps})
    select id, name, number, unit_type as "unitType", parent, depth, alive from tree
     order by place collate "nb-NO-x-icu"`);
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

/** The services on which messages and files are or were sent, those that are there first, in the order of their ids. index: resource_pkey */
export function listServices(reader: Reader, limit: number): Promise<Service[]> {
  return reader.all<Service>(sql`
    select r.id, r.type = 'BrokerService' as "isOfFiles", r.title, r.confidential, o.name as owner, r.policy_class as "policyClass", r.deleted_at is not null as "isDeleted"
      from access.resource r join register.party_face o on o.id = r.owner_id
     where r.type in ('CorrespondenceService', 'BrokerService')
     order by r.deleted_at is not null, r.id limit ${limit}`);
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
