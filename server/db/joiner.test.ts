import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { type Reader, sql, type Tx } from '#kernel/database.ts';
import { newId } from '#kernel/ids.ts';
import { Overloaded } from '#kernel/overloaded.ts';
import { createCutDatabase } from '../../test/cut-database.ts';
import { createTestDatabase } from '../../test/database.ts';
import { createDatabase, type Database } from './database.ts';
import { CommitUnknown } from './errors.ts';
import { type Answer, createJoiner, type Joiner, type JoinerLimits } from './joiner.ts';

const { url, db } = await createTestDatabase();
await db.pool.query(`
  create schema trial;
  create table trial.letter (id uuid primary key, key text unique, body jsonb, tx xid8 not null default pg_current_xact_id())`);

/** What one caller sends. */
interface Letter {
  readonly id: string;
  readonly key: string | null;
  readonly body: unknown;
  readonly refused?: true;
}

const limits: JoinerLimits = {
  writers: 2,
  loners: 2,
  patience: { rows: 64, millis: 100 },
  batch: { callers: 64, rows: 1000, bytes: 1 << 20 },
  waiting: { rows: 5000, bytes: 1 << 24 },
};
const letter = (more: Partial<Letter> = {}): Letter => ({ id: newId(), key: null, body: { text: 'brev' }, ...more });
const letters = (n: number, more: Partial<Letter> = {}): Letter[] => Array.from({ length: n }, () => letter(more));

let batches: (readonly Letter[])[] = [];

async function writeLetters(tx: Tx, items: readonly Letter[]): Promise<Answer<Letter>[]> {
  batches.push(items);
  const taken = [...items.filter((item) => !item.refused)].sort((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : 1));
  tx.send(sql`
    insert into trial.letter (id, key, body)
    select * from unnest(${taken.map((l) => l.id)}::uuid[], ${taken.map((l) => l.key)}::text[], ${taken.map((l) => l.body)}::jsonb[])`);
  return items.map((item) => (item.refused ? { refusal: new Error('refused') } : { value: item }));
}

async function findLetters(reader: Reader, values: readonly Letter[]): Promise<ReadonlySet<Letter>> {
  const rows = await reader.all<{ id: string }>(sql`select id from trial.letter where id = any(${values.map((l) => l.id)}::uuid[])`);
  const stored = new Set(rows.map(({ id }) => id));
  return new Set(values.filter(({ id }) => stored.has(id)));
}

function joinerOn(database: Database, its: Partial<JoinerLimits> = {}): Joiner<Letter, Letter> {
  batches = [];
  return createJoiner(
    database,
    { weigh: () => ({ rows: 1, bytes: 100 }), run: writeLetters, findWritten: findLetters },
    { ...limits, ...its },
  );
}

/** How many of them the database holds, and in how many transactions they came. */
async function stored(sent: readonly Letter[]): Promise<{ rows: number; transactions: number }> {
  return db.one(sql`
    select count(*)::int as rows, count(distinct tx)::int as transactions from trial.letter where id = any(${sent.map((l) => l.id)}::uuid[])`);
}

const join = (joiner: Joiner<Letter, Letter>, sent: readonly Letter[]) => Promise.allSettled(sent.map((item) => joiner.join(item)));
const answered = (settled: readonly PromiseSettledResult<unknown>[]) => settled.filter(({ status }) => status === 'fulfilled').length;

test('given many callers at once, when they join, then each is answered with its own and few transactions carry them', async () => {
  const sent = letters(200);

  const settled = await join(joinerOn(db), sent);

  assert.deepEqual(
    settled.map((each) => (each.status === 'fulfilled' ? each.value : undefined)),
    sent,
  );
  assert.deepEqual(await stored(sent), { rows: 200, transactions: 4 });
});

