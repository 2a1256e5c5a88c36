import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { choosePlace, hasCluster, pointerName } from '#db/embedded/index.ts';
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

/**
 * Puts a back-up into an empty data directory (and directory of blobs, where that lies elsewhere): the next start recovers
 * the database from it and goes on. Every file is checked against the manifest while it is copied; only when all are as they
 * were do database and blobs appear at their places.
 *
 * Refuses (StartError) a directory that is not empty, what is no whole back-up, and files that are missing or changed, naming them.
 */
export async function restore(options: RestoreOptions): Promise<Tail> {
  const source = resolve(options.source);
  const manifest = await readManifest(source);
  const { dataDir, blobDir } = options;
  for (const directory of [dataDir, blobDir]) refuseFull(directory);
  const place = choosePlace(dataDir);
  if (hasCluster(place.cluster))
    throw new StartError(`There is a database of this data directory in ${place.cluster} already. Nothing was written.`);
  const mark = randomBytes(6).toString('hex');
  const fresh = { postgres: `${place.cluster}.new-${mark}`, blobs: join(blobDir, `.new-${mark}`) };
  const hadBlobDir = existsSync(blobDir);
  try {
    await copyAll(source, manifest, fresh, place.runAs, options);
    // Shelf by shelf: the directory itself may be a mount point. The cluster is last: where it stands, all stands.
    for (const shelf of readdirSync(fresh.blobs)) renameSync(join(fresh.blobs, shelf), join(blobDir, shelf));
    await syncDirectory(blobDir);
    renameSync(fresh.postgres, place.cluster);
    await syncDirectory(dirname(place.cluster));
    return manifest.tail;
  } catch (error) {
    rmSync(fresh.postgres, { recursive: true, force: true });
    if (!hadBlobDir) rmSync(blobDir, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(fresh.blobs, { recursive: true, force: true });
  }
}

function refuseFull(directory: string): void {
  if (!existsSync(directory)) return;
  const [found] = readdirSync(directory).filter((name) => name !== pointerName);
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
      ? { target: join(fresh.postgres, path.slice('postgres/'.length)), of: owner }
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

function whatIsWrong(source: string, wrong: readonly string[]): string {
  const more = wrong.length > toldAtMost ? [`and ${wrong.length - toldAtMost} more`] : [];
  const lines = [...wrong.toSorted().slice(0, toldAtMost), ...more].map((line) => `  ${line}`);
  return [`The back-up ${source} is not what it was; nothing was restored:`, ...lines].join('\n');
}
