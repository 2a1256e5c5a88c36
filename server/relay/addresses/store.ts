import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';

/** index: postal_address_pkey */
export async function listPostalAddresses(reader: Reader, ids: readonly PartyId[]): Promise<Map<PartyId, string[]>> {
  const rows = await reader.all<{ party: PartyId; lines: string[] }>(
    sql`select party_id as party, lines from relay.postal_address where party_id = any(${ids}::uuid[])`,
  );
  return new Map(rows.map(({ party, lines }) => [party, lines]));
}

/** Null: nobody knows any more. */
export function savePostalAddresses(
  tx: Tx,
  rows: readonly { readonly party: PartyId; readonly lines: readonly string[] | null }[],
  at: Date,
): void {
  const given = sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(party uuid, lines text[])`;
  tx.send(sql`delete from relay.postal_address a using ${given} where a.party_id = r.party and r.lines is null`);
  tx.send(sql`
    insert into relay.postal_address as a (party_id, lines, changed_at)
    select r.party, r.lines, ${at} from ${given} where r.lines is not null order by r.party
    on conflict (party_id) do update set lines = excluded.lines, changed_at = excluded.changed_at where a.lines is distinct from excluded.lines`);
}
