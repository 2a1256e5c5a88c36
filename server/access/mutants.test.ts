import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openWorld } from './testing/world.ts';
import { catchMutant } from './testing/worlds/catch.ts';
import { exploreWorlds } from './testing/worlds/explore.ts';
import { sqlMutants } from './testing/worlds/mutants.ts';
import { listening, whyStale } from './testing/worlds/mutate.ts';

/**
 * Whether the worlds of `worlds.test.ts` would notice: the SQL with one thing wrong in it. Here every fourth of the known mistakes is
 * made; `npm run worlds -- --mutants` makes them all.
 */
const world = await openWorld();
const every = Number(process.env.MUTANTS_EVERY ?? 4);

test('given the known mistakes in the SQL, when they are counted, then there are at least fifty, each another', () => {
  assert.ok(sqlMutants.length >= 50);
  assert.equal(new Set(sqlMutants.map(({ what }) => what)).size, sqlMutants.length);
});

test('given the SQL as it is now, when the known mistakes are looked for, then the text of each stands where it is asked', async () => {
  const { db, asked } = listening(world.db);
  await exploreWorlds({ db, seed: 7, worlds: 40 });
  const stale = await Promise.all(sqlMutants.map(async (mutant) => [mutant.what, await whyStale(world.db, mutant, [...asked])] as const));
  assert.deepEqual(
    stale.filter(([, why]) => why !== undefined),
    [],
  );
});

for (const mutant of sqlMutants.filter((_, i) => i % every === 1 % every)) {
  test(`given SQL by which ${mutant.what}, when worlds are made up, then one of them does not agree`, async () => {
    const { worlds } = await catchMutant(mutant, { db: world.db, seed: 7, worlds: 1000 });
    assert.ok(worlds !== undefined, 'a thousand worlds agree');
  });
}

test('given that all mistakes were made good again, when worlds are made up, then all of them agree', async () => {
  assert.equal((await exploreWorlds({ db: world.db, seed: 7, worlds: 50 })).wrong, undefined);
});
