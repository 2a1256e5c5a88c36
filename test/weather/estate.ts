import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startEmbedded } from '#db/embedded/index.ts';
import { silentLog } from '#kernel/log.ts';
import { createClient } from '../../demo/client.ts';
import { type Folder, launchServer, makeFolder, type ServerProcess } from '../../demo/server-process.ts';
import { type MailSink, startMailSink } from '../../demo/sink.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { town } from './town.ts';

export interface Size {
  /** Processes that answer requests; with no workers they do all the work too. */
  readonly apis: number;
  readonly workers: number;
}

export type Target = 'api' | 'worker' | 'database';

/** Several processes on one database, each of which may die at any moment and is started again. */
export interface Estate {
  /** Addresses of those that answer, whether or not they live just now. */
  readonly addresses: readonly string[];
  readonly mails: MailSink;
  /** Where the processes hand over their mail. */
  readonly gateway: Gateway;
  readonly databaseUrl: string;
  /** Kills one of these with -9 and lets it come back; resolves when it is dead, not when it is back. */
  kill(target: Target, which: number): Promise<void>;
  /** Stops the database as an operator does, in the middle of whatever runs; it is started again at once. */
  restartDatabase(): void;
  /** Resolves when everything lives and answers. */
  allUp(): Promise<void>;
  /**
   * Notices that a dead worker had taken are tried again five minutes later; a test lets those minutes be over at once. Only when
   * the living have come to rest: what one of them holds would go twice.
   */
  endLeases(): Promise<void>;
  stop(): Promise<void>;
}

interface Place {
  readonly role: 'all' | 'api' | 'worker';
  readonly folder: Folder;
  readonly port: number | undefined;
  running: ServerProcess;
  /** It was killed, and somebody is starting it again: killed once more it is started by the same. */
  isComing: boolean;
}

/** Builds the estate on a database, a folder of blobs and a mail server of its own, and loads a town. */
export async function buildEstate({ apis, workers }: Size, of: object = town): Promise<Estate> {
  const ground = await makeFolder('weather');
  const database = await startEmbedded({ dataDir: ground.data, log: silentLog });
  const mails = await startMailSink();
  const gateway = await startGateway(mails.url);
  const places: Place[] = [];
  const coming = new Set<Promise<unknown>>();
  let stopped = false;

  const launch = (role: Place['role'], folder: Folder, port?: number): Promise<ServerProcess> =>
    launchServer({
      folder,
      port,
      role,
      environment: {
        // One address for all, as behind a load balancer: a token of one is good at the others.
        BUDSTIKKE_PUBLIC_URL: 'http://weather.example',
        BUDSTIKKE_DATABASE_URL: database.url,
        BUDSTIKKE_BLOB_DIR: join(ground.data, 'blobs'),
        BUDSTIKKE_SANDBOX_IMPLICIT: 'none',
        BUDSTIKKE_SANDBOX_TOWN: 'none',
        BUDSTIKKE_SMTP_URL: gateway.url,
        BUDSTIKKE_LOG_LEVEL: 'warn',
      },
    });
  const open = async (role: Place['role']): Promise<void> => {
    const folder = await makeFolder(`weather-${role}`);
    const running = await launch(role, folder);
    places.push({ role, folder, port: role === 'worker' ? undefined : running.port, running, isComing: false });
    await running.ready;
  };
  const stop = async (): Promise<void> => {
    stopped = true;
    await Promise.allSettled(coming);
    await Promise.allSettled(places.map(({ running }) => running.stop()));
    await database.stop();
    await gateway.down();
    await mails.close();
    await Promise.all([ground, ...places.map(({ folder }) => folder)].map((folder) => folder.remove()));
  };

  try {
    for (let i = 0; i < apis; i += 1) await open(workers === 0 ? 'all' : 'api');
    for (let i = 0; i < workers; i += 1) await open('worker');
    const seeded = await createClient(places[0]!.running.url).post('/budstikke/v1/sandbox/seed', of);
    if (seeded.status >= 300) throw new Error(`The town was not loaded: ${seeded.status} ${seeded.text.slice(0, 1000)}`);
  } catch (error) {
    await stop();
    throw error;
  }

  /** Dead and started again until it is ready, whatever else dies meanwhile. */
  const revive = async (place: Place): Promise<void> => {
    if (place.isComing) return;
    place.isComing = true;
    while (!stopped) {
      const running = await launch(place.role, place.folder, place.port);
      place.running = running;
      if (await running.ready.then(() => true).catch(() => false)) break;
      await running.kill();
    }
    place.isComing = false;
  };
  const keep = (work: Promise<unknown>): void => {
    coming.add(work);
    work.finally(() => coming.delete(work));
  };

  return {
    addresses: places.filter(({ role }) => role !== 'worker').map(({ running }) => running.url),
    mails,
    gateway,
    databaseUrl: database.url,
    restartDatabase: () => void process.kill(postmasterPid(ground), 'SIGINT'),
    async kill(target, which) {
      if (target === 'database') {
        process.kill(postmasterPid(ground), 'SIGKILL');
        return;
      }
      const mine = places.filter(({ role }) => (target === 'worker' && workers > 0 ? role === 'worker' : role !== 'worker'));
      const place = mine[which % mine.length]!;
      await place.running.kill();
      keep(revive(place));
    },
    async allUp() {
      while (coming.size > 0) await Promise.all(coming);
      for (const place of places) if (place.role !== 'worker') await healthy(place.running.url);
    },
    async endLeases() {
      const client = new pg.Client(database.url);
      await client.connect();
      await client.query(
        `update notifications.notice set leased_until = statement_timestamp() - interval '1 second' where state = 'handing-over'`,
      );
      await client.end();
    },
    stop,
  };
}

/** The database of this estate, and no other. */
function postmasterPid(ground: Folder): number {
  const [pid] = readFileSync(join(ground.data, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
  return Number(pid);
}

async function healthy(url: string): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const answer = await createClient(url)
      .get('/health')
      .catch(() => undefined);
    if (answer?.status === 200) return;
    await sleep(100);
  }
  throw new Error(`${url} does not come back`);
}
