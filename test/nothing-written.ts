import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import type { Database } from '#db/index.ts';

/**
 * Runs `work` and fails if it wrote anything: the number of rows of every table and the files of `folder` must be what
 * they were. Gives back what `work` gave.
 */
export async function nothingWritten<T>(db: Database, work: () => Promise<T>, folder?: string): Promise<T> {
  const before = await countEverything(db, folder);
  const answer = await work();
  assert.deepEqual(await countEverything(db, folder), before, 'something was written');
  return answer;
}

/** Rows per table and, where a folder is given, its files. Tables of the job queue count as well. */
export async function countEverything(db: Database, folder?: string): Promise<Readonly<Record<string, number>>> {
  const { rows: tables } = await db.pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname !~ '^pg_' and schemaname <> 'information_schema' order by 1`,
  );
  const counts = tables.map(({ name }) => `select '${name.replaceAll("'", "''")}' as name, count(*)::int as n from ${name}`);
  const { rows } = await db.pool.query<{ name: string; n: number }>(counts.join(' union all '));
  const files = folder === undefined ? [] : await readdir(folder, { recursive: true });
  return Object.fromEntries([...rows.map(({ name, n }) => [name, n] as const), ['files', files.length]]);
}
