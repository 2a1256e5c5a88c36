import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { StartError } from '#kernel/start-error.ts';
import { hasCluster, type Place } from './place.ts';

/** Stands in a cluster's directory as long as a back-up is being restored into it, and says by whom. */
export const reservedName = 'budstikke-restore.json';

/** Who restores. A number of a process means something on its host only, between two boots, in its namespace. */
interface Holder {
  readonly mark: string;
  readonly host: string;
  readonly space: string;
  readonly boot: string;
  readonly process: number;
  /** When the process began, in the kernel's ticks: its number may be another's by now. */
  readonly began: string;
}

/**
 * Takes the place of a cluster for whoever restores one: from here on no server makes a database there, for the directory
 * stands, holds something, and is moved there whole, just as a new cluster is. `mark` is 12 hexadecimal digits.
 *
 * Gives the mark of a restore that was killed and whose remains were taken over, if there was one. Refuses (StartError) a
 * place with a cluster, and one where another restore is under way.
 */
export function reserveCluster(place: Place, mark: string): string | undefined {
  const left = removeRemains(place);
  const fresh = `${place.cluster}.new-${mark}`;
  mkdirSync(fresh, { mode: 0o700 });
  try {
    writeFileSync(join(fresh, reservedName), JSON.stringify(ourselves(mark)));
    if (place.runAs) for (const path of [fresh, join(fresh, reservedName)]) chownSync(path, place.runAs.uid, place.runAs.gid);
    renameSync(fresh, place.cluster);
    return left;
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    refuseReserved(place);
    throw new StartError(`There is a database of this data directory in ${place.cluster} already. Nothing was written.`);
  }
}

/** What is restored is whole from the moment on in which this file has its name. */
export const versionName = 'PG_VERSION';
/** How that file is called until then. */
export const versionUntilWhole = `${versionName}.restored`;

/** Makes a restored cluster one that a server finds. */
export function completeCluster({ cluster }: Place): void {
  renameSync(join(cluster, versionUntilWhole), join(cluster, versionName));
  rmSync(join(cluster, reservedName));
}

/** Gives the place up again, if it is still the one that was taken with this mark. */
export function releaseCluster(place: Place, mark: string): void {
  if (!hasCluster(place.cluster) && holderOf(place.cluster)?.mark === mark) removeAside(place, mark);
}

/** Moved away first: nobody shall meet a directory that is half removed. Of two who do so at once one does nothing. */
function removeAside({ cluster }: Place, mark: string): void {
  const aside = `${cluster}.new-${randomBytes(6).toString('hex')}`;
  try {
    renameSync(cluster, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (holderOf(aside)?.mark === mark) rmSync(aside, { recursive: true, force: true });
  else renameSync(aside, cluster); // somebody has just taken the place
}

/** Refuses (StartError) to start a server where a back-up is being restored, or was and did not come to its end. */
export function refuseReserved({ cluster, dataDir }: Place): void {
  const holder = hasCluster(cluster) ? undefined : holderOf(cluster);
  if (!holder) return;
  throw new StartError(
    isGone(holder)
      ? `A back-up was being restored into ${dataDir} and was broken off. Run the restore again: it clears what the other has left.`
      : `A back-up is being restored into ${dataDir} (process ${holder.process} on ${holder.host}). Start when that has ended. ` +
          `(If it is certain that it ended without a word, remove ${cluster} and restore again.)`,
  );
}

const lost: Holder = { mark: '', host: hostname(), space: '', boot: '', process: 0, began: '' };

function removeRemains(place: Place): string | undefined {
  const { cluster } = place;
  if (hasCluster(cluster)) throw new StartError(`There is a database of this data directory in ${cluster} already. Nothing was written.`);
  const holder = holderOf(cluster);
  if (!holder) return undefined;
  if (!isGone(holder)) refuseReserved(place);
  removeAside(place, holder.mark);
  return holder.mark;
}

function holderOf(cluster: string): Holder | undefined {
  const path = join(cluster, reservedName);
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    if (error instanceof SyntaxError) return lost; // the power went before it was on the disk
    throw error;
  }
}

function ourselves(mark: string): Holder {
  return {
    mark,
    host: hostname(),
    space: readlinkSync('/proc/self/ns/pid'),
    boot: bootId(),
    process: process.pid,
    began: beganOf(process.pid) ?? '',
  };
}

/** Only where that can be known: of a process in another container or on another machine it cannot. */
function isGone({ host, space, boot, process: id, began }: Holder): boolean {
  if (host !== hostname()) return false;
  if (boot !== bootId()) return true;
  return space === readlinkSync('/proc/self/ns/pid') && beganOf(id) !== began;
}

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

function beganOf(id: number): string | undefined {
  try {
    // The name of the program may hold blanks and brackets; field 22 is counted from after it.
    return readFileSync(`/proc/${id}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[19];
  } catch {
    return undefined;
  }
}