test('given a batch in which one is refused, when it is written, then that one hears its own no and the others are written', async () => {
  const sent = [...letters(10), letter({ refused: true }), ...letters(10)];

  const settled = await join(joinerOn(db), sent);

  assert.equal(answered(settled), 20);
  assert.match(String((settled[10] as PromiseRejectedResult).reason), /refused/);
  assert.deepEqual(await stored(sent), { rows: 20, transactions: 1 });
});

const circular: Record<string, unknown> = {};
circular.self = circular;
for (const [what, body, error] of [
  ['that the database refuses', '{"text": "\\u0000"}', { code: '22P05' }],
  ['that cannot be turned into bytes', circular, /circular/i],
] as const) {
  test(`given one letter among 64 ${what}, when they join, then it is found by halving and the others are written`, async () => {
    const sent = [...letters(40), letter({ body }), ...letters(23)];

    const settled = await join(joinerOn(db), sent);

    assert.equal(answered(settled), 63);
    await assert.rejects(Promise.reject((settled[40] as PromiseRejectedResult).reason), error);
    assert.equal((await stored(sent)).rows, 63);
    assert.ok(batches.length <= 13, `${batches.length} transactions were tried`);
  });
}

test('given equal keys in two processes in opposite order, when all send at once, then each key is written once and everyone is answered', async () => {
  const other = createDatabase({ url });
  after(() => other.close());
  const [here, there] = [joinerOn(db), joinerOn(other)];
  const keys = Array.from({ length: 40 }, (_, i) => `key ${i}`);
  const [first, second] = [keys.map((key) => letter({ key })), keys.toReversed().map((key) => letter({ key }))];

  const [one, two] = await Promise.all([join(here, first), join(there, second)]);

  assert.equal(answered(one) + answered(two), 40);
  for (const each of [...one, ...two]) if (each.status === 'rejected') assert.equal(each.reason.constraint, 'letter_key_key');
  const { n } = await db.one<{ n: number }>(sql`select count(*)::int as n from trial.letter where key like 'key %'`);
  assert.equal(n, 40);
});

test('given the connection is cut after the database committed and before it could say so, when callers wait, then each is answered and written once', async () => {
  const cut = await createCutDatabase(url);
  const joiner = joinerOn(cut.db);
  const sent = letters(20);

  cut.cutAtNextCommit();
  const settled = await join(joiner, sent);

  assert.equal(cut.cuts(), 1);
  assert.equal(answered(settled), 20);
  assert.deepEqual(await stored(sent), { rows: 20, transactions: 1 });
});

test('given a single letter whose commit was lost, when it is tried again, then it is answered as written and not as a double', async () => {
  const cut = await createCutDatabase(url);
  const sent = letter();

  cut.cutAtNextCommit();
  assert.equal(await joinerOn(cut.db).alone(sent), sent);

  assert.deepEqual(await stored([sent]), { rows: 1, transactions: 1 });
});

test('given a commit that was lost, when the database cannot be asked whether it has it, then the caller hears that nobody knows, and not that nothing was done', async () => {
  const cut = await createCutDatabase(url, { patienceMillis: 100 });
  const joiner = createJoiner<Letter, Letter>(
    cut.db,
    {
      weigh: () => ({ rows: 1, bytes: 100 }),
      run: writeLetters,
      findWritten: async (reader, values) => {
        await cut.goAway();
        return findLetters(reader, values);
      },
    },
    limits,
  );
  const sent = letter();

  cut.cutAtNextCommit();
  await assert.rejects(joiner.join(sent), CommitUnknown);

  assert.deepEqual(await stored([sent]), { rows: 1, transactions: 1 });
});

