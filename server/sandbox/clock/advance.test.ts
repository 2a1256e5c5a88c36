import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { expireGrants, saveGrants, seedAccess } from '#access/index.ts';
import { createClock } from '#db/index.ts';
import { listEvidence } from '#evidence/index.ts';
import { sweeper } from '#jobs/index.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { cancelNotices, planNotices } from '#notifications/index.ts';
import { partiesByNumber, saveParties } from '#register/index.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { advance, type TimeKeeping } from './advance.ts';
import { clockErrors } from './errors.ts';
import { lockClock, readClock } from './store.ts';

const { db, ctx: base } = await createTestDatabase();
const clock = createClock(db);
const ctx = { ...base, now: clock.now };
const time: TimeKeeping = { refresh: clock.refresh, sweepers: [] };
const hour = 3_600_000_000;
const shift = async (): Promise<number> => (await readClock(db)).shift;

async function planMail(dueAt: Date): Promise<{ about: string; party: PartyId }> {
  const key = { about: newId(), party: newId<PartyId>() };
  const at = ctx.now();
  const mail = { to: newId<PartyId>(), step: newId(), purpose: 'new-mail', channel: 'email', address: 'kari@example.no' } as const;
  await db.transaction(async (tx) => planNotices(tx, [{ ...key, ...mail, subject: 'Ny post', body: 'Hei.', html: false, dueAt, at }]));
  return key;
}

test('given another process that moves the clock, when time is to pass, then it waits for its turn and goes on from where the other left off', async () => {
  const before = await shift();
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const other = db.transaction(async (tx) => {
    await lockClock(tx);
    await held;
  });
  await sleep(100);
  let answered = false;
  const mine = advance(ctx, time, 'PT1H').finally(() => {
    answered = true;
  });
  await sleep(300);

  assert.deepEqual([answered, await shift()], [false, before]);
  release();
  await other;
  assert.equal((await mine).shift - before, hour);
});

test('given a notice that nobody gets done, when time is to pass beyond it, then the clock stays at its due time, and what is left can be asked for later', async () => {
  const before = await shift();
  const dueAt = new Date(ctx.now().getTime() + 30 * 60_000);
  const key = await planMail(dueAt);

  await assert.rejects(
    advance(ctx, { ...time, patienceMillis: 100 }, 'PT1H'),
    (error) =>
      error instanceof Refusal && error.row === clockErrors.heldUp && error.message.includes(`due since ${dueAt.toISOString()} (notice)`),
  );

  const late = (await readClock(db)).now.getTime() - dueAt.getTime();
  assert.ok(late >= 0 && late < 10_000, `${late} ms after the due time`);
  await db.transaction(async (tx) => cancelNotices(tx, [key]));
  assert.equal((await advance(ctx, time, 'PT1H')).shift > before + hour, true);
});

test('given work that another worker has under way, when time passes its due time, then the clock waits until it is done and stops there once', async () => {
  const dueAt = new Date(ctx.now().getTime() + 60_000);
  const key = await planMail(dueAt);
  let rounds = 0;
  const slow = sweeper({
    name: 'test.done-late',
    everySeconds: 1,
    run: async () => {
      if (ctx.now() >= dueAt && ++rounds === 4) await db.transaction(async (tx) => cancelNotices(tx, [key]));
    },
  });

  const { stops } = await advance(ctx, { ...time, sweepers: [slow] }, 'PT1H');

  assert.deepEqual(stops, [{ kind: 'notice', at: dueAt }]);
  assert.ok(rounds >= 4);
});

test('given a grant that ends on the way, when time passes its end, then the clock stops there, and it is told to have ended then', async () => {
  await seedAccess(ctx);
  const numbers = ['991825827', '14886498226'] as const;
  await db.transaction(async (tx) =>
    saveParties(tx, [
      { kind: 'organization', number: numbers[0], name: 'Skien kommune' },
      { kind: 'person', number: numbers[1], name: 'Kari Nordmann' },
    ]),
  );
  const parties = await partiesByNumber(db, numbers);
  const [at, to] = numbers.map((number) => parties.get(number)!.id) as [PartyId, PartyId];
  const end = new Date(ctx.now().getTime() + 30 * 60_000);
  await db.transaction(async (tx) => saveGrants(tx, [{ at, to, package: 'ordinaer-post-til-virksomheten', until: end.toISOString() }]));
  const ending = sweeper({ name: 'access.expire-grants', everySeconds: 60, run: expireGrants });

  const { stops } = await advance(ctx, { ...time, sweepers: [ending] }, 'PT1H');

  assert.deepEqual(stops, [{ kind: 'end-of-grant', at: end }]);
  const { rows } = await db.pool.query<{ id: string }>('select id from access.access_grant where from_id = $1', [at]);
  const [ended] = await listEvidence(db, [rows[0]!.id]);
  const late = ended!.at.getTime() - end.getTime();
  assert.ok(ended!.event === 'AccessRevoked' && late >= 0 && late < 10_000, `${ended!.event} ${late} ms after its end`);
});

test('given more who advance at once than there are connections, when all are answered, then the clock has gone as far as all together', async () => {
  const before = await shift();

  await Promise.all(Array.from({ length: 25 }, () => advance(ctx, time, 'PT1H')));

  assert.equal((await shift()) - before, 25 * hour);
});

test('given a job that sleeps until tomorrow, when two days pass, then it is due now and not before', async () => {
  await db.pool.query(`select graphile_worker.add_job('test.sleeper', run_at => now() + interval '1 day')`);
  const sleeps = async (): Promise<boolean> =>
    (await db.pool.query<{ sleeps: boolean }>(`select run_at > now() as sleeps from graphile_worker.jobs`)).rows[0]!.sleeps;

  await advance(ctx, time, 'PT23H');
  assert.equal(await sleeps(), true);
  await advance(ctx, time, 'P1DT1H');
  assert.equal(await sleeps(), false);
});
