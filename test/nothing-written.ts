import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import type { Database } from '#db/index.ts';
import { allRecorded } from './all-recorded.ts';

/**
 * Runs `work` and fails if it wrote anything: the rows of every table, also as to their versions, and the files of `folder` must be what
 * they were. What downloads leave, before or in `work`, is waited for. Gives back what `work` gave.
 */
export async function nothingWritten<T>(db: Database, work: () => Promise<T>, folder?: string): Promise<T> {
  const before = await weighEverything(db, folder);
  const answer = await work();
  assert.deepEqual(await weighEverything(db, folder), before, 'something was written');
  return answer;
}

/** Rows per table and, where a folder is given, its files. Tables of the job queue count as well. */
export async function countEverything(db: Database, folder?: string): Promise<Readonly<Record<string, number>>> {
  return { ...(await ofEachTable(db, 'counts')), files: await countFiles(folder) };
}

/** The same, with the sum of the versions of the rows, which an update changes. */
export async function weighEverything(db: Database, folder?: string): Promise<Readonly<Record<string, string | number>>> {
  return { ...(await ofEachTable(db, 'weights')), files: await countFiles(folder) };
}

/** What a refusal itself writes, by design: that it was tried, and how often. */
const onRefusal: Readonly<Record<string, string>> = {
  'access.audit_entry': 'where refused_in is null',
  'access.name_guess': 'where false',
};

const asked = { counts: 'count(*)::int', weights: `count(*) || ' rows of versions ' || coalesce(sum(xmin::text::bigint), 0)` } as const;
type Asked = keyof typeof asked;

/** Planned by a connection once, by its name: for more than a hundred tables that takes longer than the answer. */
async function ofEachTable<T extends string | number>(db: Database, what: Asked): Promise<Readonly<Record<string, T>>> {
  await allRecorded();
  const { [what]: text } = await statementsOf(db);
  const { rows } = await db.pool.query<{ name: string; n: T }>({ name: `of-each-table-${what}`, text });
  return Object.fromEntries(rows.map(({ name, n }) => [name, n] as const));
}

const known = new WeakMap<Database, Readonly<Record<Asked, string>>>();

async function statementsOf(db: Database): Promise<Readonly<Record<Asked, string>>> {
  const before = known.get(db);
  if (before) return before;
  const { rows: tables } = await db.pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname !~ '^pg_' and schemaname <> 'information_schema' order by 1`,
  );
  const statement = (what: Asked): string =>
    tables
      .map(({ name }) => `select '${name.replaceAll("'", "''")}' as name, ${asked[what]} as n from ${name} ${onRefusal[name] ?? ''}`)
      .join(' union all ');
  const statements = { counts: statement('counts'), weights: statement('weights') };
  known.set(db, statements);
  return statements;
}

async function countFiles(folder: string | undefined): Promise<number> {
  return folder === undefined ? 0 : (await readdir(folder, { recursive: true })).length;
}
