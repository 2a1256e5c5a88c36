import { accessSync, constants, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

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
