import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { ResourceType, Texts, Unreachable } from '../resource.ts';
import type { ResourceDocument } from './wire.ts';

/** A resource as the registry knows it: what was written, and what town documents and requests have made of it. */
export interface Registered {
  readonly id: ResourceId;
  readonly type: ResourceType;
  readonly title: Texts;
  readonly ownerId: PartyId;
  readonly ownerNumber: string;
  readonly ownerName: string;
  readonly orgCode: string | null;
  readonly document: ResourceDocument | null;
  readonly versionId: number;
  readonly hasLists: boolean;
  readonly unreachable: Unreachable;
  readonly fallbackNumber: string | null;
  readonly demandsPerson: boolean;
  readonly deletedAt: Date | null;
}

const face: Sql = sql`
  r.id, r.type, r.title, r.owner_id as "ownerId", o.number as "ownerNumber", o.name as "ownerName", o.org_code as "orgCode", r.document,
  r.version_id as "versionId", r.lists_enabled or r.access_list is not null as "hasLists", r.unreachable,
  (select f.number from register.party_face f where f.id = r.fallback_id) as "fallbackNumber", r.person_since is not null as "demandsPerson", r.deleted_at as "deletedAt"`;
const from: Sql = sql`access.resource r join register.party_face o on o.id = r.owner_id`;

/** Those deleted too. index: resource_pkey */
export function findRegistered(reader: Reader, id: ResourceId): Promise<Registered | undefined> {
  return reader.maybe<Registered>(sql`select ${face} from ${from} where r.id = ${id}`);
}

/** Makes others who write the same resource wait, whether it exists or not. Read it afterwards. */
export async function lockResource(tx: Tx, id: ResourceId): Promise<void> {
  await tx.run(sql`select pg_advisory_xact_lock(70710, hashtext(${id}))`);
  await tx.run(sql`select from access.resource where id = ${id} for update`);
}

/** All of them, in the order of their ids: the original's answers have no next page. index: resource_pkey */
export function listRegistered(reader: Reader): Promise<Registered[]> {
  return reader.all<Registered>(sql`select ${face} from ${from} where r.deleted_at is null order by r.id`);
}

/** An earlier document. index: resource_document_pkey */
export function findDocument(reader: Reader, id: ResourceId, version: number): Promise<{ document: ResourceDocument } | undefined> {
  return reader.maybe(sql`select document from access.resource_document where resource_id = ${id} and version_id = ${version}`);
}

export interface SaveDocument {
  readonly id: ResourceId;
  readonly type: ResourceType;
  readonly owner: PartyId;
  readonly title: Texts;
  readonly document: ResourceDocument;
  readonly version: number;
  readonly hasLists: boolean;
  /** Null: as its readers have it. */
  readonly unreachable: Unreachable | null;
  readonly fallback: PartyId | null;
  readonly demandsPerson: boolean;
  readonly by: PartyId | null;
  readonly at: Date;
}

/** Stores a document as the present version of a resource that exists. Its policy stays; who opens what may change. Joined writing. */
export function saveDocument(tx: Tx, row: SaveDocument): void {
  const document = JSON.stringify(row.document);
  tx.send(sql`
    update access.resource
       set type = ${row.type}, owner_id = ${row.owner}, title = ${JSON.stringify(row.title)}::jsonb, document = ${document}::jsonb,
           version_id = ${row.version}, lists_enabled = ${row.hasLists},
           access_list = case when ${row.hasLists} then access_list end,
           unreachable = coalesce(${row.unreachable}::text, case when confidential then 'refuse' else 'accept' end),
           fallback_id = ${row.fallback}, implicit = false, deleted_at = null,
           person_since = case when ${row.demandsPerson} then coalesce(person_since, ${row.at}) end,
           policy_version = case when (person_since is not null) = ${row.demandsPerson} then policy_version else policy_version + 1 end,
           changed_in = case when (person_since is not null) = ${row.demandsPerson} then changed_in else pg_current_xact_id() end
     where id = ${row.id}`);
  tx.send(sql`
    insert into access.resource_document (resource_id, version_id, document, saved_by, saved_at)
    values (${row.id}, ${row.version}, ${document}::jsonb, ${row.by}, ${row.at})
    on conflict (resource_id, version_id) do update set document = excluded.document, saved_by = excluded.saved_by, saved_at = excluded.saved_at`);
}

/** The highest version that a resource ever had; 0 for one that was never written. index: resource_document_pkey */
export async function lastVersion(reader: Reader, id: ResourceId): Promise<number> {
  const row = await reader.one<{ last: number }>(sql`
    select coalesce(max(version_id), 0)::integer as last from access.resource_document where resource_id = ${id}`);
  return row.last;
}

export function markDeleted(tx: Tx, id: ResourceId, at: Date): void {
  tx.send(sql`update access.resource set deleted_at = ${at} where id = ${id} and deleted_at is null`);
}

export interface KeptPolicy {
  readonly ownerId: PartyId;
  readonly xml: string | null;
  readonly deletedAt: Date | null;
}

/** index: resource_pkey */
export function findPolicyXml(reader: Reader, id: ResourceId): Promise<KeptPolicy | undefined> {
  return reader.maybe<KeptPolicy>(sql`
    select owner_id as "ownerId", policy_xml as xml, deleted_at as "deletedAt" from access.resource where id = ${id}`);
}

export interface ChangedResource {
  readonly id: ResourceId;
  readonly versionId: number;
  readonly policyVersion: number;
  readonly updatedAt: Date;
  readonly deleted: boolean;
  /** xid8 as text. */
  readonly touched: string;
}

/** What changed after this place, of transactions that have all ended (see `listChangedSubjects`). index: resource_touched_in */
export function listChangedResources(
  reader: Reader,
  after: { readonly touched: string; readonly resource: string } | null,
  limit: number,
): Promise<ChangedResource[]> {
  const place = after ?? { touched: '0', resource: '' };
  return reader.all<ChangedResource>(sql`
    select id, version_id as "versionId", policy_version as "policyVersion", updated_at as "updatedAt", deleted_at is not null as deleted,
           touched_in::text as touched
      from access.resource
     where (touched_in, id) > (${place.touched}::xid8, ${place.resource}::text) and touched_in < pg_snapshot_xmin(pg_current_snapshot())
     order by touched_in, id limit ${limit}`);
}

/** Organizations that are known by a code, all of them: those who own services. */
export function listOrgs(reader: Reader): Promise<{ code: string; number: string; name: string }[]> {
  return reader.all(sql`
    select org_code as code, number, name from register.party_face
     where org_code is not null and kind = 'organization' and alive order by org_code`);
}
