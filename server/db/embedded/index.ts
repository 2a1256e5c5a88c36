import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import type { Log } from '#kernel/log.ts';
import { StartError } from '#kernel/start-error.ts';
import { isConnectionLoss } from '../errors.ts';
import { findBinaries } from './binaries.ts';
import { claimServer, connectOrStart, ensureDatabase, findOtherUser, isLastUser } from './connection.ts';
import { initializeCluster } from './initialize.ts';
import { choosePlace, hasCluster, type Place, removeSocketDirectory, socketDirectory } from './place.ts';
import { findPostmaster, launch, stopPostmaster } from './postmaster.ts';
import { databaseName, forgetfulSettings, serverSettings, superuser } from './settings.ts';

export { removeCopiedBinaries } from './binaries.ts';
export { choosePlace, elsewhere, hasCluster, type Place, pointerName } from './place.ts';
export { completeCluster, releaseCluster, reserveCluster, reservedName, versionName, versionUntilWhole } from './reserve.ts';

export interface EmbeddedOptions {
  readonly dataDir: string;
  readonly log: Log;
  /** A data directory has one server at a time; tools (the default) share it. */
  readonly as?: 'server' | 'tool';
  /** False for tests: nothing is synced to the disk. Decided by whoever starts PostgreSQL. */
  readonly durable?: boolean;
  /** Called when the database was lost and could not be brought back, or another server has taken the data directory. */
  readonly onLost?: (why: StartError) => void;
}

export interface Embedded {
  readonly url: string;
  /** Address of another database of the same cluster. */
  urlOf(database: string): string;
  /** Lets go of the database, and stops PostgreSQL when nobody else uses it. May be called more than once. */
  stop(): Promise<'stopped' | 'left for others'>;
}

/** The major version that the binaries read and write. */
const majorVersion = '18';

/**
 * PostgreSQL for one data directory: adopts the instance that runs there or starts one, and brings it back should it
 * be killed. PostgreSQL outlives this process unless `stop` is called; the next start adopts it.
 *
 * Refuses (StartError) a directory or disk that cannot be used, a cluster of another version, and a second server.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const place = choosePlace(options.dataDir);
  const binaries = findBinaries(place.runAs);
  await initializeCluster(place, binaries);
  refuseOtherVersion(place.cluster);

  const urlOf = (database: string): string => `postgresql://${superuser}@/${database}?host=${encodeURIComponent(socketDirectory(place))}`;
  const held = await hold(place, binaries, urlOf('postgres'), options);
  return { url: urlOf(databaseName), urlOf, stop: held.stop };
}

/**
 * Stops the PostgreSQL of a data directory that nobody uses, such as one whose server was killed.
 * Gives the name of a user when there is one, and leaves it alone.
 */
export async function stopIfUnused(dataDir: string, log: Log): Promise<string | undefined> {
  const { cluster } = choosePlace(dataDir);
  if (findPostmaster(cluster) === undefined) return undefined;
  const embedded = await startEmbedded({ dataDir, log });
  const user = await findOtherUser(embedded.urlOf('postgres'));
  return (await embedded.stop()) === 'stopped' ? undefined : (user ?? 'another process');
}

function refuseOtherVersion(cluster: string): void {
  const version = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim();
  if (version === majorVersion) return;
  throw new StartError(`The database in ${cluster} is of PostgreSQL ${version}; this Budstikke brings ${majorVersion} and cannot read it.`);
}

async function hold(place: Place, binaries: string, url: string, options: EmbeddedOptions): Promise<Pick<Embedded, 'stop'>> {
  const { log } = options;
  const settings = options.durable === false ? { ...serverSettings, ...forgetfulSettings } : serverSettings;
  const name = `budstikke ${options.as ?? 'tool'}, process ${process.pid}`;
  let stopping: Promise<'stopped' | 'left for others'> | undefined;

  const connect = async (triesLeft = 10): Promise<pg.Client> => {
    const client = await connectOrStart(url, name, () => launch(place, binaries, settings), place.dataDir);
    try {
      await claim(client);
      await ensureDatabase(client, databaseName);
    } catch (error) {
      // Killed again before it was ours.
      if (isConnectionLoss(error) && triesLeft > 0) return connect(triesLeft - 1);
      await leave(client);
      throw error;
    }
    client.on('end', () => {
      if (!stopping) connection = revive();
    });
    return client;
  };

  const claim = async (client: pg.Client): Promise<void> => {
    if (options.as !== 'server') return;
    const claimed = await claimServer(client);
    if (claimed !== 'claimed') throw new StartError(secondServer(place.dataDir, claimed.heldBy));
  };

  const revive = async (): Promise<pg.Client | undefined> => {
    log.warn({ cluster: place.cluster }, 'database lost; bringing it back');
    try {
      if (!hasCluster(place.cluster)) {
        rmSync(socketDirectory(place), { recursive: true, force: true });
        throw new StartError(`The database in ${place.cluster} has been deleted.`);
      }
      const client = await connect();
      log.warn({ cluster: place.cluster }, 'database back');
      return client;
    } catch (error) {
      const why = error instanceof StartError ? error : new StartError(`The database is gone and does not come back: ${error}`);
      log.error({ cluster: place.cluster }, why.message);
      if (!stopping) options.onLost?.(why);
      return undefined;
    }
  };

  const leave = async (client: pg.Client | undefined): Promise<'stopped' | 'left for others'> => {
    try {
      if (!client || !(await isLastUser(client))) return 'left for others';
      await stopPostmaster(place.cluster, log);
      removeSocketDirectory(place);
      return 'stopped';
    } catch {
      // The connection broke while we were leaving: somebody else has stopped the database, or it was killed.
      return findPostmaster(place.cluster) === undefined ? 'stopped' : 'left for others';
    } finally {
      await client?.end().catch(() => {});
    }
  };

  let connection: Promise<pg.Client | undefined> = connect();
  await connection;
  return {
    stop: () => {
      stopping ??= connection.then(leave);
      return stopping;
    },
  };
}

function secondServer(dataDir: string, heldBy: string): string {
  return (
    `A Budstikke server is already running on the data directory ${dataDir} (${heldBy}). ` +
    'Stop it first, or give this one another directory with BUDSTIKKE_DATA_DIR and another port with BUDSTIKKE_PORT.'
  );
}
