import { type Reader, sql } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';

export interface Changed {
  readonly id: string;
  readonly party: PartyId;
  readonly resource: ResourceId;
}

/** In whose inboxes these lie. index: entry_pkey */
export function listChanged(reader: Reader, ids: readonly string[]): Promise<Changed[]> {
  return reader.all<Changed>(sql`
    select e.id, e.party_id as party, e.resource_id as resource from inbox.entry e where e.id = any(${ids}::uuid[])`);
}
