import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type Embedded, startEmbedded, stopIfUnused } from '#db/embedded/index.ts';
import { migrate, migrationsDigest } from '#db/index.ts';
import { silentLog } from '#kernel/log.ts';
import { makeScratchDirectory, runPrefix, scratchDirectory } from './scratch.ts';

/** Any database of the PostgreSQL that tests use. `npm test` sets it; a test file that runs alone starts its own. */
export const urlVariable = 'TEST_DATABASE_URL';

const templateLock = 7073;
/** Templates of former migrations that a cluster keeps: another run may still be cloning them. */
const keptTemplates = 3;

/** PostgreSQL for the tests of this process. Databases are clones of a migrated template. */
export interface TestCluster {
  urlOf(database: string): string;
  /** Makes a database: migrated in 10 to 50 ms, or with nothing in it at all. */
  create(content: 'migrated' | 'nothing'): Promise<string>;
  drop(database: string): Promise<void>;
  release(): Promise<void>;
}

/** Uses the PostgreSQL of the run, or starts (or adopts) one that test files of this checkout share when they run alone. */
export async function openTestCluster(): Promise<TestCluster> {
  const given = process.env[urlVariable];
  if (given) return clusterAt(given);
  const embedded = await startTestCluster(join(scratchDirectory(), `budstikke-test-${process.geteuid?.()}-${checkout()}`));
  return { ...clusterAt(embedded.url), release: async () => void (await embedded.stop()) };
}

/** An embedded PostgreSQL that syncs nothing to the disk. */
function startTestCluster(dataDir: string): Promise<Embedded> {
  return startEmbedded({ dataDir, log: silentLog, durable: false });
}

/** Gives `work` the address of an empty PostgreSQL that is removed afterwards, with whatever killed runs have left. */
export async function withScratchCluster<T>(work: (url: string) => Promise<T>): Promise<T> {
  await removeAbandonedRuns();
  const dataDir = makeScratchDirectory();
  try {
    const embedded = await startTestCluster(dataDir);
    try {
      return await work(embedded.url);
    } finally {
      await embedded.stop();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function removeAbandonedRuns(): Promise<void> {
  const directory = scratchDirectory();
  for (const name of readdirSync(directory)) {
    const pid = name.startsWith(runPrefix) ? Number.parseInt(name.slice(runPrefix.length), 10) : Number.NaN;
    const path = join(directory, name);
    if (Number.isNaN(pid) || existsSync(`/proc/${pid}`) || statSync(path, { throwIfNoEntry: false })?.uid !== process.geteuid?.()) continue;
    if ((await stopIfUnused(path, silentLog)) === undefined) rmSync(path, { recursive: true, force: true });
  }
}

const checkout = (): string =>
  createHash('sha256')
    .update(fileURLToPath(new URL('..', import.meta.url)))
    .digest('hex')
    .slice(0, 8);

function clusterAt(url: string): TestCluster {
  const urlOf = (database: string): string => url.replace(/^(\w+:\/\/[^/]*\/)[^?]*/, `$1${database}`);
  return {
    urlOf,
    async create(content) {
      const name = `test_${process.pid}_${randomBytes(5).toString('hex')}`;
      await withClient(urlOf('postgres'), async (client) => {
        const template = content === 'migrated' ? await ensureTemplate(client, urlOf) : 'template0';
        await client.query(`create database ${name} template ${template} strategy file_copy`);
      });
      return name;
    },
    drop: (database) =>
      withClient(urlOf('postgres'), async (client) => void (await client.query(`drop database if exists ${database} with (force)`))),
    release: async () => {},
  };
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'budstikke test' });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * The template is named after all migrations, so that a changed migration gets a new one. Nobody may connect to it,
 * since one stray session would stop every clone.
 */
async function ensureTemplate(client: pg.Client, urlOf: (database: string) => string): Promise<string> {
  const name = `template_${migrationsDigest().slice(0, 16)}`;
  if (await isReady(client, name)) return name;
  await client.query('select pg_advisory_lock($1)', [templateLock]);
  try {
    if (await isReady(client, name)) return name;
    await client.query(`drop database if exists ${name} with (force)`);
    await client.query(`create database ${name} template template0`);
    await migrate(urlOf(name), silentLog);
    await client.query(`alter database ${name} with is_template true allow_connections false`);
    await dropOldTemplates(client);
    return name;
  } finally {
    await client.query('select pg_advisory_unlock($1)', [templateLock]);
  }
}

async function isReady(client: pg.Client, name: string): Promise<boolean> {
  const { rowCount } = await client.query('select from pg_database where datname = $1 and datistemplate and not datallowconn', [name]);
  return rowCount === 1;
}

async function dropOldTemplates(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select datname as name from pg_database where datname ~ '^template_[0-9a-f]{16}$' and datistemplate order by oid desc offset $1`,
    [keptTemplates],
  );
  for (const { name } of rows) {
    await client.query(`alter database ${name} with is_template false`);
    await client.query(`drop database ${name} with (force)`);
  }
}
