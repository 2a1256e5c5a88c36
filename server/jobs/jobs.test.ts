import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Type from 'typebox';
import { sql } from '#kernel/database.ts';
import type { Log } from '#kernel/log.ts';
import { GiveUp } from '#kernel/refusal.ts';
import { createTestDatabase } from '../../test/database.ts';
import { freeAbandoned } from './abandoned.ts';
import { type AnyJob, enqueue, job, moveSleepingJobs, startJobs } from './index.ts';
import { jobInvariants } from './invariants.ts';

const { db, ctx } = await createTestDatabase({ maxConnections: 12 });

interface Line {
  readonly level: string;
  readonly message: string;
  readonly facts: Record<string, unknown>;
}

const lines: Line[] = [];
const write =
  (level: string) =>
  (facts: object, message: string): void =>
    void lines.push({ level, message, facts: { ...facts } });
const log: Log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };

let worker: { stop(): Promise<void> } | undefined;

async function work(...jobs: AnyJob[]): Promise<void> {
  worker = await startJobs({ pool: db.pool, jobs, ctx: { ...ctx, log }, log });
}

afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  await db.pool.query('delete from graphile_worker._private_jobs');
  lines.length = 0;
});

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await what())) {
    if (Date.now() > deadline) throw new Error(`waited in vain; the log says ${JSON.stringify(lines)}`);
    await sleep(10);
  }
}

const rows = () =>
  db.all<{ attempts: number; max: number; run_at: Date; locked_by: string | null }>(sql`
  select attempts, max_attempts as max, run_at, locked_by from graphile_worker._private_jobs order by id`);

let count = 0;
/** A job that notes what it was given, and then does what the test says. */
function noting(run: (n: number) => Promise<void> = async () => {}, attempts = 3) {
  const seen: number[] = [];
  const lasts: (boolean | undefined)[] = [];
  const made = job({
    name: `trial.job-${++count}`,
    payload: Type.Object({ n: Type.Integer() }),
    attempts,
    run: async (_ctx, { n }, attempt) => {
      seen.push(n);
      lasts.push(attempt?.isLast);
      await run(seen.length);
    },
  });
  return { made, seen, lasts };
}

test('given a job put into the queue by a transaction, when it commits the job runs once, and when it rolls back it never runs', async () => {
  const { made, seen } = noting();
  await work(made);

  await db.transaction(async (tx) => enqueue(tx, made, { n: 1 }));
  await assert.rejects(
    db.transaction(async (tx) => {
      enqueue(tx, made, { n: 2 });
      throw new Error('no');
    }),
  );

  await until(async () => seen.length > 0 && (await rows()).length === 0);
  assert.deepEqual(seen, [1]);
  const done = lines.filter((line) => line.message === 'job done');
  assert.equal(done.length, 1);
  assert.equal(done[0]?.facts.job, made.name);
});

test('given a payload that does not fit, when it is enqueued, then the transaction is refused and nothing is queued', async () => {
  const { made } = noting();

  await assert.rejects(
    db.transaction(async (tx) => enqueue(tx, made, { n: 'one' as unknown as number })),
    /does not fit its schema/,
  );

  assert.deepEqual(await rows(), []);
});

test('given a job that fails, when its pause is over, then it is tried again and done', async () => {
  const { made, seen, lasts } = noting(async (time) => {
    if (time === 1) throw new Error('not today');
  }, 2);
  await work(made);
  await db.transaction(async (tx) => enqueue(tx, made, { n: 7 }));
  await until(async () => seen.length === 1 && (await rows())[0]?.locked_by === null);

  await db.transaction(async (tx) => moveSleepingJobs(tx, 'PT1M'));

  await until(async () => (await rows()).length === 0);
  assert.deepEqual(seen, [7, 7]);
  assert.deepEqual(lasts, [false, true], 'it knows when nothing comes after');
  assert.equal(lines.find((line) => line.level === 'warn')?.message, 'job failed; it will be tried again');
});

test('given a job that always fails, when its last attempt is over, then it is parked with an error in the log and never runs again', async () => {
  const { made, seen } = noting(async () => {
    throw new Error('mail to kari@example.no for 14886498226 failed');
  }, 1);
  await work(made);
  await db.transaction(async (tx) => enqueue(tx, made, { n: 1 }));
  await until(async () => lines.some((line) => line.level === 'error') && (await rows())[0]?.locked_by === null);

  await db.transaction(async (tx) => moveSleepingJobs(tx, 'P1Y'));
  await sleep(100);

  assert.equal(seen.length, 1);
  assert.deepEqual(
    (await rows()).map(({ attempts, max }) => [attempts, max]),
    [[1, 1]],
  );
  const error = lines.find((line) => line.level === 'error');
  assert.equal(error?.message, 'job parked: its last attempt failed');
  assert.doesNotMatch(JSON.stringify(lines), /example\.no|14886498226/);
});

