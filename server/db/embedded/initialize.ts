import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { StartError } from '#kernel/start-error.ts';
import { asOwner } from './owner.ts';
import { hasCluster, type Place } from './place.ts';
import { refuseReserved } from './reserve.ts';
import { superuser } from './settings.ts';

/** Without --no-sync initdb waits seconds for the disk; the first checkpoint syncs what matters. */
const initdbOptions = [
  ...['--username', superuser, '--auth', 'trust', '--encoding', 'UTF8', '--locale', 'C'],
  ...['--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--no-instructions', '--no-sync'],
];

const abandonedAfterMillis = 10 * 60_000;

/**
 * Makes the cluster unless it exists. It is made beside its place and moved there when complete, so that a cluster
 * that can be seen is whole, and of two processes that start at once one wins and the other takes the winner's.
 *
 * Refuses (StartError) with the lines of initdb that name the cause, and a place that a back-up is being restored to.
 */
export async function initializeCluster(place: Place, binaries: string): Promise<void> {
  if (hasCluster(place.cluster)) return;
  refuseReserved(place);
  removeAbandoned(place.cluster);
  const fresh = `${place.cluster}.new-${randomBytes(6).toString('hex')}`;
  mkdirSync(fresh, { mode: 0o700 });
  if (place.runAs) chownSync(fresh, place.runAs.uid, place.runAs.gid);
  try {
    await runInitdb(join(binaries, 'bin', 'initdb'), fresh, place);
    moveIntoPlace(fresh, place.cluster);
    refuseReserved(place);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function moveIntoPlace(fresh: string, cluster: string): void {
  try {
    renameSync(fresh, cluster);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return;
    throw error;
  }
}

async function runInitdb(initdb: string, directory: string, place: Place): Promise<void> {
  const child = spawn(initdb, ['--pgdata', directory, ...initdbOptions], { ...asOwner(place.runAs), stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (chunk) => (said += chunk));
  child.stderr.on('data', (chunk) => (said += chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code === 0) return;
  throw new StartError(`The database could not be made in ${place.cluster}:\n${causeIn(said)}`);
}

/** initdb ends with what it tidied up; the cause stands further up. */
function causeIn(said: string): string {
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  const causes = lines.filter((line) => /could not|No space|FATAL|error/i.test(line));
  return (causes.length > 0 ? causes : lines.slice(-5)).map((line) => `  ${line.trim()}`).join('\n');
}

/** What a process left that was killed while it made a cluster. */
function removeAbandoned(cluster: string): void {
  const parent = dirname(cluster);
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(`${basename(cluster)}.new-`)) continue;
    const path = join(parent, name);
    try {
      if (Date.now() - statSync(path).mtimeMs > abandonedAfterMillis) rmSync(path, { recursive: true, force: true });
    } catch {
      // Gone meanwhile.
    }
  }
}
