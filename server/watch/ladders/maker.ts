import type { Actor } from '#evidence/index.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { findParties } from '#register/index.ts';
import type { Maker } from './wire.ts';

/** Who stands behind each of these rows, for those who run the same sender: by name, or by the system that did it. */
export async function readMakers(reader: Reader, rows: readonly (Actor | null)[]): Promise<(who: Actor | null) => Maker | null> {
  const ids = rows.flatMap((row) => (row?.actor.party ? [row.actor.party as PartyId] : []));
  const parties = await findParties(reader, [...new Set(ids)]);
  return (row) => {
    if (!row) return null;
    const { kind, party, client } = row.actor;
    return { kind: kind === 'person' ? 'person' : 'system', name: parties.get(party as PartyId)?.name ?? null, client: client ?? null };
  };
}
