import { Logger, runMigrations } from 'graphile-worker';
import pg from 'pg';
import type { Log } from '#kernel/log.ts';
import { StartError } from '#kernel/start-error.ts';
import { type Migration, readMigrations } from './migrations.ts';

/** Held by whoever migrates; others wait and then find nothing to do. */
const migrateLock = 7072;

/**
 * Brings the database to the schema of this program: the job queue's own tables, then each file of `migrations/` that
 * has not run, in a transaction of its own. Many processes may call it at once; a database that is up to date is only read.
 *
 * Refuses (StartError) a file that was changed after it ran, a database that is newer than the program, and a migration
 * that fails, naming it.
 */
export async function migrate(url: string, log: Log): Promise<void> {
  const migrations = readMigrations();
  const pool = new pg.Pool({ connectionString: url, application_name: 'budstikke migrate', max: 2 });
  pool.on('error', () => {});
  pool.on('connect', (client) => void client.on('error', () => {}));
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrateLock]);
    await runMigrations({ pgPool: pool, schema: 'graphile_worker', logger: new Logger(() => () => {}) });
    const ran = await findRan(client);
    refuseMismatch(ran, migrations);
    for (const migration of migrations.slice(ran.length)) await run(client, migration, log);
  } finally {
    // The lock goes with the connection.
    client.release(true);
    await pool.end();
  }
}

type Ran = Pick<Migration, 'name' | 'checksum'>;

async function findRan(client: pg.ClientBase): Promise<readonly Ran[]> {
  const { rows } = await client.query<{ there: boolean }>(`select to_regclass('db.migration') is not null as there`);
  if (rows[0]?.there) return (await client.query<Ran>('select name, checksum from db.migration order by name')).rows;
  await client.query(`
    create schema if not exists db;
    create table db.migration (
      name     text        primary key,
      checksum text        not null,
      ran_at   timestamptz not null default now()
    )`);
  return [];
}

/** What has run must be the beginning of what there is. */
function refuseMismatch(ran: readonly Ran[], migrations: readonly Migration[]): void {
  for (const [i, { name, checksum }] of ran.entries()) {
    const migration = migrations[i];
    if (!migrations.some((each) => each.name === name)) {
      throw new StartError(`The database is newer than this program: it has seen the migration ${name}, which this program does not know.`);
    }
    if (migration?.name !== name) {
      throw new StartError(`The migration ${migration?.name} comes before ${name}, which has run already. Give it a later number.`);
    }
    if (migration.checksum !== checksum) {
      throw new StartError(`The migration ${name} was changed after it ran. Undo the change and write a new migration instead.`);
    }
  }
}

async function run(client: pg.ClientBase, { name, text, checksum }: Migration, log: Log): Promise<void> {
  const started = performance.now();
  await client.query('begin');
  try {
    await client.query(text);
    await client.query('insert into db.migration (name, checksum) values ($1, $2)', [name, checksum]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw new StartError(`The migration ${name} failed and left nothing behind: ${(error as Error).message}`, { cause: error });
  }
  log.info({ migration: name, ms: Math.round(performance.now() - started) }, 'migrated');
}
