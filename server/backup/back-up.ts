import { createHash, randomBytes } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { BlobDamaged, BlobMissing, type Blobs, keepReleased, listKept } from '#blobs/index.ts';
import { choosePlace, hasCluster, startEmbedded } from '#db/embedded/index.ts';
import { createDatabase, type Database } from '#db/index.ts';
import { type BlobKey, newId } from '#kernel/ids.ts';
import type { Log } from '#kernel/log.ts';
import { StartError } from '#kernel/start-error.ts';
import { listClusterFiles, listSegments } from './cluster-files.ts';
import { copyFile, forEachAtOnce, syncDirectory, syncFileSystem, writeCopy } from './copy-file.ts';
import { type Entry, type ManifestWriter, type Tail, writeManifest } from './manifest.ts';
import { type BackupSession, beginBackup } from './store.ts';

export interface BackUpOptions {
  readonly dataDir: string;
  readonly blobDir: string;
  /** The store of a database; undefined where bytes lie elsewhere and are not in the back-up. */
  readonly storeOf?: (db: Database) => Promise<KeptStore>;
  readonly target: string;
  readonly log: Log;
  /** Breaks it off; nothing is left behind. */
  readonly signal: AbortSignal;
  /** Told in sentences how far it is. */
  readonly tell: (line: string) => void;
}

/** What a finished back-up holds, and what of it the operator must know. */
export interface BackedUp extends Tail {
  /** Blobs that rows name and whose bytes are gone or are others than were stored: the store itself is broken. */
  readonly broken: readonly string[];
}

/** Bytes as they lie, which are copied, and as they were, which their hashes are of: others where they are encrypted. */
export interface KeptStore {
  readonly kept: Blobs;
  readonly opened: Blobs;
}

/** Below this size of the whole, a line at its end is enough. */
const tellEveryBytes = 1_000_000_000;
const keysAtOnce = 500;

/**
 * Copies the embedded database and every blob that it names into `target`, which appears when it is complete. The server may
 * run: what is committed before the database's part ends is in the copy, and nothing that is committed later. The copy is
 * physical, so that it keeps the system identifier and goes on counting transactions; evidence depends on both.
 *
 * Blobs are copied after the database: each that the copy names was whole by then, and until the end nothing that is
 * released is removed (`keepReleased`). Refuses (StartError) a target that exists or lies in what is backed up, a data directory without a database,
 * and a second back-up at the same time.
 */
export async function backUp(options: BackUpOptions): Promise<BackedUp> {
  const { dataDir, log } = options;
  const target = resolve(options.target);
  refuseTarget(target);
  for (const directory of [dataDir, ...(options.storeOf ? [options.blobDir] : [])]) refuseInside(target, directory);
  if (!existsSync(dataDir) || !hasCluster(choosePlace(dataDir).cluster)) throw new StartError(`There is no database in ${dataDir}.`);
  const fresh = `${target}.new-${randomBytes(6).toString('hex')}`;
  const embedded = await startEmbedded({ dataDir, log });
  try {
    makeDirectory(fresh);
    const made = await copyInto(fresh, embedded.url, options);
    refuseTarget(target);
    renameSync(fresh, target);
    await syncDirectory(dirname(target));
    return made;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    await embedded.stop();
  }
}

function refuseTarget(target: string): void {
  if (lstatSync(target, { throwIfNoEntry: false })) throw new StartError(`${target} exists. A back-up is made anew, never over another.`);
}

/** What burns with the house is no back-up. */
function refuseInside(target: string, directory: string): void {
  if (!existsSync(dirname(target)) || !existsSync(directory)) return;
  const way = relative(realpathSync(directory), realpathSync(dirname(target)));
  if (way === '..' || way.startsWith('../') || isAbsolute(way)) return;
  throw new StartError(`${target} lies in ${directory}, which is to be backed up. Choose a directory elsewhere, best on another disk.`);
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    throw new StartError(
      `${path} cannot be made (${(error as NodeJS.ErrnoException).code}). Does the directory above it exist, and is it yours?`,
    );
  }
}

async function copyInto(fresh: string, url: string, options: BackUpOptions): Promise<BackedUp> {
  const db = createDatabase({ url, maxConnections: 10, applicationName: 'budstikke backup' });
  const kept = await keepReleased(url);
  let session: BackupSession | undefined;
  let manifest: ManifestWriter | undefined;
  try {
    session = await beginBackup(url);
    const { firstSegment, ...head } = session.begun;
    manifest = await writeManifest(fresh, { madeAt: new Date().toISOString(), ...head });
    const stopLsn = await copyDatabase(session, firstSegment, fresh, manifest, options);
    const broken = options.storeOf ? await copyBlobs(db, await options.storeOf(db), fresh, manifest, options) : [];
    await kept.check();
    const tail = await manifest.finish(stopLsn);
    await syncFileSystem(fresh);
    return { ...tail, broken };
  } finally {
    await manifest?.close();
    await session?.close().catch(() => {});
    await kept.release();
    await db.close();
  }
}

