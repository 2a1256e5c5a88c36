import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Db } from './database.ts';
import { recent } from './recent.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);
const askedAt = (db: Db, seconds: number) => ({ db, now: () => at(seconds) });
const [one, other] = [{}, {}] as [Db, Db];

/** An answer that takes so many milliseconds to make; it counts how often it was. */
function costing(millis: number) {
  let [made, clock] = [0, 0];
  return recent(
    async () => {
      clock += millis;
      return ++made;
    },
    () => clock,
  );
}

test('given an answer that takes long, when it is asked for often, then it is made once a minute for each database, and once for those who ask together', async () => {
  const ask = costing(5000);
  assert.deepEqual(
    (await Promise.all([ask(askedAt(one, 0)), ask(askedAt(one, 0)), ask(askedAt(one, 59))])).map(({ answer }) => answer),
    [1, 1, 1],
  );
  assert.deepEqual(await ask(askedAt(one, 59)), { at: at(0), answer: 1 });
  assert.deepEqual(await ask(askedAt(one, 60)), { at: at(60), answer: 2 });
  assert.equal((await ask(askedAt(one, 0))).answer, 3, 'the clock went back');
  assert.equal((await ask(askedAt(other, 0))).answer, 4);
});

test('given an answer that takes a twentieth of a second, when it is asked for, then it is a second old at most', async () => {
  const ask = costing(50);
  const answers = [];
  for (const seconds of [0, 0.9, 1, 1.5, 2.1]) answers.push((await ask(askedAt(one, seconds))).answer);
  assert.deepEqual(answers, [1, 1, 2, 2, 3]);
});

test('given an answer that could not be made, when it is asked for again, then it is made anew', async () => {
  let tries = 0;
  const ask = recent(async () => {
    if (++tries === 1) throw new Error('down');
    return tries;
  });
  await assert.rejects(ask(askedAt(one, 0)), /down/);
  assert.equal((await ask(askedAt(one, 0))).answer, 2);
});
