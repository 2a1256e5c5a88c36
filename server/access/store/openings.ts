import { sql, type Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';

/** That somebody with a right of its own opened post on a resource for a party. */
export interface Opening {
  readonly party: PartyId;
  readonly resource: ResourceId;
  readonly at: Date;
}

/** Notes that post was opened; the latest time stays. Joined writing, sorted so that two writers never wait crosswise. */
export function recordOpening(tx: Tx, rows: readonly Opening[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    insert into access.opening as o (party_id, resource_id, opened_at)
    select party, resource, max(at)
      from unnest(${rows.map((r) => r.party)}::uuid[], ${rows.map((r) => r.resource)}::text[], ${rows.map((r) => r.at)}::timestamptz[]) as g (party, resource, at)
     group by party, resource order by party, resource
        on conflict (party_id, resource_id) do update set opened_at = excluded.opened_at
     where o.opened_at < excluded.opened_at`);
}