test('given jobs that fail with text that PostgreSQL does not take, when they have failed, then the queue goes on with others', async () => {
  const { made: failing } = noting(async () => {
    throw new Error('INSTREAM size limit exceeded. ERROR\0 \ud800');
  });
  const { made: fine, seen } = noting();
  await work(failing, fine);

  await db.transaction(async (tx) => void enqueue(tx, failing, { n: 1 }));
  await until(() => lines.some(({ message }) => message.startsWith('job failed')));
  await db.transaction(async (tx) => void enqueue(tx, fine, { n: 2 }));
  await until(() => seen.length === 1);

  const errors = async () => await db.all<{ error: string | null }>(sql`select last_error as error from graphile_worker._private_jobs`);
  await until(async () => (await errors()).length === 1 && (await errors())[0]?.error !== null);
  assert.equal((await errors())[0]?.error, 'INSTREAM size limit exceeded. ERROR \ufffd');
  assert.ok(!lines.some(({ message }) => message.includes('stopped')), JSON.stringify(lines));
});

test('given a queue that stops and waits for a job under way, when others are due, then a second one takes them, and tells it', async () => {
  await db.pool.query(`alter table graphile_worker._private_jobs add constraint trial check (last_error is distinct from 'poison')`);
  let finish = (): void => {};
  const { made: hanging, seen: hung } = noting(() => new Promise((resolve) => (finish = resolve)));
  const { made: failing, seen: failed } = noting(async (time) => {
    if (time === 1) throw new Error('poison');
  });
  const { made: fine, seen } = noting();
  worker = await startJobs({ pool: db.pool, jobs: [hanging, failing, fine], ctx: { ...ctx, log }, log, patienceMillis: 1_000 });
  try {
    await db.transaction(async (tx) => enqueue(tx, hanging, { n: 1 }));
    await until(() => hung.length === 1);
    await db.transaction(async (tx) => enqueue(tx, failing, { n: 2 }));
    await until(() => lines.some(({ facts }) => String(facts.queue).startsWith('Failed to fail jobs')));
    const isTold = () => lines.some(({ level, message }) => level === 'error' && message.startsWith('the job queue takes nothing'));
    let given = 0;
    while (!isTold() && given < 100) {
      await db.transaction(async (tx) => enqueue(tx, fine, { n: 3 + given })); // the first may still be taken by the one that is about to stop
      given += 1;
      await sleep(100);
    }

    assert.ok(isTold());
    await until(() => seen.length === given);
    await until(async () => (await rows()).filter((row) => row.locked_by !== null).length === 2); // what is under way is still held
  } finally {
    finish();
    await db.pool.query('alter table graphile_worker._private_jobs drop constraint trial');
  }
  await db.pool.query(`update graphile_worker._private_jobs set locked_at = locked_at - interval '6 seconds'`);
  await until(async () => {
    await freeAbandoned(db.pool);
    return failed.length === 2 && (await rows()).length === 0;
  });
  assert.equal(hung.length, 1);
});

test('given every place taken by jobs that take long, when others are due, then the queue is not taken for a stalled one', async () => {
  let finish = (): void => {};
  const { made: hanging, seen: hung } = noting(() => new Promise((resolve) => (finish = resolve)));
  const { made: fine, seen } = noting();
  const options = { pool: db.pool, jobs: [hanging, fine], ctx: { ...ctx, log }, log, concurrency: 1, patienceMillis: 150 };
  worker = await startJobs(options);
  await db.transaction(async (tx) => enqueue(tx, hanging, { n: 1 }));
  await until(() => hung.length === 1);
  await db.transaction(async (tx) => enqueue(tx, fine, { n: 2 }));

  await sleep(1_000); // a stalled one would be noticed several times over

  assert.equal(seen.length, 0);
  assert.ok(!lines.some(({ level }) => level === 'error'), JSON.stringify(lines));
  finish();
  await until(() => seen.length === 1);
});

test('given a job that nobody takes, when it has been due for ten minutes, then the invariant names it, and not one that is parked or sleeps', async () => {
  const { made } = noting();
  const find = async () => (await db.all<{ id: string }>(jobInvariants[0]!.find)).length;
  await db.transaction(async (tx) => enqueue(tx, made, { n: 1 }));
  await db.transaction(async (tx) => enqueue(tx, made, { n: 2 }, { runAt: new Date(Date.now() + 86_400_000) }));
  assert.equal(await find(), 0);

  await db.pool.query(`update graphile_worker._private_jobs set updated_at = now() - interval '11 minutes'`);
  await db.pool.query(`update graphile_worker._private_jobs set run_at = updated_at where run_at < now()`);
  assert.equal(await find(), 1);

  await db.pool.query('update graphile_worker._private_jobs set attempts = max_attempts where run_at < now()');
  assert.equal(await find(), 0);
  await db.transaction(async (tx) => moveSleepingJobs(tx, 'P30D'));
  assert.equal(await find(), 0, 'what a moved clock makes due is due from now on');
});

