import { spawnSync } from 'node:child_process';

/** The user that PostgreSQL runs as when it cannot be our own, because PostgreSQL refuses to run as root. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** `nobody` by number: names differ between distributions. */
export const nobody: Owner = { uid: 65534, gid: 65534 };

export const isRoot = (): boolean => process.geteuid?.() === 0;

/** Who owns what PostgreSQL writes: `runAs`, or ourselves. */
export const ownerId = (runAs: Owner | null): number => runAs?.uid ?? process.geteuid?.() ?? 0;

/** Options of a child process that must not inherit our directory (it may be out of reach) nor our settings (they hold secrets). */
export function asOwner(runAs: Owner | null): { uid?: number; gid?: number; cwd: string; env: Record<string, string> } {
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
  return { ...(runAs ?? {}), cwd: '/', env };
}

/** Whether the user can walk into the directory: every parent counts. */
export function canReach(directory: string, runAs: Owner | null): boolean {
  return spawnSync('/bin/sh', ['-c', 'test -x "$0"', directory], { ...asOwner(runAs), stdio: 'ignore' }).status === 0;
}

/** Whether the machine has a name for the user; initdb refuses to run as one without (directories mounted into a container). */
export function hasName(owner: Owner): boolean {
  return spawnSync('id', ['-un'], { ...asOwner(owner), stdio: 'ignore' }).status === 0;
}
