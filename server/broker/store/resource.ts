import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';

/** How a resource carries files, as its owner has configured it. Null: the default. */
export interface BrokerResource {
  readonly id: ResourceId;
  readonly ownerId: PartyId;
  readonly maxFileTransferSize: number | null;
  readonly timeToLiveSeconds: number | null;
  readonly purgeAfterAllConfirmed: boolean;
  readonly graceSeconds: number | null;
  readonly useManifestFileShim: boolean | null;
  readonly serviceCode: string | null;
  readonly serviceEditionCode: number | null;
  readonly requiredParty: string | null;
  readonly unscannedApproved: boolean;
}

const columns = sql`
  id, owner_id as "ownerId", max_file_transfer_size::float8 as "maxFileTransferSize", time_to_live_seconds::float8 as "timeToLiveSeconds",
  purge_after_all_confirmed as "purgeAfterAllConfirmed", grace_seconds as "graceSeconds", use_manifest_file_shim as "useManifestFileShim",
  service_code as "serviceCode", service_edition_code as "serviceEditionCode", required_party as "requiredParty",
  unscanned_approved as "unscannedApproved"`;

/** index: resource_pkey */
export function findBrokerResource(reader: Reader, id: ResourceId): Promise<BrokerResource | undefined> {
  return reader.maybe<BrokerResource>(sql`select ${columns} from broker.resource where id = ${id}`);
}

/** index: resource_pkey */
export function findBrokerResources(reader: Reader, ids: readonly ResourceId[]): Promise<BrokerResource[]> {
  return reader.all<BrokerResource>(sql`select ${columns} from broker.resource where id = any(${ids}::text[])`);
}

/** The configuration; whoever else changes it waits, also where there is none yet. */
export async function lockBrokerResource(tx: Tx, id: ResourceId): Promise<BrokerResource | undefined> {
  await tx.run(sql`select pg_advisory_xact_lock(hashtextextended('broker resource ' || ${id}, 0))`);
  return findBrokerResource(tx, id);
}

/** All of it, but for the approval, which stays as whoever runs this has set it. */
export function saveBrokerResource(tx: Tx, row: BrokerResource, at: Date): void {
  tx.send(sql`
    insert into broker.resource (id, owner_id, max_file_transfer_size, time_to_live_seconds, purge_after_all_confirmed, grace_seconds,
           use_manifest_file_shim, service_code, service_edition_code, required_party, created_at, changed_at)
    values (${row.id}, ${row.ownerId}, ${row.maxFileTransferSize}, ${row.timeToLiveSeconds}, ${row.purgeAfterAllConfirmed}, ${row.graceSeconds},
            ${row.useManifestFileShim}, ${row.serviceCode}, ${row.serviceEditionCode}, ${row.requiredParty}, ${at}, ${at})
    on conflict (id) do update
       set max_file_transfer_size = excluded.max_file_transfer_size, time_to_live_seconds = excluded.time_to_live_seconds,
           purge_after_all_confirmed = excluded.purge_after_all_confirmed, grace_seconds = excluded.grace_seconds,
           use_manifest_file_shim = excluded.use_manifest_file_shim, service_code = excluded.service_code,
           service_edition_code = excluded.service_edition_code, required_party = excluded.required_party, changed_at = excluded.changed_at`);
}

export interface ServiceOwner {
  readonly id: PartyId;
  readonly name: string;
}

/** index: service_owner_pkey */
export function findServiceOwner(reader: Reader, id: PartyId): Promise<ServiceOwner | undefined> {
  return reader.maybe<ServiceOwner>(sql`select party_id as id, name from broker.service_owner where party_id = ${id}`);
}

/** False when it is there already. */
export async function saveServiceOwner(tx: Tx, { id, name }: ServiceOwner, at: Date): Promise<boolean> {
  const saved = await tx.run(sql`
    insert into broker.service_owner (party_id, name, created_at) values (${id}, ${name}, ${at}) on conflict (party_id) do nothing`);
  return saved === 1;
}
