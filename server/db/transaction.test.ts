import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { sql } from '#kernel/database.ts';
import { Overloaded } from '#kernel/overloaded.ts';
import { createTestDatabase } from '../../test/database.ts';
import { createDatabase } from './database.ts';
import { CommitUnknown, isConnectionLoss } from './errors.ts';

const { url, db } = await createTestDatabase();

await db.pool.query(`
  create schema trial;
  create table trial.parent (id int primary key);
  create table trial.row (id int primary key, parent int references trial.parent deferrable initially deferred, body jsonb);
  create table trial.counter (id int primary key, n int not null);`);

let lastId = 0;
const newRow = (): number => ++lastId;
const rowsFrom = async (first: number): Promise<number> =>
  (await db.one<{ n: number }>(sql`select count(*)::int as n from trial.row where id >= ${first}`)).n;

test('given statements sent without waiting, when all succeed, then all are there and the work’s answer comes back', async () => {
  const first = newRow();

  const answer = await db.transaction(async (tx) => {
    tx.send(sql`insert into trial.row (id) values (${first})`);
    tx.send(sql`insert into trial.row (id) values (${newRow()})`);
    return (await tx.one<{ n: number }>(sql`select count(*)::int as n from trial.row where id >= ${first}`)).n;
  });

  assert.equal(answer, 2);
  assert.equal(await rowsFrom(first), 2);
});

test('given a statement that fails in the middle, when the others are already sent, then nothing is left and its own error comes, not that of its followers', async () => {
  const first = newRow();

  const sending = db.transaction(async (tx) => {
    tx.send(sql`insert into trial.row (id) values (${first})`);
    tx.send(sql`insert into trial.row (id) values (${first})`);
    tx.send(sql`insert into trial.row (id) values (${newRow()})`);
    tx.send(sql`insert into trial.row (id) values (${newRow()})`);
  });

  await assert.rejects(sending, { code: '23505' });
  assert.equal(await rowsFrom(first), 0);
});

test('given a failed statement, when the work reads on and gets the follower’s error, then the first error is what comes out', async () => {
  const first = newRow();

  const sending = db.transaction(async (tx) => {
    tx.send(sql`insert into trial.row (id, body) values (${first}, ${'not json'}::jsonb)`);
    await tx.one(sql`select 1`);
  });

  await assert.rejects(sending, { code: '22P02' });
  assert.equal(await rowsFrom(first), 0);
});

test('given a parameter that cannot be turned into bytes, when it is sent among good ones, then nothing is left', async () => {
  const first = newRow();
  const circular: Record<string, unknown> = {};
  circular.self = circular;

  const sending = db.transaction(async (tx) => {
    tx.send(sql`insert into trial.row (id) values (${first})`);
    tx.send(sql`insert into trial.row (id, body) values (${newRow()}, ${circular})`);
    tx.send(sql`insert into trial.row (id) values (${newRow()})`);
  });

  await assert.rejects(sending, /circular/i);
  assert.equal(await rowsFrom(first), 0);
  assert.equal(await db.transaction((tx) => tx.run(sql`insert into trial.row (id) values (${first})`)), 1, 'the connection still works');
});

test('given a deferred constraint, when it fails at commit, then nothing is left and its error comes', async () => {
  const first = newRow();

  const sending = db.transaction(async (tx) => {
    tx.send(sql`insert into trial.row (id, parent) values (${first}, 4711)`);
  });

  await assert.rejects(sending, { code: '23503' });
  assert.equal(await rowsFrom(first), 0);
});

test('given a failure that the work swallows, when it returns well, then nothing is left and the failure comes all the same', async () => {
  const first = newRow();

  const sending = db.transaction(async (tx) => {
    tx.send(sql`insert into trial.row (id) values (${first})`);
    await tx.run(sql`select 1 / 0`).catch(() => 0);
    return 'all is well';
  });

  await assert.rejects(sending, { code: '22012' });
  assert.equal(await rowsFrom(first), 0);
});

test('given a refusal by the work itself, when statements were sent before, then nothing is left and the refusal comes', async () => {
  const first = newRow();
  const refusal = new Error('no');

  const sending = db.transaction(async (tx) => {
    tx.send(sql`insert into trial.row (id) values (${first})`);
    throw refusal;
  });

  await assert.rejects(sending, (error) => error === refusal);
  assert.equal(await rowsFrom(first), 0);
});

