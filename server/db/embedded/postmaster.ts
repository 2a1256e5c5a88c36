import { spawn } from 'node:child_process';
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '#kernel/log.ts';
import { asOwner } from './owner.ts';
import { type Place, socketDirectory } from './place.ts';
import { port } from './settings.ts';

/** A postmaster that this process started. It is on its own: it outlives us unless somebody stops it. */
export interface Launched {
  isDead(): boolean;
  /** What it wrote to its log since it was started. */
  said(): string;
}

const largestLogBytes = 10_000_000;
const largestTailBytes = 8_000;

/**
 * Starts PostgreSQL in a session of its own, so that the terminal's Ctrl-C reaches us alone and requests are drained
 * before their database goes. Its log is a file, since a pipe would die with us.
 */
export function launch(place: Place, binaries: string, settings: Readonly<Record<string, string>>): Launched {
  removeZombiesLock(place.cluster);
  turnLog(place.logFile);
  const log = openSync(place.logFile, 'a', 0o600);
  const start = fstatSync(log).size;
  const all = { ...settings, port: String(port), unix_socket_directories: socketDirectory(place) };
  const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(join(binaries, 'bin', 'postgres'), ['-D', place.cluster, ...options], {
    ...asOwner(place.runAs),
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let dead = false;
  child.on('exit', () => (dead = true));
  child.on('error', () => (dead = true));
  child.unref();
  return { isDead: () => dead, said: () => textFrom(place.logFile, start) };
}

/** The postmaster of this cluster and of no other, or undefined when none runs. */
export function findPostmaster(cluster: string): number | undefined {
  const pid = pidInLock(cluster);
  if (pid === undefined || isGone(pid)) return undefined;
  return commandLineOf(pid).includes(cluster) ? pid : undefined;
}

/** A stale lock may name the pid of a stranger. The command line can be read without rights over the process. */
function commandLineOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** Stops the postmaster of this cluster and waits until it is gone. Sessions end at once, their transactions roll back. */
export async function stopPostmaster(cluster: string, log: Log): Promise<void> {
  const pid = findPostmaster(cluster);
  if (pid === undefined) return;
  signal(pid, 'SIGINT');
  const patience = Date.now() + 60_000;
  while (!isGone(pid)) {
    if (Date.now() > patience) {
      log.warn({ pid }, 'PostgreSQL does not stop; it is made to, and will recover at its next start');
      signal(pid, 'SIGQUIT');
      return;
    }
    await sleep(5);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const lockFile = (cluster: string): string => join(cluster, 'postmaster.pid');

function pidInLock(cluster: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(lockFile(cluster), 'utf8'), 10);
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

const isZombie = (pid: number): boolean => stateOf(pid) === 'Z';
const isGone = (pid: number): boolean => [undefined, 'Z', 'X'].includes(stateOf(pid));

/** The letter after the name in brackets, which may itself hold brackets: `12 (postgres) S …`. Undefined: no such process. */
function stateOf(pid: number): string | undefined {
  try {
    return /\) (\S)[^)]*$/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/** PostgreSQL takes a killed postmaster that nobody reaped (containers without an init) for a living one, for ever. */
function removeZombiesLock(cluster: string): void {
  const pid = pidInLock(cluster);
  if (pid !== undefined && isZombie(pid)) rmSync(lockFile(cluster), { force: true });
}

function turnLog(file: string): void {
  if (existsSync(file) && statSync(file).size > largestLogBytes) renameSync(file, `${file}.1`);
}

function textFrom(file: string, start: number): string {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const size = fstatSync(descriptor).size;
      const from = Math.max(start, size - largestTailBytes);
      const buffer = Buffer.alloc(Math.max(size - from, 0));
      readSync(descriptor, buffer, 0, buffer.length, from);
      return buffer.toString('utf8');
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return '';
  }
}
