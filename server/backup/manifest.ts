import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { StartError } from '#kernel/start-error.ts';

/** The list of what a back-up holds: a JSON object a line. It is written last to last, so that one with an end is whole. */
export const manifestName = 'manifest.ndjson';
const format = 1;

/** The first line: of which database, and from when. */
export interface Head {
  readonly madeAt: string;
  /** PostgreSQL's own name of the cluster. Copy and original share it, and the order of transactions. */
  readonly systemIdentifier: string;
  readonly postgres: string;
  readonly startLsn: string;
}

/** A file, by its path from the back-up's root; an empty directory has a path that ends with a slash, and nothing more. */
export interface Entry {
  readonly path: string;
  readonly sizeBytes?: number;
  /** lower-case hex */
  readonly sha256?: string;
}

/** What the last line adds up: files, their bytes, and the digest of every line before it. */
export interface Tail {
  readonly files: number;
  readonly bytes: number;
  readonly stopLsn: string;
}

export interface ManifestWriter {
  add(entries: readonly Entry[]): Promise<void>;
  finish(stopLsn: string): Promise<Tail>;
  close(): Promise<void>;
}

/** Begins a manifest in `directory`. Lines are added in any order; `finish` writes the end. */
export async function writeManifest(directory: string, head: Head): Promise<ManifestWriter> {
  const file = await open(join(directory, manifestName), 'wx', 0o600);
  const digest = createHash('sha256');
  let [files, bytes] = [0, 0];
  let writing = Promise.resolve();
  const append = (text: string): Promise<void> => {
    digest.update(text);
    writing = writing.then(() => file.writeFile(text));
    return writing;
  };
  const write = (rows: readonly object[]): Promise<void> => append(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await write([{ format, ...head }]);
  return {
    async add(entries) {
      files += entries.filter(({ sizeBytes }) => sizeBytes !== undefined).length;
      bytes += entries.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0);
      if (entries.length > 0) await write(entries);
    },
    async finish(stopLsn) {
      const tail: Tail = { files, bytes, stopLsn };
      await file.writeFile(`${JSON.stringify({ end: true, ...tail, sha256: digest.digest('hex') })}\n`);
      return tail;
    },
    close: () => file.close(),
  };
}

export interface Manifest {
  readonly head: Head;
  readonly entries: readonly Entry[];
  readonly tail: Tail;
}

/**
 * Reads the manifest of a back-up. Refuses (StartError) a directory without one, one that was cut off or changed, and paths
 * that lead out of the back-up.
 */
export async function readManifest(directory: string): Promise<Manifest> {
  const file = join(directory, manifestName);
  const digest = createHash('sha256');
  const rows: string[] = [];
  try {
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
      if (rows.length > 0) digest.update(`${rows.at(-1)}\n`);
      rows.push(line);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new StartError(`${directory} is no back-up: it holds no ${manifestName}.`);
    throw new StartError(`${file} cannot be read (${code}).`);
  }
  const [head, ...between] = rows.map((row) => parse(row, file));
  const tail = between.pop();
  if (!head || !tail || tail.end !== true) throw new StartError(`${file} has no end: the back-up was cut off.`);
  if (tail.sha256 !== digest.digest('hex')) throw new StartError(`${file} was changed after the back-up was made.`);
  if (head.format !== format) throw new StartError(`${file} is of format ${head.format}; this Budstikke reads format ${format}.`);
  const entries = between as unknown as Entry[];
  const strange = entries.find(({ path }) => !/^(postgres|blobs)\//.test(path) || path.split('/').includes('..'));
  if (strange) throw new StartError(`${file} names a path that is no part of a back-up.`);
  return { head: head as unknown as Head, entries, tail: tail as unknown as Tail };
}

function parse(row: string, file: string): Record<string, unknown> {
  try {
    return JSON.parse(row) as Record<string, unknown>;
  } catch {
    throw new StartError(`${file} has a line that is not JSON: the back-up was cut off or changed.`);
  }
}
