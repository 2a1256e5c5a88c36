import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openWorld } from './testing/world.ts';
import { exploreWorlds } from './testing/worlds/explore.ts';

/** Two databases, so that one is asked while the other is walked. `npm run worlds -- --count 100000` makes up as many as one likes. */
const databases = [await openWorld(), await openWorld()];
const worlds = Number(process.env.WORLDS ?? 2000) / databases.length;

test('given two thousand small worlds and what happens in them, when everybody asks for everything everywhere, then may and whoCanOpen agree with each other and with the slow way', async () => {
  const explored = await Promise.all(databases.map(({ db }, i) => exploreWorlds({ db, seed: 20_231 + i, worlds, atOnce: 40 })));
  for (const { wrong, tally } of explored) {
    assert.equal(wrong, undefined);
    const { questions, permits, agents, sealed, unreachable, locked } = tally;
    assert.ok(questions > worlds * 400, 'asked after every change');
    for (const seen of [permits, agents, sealed, unreachable, locked]) assert.ok(seen > worlds / 10, JSON.stringify(tally));
    assert.ok(permits < questions / 2, 'far from everything is permitted');
  }
});
