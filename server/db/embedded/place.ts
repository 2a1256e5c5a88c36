import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { StartError } from '#kernel/start-error.ts';
import { canReach, hasName, isRoot, nobody, type Owner, ownerId } from './owner.ts';

/** Where a cluster lies and who runs it. The same data directory gives the same answer in every process. */
export interface Place {
  readonly dataDir: string;
  readonly cluster: string;
  /** Null: PostgreSQL runs as we do. */
  readonly runAs: Owner | null;
  readonly logFile: string;
}

/** Where clusters lie whose data directory PostgreSQL's user cannot reach. */
export const elsewhere = '/var/lib/budstikke';
/** A file of the data directory that tells where its cluster lies instead. */
export const pointerName = 'postgres-is-at';

/** A new cluster takes some 40 MB, and the first segments of its log as much again. */
const leastFreeBytes = 200_000_000;

/**
 * Decides where the cluster of a data directory lies, and makes the directory if need be.
 * As root, PostgreSQL runs as the owner of the data directory, or as nobody where that is root or has no name; a directory
 * that this user cannot reach gets its cluster under /var/lib/budstikke and a file that says so.
 *
 * Refuses (StartError) a directory that cannot be used, saying why.
 */
export function choosePlace(dataDir: string): Place {
  const real = prepareDataDir(dataDir);
  const place = isRoot() ? placeForRoot(real) : { cluster: join(real, 'postgres'), runAs: null };
  refuseForeignCluster(place.cluster, place.runAs);
  if (!hasCluster(place.cluster)) refuseFullDisk(dirname(place.cluster));
  return { dataDir: real, logFile: join(real, 'postgres.log'), ...place };
}

export const hasCluster = (cluster: string): boolean => existsSync(join(cluster, 'PG_VERSION'));

function prepareDataDir(dataDir: string): string {
  const advice = 'Choose another directory with BUDSTIKKE_DATA_DIR or change its owner.';
  try {
    makeDirectory(dataDir);
    if (!statSync(dataDir).isDirectory()) throw Object.assign(new Error(), { code: 'EEXIST' });
    const probe = join(dataDir, `.probe-${randomBytes(6).toString('hex')}`);
    writeFileSync(probe, 'x');
    rmSync(probe);
    return realpathSync(dataDir);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const why = { EEXIST: 'is a file, not a directory', ENOTDIR: 'is not a directory', ENOSPC: 'is on a full disk' }[code];
    throw new StartError(`The data directory ${dataDir} ${why ?? `cannot be written (${code})`}. ${advice}`);
  }
}

/** With its parents, one after the other: Node's own `recursive` never ends where the system cannot make one, as below /proc. */
function makeDirectory(directory: string): void {
  if (existsSync(directory)) return;
  makeDirectory(dirname(directory));
  try {
    mkdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function placeForRoot(dataDir: string): Pick<Place, 'cluster' | 'runAs'> {
  const inside = join(dataDir, 'postgres');
  const pointer = join(dataDir, pointerName);
  const cluster = !existsSync(inside) && existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : inside;
  if (existsSync(cluster)) {
    const { uid, gid } = statSync(cluster);
    return { cluster, runAs: { uid, gid } };
  }
  const { uid, gid } = statSync(dataDir);
  const runAs = uid === 0 || !hasName({ uid, gid }) ? nobody : { uid, gid };
  if (canReach(dataDir, runAs)) return { cluster: inside, runAs };
  return { cluster: moveElsewhere(dataDir, pointer), runAs };
}

function moveElsewhere(dataDir: string, pointer: string): string {
  const cluster = join(elsewhere, hashOf(dataDir), 'postgres');
  mkdirSync(dirname(cluster), { recursive: true, mode: 0o755 });
  writeFileSync(join(dirname(cluster), 'belongs-to'), `${dataDir}\n`);
  const fresh = `${pointer}.${process.pid}`;
  writeFileSync(fresh, `${cluster}\n`);
  renameSync(fresh, pointer);
  return cluster;
}

function refuseForeignCluster(cluster: string, runAs: Owner | null): void {
  if (!existsSync(cluster)) return;
  const { uid } = statSync(cluster);
  if (uid === 0) throw new StartError(`${cluster} belongs to root, and PostgreSQL refuses to run as root. Change its owner or remove it.`);
  if (uid === ownerId(runAs)) return;
  throw new StartError(
    `The database in ${cluster} belongs to user ${uid}, and we are user ${ownerId(null)}. ` +
      'Start Budstikke as that user or as root, or choose another directory with BUDSTIKKE_DATA_DIR.',
  );
}

function refuseFullDisk(directory: string): void {
  const { bavail, bsize } = statfsSync(directory);
  const free = bavail * bsize;
  if (free >= leastFreeBytes) return;
  const megabytes = (bytes: number) => `${Math.floor(bytes / 1_000_000)} MB`;
  throw new StartError(
    `The disk of ${directory} has ${megabytes(free)} free; a new database needs ${megabytes(leastFreeBytes)}. ` +
      'Make room or choose another directory with BUDSTIKKE_DATA_DIR.',
  );
}

const hashOf = (path: string): string => createHash('sha256').update(path).digest('hex').slice(0, 16);

const socketPath = (place: Place): string => `/tmp/budstikke-${hashOf(place.cluster)}`;

/**
 * The directory of the cluster's socket, mode 0700 and owned by the user that runs PostgreSQL: whoever gets in is trusted.
 * Under /tmp because a socket's path holds 107 bytes at most; not under TMPDIR, which differs between processes.
 *
 * Refuses (StartError) a directory of that name that somebody else made or opened to others.
 */
export function socketDirectory(place: Place): string {
  const directory = socketPath(place);
  const owner = ownerId(place.runAs);
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  // Made by us just now, or by another process of root that has not come to this line yet.
  if (place.runAs && lstatSync(directory).uid === 0) lchownSync(directory, place.runAs.uid, place.runAs.gid);
  const found = lstatSync(directory);
  if (found.isDirectory() && found.uid === owner && (found.mode & 0o777) === 0o700) return directory;
  throw new StartError(`${directory} is not a directory of user ${owner} with mode 0700. Remove it; Budstikke makes it anew.`);
}

/** Once PostgreSQL is stopped. Somebody may be starting it again: then the directory is not empty, or is made anew. */
export function removeSocketDirectory(place: Place): void {
  try {
    rmdirSync(socketPath(place));
  } catch {
    // In use again.
  }
}