test('given writers whose connections are killed again and again, when a thousand send, then all are answered and each is written once', async () => {
  const joiner = joinerOn(db);
  const sent = letters(1000);
  let sending = true;
  const killing = (async () => {
    const killer = new pg.Client(url);
    await killer.connect();
    for (let kills = 0; sending && kills < 5; kills += 1) {
      await killer.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
      );
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    await killer.end();
  })();

  const settled = await join(joiner, sent);
  sending = false;
  await killing;

  assert.deepEqual(
    [...new Set(settled.flatMap((each) => (each.status === 'rejected' ? String(each.reason.cause ?? each.reason) : [])))],
    [],
  );
  assert.equal(answered(settled), 1000);
  assert.equal((await stored(sent)).rows, 1000);
});

test('given more callers than may wait, when they come, then the surplus is turned away at once with a time to come again, and nothing of it is written', async () => {
  const joiner = joinerOn(db, { writers: 1, waiting: { rows: 50, bytes: 1 << 20 } });
  const sent = letters(80);

  const settled = await join(joiner, sent);

  assert.equal(answered(settled), 50);
  for (const each of settled) {
    if (each.status === 'fulfilled') continue;
    assert.ok(each.reason instanceof Overloaded);
    assert.equal(each.reason.retryAfterSeconds, 1);
  }
  assert.equal((await stored(sent)).rows, 50);
  assert.ok(await joiner.join(letter()), 'there is room again');
});

test('given more callers that go alone than may wait, when they come, then the surplus is turned away too', async () => {
  const joiner = joinerOn(db, { waiting: { rows: 10, bytes: 1 << 20 } });
  const sent = letters(30);

  const settled = await Promise.allSettled(sent.map((item) => joiner.alone(item)));

  assert.equal(answered(settled), 10);
  assert.deepEqual(await stored(sent), { rows: 10, transactions: 10 });
});

test('given one caller larger than all that may wait, when nobody else waits, then it is taken', async () => {
  const heavy = createJoiner<Letter, Letter>(
    db,
    { weigh: () => ({ rows: 1_000_000, bytes: 1 << 30 }), run: writeLetters, findWritten: findLetters },
    limits,
  );

  assert.ok(await heavy.join(letter()));
});

/** A joiner whose first batch waits until it is let go, and the answer to that batch's caller. */
async function heldUp(
  patience: JoinerLimits['patience'],
): Promise<{ joiner: Joiner<Letter, Letter>; first: Promise<Letter>; letGo(): void }> {
  batches = [];
  const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const run = async (tx: Tx, items: readonly Letter[]): Promise<Answer<Letter>[]> => {
    const isFirst = batches.length === 0;
    const answers = await writeLetters(tx, items);
    if (isFirst) {
      begun.resolve();
      await gate.promise;
    }
    return answers;
  };
  const joiner = createJoiner(db, { weigh: () => ({ rows: 1, bytes: 100 }), run, findWritten: findLetters }, { ...limits, patience });
  const first = joiner.join(letter());
  await begun.promise;
  return { joiner, first, letGo: gate.resolve };
}

test('given a small batch under way and a writer free, when others come one by one, then they wait for it and go together', async () => {
  const { joiner, first, letGo } = await heldUp({ rows: 64, millis: 60_000 });
  const others = letters(10).map(async (each, i) => {
    for (let turns = 0; turns < i; turns += 1) await new Promise(setImmediate);
    return joiner.join(each);
  });
  for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate);

  letGo();

  assert.equal((await Promise.all([first, ...others])).length, 11);
  assert.deepEqual(
    batches.map((batch) => batch.length),
    [1, 10],
  );
});

test('given a small batch that is held up, when others wait longer than they have patience, then they pass it by', async () => {
  const { joiner, first, letGo } = await heldUp({ rows: 64, millis: 5 });

  const passed = await Promise.all(letters(3).map((each) => joiner.join(each)));

  assert.equal(passed.length, 3);
  letGo();
  await first;
});

test('given a large batch under way, when another comes, then it does not wait for it', async () => {
  const { joiner, first, letGo } = await heldUp({ rows: 1, millis: 60_000 });

  await joiner.join(letter());

  assert.equal(batches.length, 2);
  letGo();
  await first;
});
