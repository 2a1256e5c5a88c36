import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openWorld } from './testing/world.ts';
import { exploreWorlds } from './testing/worlds/explore.ts';
import { withFewAsMany } from './testing/worlds/mutate.ts';

/**
 * Two databases, so that one is asked while the other is walked. In the second whoever leads anything passes for one who leads many, and
 * is looked for from the other side, wherever less has come about there. `npm run worlds -- --count 100000` makes up as many as one likes.
 */
const databases = [await openWorld(), await openWorld()];
const worlds = Number(process.env.WORLDS ?? 2000) / databases.length;

test('given two thousand small worlds and what happens in them, when everybody asks for everything everywhere, then may and whoCanOpen agree with each other and with the slow way', async () => {
  const explore = (db: (typeof databases)[number]['db'], seed: number) => exploreWorlds({ db, seed, worlds, atOnce: 40 });
  const [one, other] = databases;
  const explored = await Promise.all([explore(one!.db, 20_231), withFewAsMany(other!.db, (db) => explore(db, 20_232))]);
  for (const { wrong, tally } of explored) {
    assert.equal(wrong, undefined);
    const { questions, permits, agents, sealed, unreachable, locked } = tally;
    assert.ok(questions > worlds * 400, 'asked after every change');
    for (const seen of [permits, agents, sealed, unreachable, locked]) assert.ok(seen > worlds / 10, JSON.stringify(tally));
    assert.ok(permits < questions / 2, 'far from everything is permitted');
  }
});
