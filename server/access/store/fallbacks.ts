import { type Reader, sql } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';

/** Who hears of post on a resource that nobody can open, where it names one. index: resource_pkey */
export async function listFallbacks(
  reader: Reader,
  resources: readonly ResourceId[],
): Promise<ReadonlyMap<ResourceId, readonly PartyId[]>> {
  if (resources.length === 0) return new Map();
  const rows = await reader.all<{ resource: ResourceId; party: PartyId }>(sql`
    select id as resource, fallback_id as party from access.resource
     where id = any(${resources}::text[]) and unreachable = 'fallback' and fallback_id is not null`);
  return new Map(rows.map(({ resource, party }) => [resource, [party]]));
}
