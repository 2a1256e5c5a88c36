import { type Sql, sql } from '#kernel/database.ts';
import type { WatchKey } from '../types.ts';

/** Which watches a claim looks at: one alone, or all but some. */
export interface Among {
  readonly only?: WatchKey;
  readonly except?: readonly WatchKey[];
}

/** Of rows of the table `of` that carry the key of a watch. Says nothing where there is nothing to say, so that the usual plan is kept. */
export function within({ only, except = [] }: Among, of: Sql): Sql {
  if (only) return sql`and ${of}.about = ${only.about}::uuid and ${of}.party_id = ${only.party}::uuid`;
  if (except.length === 0) return sql``;
  return sql`and (${of}.about, ${of}.party_id) not in (
       select * from unnest(${except.map((k) => k.about)}::uuid[], ${except.map((k) => k.party)}::uuid[]))`;
}
