import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import {
  choosePlace,
  completeCluster,
  hasCluster,
  type Place,
  pointerName,
  releaseCluster,
  reserveCluster,
  versionName,
  versionUntilWhole,
} from '#db/embedded/index.ts';
import { StartError } from '#kernel/start-error.ts';
import { copyFile, forEachAtOnce, syncDirectory, syncFileSystem } from './copy-file.ts';
import { type Entry, type Manifest, readManifest, type Tail } from './manifest.ts';

export interface RestoreOptions {
  readonly source: string;
  readonly dataDir: string;
  readonly blobDir: string;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
}

/** Names of files that are told of; how many more there are is told too. */
const toldAtMost = 20;

/** User and group that files shall belong to; null: ours. */
type Owner = { readonly uid: number; readonly gid: number } | null;

/** Where the bytes are put while they are copied, beside the shelves. */
const freshBlobs = (blobDir: string, mark: string): string => join(blobDir, `.new-${mark}`);

/**
 * Puts a back-up into an empty data directory (and directory of blobs, where that lies elsewhere): the next start recovers
 * the database from it and goes on. The database's place is taken before the first byte and until the end, so that no server
 * starts meanwhile, and no second restore. Every file is checked against the manifest while it is copied; only when all are
 * as they were do the blobs appear at their places, and last the database. What a restore that was killed has left is cleared.
 *
 * Refuses (StartError) a directory that is not empty, what is no whole back-up, and files that are missing or changed, naming
 * them. Whenever it fails, what it has put there is removed, and nothing else.
 */
export async function restore(options: RestoreOptions): Promise<Tail> {
  const source = resolve(options.source);
  const manifest = await readManifest(source);
  const { dataDir, blobDir } = options;
  const place = choosePlace(dataDir);
  const mark = randomBytes(6).toString('hex');
  const remains = reserveCluster(place, mark);
  const hadBlobDir = existsSync(blobDir);
  const blobs = manifest.entries.filter(({ path }) => path.startsWith('blobs/'));
  const moved = new Set<string>();
  try {
    if (remains !== undefined) clearRemains(blobDir, remains, blobs);
    refuseFull(dataDir, [basename(place.cluster), ...(dirname(blobDir) === dataDir ? [basename(blobDir)] : [])]);
    refuseFull(
      blobDir,
      [basename(dataDir)].filter(() => dirname(dataDir) === blobDir),
    );
    await copyAll(source, manifest, { postgres: place.cluster, blobs: freshBlobs(blobDir, mark) }, place.runAs, options);
    await putInPlace(place, blobDir, mark, moved);
    return manifest.tail;
  } catch (error) {
    const own = blobs.filter(({ path }) => moved.has(path.split('/')[1]!));
    if (!hasCluster(place.cluster)) removeBlobs(blobDir, own);
    throw error;
  } finally {
    rmSync(freshBlobs(blobDir, mark), { recursive: true, force: true });
    if (!hadBlobDir) removeIfEmpty(blobDir);
    releaseCluster(place, mark); // does nothing to one that is complete
  }
}

/** Shelf by shelf: the directory itself may be a mount point. The cluster is last: where it stands, all stands. */
async function putInPlace(place: Place, blobDir: string, mark: string, moved: Set<string>): Promise<void> {
  const fresh = freshBlobs(blobDir, mark);
  for (const shelf of readdirSync(fresh)) {
    try {
      renameSync(join(fresh, shelf), join(blobDir, shelf));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOTDIR') throw error;
      throw new StartError(`Somebody has put ${shelf} into ${blobDir} meanwhile. What was restored is removed again, and that is left.`);
    }
    moved.add(shelf);
  }
  await syncDirectory(blobDir);
  completeCluster(place);
  await syncDirectory(place.cluster);
  await syncDirectory(dirname(place.cluster));
}

