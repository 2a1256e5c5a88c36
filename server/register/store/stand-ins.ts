import { type Reader, sql } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { Party } from '../party.ts';

/** Organizations go into ones that are gone too, and have parents; somewhere it ends. */
export const mostStandIns = 5;

/** Pure. Who stands in for an organization that is gone: what it went into; else what it was part of. */
export function standInOf({ successorId, parentId }: Pick<Party, 'successorId' | 'parentId'>): PartyId | null {
  return successorId ?? parentId;
}

export interface Predecessor {
  readonly id: PartyId;
  readonly number: string;
}

/**
 * For which organizations that are gone these stand in: those that went into them, or were part of them and went into nobody, and those
 * of which such a one had taken the place. None for one that is gone itself. At most 500 of each. -- index: party_successor, party_parent
 */
export async function listPredecessors(reader: Reader, organizations: readonly PartyId[]): Promise<Map<PartyId, Predecessor[]>> {
  if (organizations.length === 0) return new Map();
  const rows = await reader.all<Predecessor & { heir: PartyId }>(sql`
    with recursive gone (heir, id, number, steps) as (
      select p.id, p.id, p.number, 0 from register.party p
       where p.id = any(${organizations}::uuid[]) and p.kind = 'organization' and p.deleted_at is null
       union all
      select g.heir, c.id, c.number, g.steps + 1
        from gone g
       cross join lateral (
         select s.id, s.number from register.party s where s.successor_id = g.id and s.deleted_at is not null
          union all
         select s.id, s.number from register.party s
          where s.parent_id = g.id and s.successor_id is null and s.kind = 'organization' and s.deleted_at is not null) c
       where g.steps < ${mostStandIns})
    select heir, id, number
      from (select distinct heir, id, number, row_number() over (partition by heir order by id) as place from gone where steps > 0) g
     where place <= 500
     order by heir, id`);
  return Map.groupBy(rows, ({ heir }) => heir);
}
