import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from './config.ts';
import { elsewhere, pointerName, stopIfUnused } from './db/embedded/index.ts';
import type { Log } from './kernel/log.ts';
import { StartError } from './kernel/start-error.ts';
import { markName } from './serve.ts';

/**
 * Empties the sandbox's data directory: database and bytes. Says what it did.
 * Refuses (StartError) in production, with a database of one's own, a directory that is not ours, and one that is in use.
 */
export async function reset({ MODE, DATABASE_URL, DATA_DIR: dataDir, BLOB_DIR }: Config, log: Log): Promise<string> {
  if (MODE === 'production') throw new StartError('Nothing is reset in production.');
  if (DATABASE_URL !== undefined) {
    throw new StartError('BUDSTIKKE_DATABASE_URL names a database of your own, which is not ours to empty. Nothing was removed.');
  }
  if (!existsSync(dataDir) || readdirSync(dataDir).length === 0) return `There is nothing in ${dataDir}.`;
  if (!existsSync(join(dataDir, markName))) {
    throw new StartError(`${dataDir} does not look like a data directory of Budstikke (it holds no ${markName}). Nothing was removed.`);
  }
  const user = await stopIfUnused(dataDir, log);
  if (user !== undefined) throw new StartError(`${dataDir} is in use (${user}). Stop that first. Nothing was removed.`);
  removeElsewhere(dataDir);
  for (const name of readdirSync(dataDir)) rmSync(join(dataDir, name), { recursive: true, force: true });
  const left = BLOB_DIR === undefined || BLOB_DIR.startsWith(`${dataDir}/`) ? '' : ` The bytes in ${BLOB_DIR} are left.`;
  return `Emptied ${dataDir}.${left}`;
}

/** A cluster that could not lie inside the directory. One that another directory points to as well is not ours alone. */
function removeElsewhere(dataDir: string): void {
  const pointer = join(dataDir, pointerName);
  if (!existsSync(pointer)) return;
  const home = dirname(readFileSync(pointer, 'utf8').trim());
  if (dirname(home) !== elsewhere || !existsSync(join(home, 'belongs-to'))) return;
  const owner = readFileSync(join(home, 'belongs-to'), 'utf8').trim();
  if (owner === dataDir || !existsSync(owner)) rmSync(home, { recursive: true, force: true });
}
