import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { newId } from '#kernel/ids.ts';
import { createTestDatabase } from '../../test/database.ts';
import { forgetEvents } from './forget-events.ts';
import { pageOfEvents, placeOfEvent } from './list-events.ts';
import { numberEvents } from './number-events.ts';
import { publishEvents } from './publish-events.ts';

const { db, ctx } = await createTestDatabase();
const publish = (count: number, at = ctx.now()): Promise<void> =>
  db.transaction(async (tx) =>
    publishEvents(
      tx,
      Array.from({ length: count }, () => ({ type: 't', source: '/s', subject: 'u', resource: 'r', resourceInstance: newId(), at })),
    ),
  );
const number = (limit = 1000) => db.transaction((tx) => numberEvents(tx, limit));
const page = (after: number) => pageOfEvents(db, { resource: 'r', after, subjects: null, types: null, limit: 1000 });

test('given a transaction that commits late, when others were numbered before it, then its event comes after the place of those who have read', async () => {
  let commit = (): void => {};
  const held = new Promise<void>((resolve) => {
    commit = resolve;
  });
  let written = (): void => {};
  const isWritten = new Promise<void>((resolve) => {
    written = resolve;
  });
  const late = newId();
  const slow = db.transaction(async (tx) => {
    publishEvents(tx, [{ type: 't', source: '/s', subject: 'u', resource: 'r', resourceInstance: late, at: ctx.now() }]);
    await tx.one(sql`select 1`);
    written();
    await held;
  });
  await isWritten;
  await publish(2);
  await number();
  const place = (await page(0)).at(-1)!.position;
  commit();
  await slow;
  await number();

  assert.deepEqual(
    (await page(place)).map(({ resourceInstance }) => resourceInstance),
    [late],
  );
});

test('given several who number at once, when many events wait, then each gets one number, without gaps', async () => {
  await publish(50);
  const told = (await Promise.all(Array.from({ length: 5 }, () => number(20)))).flat();
  assert.equal(new Set(told.map(({ id }) => id)).size, 50);
  const positions = (await page(0)).map(({ position }) => position);
  assert.deepEqual(
    positions,
    positions.map((_, i) => i + 1),
  );
  assert.deepEqual(await number(), []);
});

test('given events of ninety days ago, when they are forgotten, then newer ones and those that nobody was told of stay, and a place still holds', async () => {
  const before = await page(0);
  await publish(3, new Date(ctx.now().getTime() - 91 * 86_400_000));
  await forgetEvents(ctx);
  assert.deepEqual(await page(0), before, 'what is not told yet stays');
  await db.transaction(async (tx) => void (await tx.run(sql`update events.outbox set at = at - interval '91 days' where position <= 10`)));
  const gone = before[4]!;
  await forgetEvents(ctx);
  const left = await page(0);
  assert.equal(left[0]!.position, 11);
  const place = await placeOfEvent(db, gone.id);
  assert.ok(place <= 10, 'who read up to an event that is gone misses nothing');
  assert.equal(await db.one<{ n: number }>(sql`select count(*)::int as n from events.outbox where told_at is null`).then(({ n }) => n), 3);
});