/**
 * Clears what a killed restore has put into the directory of blobs, which was empty before: its own directory there says so.
 * Of the shelves only what this back-up names; of another back-up, or of somebody else, nothing is touched.
 */
function clearRemains(blobDir: string, mark: string, blobs: readonly Entry[]): void {
  const fresh = freshBlobs(blobDir, mark);
  if (!existsSync(fresh)) return;
  removeBlobs(blobDir, blobs);
  rmSync(fresh, { recursive: true });
}

function removeBlobs(blobDir: string, entries: readonly Entry[]): void {
  const shelves = new Set<string>();
  for (const { path, sha256 } of entries) {
    const below = relative('blobs', path);
    if (sha256 === undefined) shelves.add(below);
    else rmSync(join(blobDir, below), { force: true });
    shelves.add(dirname(below));
  }
  for (const shelf of shelves) if (shelf !== '.' && shelf !== '') removeIfEmpty(join(blobDir, shelf));
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Not there, or somebody has put something into it.
  }
}

/** What a disk of its own holds without anybody's doing, where clusters are made, and where ours lies when it is not here. */
const harmless = new RegExp(`^(lost\\+found|\\.snapshots?|postgres\\.new-[0-9a-f]{12}|${pointerName})$`);

function refuseFull(directory: string, ours: readonly string[]): void {
  if (!existsSync(directory)) return;
  const [found] = readdirSync(directory).filter((name) => !harmless.test(name) && !ours.includes(name));
  if (found === undefined) return;
  throw new StartError(`${directory} is not empty (it holds ${found}). Restore into an empty directory; nothing was written.`);
}

async function copyAll(
  source: string,
  { entries }: Manifest,
  fresh: { readonly postgres: string; readonly blobs: string },
  owner: Owner,
  { signal, tell }: RestoreOptions,
): Promise<void> {
  const wrong: string[] = [];
  const made = new Set<string>();
  const make = (directory: string, of: Owner): void => {
    if (made.has(directory)) return;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (of) chownSync(directory, of.uid, of.gid);
    made.add(directory);
  };
  const placeOf = ({ path }: Entry): { target: string; of: Owner } =>
    path.startsWith('postgres/')
      ? { target: join(fresh.postgres, namedUntilWhole(path.slice('postgres/'.length))), of: owner }
      : { target: join(fresh.blobs, path.slice('blobs/'.length)), of: null };

  make(fresh.postgres, owner);
  make(fresh.blobs, null);
  const files = entries.filter(({ sha256 }) => sha256 !== undefined);
  for (const entry of entries.filter(({ sha256 }) => sha256 === undefined)) make(placeOf(entry).target, placeOf(entry).of);
  for (const entry of files) make(dirname(placeOf(entry).target), placeOf(entry).of);
  await forEachAtOnce(files, signal, async (entry) => {
    const { target, of } = placeOf(entry);
    const copied = await copyFile(join(source, entry.path), target);
    if (!copied) return void wrong.push(`${entry.path} is missing`);
    if (copied.sha256 !== entry.sha256) return void wrong.push(`${entry.path} was changed`);
    if (of) chownSync(target, of.uid, of.gid);
  });
  if (wrong.length > 0) throw new StartError(whatIsWrong(source, wrong));
  for (const directory of [fresh.postgres, fresh.blobs]) await syncFileSystem(directory);
  tell(`${files.length} files are as they were when the back-up was made.`);
}

/** The file by which a cluster is known gets its name at the end. */
const namedUntilWhole = (path: string): string => (path === versionName ? versionUntilWhole : path);

function whatIsWrong(source: string, wrong: readonly string[]): string {
  const more = wrong.length > toldAtMost ? [`and ${wrong.length - toldAtMost} more`] : [];
  const lines = [...wrong.toSorted().slice(0, toldAtMost), ...more].map((line) => `  ${line}`);
  return [`The back-up ${source} is not what it was; nothing was restored:`, ...lines].join('\n');
}
