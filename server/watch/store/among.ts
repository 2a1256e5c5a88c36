import { type Sql, sql } from '#kernel/database.ts';
import type { WatchKey } from '../types.ts';

/** Which watches a claim looks at: one alone, or all that nobody has just failed at (`left_out`); of those, also whole ones alone. */
export interface Among {
  readonly only?: WatchKey;
  /** What cannot be computed since it has lost what opening takes is passed over: for who has no way to leave it out. */
  readonly whole?: true;
}

/** Of rows of the table `of` that carry the key of a watch. A subplan, and no join, so that the usual plan is kept. -- index: left_out_until */
export function within({ only, whole }: Among, of: Sql): Sql {
  if (only) return sql`and ${of}.about = ${only.about}::uuid and ${of}.party_id = ${only.party}::uuid`;
  const left = sql`and (${of}.about, ${of}.party_id) not in (select l.about, l.party_id from watch.left_out l where l.until > clock.now())`;
  return whole ? sql`${left} and exists (select from watch.need e where e.about = ${of}.about and e.party_id = ${of}.party_id)` : left;
}
