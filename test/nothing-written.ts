import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import type { Database } from '#db/index.ts';

/**
 * Runs `work` and fails if it wrote anything: the rows of every table, also as to their versions, and the files of `folder` must be what
 * they were. Gives back what `work` gave.
 */
export async function nothingWritten<T>(db: Database, work: () => Promise<T>, folder?: string): Promise<T> {
  const before = await countEverything(db, folder);
  const answer = await work();
  assert.deepEqual(await countEverything(db, folder), before, 'something was written');
  return answer;
}

/**
 * Rows per table with the sum of their versions, which an update changes, and, where a folder is given, its files. Tables of the
 * job queue count as well.
 */
export async function countEverything(db: Database, folder?: string): Promise<Readonly<Record<string, string>>> {
  const { rows: tables } = await db.pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname !~ '^pg_' and schemaname <> 'information_schema' order by 1`,
  );
  const counts = tables.map(
    ({ name }) =>
      `select '${name.replaceAll("'", "''")}' as name, count(*) || ' rows of versions ' || coalesce(sum(xmin::text::bigint), 0) as n from ${name}`,
  );
  const { rows } = await db.pool.query<{ name: string; n: string }>(counts.join(' union all '));
  const files = folder === undefined ? [] : await readdir(folder, { recursive: true });
  return Object.fromEntries([...rows.map(({ name, n }) => [name, n] as const), ['files', String(files.length)]]);
}