async function copyDatabase(session: BackupSession, firstSegment: string, fresh: string, manifest: ManifestWriter, options: BackUpOptions) {
  const { cluster } = choosePlace(options.dataDir);
  const { directories, files } = listClusterFiles(cluster);
  const tell = progress('database', options.tell);
  const copy = async (path: string): Promise<void> => {
    const copied = await copyFile(join(cluster, path), join(fresh, 'postgres', path));
    if (!copied) return;
    await manifest.add([{ path: `postgres/${path}`, ...copied }]);
    tell(copied.sizeBytes);
  };

  mkdirSync(join(fresh, 'postgres'), { mode: 0o700 });
  for (const path of directories) mkdirSync(join(fresh, 'postgres', path), { mode: 0o700 });
  await manifest.add(directories.map((path): Entry => ({ path: `postgres/${path}/` })));
  await forEachAtOnce(files.slice(0, -1), options.signal, copy);
  await copy(files.at(-1)!);

  const { stopLsn, lastSegment, label } = await session.end();
  await forEachAtOnce(
    listSegments(cluster, firstSegment, lastSegment).map((name) => `pg_wal/${name}`),
    options.signal,
    copy,
  );
  await manifest.add([await writeLabel(fresh, label)]);
  tell('end');
  return stopLsn;
}

async function writeLabel(fresh: string, label: string): Promise<Entry> {
  const path = 'postgres/backup_label';
  const source = join(fresh, `${path}.text`);
  await writeFile(source, label);
  const copied = await copyFile(source, join(fresh, path));
  rmSync(source);
  return { path, ...copied! };
}

async function copyBlobs(
  db: Database,
  { kept, opened }: KeptStore,
  fresh: string,
  manifest: ManifestWriter,
  { signal, tell }: BackUpOptions,
): Promise<string[]> {
  const told = progress('blobs', tell);
  const broken: string[] = [];
  const shelves = new Set<string>();
  const youngest = newId(); // what came to be later, the copy of the database does not name
  mkdirSync(join(fresh, 'blobs'), { mode: 0o700 });
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const rows = await listKept(db, { after, upTo: youngest, limit: keysAtOnce });
    const entries: Entry[] = [];
    await forEachAtOnce(rows, signal, async ({ key, isBound, isEncrypted, sha256 }) => {
      const shelf = key.slice(-2);
      if (!shelves.has(shelf)) mkdirSync(join(fresh, 'blobs', shelf), { recursive: true, mode: 0o700 });
      shelves.add(shelf);
      const path = `blobs/${shelf}/${key}`;
      const source = await kept.read(key).catch((error) => {
        if (!(error instanceof BlobMissing)) throw error;
        return undefined;
      });
      const copied = source && (await writeCopy(source, join(fresh, path)));
      const found = isEncrypted && copied ? await digestOf(opened, key) : copied?.sha256;
      if (isBound && found !== sha256) broken.push(key);
      if (!copied) return;
      entries.push({ path, ...copied });
      told(copied.sizeBytes);
    });
    await manifest.add(entries);
    if (rows.length < keysAtOnce) break;
    after = rows.at(-1)!.key;
  }
  told('end');
  return broken;
}

/** Undefined when the bytes are damaged, or gone meanwhile. */
async function digestOf(blobs: Blobs, key: BlobKey): Promise<string | undefined> {
  const digest = createHash('sha256');
  try {
    for await (const chunk of await blobs.read(key)) digest.update(chunk as Buffer);
    return digest.digest('hex');
  } catch (error) {
    if (error instanceof BlobDamaged || error instanceof BlobMissing) return undefined;
    throw error;
  }
}

/** Says now and then, and at the end, how much of a part is copied. */
function progress(part: string, tell: (line: string) => void): (copied: number | 'end') => void {
  let [files, bytes, next] = [0, 0, tellEveryBytes];
  const line = () => `${part}: ${files} files, ${Math.ceil(bytes / 1_000_000)} MB`;
  return (copied) => {
    if (copied === 'end') return tell(line());
    files += 1;
    bytes += copied;
    if (bytes < next) return;
    next = bytes + tellEveryBytes;
    tell(`${line()} so far`);
  };
}
