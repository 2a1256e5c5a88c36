import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClock, createDatabase, type Database } from '#db/index.ts';
import type { Context } from '#kernel/context.ts';
import { silentLog } from '#kernel/log.ts';
import { openTestCluster, type TestCluster } from './cluster.ts';

export interface TestDatabase {
  readonly url: string;
  readonly db: Database;
  /** The database with its clock and a silent log. */
  readonly ctx: Context & { readonly db: Database };
}

export interface TestDatabaseOptions {
  readonly content?: 'migrated' | 'nothing';
  readonly maxConnections?: number;
}

/** How long open connections of a test that went wrong may hold up its end. */
const patienceMillis = 2_000;

/**
 * A migrated database of its own for the tests of a file, or of one test when called inside it. It is dropped when
 * they are over. Works in `npm test` and with `node --test` on one file.
 */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  let drop = async (): Promise<void> => {};
  // Before anything is awaited: who waits for a cluster that another test has opened is taken for that test, and would lose its database when that ends.
  after(() => drop());
  cluster ??= openTestCluster();
  const here = await cluster;
  const name = await here.create(options.content ?? 'migrated');
  const url = here.urlOf(name);
  const db = createDatabase({ url, maxConnections: options.maxConnections ?? 10, applicationName: 'budstikke test' });
  drop = async () => {
    if (!open.delete(drop)) return;
    await Promise.race([db.close(), sleep(patienceMillis, undefined, { ref: false })]);
    await here.drop(name);
  };
  open.add(drop);
  const clock = createClock(db);
  return { url, db, ctx: { db, now: clock.now, log: silentLog } };
}

const open = new Set<() => Promise<void>>();
let cluster: Promise<TestCluster> | undefined;

// Registered when a test file imports this, so it runs at the end of the file.
after(async () => {
  await Promise.all([...open].map((drop) => drop()));
  await (await cluster)?.release();
});
