import { type Reader, sql } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';

/**
 * Those of these parties at which nobody can act any more: who is dead, or closed with nobody in its stead, or part of an
 * organization that is. Nobody opens their post, and nobody can be given the right to. index: party_pkey
 */
export async function listGone(reader: Reader, parties: readonly PartyId[]): Promise<ReadonlySet<PartyId>> {
  if (parties.length === 0) return new Set();
  const rows = await reader.all<{ id: PartyId }>(sql`
    select g.id from unnest(${parties}::uuid[]) g (id) where (select true from access.place p where p.at = g.id limit 1) is null`);
  return new Set(rows.map(({ id }) => id));
}
