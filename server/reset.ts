import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from './config.ts';
import { elsewhere, pointerName, removeCopiedBinaries, stopIfUnused } from './db/embedded/index.ts';
import type { Log } from './kernel/log.ts';
import { StartError } from './kernel/start-error.ts';
import { markName } from './serve.ts';

/** What Budstikke itself makes in a data directory, blobs aside; nothing else in it is ours to remove. */
const ours = [
  /^spool$/,
  /^postgres(\.new-[0-9a-f]{12})?$/,
  /^postgres\.log$/,
  new RegExp(`^${pointerName}(\\.\\d+)?$`),
  /^\.probe-[0-9a-f]{12}$/,
];
/** The shelves of the blob store. */
const shelf = /^(incoming|[0-9a-f]{2})$/;

/**
 * Removes the sandbox's database and bytes from its data directory, and PostgreSQL's copied binaries when no process runs
 * them (the next start copies them anew), and leaves what others put there. Says what it did. The
 * mark goes last: a reset that breaks off can be made again.
 * Refuses (StartError) in production, with a database of one's own, a directory that is not ours, one that is in use, and
 * what this user may not remove.
 */
export async function reset(
  { MODE, DATABASE_URL, DATA_DIR: dataDir, BLOB_DIR, S3_BUCKET, S3_PREFIX = '' }: Config,
  log: Log,
): Promise<string> {
  if (MODE === 'production') throw new StartError('Nothing is reset in production.');
  if (DATABASE_URL !== undefined) {
    throw new StartError('BUDSTIKKE_DATABASE_URL names a database of your own, which is not ours to empty. Nothing was removed.');
  }
  refuseFile(dataDir);
  if (!existsSync(dataDir) || readdirSync(dataDir).length === 0) return `There is nothing in ${dataDir}.`;
  if (!existsSync(join(dataDir, markName))) {
    throw new StartError(`${dataDir} does not look like a data directory of Budstikke (it holds no ${markName}). Nothing was removed.`);
  }
  const user = await stopIfUnused(dataDir, log);
  if (user !== undefined) throw new StartError(`${dataDir} is in use (${user}). Stop that first. Nothing was removed.`);
  try {
    removeElsewhere(dataDir);
    removeMatching(join(dataDir, 'blobs'), [shelf]);
    removeMatching(dataDir, ours);
    rmSync(join(dataDir, markName));
    removeCopiedBinaries();
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    throw new StartError(`${path ?? dataDir} cannot be removed by this user (${code}). Change its owner, and reset again.`);
  }
  const kept = readdirSync(dataDir).length;
  const others = kept === 0 ? '' : ` What is not ours was left: ${kept} in number.`;
  const bytes = BLOB_DIR === undefined || BLOB_DIR.startsWith(`${dataDir}/`) ? '' : ` The bytes in ${BLOB_DIR} are left.`;
  const objects =
    S3_BUCKET === undefined
      ? ''
      : ` The objects in the bucket ${S3_BUCKET} are left, and belong to a database that is gone: remove what begins with "${S3_PREFIX}" there before the next start.`;
  return `Emptied ${dataDir}.${others}${bytes}${objects}`;
}

function refuseFile(dataDir: string): void {
  if (existsSync(dataDir) && !statSync(dataDir).isDirectory())
    throw new StartError(`${dataDir} is a file, not a data directory. Nothing was removed.`);
}

/** Removes what has one of the names, and the directory of blobs when nothing is left in it. */
function removeMatching(directory: string, names: readonly RegExp[]): void {
  if (!existsSync(directory)) return;
  for (const name of readdirSync(directory).filter((each) => names.some((pattern) => pattern.test(each)))) {
    rmSync(join(directory, name), { recursive: true, force: true });
  }
  if (names.includes(shelf) && readdirSync(directory).length === 0) rmdirSync(directory);
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
