import { type Exploration, exploreWorlds } from './explore.ts';
import { type SqlMutant, withFewAsMany, withMutant } from './mutate.ts';

export interface Caught {
  /** How many worlds it took; undefined: it was not caught. */
  readonly worlds: number | undefined;
}

/**
 * How many worlds it takes to see that the SQL is wrong. The slots are the mutant's own, and roles and packages count as loaded anew,
 * so that nothing is remembered of those before it. A mutant that PostgreSQL itself refuses is no mutant: that is thrown.
 */
export async function catchMutant(
  mutant: SqlMutant,
  { db, seed, worlds, atOnce = 25 }: Pick<Exploration, 'db' | 'seed' | 'worlds' | 'atOnce'>,
): Promise<Caught> {
  await db.pool.query(`update access.seed set loaded_at = loaded_at + interval '1 second'`);
  const explore = () => withMutant(db, mutant, (mutated) => exploreWorlds({ db: mutated, seed, worlds, atOnce }));
  const explored = await (mutant.ofMany ? withFewAsMany(db, explore) : explore());
  return { worlds: explored.wrong === undefined ? undefined : explored.worlds };
}
