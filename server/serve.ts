import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureWebBuilt } from '../web/build.ts';
import { createApp, type Role } from './app.ts';
import type { Config } from './config.ts';
import { startEmbedded } from './db/embedded/index.ts';
import { checkDatabase, claimDatabase, migrate } from './db/index.ts';
import { type End, listenForEnd } from './end.ts';
import { describeFault } from './kernel/fault.ts';
import type { Log } from './kernel/log.ts';
import { StartError } from './kernel/start-error.ts';

/** How long requests and jobs under way may take when the process is asked to end. */
const patienceMillis = 20_000;

/** A file that says whose the data directory is: no other is ever reset, and of this one only what is ours. */
export const markName = '.budstikke';

interface Closer {
  readonly what: string;
  close(): Promise<unknown>;
}

/**
 * Runs a role from start to end and gives the exit code: 0 when it was asked to end, 1 when something failed.
 * Whatever was started is stopped in the opposite order, also when a later step fails or a signal comes in between.
 */
export async function serve(role: Role | 'migrate', config: Config, log: Log): Promise<number> {
  const end = listenForEnd(log);
  const closers: Closer[] = [];
  try {
    const databaseUrl = await openDatabase(role, config, log, end, closers);
    if (!end.isAsked()) await migrate(databaseUrl, log);
    if (role === 'migrate') {
      console.log('The database is up to date.');
      end.ask(0);
    }
    if (role !== 'migrate' && !end.isAsked()) await claimDatabase(databaseUrl, config.MODE);
    if ((role === 'all' || role === 'api') && !end.isAsked()) await buildWeb(log);
    if (role !== 'migrate' && !end.isAsked()) await startRole(role, config, databaseUrl, log, end, closers);
  } catch (error) {
    console.error(explain(error, config));
    end.ask(1);
  }
  const code = await end.asked;
  const closed = await closeAll(closers, log);
  return closed ? code : 1;
}

/** The web app is built when it is missing or older than its sources. Without it the APIs still serve, and its pages say what to do. */
async function buildWeb(log: Log): Promise<void> {
  try {
    await ensureWebBuilt();
  } catch (error) {
    log.warn(describeFault(error), 'the web app is not built; its pages are not served');
  }
}

async function startRole(role: Role, config: Config, databaseUrl: string, log: Log, end: End, closers: Closer[]): Promise<void> {
  const app = await createApp({ config, databaseUrl, log, role });
  closers.push({ what: role, close: app.stop });
  if (end.isAsked()) return;
  console.log(readyLine(role, config, app.address));
  if (app.address !== null && config.MODE === 'sandbox') console.log(sandboxAddresses(app.address));
}

function readyLine(role: Role, config: Config, address: string | null): string {
  return address === null ? `Budstikke ${role} is ready (${config.MODE}).` : `Budstikke is ready on ${address} (${config.MODE}).`;
}

function sandboxAddresses(address: string): string {
  return `  caught mail and SMS   ${address}/sandbox\n  API documentation     ${address}/docs\n  how to begin          ${address}/`;
}

/** The database that is configured, or the embedded one of the data directory. */
async function openDatabase(role: Role | 'migrate', config: Config, log: Log, end: End, closers: Closer[]): Promise<string> {
  if (config.DATABASE_URL !== undefined) {
    await checkDatabase(config.DATABASE_URL);
    return config.DATABASE_URL;
  }
  const embedded = await startEmbedded({
    dataDir: config.DATA_DIR,
    log,
    as: role === 'all' || role === 'api' ? 'server' : 'tool',
    onLost: (why) => {
      console.error(why.message);
      end.ask(1);
    },
  });
  closers.push({ what: 'database', close: embedded.stop });
  mark(config.DATA_DIR);
  return embedded.url;
}

/** Says that the directory is ours. */
export function mark(dataDir: string): void {
  const file = join(dataDir, markName);
  if (!existsSync(file)) writeFileSync(file, 'This directory is kept by Budstikke. `npm run reset` removes what is its.\n');
}

async function closeAll(closers: readonly Closer[], log: Log): Promise<boolean> {
  let good = true;
  for (const { what, close } of closers.toReversed()) {
    try {
      const late = sleep(patienceMillis, 'late' as const, { ref: false });
      if ((await Promise.race([close(), late])) !== 'late') continue;
      log.error({ what, seconds: patienceMillis / 1000 }, 'did not stop in time; going on without it');
    } catch (error) {
      log.error({ what, ...describeFault(error) }, 'did not stop well');
    }
    good = false;
  }
  return good;
}

/** What the operator reads: one line for what can be mended, the whole error for what is our fault. */
function explain(error: unknown, { PORT, HOST }: Config): string {
  if (error instanceof StartError) return error.message;
  const { code, syscall } = error as { code?: string; syscall?: string };
  if (syscall === 'getaddrinfo') return `There is no address ${HOST} (${code}). Choose another with BUDSTIKKE_HOST.`;
  if (syscall === 'listen') {
    if (code === 'EADDRINUSE') return `Port ${PORT} is in use by another program. Stop that, or choose another port with BUDSTIKKE_PORT.`;
    if (code === 'EACCES') return `Port ${PORT} needs rights that this user does not have. Choose one above 1023 with BUDSTIKKE_PORT.`;
    return `Budstikke cannot listen on ${HOST}, port ${PORT} (${code}). Choose another address with BUDSTIKKE_HOST.`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
