import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { QuietHours } from '../quiet-hours.ts';

/** Of those who have any. index: quiet_hours_pkey */
export async function quietHoursOf(reader: Reader, parties: readonly PartyId[]): Promise<Map<PartyId, QuietHours>> {
  if (parties.length === 0) return new Map();
  const rows = await reader.all<QuietHours & { party: PartyId }>(sql`
    select party_id as party, from_minute as "from", to_minute as "to" from register.quiet_hours where party_id = any(${parties}::uuid[])`);
  return new Map(rows.map(({ party, from, to }) => [party, { from, to }]));
}

/** Null: none any more. */
export function saveQuietHours(tx: Tx, party: PartyId, hours: QuietHours | null, at: Date): void {
  if (hours === null) {
    tx.send(sql`delete from register.quiet_hours where party_id = ${party}`);
    return;
  }
  tx.send(sql`
    insert into register.quiet_hours (party_id, from_minute, to_minute, changed_at) values (${party}, ${hours.from}, ${hours.to}, ${at})
    on conflict (party_id) do update set from_minute = excluded.from_minute, to_minute = excluded.to_minute, changed_at = excluded.changed_at`);
}