test('given statements that nobody awaits, when they fail, then the process lives and the transaction fails', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);

  const sending = db.transaction(async (tx) => {
    void tx.all(sql`select 1 / 0`);
    void tx.one(sql`select 1`);
    tx.send(sql`select 1`);
  });

  await assert.rejects(sending, { code: '22012' });
  await sleep(20);
  process.off('unhandledRejection', note);
  assert.deepEqual(unhandled, []);
});

test('given a transaction that is over, when somebody still uses it, then that is an error and nothing is written', async () => {
  const first = newRow();
  const leaked = await db.transaction(async (tx) => tx);

  assert.throws(() => leaked.send(sql`insert into trial.row (id) values (${first})`), /is over/);
  assert.equal(await rowsFrom(first), 0);
});

test('given its connection is killed before commit, when the work is tried again, then it is committed once', async () => {
  const first = newRow();
  let attempts = 0;

  await db.transaction(async (tx) => {
    attempts += 1;
    const { pid } = await tx.one<{ pid: number }>(sql`select pg_backend_pid() as pid`);
    if (attempts === 1) await terminate(pid);
    tx.send(sql`insert into trial.row (id) values (${first})`);
  });

  assert.equal(attempts, 2);
  assert.equal(await rowsFrom(first), 1);
});

test('given its connection is killed at commit, when the outcome cannot be known, then the error says so and the work is not repeated', async () => {
  const first = newRow();
  let attempts = 0;
  await db.pool.query(`
    create or replace function trial.die() returns trigger language plpgsql as
      $$ begin perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(5); return null; end $$;
    create constraint trigger dies after insert on trial.row deferrable initially deferred for each row execute function trial.die()`);

  const sending = db.transaction(async (tx) => {
    attempts += 1;
    tx.send(sql`insert into trial.row (id) values (${first})`);
  });

  await assert.rejects(sending, CommitUnknown);
  await db.pool.query('drop trigger dies on trial.row');
  assert.equal(attempts, 1);
  assert.equal(await rowsFrom(first), 0);
});

test('given two that lock the same rows in opposite order, when they deadlock, then both are committed in the end', async () => {
  await db.pool.query('insert into trial.counter values (1, 0), (2, 0) on conflict (id) do update set n = 0');
  const both = [1, 2].map((first) =>
    db.transaction(async (tx) => {
      await tx.run(sql`update trial.counter set n = n + 1 where id = ${first}`);
      await sleep(100);
      await tx.run(sql`update trial.counter set n = n + 1 where id = ${3 - first}`);
    }),
  );

  await Promise.all(both);

  assert.deepEqual(await db.all(sql`select n from trial.counter order by id`), [{ n: 2 }, { n: 2 }]);
});

test('given wake-ups, when the transaction is committed they are called once, and when it is not they are not called', async () => {
  const woken: string[] = [];
  await db.transaction(async (tx) => tx.afterCommit(() => woken.push('committed')));
  await db
    .transaction(async (tx) => {
      tx.afterCommit(() => woken.push('rolled back'));
      tx.send(sql`select 1 / 0`);
    })
    .catch(() => {});

  assert.deepEqual(woken, ['committed']);
});

test('given many transactions at once on few connections, when some fail, then the others are whole and no connection is lost', async () => {
  const first = lastId + 1;
  const outcomes = await Promise.allSettled(
    Array.from({ length: 200 }, (_, i) =>
      db.transaction(async (tx) => {
        const [a, b] = [newRow(), newRow()];
        tx.send(sql`insert into trial.row (id) values (${a})`);
        if (i % 5 === 0) tx.send(sql`select 1 / 0`);
        tx.send(sql`insert into trial.row (id) values (${b})`);
      }),
    ),
  );

  assert.equal(outcomes.filter((outcome) => outcome.status === 'rejected').length, 40);
  assert.equal(await rowsFrom(first), 320);
  assert.ok(db.pool.totalCount <= 10);
  assert.equal(db.pool.idleCount, db.pool.totalCount);
});

test('given values of all sorts, when they are read, then none has lost anything', async () => {
  const at = new Date('2026-11-24T12:34:56.789Z');

  const row = await db.one(sql`
    select ${at}::timestamptz as at, 9223372036854775807::int8 as large, 1.10::numeric as exact, ${'2026-03-29'}::date as day,
           interval '1 day 2 hours' as span, ${{ a: [1, 'å'] }}::jsonb as object, ${['x', null, 'y"z']}::text[] as list, ${Buffer.from('ø')}::bytea as bytes,
           array['2026-03-29'::date] as days`);

  assert.deepEqual(row, {
    at,
    large: '9223372036854775807',
    exact: '1.10',
    day: '2026-03-29',
    span: 'P1DT2H',
    object: { a: [1, 'å'] },
    list: ['x', null, 'y"z'],
    bytes: Buffer.from('ø'),
    days: ['2026-03-29'],
  });
});