test('given a job that gives up, when attempts are left, then it is parked at once', async () => {
  const { made, seen } = noting(async () => {
    throw new GiveUp('no such thing');
  }, 5);
  await work(made);
  await db.transaction(async (tx) => enqueue(tx, made, { n: 1 }));
  await until(async () => lines.some((line) => line.level === 'error') && (await rows())[0]?.locked_by === null);

  await db.transaction(async (tx) => moveSleepingJobs(tx, 'P1Y'));
  await sleep(100);

  assert.equal(seen.length, 1);
  assert.deepEqual(
    (await rows()).map(({ attempts, max }) => [attempts, max]),
    [[1, 1]],
  );
});

test('given a clock that was moved, when a job is enqueued for a domain time, then it runs at the real time that will be that', async () => {
  const { made } = noting();
  await db.pool.query(`update clock.shift set by = interval '10 days'`);
  const inElevenDays = new Date(Date.now() + 11 * 86_400_000);

  await db.transaction(async (tx) => enqueue(tx, made, { n: 1 }, { runAt: inElevenDays }));
  await db.pool.query(`update clock.shift set by = '0'`);

  const [row] = await rows();
  assert.equal(row?.run_at.getTime(), inElevenDays.getTime() - 10 * 86_400_000);
});

test('given a sleeping job, when the clock is moved past its time, then it runs, and one for later does not', async () => {
  const { made, seen } = noting();
  await work(made);
  const days = (n: number): Date => new Date(Date.now() + n * 86_400_000);
  await db.transaction(async (tx) => {
    enqueue(tx, made, { n: 3 }, { runAt: days(3) });
    enqueue(tx, made, { n: 8 }, { runAt: days(8) });
  });

  await db.transaction(async (tx) => moveSleepingJobs(tx, 'P7D'));

  await until(async () => seen.length > 0 && (await rows()).length === 1);
  assert.deepEqual(seen, [3]);
});

test('given two jobs with one key, when neither has begun, then only the last runs', async () => {
  const { made, seen } = noting();
  await db.transaction(async (tx) => enqueue(tx, made, { n: 1 }, { key: 'one' }));
  await db.transaction(async (tx) => enqueue(tx, made, { n: 2 }, { key: 'one' }));

  await work(made);

  await until(async () => (await rows()).length === 0);
  assert.deepEqual(seen, [2]);
});

test('given a job under way, when the worker is stopped, then it is finished first', async () => {
  let finished = false;
  const { made, seen } = noting(async () => {
    await sleep(300);
    finished = true;
  });
  await work(made);
  await db.transaction(async (tx) => enqueue(tx, made, { n: 1 }));
  await until(() => seen.length === 1);

  await worker?.stop();

  assert.ok(finished);
  assert.deepEqual(await rows(), []);
});

test('given a job of a worker that was killed, when another worker starts, then it runs again', async () => {
  const { made, seen } = noting();
  await db.transaction(async (tx) => enqueue(tx, made, { n: 1 }));
  await db.pool.query(
    `update graphile_worker._private_jobs set locked_by = 'pool-dead', locked_at = now() - interval '6 seconds', attempts = 1`,
  );

  await work(made);

  await until(async () => seen.length > 0 && (await rows()).length === 0);
  assert.deepEqual(seen, [1]);
});

test('given a job under way for long, when abandoned jobs are looked for, then it is left to the worker that lives', async () => {
  let finish = (): void => {};
  const { made, seen } = noting(() => new Promise((resolve) => (finish = resolve)));
  await work(made);
  await db.transaction(async (tx) => enqueue(tx, made, { n: 1 }));
  await until(() => seen.length === 1);
  await db.pool.query(`update graphile_worker._private_jobs set locked_at = now() - interval '1 hour'`);

  assert.equal(await freeAbandoned(db.pool), 0);

  finish();
  await until(async () => (await rows()).length === 0);
});

test('given every connection is cut, also in the middle of a job, when the database is back, then jobs run on and the process lives', async () => {
  const cut = Promise.withResolvers<void>();
  const { made, seen } = noting(async (time) => {
    if (time > 1) return;
    await cutConnections();
    cut.resolve();
  });
  await work(made);

  await db.transaction(async (tx) => enqueue(tx, made, { n: 1 }));
  await cut.promise;
  await db.transaction(async (tx) => enqueue(tx, made, { n: 2 }));

  await until(() => seen.includes(2));
});

async function cutConnections(): Promise<void> {
  await db.pool
    .query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() order by pid = pg_backend_pid()')
    .catch(() => {});
}
