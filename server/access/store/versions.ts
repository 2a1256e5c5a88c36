import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';

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

/** Who has changed access in this transaction and why, beside every version that it has raised. Joined writing. index: party_version_changed_in */
export function saveChange(tx: Tx, change: object): void {
  tx.send(sql`
    update access.party_version set change = ${JSON.stringify(change)}::jsonb, change_version = version
     where changed_in = pg_current_xact_id() and version > 0`);
}

/** Who made the version of each party what it is, and why; a party whose last change nobody told of is left out. index: party_version_pkey */
export async function findLastChanges<T>(reader: Reader, parties: readonly PartyId[]): Promise<Map<PartyId, T>> {
  const rows = await reader.all<{ id: PartyId; change: T }>(sql`
    select party_id as id, change from access.party_version
     where party_id = any (${parties}::uuid[]) and change is not null and change_version = version`);
  return new Map(rows.map(({ id, change }) => [id, change]));
}

/** Resources whose policy this transaction has changed. index: resource_changed_in */
export async function listChangedResources(tx: Tx): Promise<ResourceId[]> {
  const rows = await tx.all<{ id: ResourceId }>(sql`select id from access.resource where changed_in = pg_current_xact_id()`);
  return rows.map((row) => row.id);
}
