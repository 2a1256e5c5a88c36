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
  const undo: (() => Promise<unknown>)[] = [];
  after(async () => {
    for (const step of undo.reverse()) await step();
  });
  const here = await enter();
  undo.push(leave);
  const name = await here.create(options.content ?? 'migrated');
  undo.push(() => here.drop(name));
  const url = here.urlOf(name);
  const db = createDatabase({ url, maxConnections: options.maxConnections ?? 10, applicationName: 'budstikke test' });
  undo.push(() => Promise.race([db.close(), sleep(patienceMillis, undefined, { ref: false })]));
  const clock = createClock(db);
  return { url, db, ctx: { db, now: clock.now, log: silentLog } };
}

let cluster: Promise<TestCluster> | undefined;
let guests = 0;

function enter(): Promise<TestCluster> {
  guests += 1;
  cluster ??= openTestCluster();
  return cluster;
}

/** The last one to leave lets the cluster go. */
async function leave(): Promise<void> {
  guests -= 1;
  if (guests > 0) return;
  const here = await cluster;
  cluster = undefined;
  await here?.release();
}
