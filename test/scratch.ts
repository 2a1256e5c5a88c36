import { accessSync, chmodSync, constants, mkdtempSync, realpathSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const roomBytes = 2_000_000_000;

/**
 * Where tests put databases that nobody will miss. In memory where there is room: a cloned database is some 500 files,
 * and making that many takes half a second on some disks, and 20 ms in memory.
 */
export function scratchDirectory(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    accessSync('/dev/shm', constants.W_OK);
    return bavail * bsize > roomBytes ? '/dev/shm' : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** Directories of this name belong to the process whose number follows; the next run removes those of processes that are gone. */
export const runPrefix = 'budstikke-run-';

/** A new directory. Others may walk in, since a PostgreSQL that root starts runs as another user. */
export function makeScratchDirectory(): string {
  const directory = mkdtempSync(join(scratchDirectory(), `${runPrefix}${process.pid}-`));
  chmodSync(directory, 0o755);
  return realpathSync(directory);
}
