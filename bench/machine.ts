import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { chmod, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { startEmbedded, stopIfUnused } from '#db/embedded/index.ts';
import { migrate } from '#db/index.ts';
import { silentLog } from '#kernel/log.ts';
import type { Closers } from './closers.ts';
import type { BenchOptions } from './options.ts';

/** The PostgreSQL of a bench, with the settings that the product gives the embedded one. */
export interface Machine {
  /** For whatever else lies on disk while the bench runs. */
  readonly folder: string;
  /** Where profiles go, which stay. */
  readonly profiles: string;
  urlOf(database: string): string;
  /** An empty database with all tables. */
  createMigrated(database: string): Promise<void>;
  /** A copy of a database that nobody is connected to. It begins with a checkpoint, so that every run starts alike. */
  copy(from: string, to: string): Promise<void>;
  drop(database: string): Promise<void>;
}

const prefix = 'budstikke-bench-';

/** Starts a PostgreSQL on a new folder; both are gone when `closers` have closed. With `profile` it counts statements by time. */
export async function openMachine(options: Pick<BenchOptions, 'directory' | 'durable' | 'profile'>, closers: Closers): Promise<Machine> {
  await removeAbandoned(options.directory);
  const folder = realpathSync(mkdtempSync(join(options.directory, `${prefix}${process.pid}-`)));
  await chmod(folder, 0o755);
  closers.add(() => removeFolder(folder));
  const start = () => startEmbedded({ dataDir: folder, log: silentLog, durable: options.durable });
  let embedded = await start();
  closers.add(() => embedded.stop());
  const urlOf = (database: string): string => embedded.urlOf(database);
  const asAdmin = <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => withClient(urlOf('postgres'), work);

  if (options.profile) {
    await asAdmin((client) => client.query(`alter system set shared_preload_libraries = 'pg_stat_statements'`));
    await embedded.stop();
    embedded = await start();
  }
  return {
    folder,
    profiles: join(options.directory, 'budstikke-profiles'),
    urlOf,
    async createMigrated(database) {
      await asAdmin((client) => client.query(`create database ${database} template template0`));
      await migrate(urlOf(database), silentLog);
      if (options.profile) await withClient(urlOf(database), (client) => client.query('create extension pg_stat_statements'));
    },
    copy: (from, to) => asAdmin(async (client) => void (await client.query(`create database ${to} template ${from} strategy file_copy`))),
    drop: (database) => asAdmin(async (client) => void (await client.query(`drop database if exists ${database} with (force)`))),
  };
}

/** A connection for the time of `work`. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await openClient(url);
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** A connection on which statements are pipelined. */
export async function openClient(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'budstikke bench',
    options: '-c timezone=UTC',
    pipeline: true,
  } as pg.ClientConfig);
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function removeFolder(folder: string): Promise<void> {
  const elsewhere = await readFile(join(folder, 'postgres-is-at'), 'utf8').catch(() => undefined);
  if (elsewhere) await rm(dirname(elsewhere.trim()), { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
}

/** Folders of benches that were killed. */
async function removeAbandoned(directory: string): Promise<void> {
  for (const name of readdirSync(directory)) {
    const pid = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN;
    if (Number.isNaN(pid) || existsSync(`/proc/${pid}`)) continue;
    const folder = join(directory, name);
    if ((await stopIfUnused(folder, silentLog)) === undefined) rmSync(folder, { recursive: true, force: true });
  }
}