test('given an error that quotes a row, when it is printed as a log would, then the row is not in it', async () => {
  const secret = 987654321;
  const error = await db
    .transaction(async (tx) => {
      tx.send(sql`insert into trial.counter values (${secret}, 1), (${secret}, 1)`);
    })
    .catch((reason: unknown) => reason);

  assert.ok(error instanceof pg.DatabaseError);
  assert.match(error.detail ?? '', /987654321/);
  assert.doesNotMatch(JSON.stringify({ ...error, message: error.message }), /987654321/);
});

test('given work that keeps its plans, when its table has grown from nothing, then it is planned once, by the key, and nothing of it is left behind the transaction', async () => {
  const one = createDatabase({ url, maxConnections: 1 });
  const find = (id: number) =>
    one.transaction(async (tx) => {
      tx.keepPlans();
      return tx.maybe<{ name: string }>(sql`select name from trial.kept where id = any(${[id]}::int[])`);
    });
  const settings = () => one.one(sql`select current_setting('plan_cache_mode') as plans, current_setting('enable_seqscan') as seqscan`);
  await one.pool.query('create table trial.kept (id int primary key, name text)');
  await one.pool.query('vacuum analyze trial.kept'); // known to be empty: a plan made now would read it from end to end

  for (let i = 0; i < 6; i += 1) assert.equal(await find(i), undefined);
  assert.deepEqual(await settings(), { plans: 'auto', seqscan: 'on' });
  await assert.rejects(
    one.transaction(async (tx) => {
      tx.keepPlans();
      await tx.one(sql`select 1 / 0`);
    }),
  );
  assert.deepEqual(await settings(), { plans: 'auto', seqscan: 'on' });

  await one.pool.query(`insert into trial.kept select n, 'row ' || n from generate_series(1, 2000) n`);
  assert.deepEqual(await find(1234), { name: 'row 1234' });
  const [kept] = await one.all<{ name: string; once: number; anew: number }>(sql`
    select name, generic_plans::int as once, custom_plans::int as anew from pg_prepared_statements where statement like 'select name from trial.kept%'`);
  assert.deepEqual([kept!.once, kept!.anew], [7, 0]);
  await one.pool.query('set plan_cache_mode = force_generic_plan');
  const { rows } = await one.pool.query<{ 'QUERY PLAN': string }>(`explain (costs off) execute "${kept!.name}" ('{1}')`);
  await one.close();
  assert.match(rows.map((row) => row['QUERY PLAN']).join(), /Index/);
});

async function terminate(pid: number): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query('select pg_terminate_backend($1, 5000)', [pid]);
  await client.end();
}

test('given that every connection is in use for longer than it is waited, when something is asked, then it is too much at once, and works again afterwards', async () => {
  const one = createDatabase({ url, maxConnections: 1, patienceMillis: 100 });
  const [held, letGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holding = one.transaction(async (tx) => {
    await tx.one(sql`select 1`);
    held.resolve();
    await letGo.promise;
  });
  await held.promise;

  for (const asked of [() => one.one(sql`select 1`), () => one.transaction((tx) => tx.one(sql`select 1`))])
    await assert.rejects(asked(), (error) => error instanceof Overloaded && error.retryAfterSeconds > 0);

  letGo.resolve();
  await holding;
  assert.ok(await one.one(sql`select 1`));
  await one.close();
});

test('given a database that cannot be reached, has no connection to spare, or ends them again and again, when it is asked, then whoever asks is told to come again', async () => {
  const nowhere = createDatabase({ url: 'postgres://127.0.0.1:1/none', patienceMillis: 100 });
  const ends = sql`select pg_terminate_backend(pg_backend_pid())`;
  const role = `few_${process.pid}`;
  await db.pool.query(`create role ${role} login connection limit 0`);
  const full = createDatabase({ url: url.replace(/\/\/\w+@/, `//${role}@`), patienceMillis: 100 });

  for (const asked of [
    () => nowhere.one(sql`select 1`),
    () => nowhere.transaction((tx) => tx.one(sql`select 1`)),
    () => full.one(sql`select 1`),
    () => db.one(ends),
    () => db.transaction((tx) => tx.one(ends)),
  ])
    await assert.rejects(asked(), (error) => error instanceof Overloaded && error.retryAfterSeconds > 0 && isConnectionLoss(error));

  assert.ok(await db.one(sql`select 1`));
  await Promise.all([nowhere.close(), full.close()]);
  await db.pool.query(`drop role ${role}`);
});
