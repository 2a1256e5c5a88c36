import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { Subject } from '../facts.ts';

/** A party as rules see it, at its access version: 0 where nothing was ever changed. */
export interface VersionedParty extends Subject {
  readonly version: string;
}

/** Read before the facts that the version vouches for. index: party_pkey, party_version_pkey */
export async function findVersionedParties(reader: Reader, ids: readonly PartyId[]): Promise<Map<PartyId, VersionedParty>> {
  const rows = await reader.all<VersionedParty>(sql`
    select p.id, p.kind, p.number, p.org_code as "orgCode", p.party_id as "partyId", coalesce(v.version, 0) as version
      from register.party_face p left join access.party_version v on v.party_id = p.id
     where p.id = any(${ids}::uuid[])`);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Makes other changes of who may do what at the party wait until this transaction ends. Read what is to be decided on afterwards. */
export async function lockAccess(tx: Tx, party: PartyId): Promise<void> {
  await tx.run(sql`insert into access.party_version (party_id, version) values (${party}, 0) on conflict do nothing`);
  await tx.run(sql`select from access.party_version where party_id = ${party} for update`);
}

/** Parties where this transaction has changed access. index: party_version_changed_in */
export async function listChangedParties(tx: Tx): Promise<PartyId[]> {
  const rows = await tx.all<{ id: PartyId }>(sql`
    select party_id as id from access.party_version where changed_in = pg_current_xact_id() and version > 0`);
  return rows.map((row) => row.id);
}

/** Resources whose policy this transaction has changed. index: resource_changed_in */
export async function listChangedResources(tx: Tx): Promise<ResourceId[]> {
  const rows = await tx.all<{ id: ResourceId }>(sql`select id from access.resource where changed_in = pg_current_xact_id()`);
  return rows.map((row) => row.id);
}
