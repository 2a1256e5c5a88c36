import { type Client, createClient } from '../../demo/client.ts';
import { makeFolder, type ServerProcess, startServer } from '../../demo/server-process.ts';
import { type MailSink, startMailSink } from '../../demo/sink.ts';
import { openTestCluster } from '../cluster.ts';

/**
 * What a black-box test talks to: a server of its own, or the installed one that BUDSTIKKE_TEST_URL names.
 * Only HTTP and SMTP lead to it; nothing of the server is imported.
 */
export interface Target {
  readonly client: Client;
  stop(): Promise<void>;
}

/** A server that is the test's own: it may be killed, and its mail may be read. */
export interface OwnServer extends Target {
  readonly mails: MailSink;
  readonly process: () => ServerProcess;
  /** Of rows that are a clone: for what a test must be able to see or to age. */
  readonly databaseUrl: string | undefined;
  /** Starts it again on the same folder and port, once it is gone. */
  restart(): Promise<void>;
}

/** The key of statistics: what our own server is told, or what the installed one was. */
export const statisticsKey = process.env.BUDSTIKKE_TEST_STATISTICS_KEY ?? 'wire-statistics';

/**
 * An address of a running sandbox to test instead of a server of our own. It must make nobody up
 * (BUDSTIKKE_SANDBOX_IMPLICIT=none): the tests name parties and resources that must not exist.
 */
const installedUrl = process.env.BUDSTIKKE_TEST_URL?.replace(/\/$/, '');

/** Starts a server, or takes the installed one, and loads the town into it. */
export async function startTarget(name: string, town: object): Promise<Target> {
  if (!installedUrl) return startOwnServer(name, town);
  const client = createClient(installedUrl);
  await loadTown(client, town);
  return { client, stop: async () => {} };
}

/**
 * Where a server of our own keeps its rows. A clone of the run's template costs a tenth of a second; one that the server
 * makes for itself, as it does for whoever starts it, some seconds. Only tests that kill or copy a whole PostgreSQL need that.
 */
type Rows = 'clone' | 'embedded';

/** Starts a sandbox that makes nobody up on a folder of its own, with a mail server that shows what was sent. */
export async function startOwnServer(
  name: string,
  town: object,
  rows: Rows = 'clone',
  settings: Readonly<Record<string, string>> = {},
): Promise<OwnServer> {
  const mails = await startMailSink();
  const folder = await makeFolder(`test-${name}`);
  const database = rows === 'clone' ? await cloneDatabase() : undefined;
  const environment = {
    ...(database && { BUDSTIKKE_DATABASE_URL: database.url }),
    BUDSTIKKE_MODE: 'sandbox',
    BUDSTIKKE_SANDBOX_IMPLICIT: 'none',
    BUDSTIKKE_SMTP_URL: mails.url,
    BUDSTIKKE_STATISTICS_API_KEY: statisticsKey,
    BUDSTIKKE_LOG_LEVEL: 'warn',
    ...settings,
  };
  let running: ServerProcess | undefined;
  const stop = async (): Promise<void> => {
    try {
      await running?.stop();
    } finally {
      await mails.close();
      await database?.drop();
      await folder.remove();
    }
  };
  stopWhenInterrupted(stop);
  try {
    const first = await startServer({ folder, environment });
    running = first;
    const client = createClient(first.url);
    await loadTown(client, town);
    const restart = async (): Promise<void> => {
      running = await startServer({ folder, environment: { ...environment, ...settings }, port: first.port }); // settings as they are by then
    };
    return { client, mails, process: () => running ?? first, databaseUrl: database?.url, restart, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function cloneDatabase(): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const cluster = await openTestCluster();
  const name = await cluster.create('migrated');
  const drop = async (): Promise<void> => {
    await cluster.drop(name);
    await cluster.release();
  };
  return { url: cluster.urlOf(name), drop };
}

/** A run that is stopped in the middle takes along what it started. A server that is only starting ends with this process. */
export function stopWhenInterrupted(stop: () => Promise<unknown>): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop().finally(() => process.exit(143)));
}

async function loadTown(client: Client, town: object): Promise<void> {
  const answer = await client.post('/budstikke/v1/sandbox/seed', town);
  if (answer.status >= 300) throw new Error(`The town was not loaded: ${answer.status} ${answer.text.slice(0, 1000)}`);
}
