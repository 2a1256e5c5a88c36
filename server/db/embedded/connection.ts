import { statfsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { StartError } from '#kernel/start-error.ts';
import type { Launched } from './postmaster.ts';

/** Everyone who uses the cluster holds it shared; who gets it alone may stop PostgreSQL. */
const usersLock = 7070;
/** The one server of a data directory. PostgreSQL gives it up with the session, also when the process is killed. */
const serverLock = 7071;

/** How long an unreachable database may take. Recovery after a crash is waited for longer, as long as it says so. */
const patienceMillis = 60_000;
const recoveryMillis = 30 * 60_000;

/**
 * Connects to the cluster, starting it if nobody has, and holds the users' lock. The same loop serves adopting, starting,
 * two starts at once, a stale lock file and recovery after a crash.
 *
 * `start` launches a postmaster on the disk of `directory`. Refuses (StartError) with what PostgreSQL said when it does not
 * come up, and says so when the disk is full: then PostgreSQL may not have been able to say anything.
 */
export async function connectOrStart(url: string, name: string, start: () => Launched, directory: string): Promise<pg.Client> {
  let launched: Launched | undefined;
  let launches = 0;
  let until = Date.now() + patienceMillis;
  const begun = Date.now();
  for (;;) {
    const client = new pg.Client({ connectionString: url, application_name: name, connectionTimeoutMillis: 5_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('select pg_advisory_lock_shared($1)', [usersLock]);
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      const { code } = error as { code?: string };
      if (code === '57P03' && Date.now() - begun < recoveryMillis) until = Date.now() + patienceMillis;
      const said = launched?.said() ?? '';
      if (Date.now() > until) throw new StartError(`PostgreSQL does not answer: ${messageOf(error)}${causeIn(said)}${fullDisk(directory)}`);
      const nobodyThere = code === 'ENOENT' || code === 'ECONNREFUSED';
      if (nobodyThere && (launched === undefined || launched.isDead())) {
        if (launches >= 3 && !waitsForOthers(said))
          throw new StartError(`PostgreSQL does not start.${causeIn(said)}${fullDisk(directory)}`);
        if (launched !== undefined) await sleep(200);
        launched = start();
        launches += 1;
      }
      await sleep(30);
    }
  }
}

/** The remains of a killed postmaster, or another one that is just starting or stopping: both pass. */
const waitsForOthers = (said: string): boolean => /lock file|shared memory block|still in use/.test(said);

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message || String((error as { code?: string }).code) : String(error);

/** The lines that name a cause stand among many that do not; without any, the last ones. */
function causeIn(said: string): string {
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  const causes = lines.filter((line) => /could not|No space|FATAL|PANIC/.test(line) && !/starting up|shutting down/.test(line));
  const shown = (causes.length > 0 ? causes : lines).slice(-8);
  return shown.length === 0 ? '' : ` It said:\n${shown.map((line) => `  ${line}`).join('\n')}`;
}

/** A new segment of the write-ahead log is the least that a start may need. */
const leastFreeBytes = 32_000_000;

function fullDisk(directory: string): string {
  const { bavail, bsize } = statfsSync(directory);
  const free = Math.floor((bavail * bsize) / 1_000_000);
  return bavail * bsize < leastFreeBytes ? `\nThe disk of ${directory} has ${free} MB free; make room, and start again.` : '';
}

/** Becomes the server of the data directory, or tells who is. Waits a moment for one that is just ending. */
export async function claimServer(client: pg.Client): Promise<'claimed' | { heldBy: string }> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    if (await tryLock(client, serverLock)) return 'claimed';
    await sleep(50);
  }
  return { heldBy: (await holderOf(client, serverLock)) ?? 'another server' };
}

/** Name of a process that uses the cluster, other than this one. */
export async function findOtherUser(url: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return await holderOf(client, usersLock);
  } finally {
    await client.end();
  }
}

async function holderOf(client: pg.Client, key: number): Promise<string | undefined> {
  const { rows } = await client.query<{ name: string }>(
    `select a.application_name as name from pg_locks l join pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and l.objid = $1 and l.granted and a.application_name !~ $2 limit 1`,
    [key, `process ${process.pid}$`],
  );
  return rows[0]?.name;
}

/** Gives up the users' lock; true when nobody else holds it, and then nobody can take it while this session lives. */
export async function isLastUser(client: pg.Client): Promise<boolean> {
  await client.query('select pg_advisory_unlock_shared($1)', [usersLock]);
  return tryLock(client, usersLock);
}

async function tryLock(client: pg.Client, key: number): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [key]);
  return rows[0]?.got === true;
}

/**
 * Makes the database of that name unless it exists. Errors of statements are told to whoever asked and not written to
 * PostgreSQL's log: their first line repeats the value that was refused, which may be personal.
 */
export async function ensureDatabase(client: pg.Client, name: string): Promise<void> {
  const database = pg.escapeIdentifier(name);
  const { rows } = await client.query<{ isQuiet: boolean }>(
    `select coalesce('log_min_messages=log' = any(s.setconfig), false) as "isQuiet"
       from pg_database d left join pg_db_role_setting s on s.setdatabase = d.oid and s.setrole = 0 where d.datname = $1`,
    [name],
  );
  if (rows[0]?.isQuiet) return;
  try {
    if (rows.length === 0) await client.query(`create database ${database}`);
  } catch (error) {
    // Another process made it meanwhile: seen by name, or by the catalog's index.
    if (!['42P04', '23505'].includes((error as { code?: string }).code ?? '')) throw error;
  }
  try {
    await client.query(`alter database ${database} set log_min_messages = log`);
  } catch (error) {
    // Another process said the same at the same moment.
    if (!/concurrently/.test((error as Error).message)) throw error;
  }
}
