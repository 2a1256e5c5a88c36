import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Db } from './database.ts';
import { recent } from './recent.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);
const askedAt = (db: Db, seconds: number) => ({ db, now: () => at(seconds) });
const [one, other] = [{}, {}] as [Db, Db];

test('given a dear answer, when it is asked for often, then it is made once a minute for each database, and by one of those who ask at once', async () => {
  let made = 0;
  const ask = recent(60_000, async () => ++made);
  assert.deepEqual(
    (await Promise.all([ask(askedAt(one, 0)), ask(askedAt(one, 0)), ask(askedAt(one, 59))])).map(({ answer }) => answer),
    [1, 1, 1],
  );
  assert.deepEqual(await ask(askedAt(one, 59)), { at: at(0), answer: 1 });
  assert.deepEqual(await ask(askedAt(one, 60)), { at: at(60), answer: 2 });
  assert.equal((await ask(askedAt(one, 0))).answer, 3, 'the clock went back');
  assert.equal((await ask(askedAt(other, 0))).answer, 4);
});

test('given an answer that could not be made, when it is asked for again, then it is made anew', async () => {
  let tries = 0;
  const ask = recent(60_000, async () => {
    if (++tries === 1) throw new Error('down');
    return tries;
  });
  await assert.rejects(ask(askedAt(one, 0)), /down/);
  assert.equal((await ask(askedAt(one, 1))).answer, 2);
});
