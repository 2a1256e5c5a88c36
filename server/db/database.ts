import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Contents, plainContents } from '#kernel/contents.ts';
import type { Db, Sql, Tx } from '#kernel/database.ts';
import { ConnectionsBusy, DatabaseAway, hideQuotedRows, isConnectionLoss, isContention, isWaitedOut } from './errors.ts';
import { many, maybeOne, oneOf } from './rows.ts';
import { attempt } from './transaction.ts';
import { typeParsers } from './types.ts';

export interface DatabaseOptions {
  readonly url: string;
  readonly maxConnections?: number;
  readonly applicationName?: string;
  /** False: each statement waits for the answer to the one before, to be measured against. */
  readonly pipelined?: boolean;
  /** How long it is waited for a connection; ten seconds unless a test is in a hurry. */
  readonly patienceMillis?: number;
}

export interface Database extends Db {
  /** For what brings its own statements (the job queue). Its connections are pipelined and carry the limits below. */
  readonly pool: pg.Pool;
  /** From now on; until then what letters say is kept as it is. Told once, before anything is served. */
  keepContentsBy(contents: Contents): void;
  /** Waits for what is under way, then closes every connection. */
  close(): Promise<void>;
}

/**
 * The server's own limits: the driver's `query_timeout` would cut the connection and leave the outcome unknown.
 * The zone is set so that a day added to an instant is 24 hours on every machine.
 */
const sessionSettings = {
  statement_timeout: '30s',
  idle_in_transaction_session_timeout: '30s',
  timezone: 'UTC',
  intervalstyle: 'iso_8601',
} as const;

const attempts = 6;
const firstPauseMillis = 20;
const usualPatienceMillis = 10_000;
/**
 * A connection keeps the plans of access's functions, which take about as long as twenty questions to make: the pool's own ten seconds
 * would throw them away whenever there is a lull.
 */
const idleMillis = 10 * 60_000;

/** A pool of connections on which statements are pipelined. Opens nothing before the first statement. */
export function createDatabase(options: DatabaseOptions): Database {
  const { patienceMillis = usualPatienceMillis } = options;
  const pool = createPool(options, patienceMillis);
  const take = (): Promise<pg.PoolClient> => connect(pool, patienceMillis);
  let contents = plainContents;

  const query = async <R>(sql: Sql, shape: (result: pg.QueryResult) => R): Promise<R> => {
    const client = await take();
    let lost = false;
    try {
      return shape(await client.query({ text: sql.text, values: [...sql.values] }));
    } catch (error) {
      hideQuotedRows(error);
      lost = isConnectionLoss(error);
      throw lost ? new DatabaseAway(error) : error;
    } finally {
      client.release(lost);
    }
  };

  return {
    pool,
    get contents() {
      return contents;
    },
    keepContentsBy: (by) => {
      contents = by;
    },
    all: <T>(sql: Sql) => query(sql, many<T>),
    maybe: <T>(sql: Sql) => query(sql, maybeOne<T>),
    one: <T>(sql: Sql) => query(sql, oneOf<T>),
    transaction: (work) => inTransaction({ take, contents }, work),
    close: () => pool.end(),
  };
}

function createPool(
  { url, maxConnections = 20, applicationName = 'budstikke', pipelined = true }: DatabaseOptions,
  patienceMillis: number,
): pg.Pool {
  const settings = Object.entries(sessionSettings).map(([name, value]) => `-c ${name}=${value}`);
  const pool = new pg.Pool({
    connectionString: url,
    application_name: applicationName,
    max: maxConnections,
    options: settings.join(' '),
    types: typeParsers,
    pipeline: pipelined,
    keepAlive: true,
    connectionTimeoutMillis: patienceMillis,
    idleTimeoutMillis: idleMillis,
  } as pg.PoolConfig);
  // The pool throws a broken connection away by itself; without handlers its loss would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => void client.on('error', () => {}));
  return pool;
}

/** Tries `work` again, with a growing pause, when nothing was committed and the cause may pass: contention, or a lost connection. */
async function inTransaction<T>(
  { take, contents }: { take(): Promise<pg.PoolClient>; readonly contents: Contents },
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  for (let pause = firstPauseMillis, left = attempts - 1; ; pause *= 2, left -= 1) {
    const client = await take();
    const done = await attempt({ client, contents }, work).finally(() => client.release(isBroken(client)));
    if (done.committed) {
      for (const wake of done.wakes) callQuietly(wake);
      return done.value;
    }
    const mayPass = isContention(done.cause) || isConnectionLoss(done.cause);
    if (!mayPass || left === 0) throw isConnectionLoss(done.error) ? new DatabaseAway(done.error) : done.error;
    await sleep(pause * (0.5 + Math.random()));
  }
}

/** What is committed stays committed, whatever a wake-up does. */
function callQuietly(wake: () => void): void {
  try {
    wake();
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error));
  }
}

/** The driver knows whether a connection can still be used, and whether a transaction is open on it, but has no public word for the former. */
function isBroken(client: pg.PoolClient): boolean {
  const { _queryable: queryable, getTransactionStatus } = client as unknown as {
    _queryable: boolean;
    getTransactionStatus(): string | null;
  };
  return !queryable || getTransactionStatus.call(client) !== 'I';
}

/**
 * A connection of the pool. Waits for a database that is just being started or brought back. Throws ConnectionsBusy where all are in
 * use, DatabaseAway where it has waited long enough.
 */
async function connect(pool: pg.Pool, patienceMillis: number): Promise<pg.PoolClient> {
  const until = Date.now() + patienceMillis;
  for (;;) {
    try {
      return await pool.connect();
    } catch (error) {
      if (isWaitedOut(error)) throw new ConnectionsBusy(error);
      if (!isConnectionLoss(error)) throw error;
      if (Date.now() > until) throw new DatabaseAway(error);
      await sleep(50);
    }
  }
}
