import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import { newId, type PartyId, type ResourceId } from '#kernel/ids.ts';

export interface StoredList {
  readonly id: string;
  readonly ownerId: PartyId;
  readonly identifier: string;
  readonly name: string;
  readonly description: string;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const face: Sql = sql`
  l.id, l.owner_id as "ownerId", l.identifier, l.name, l.description, l.version, l.created_at as "createdAt", l.updated_at as "updatedAt"`;

/** index: access_list_named */
export function findList(reader: Reader, owner: PartyId, identifier: string): Promise<StoredList | undefined> {
  return reader.maybe<StoredList>(
    sql`select ${face} from access.access_list l where l.owner_id = ${owner} and l.identifier = ${identifier}`,
  );
}

/** The list, locked against others who change it. index: access_list_named */
export async function lockList(tx: Tx, owner: PartyId, identifier: string): Promise<StoredList | undefined> {
  await tx.run(sql`select from access.access_list where owner_id = ${owner} and identifier = ${identifier} for update`);
  return findList(tx, owner, identifier);
}

/** Makes a list where there is none; tells whether it did. Whoever makes the same at once waits. */
export async function insertList(tx: Tx, list: Pick<StoredList, 'ownerId' | 'identifier' | 'name' | 'description'>): Promise<boolean> {
  const made = await tx.run(sql`
    insert into access.access_list (id, owner_id, identifier, name, description)
    values (${`list:${newId()}`}, ${list.ownerId}, ${list.identifier}, ${list.name}, ${list.description})
    on conflict (owner_id, identifier) do nothing`);
  return made > 0;
}

export function updateList(tx: Tx, { id, name, description }: Pick<StoredList, 'id' | 'name' | 'description'>): Promise<number> {
  return tx.run(sql`
    update access.access_list set name = ${name}, description = ${description}, version = version + 1, updated_at = clock.now()
     where id = ${id} and (name, description) is distinct from (${name}, ${description})`);
}

/** With its members and connections. */
export function deleteList(tx: Tx, id: string): Promise<number> {
  return tx.run(sql`delete from access.access_list where id = ${id}`);
}

/** In the order of their identifiers. index: access_list_named, access_list_resource_pkey */
export function listLists(
  reader: Reader,
  owner: PartyId,
  { after, resource, limit }: { readonly after: string | null; readonly resource: string | null; readonly limit: number },
): Promise<StoredList[]> {
  return reader.all<StoredList>(sql`
    select ${face} from access.access_list l
     where l.owner_id = ${owner} and (${after}::text is null or l.identifier > ${after}::text)
       and (${resource}::text is null
            or exists (select from access.access_list_resource c where c.list_id = l.id and c.resource_id = ${resource}::text)
            or exists (select from access.resource r where r.access_list = l.id and r.id = ${resource}::text))
     order by l.identifier limit ${limit}`);
}

export interface StoredMember {
  readonly list: string;
  readonly party: PartyId;
  readonly partyId: number;
  readonly number: string;
  readonly since: Date;
}

/** In the order of their ids; of each list no more than `limit`. index: access_list_member_pkey */
export function listMembers(reader: Reader, lists: readonly string[], after: string | null, limit: number): Promise<StoredMember[]> {
  return reader.all<StoredMember>(sql`
    select m.list_id as list, m.party_id as party, p.party_id as "partyId", p.number, m.since
      from unnest(${lists}::text[]) as l (id)
     cross join lateral (select x.* from access.access_list_member x
                          where x.list_id = l.id and (${after}::uuid is null or x.party_id > ${after}::uuid)
                          order by x.party_id limit ${limit}) m
      join register.party_face p on p.id = m.party_id
     order by m.list_id, m.party_id`);
}

export async function countMembers(reader: Reader, list: string): Promise<number> {
  const row = await reader.one<{ n: number }>(sql`select count(*)::integer as n from access.access_list_member where list_id = ${list}`);
  return row.n;
}

export function addMembers(tx: Tx, list: string, parties: readonly PartyId[]): Promise<number> {
  return tx.run(sql`
    insert into access.access_list_member (list_id, party_id)
    select ${list}, id from unnest(${parties}::uuid[]) as g (id) order by id on conflict do nothing`);
}

export function removeMembers(tx: Tx, list: string, parties: readonly PartyId[]): Promise<number> {
  return tx.run(sql`delete from access.access_list_member where list_id = ${list} and party_id = any(${parties}::uuid[])`);
}

/** Removes all others. */
export function keepMembers(tx: Tx, list: string, parties: readonly PartyId[]): Promise<number> {
  return tx.run(sql`delete from access.access_list_member where list_id = ${list} and not party_id = any(${parties}::uuid[])`);
}

export interface StoredConnection {
  readonly list: string;
  readonly resource: ResourceId;
  readonly actionFilters: readonly string[] | null;
  readonly createdAt: Date;
}

/**
 * In the order of the resources: those that were made here, and that of a resource whose town document names the list.
 * index: access_list_resource_pkey
 */
export function listConnections(
  reader: Reader,
  lists: readonly string[],
  after: string | null,
  limit: number,
): Promise<StoredConnection[]> {
  return reader.all<StoredConnection>(sql`
    select c.list_id as list, c.resource_id as resource, c.action_filters as "actionFilters", c.created_at as "createdAt"
      from access.access_list_resource c
     where c.list_id = any(${lists}::text[]) and (${after}::text is null or c.resource_id > ${after}::text)
    union all
    select r.access_list, r.id, null, r.updated_at from access.resource r
     where r.access_list = any(${lists}::text[]) and (${after}::text is null or r.id > ${after}::text)
       and not exists (select from access.access_list_resource c where c.list_id = r.access_list and c.resource_id = r.id)
     order by resource limit ${limit}`);
}

/** Tells whether anything is another than it was. */
export async function saveConnection(tx: Tx, list: string, resource: ResourceId, actions: readonly string[] | null): Promise<boolean> {
  const changed = await tx.run(sql`
    insert into access.access_list_resource as c (list_id, resource_id, action_filters) values (${list}, ${resource}, ${actions}::text[])
    on conflict (list_id, resource_id) do update set action_filters = excluded.action_filters
     where c.action_filters is distinct from excluded.action_filters`);
  return changed > 0;
}

export function deleteConnection(tx: Tx, list: string, resource: ResourceId): Promise<number> {
  return tx.run(sql`delete from access.access_list_resource where list_id = ${list} and resource_id = ${resource}`);
}

export interface StoredMembership {
  readonly resource: ResourceId;
  readonly since: Date;
  readonly actionFilters: readonly string[] | null;
}

/** By which lists a party may be acted for on resources; with an owner, only by its lists. index: access_list_member_party */
export function listMemberships(
  reader: Reader,
  { party, resource, owner, limit }: { party: PartyId; resource: string | null; owner: PartyId | null; limit: number },
): Promise<StoredMembership[]> {
  return reader.all<StoredMembership>(sql`
    select t.resource, m.since, t.actions as "actionFilters"
      from access.access_list_member m
      join access.access_list l on l.id = m.list_id
     cross join lateral (
       select c.resource_id as resource, c.action_filters as actions from access.access_list_resource c where c.list_id = l.id
       union all
       select r.id, null from access.resource r where r.access_list = l.id
          and not exists (select from access.access_list_resource c where c.list_id = l.id and c.resource_id = r.id)) t
     where m.party_id = ${party} and (${owner}::uuid is null or l.owner_id = ${owner}::uuid)
       and (${resource}::text is null or t.resource = ${resource}::text)
     order by t.resource, l.id limit ${limit}`);
}
