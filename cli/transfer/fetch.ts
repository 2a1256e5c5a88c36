import { createHash, type Hash } from 'node:crypto';
import { constants, createReadStream, existsSync, linkSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { FileChanged, type FileFacts, Refused, type Transfers } from '../../sdk/index.ts';
import { ToldError } from '../told-error.ts';
import { OtherBytes } from './exit-codes.ts';
import { hashFile, readBytes } from './hash-file.ts';
import { describeBytes, type Output } from './output.ts';
import { safeName } from './safe-name.ts';

export interface FetchOptions {
  /** The directory. */
  readonly into: string;
  readonly force?: boolean;
  readonly confirm?: boolean;
}

export interface Fetched {
  readonly fileTransferId: string;
  readonly file: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Bytes that were there from an earlier attempt. */
  readonly resumedAt: number;
  readonly confirmed: boolean;
}

/**
 * Fetches a file into a directory, or goes on where an earlier attempt broke off. Under its own name it stands only when it is whole, on
 * disk, and has the hash that the server says; until then it is a hidden file beside it. A file of its name that is there stays, unless
 * `force` writes over it: this one then bears its id before its name. With `confirm` the hash of what is held is told; what an earlier
 * attempt fetched, and could not confirm any more, is not fetched again.
 * Refuses (ToldError) where no file can be written. Throws OtherBytes, with nothing kept.
 */
export async function fetchFile(transfers: Transfers, id: string, options: FetchOptions, output: Output): Promise<Fetched> {
  const facts = await transfers.inspect(id);
  const name = safeName(facts.fileName, id);
  const places = [name, safeName(`${id}-${name}`, id)].map((one) => join(options.into, one));
  const held = options.force ? undefined : await findHeld(transfers, { id, facts, places, confirms: options.confirm ?? false });
  if (held) return held;
  makeDirectory(options.into);
  const partial = join(options.into, `.${safeName(id, 'file')}.part`);
  const { sha256, resumedAt } = await receive(transfers, { id, facts, partial }, output);
  if (facts.sha256 !== undefined && sha256 !== facts.sha256) {
    rmSync(partial, { force: true });
    throw new OtherBytes(`what came of ${id} has the SHA-256 ${sha256}, and the server says ${facts.sha256}; it was not kept`);
  }
  const file = settle(partial, places, options.force ?? false);
  if (options.confirm) await transfers.confirm(id, { sha256 });
  return { fileTransferId: id, file, sizeBytes: facts.sizeBytes, sha256, resumedAt, confirmed: options.confirm ?? false };
}

export function describeFetched({ file, sizeBytes, sha256, confirmed }: Fetched): string {
  return `${file}: ${describeBytes(sizeBytes)}, SHA-256 ${sha256}${confirmed ? ', confirmed' : ''}`;
}

interface Receiving {
  readonly id: string;
  readonly facts: FileFacts;
  readonly partial: string;
}

async function receive(
  transfers: Transfers,
  { id, facts, partial }: Receiving,
  output: Output,
): Promise<{ sha256: string; resumedAt: number }> {
  const handle = await openOwn(partial);
  const bar = output.progress(`fetches ${safeName(facts.fileName, id)}`, facts.sizeBytes);
  try {
    const { hash, bytes: resumedAt } = await hashOfBegun(handle, partial, facts.sizeBytes);
    let position = resumedAt;
    bar.at(position);
    try {
      for await (const chunk of transfers.download(id, facts, position)) {
        hash.update(chunk);
        for (let written = 0; written < chunk.length; ) {
          written += (await handle.write(chunk, written, chunk.length - written, position + written)).bytesWritten;
        }
        position += chunk.length;
        bar.at(position);
      }
    } catch (error) {
      if (error instanceof FileChanged) await handle.truncate(0);
      throw error;
    }
    await handle.sync();
    return { sha256: hash.digest('hex'), resumedAt };
  } finally {
    bar.end();
    await handle.close();
  }
}

/** Never through a link that somebody has laid there. Refuses (ToldError) a directory that cannot be written to. */
async function openOwn(partial: string): Promise<FileHandle> {
  const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
  try {
    return await open(partial, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
  } catch (error) {
    throw new ToldError(`${partial} cannot be written (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** What an earlier attempt left, read again: its bytes are part of the hash. More than the file has is nothing. */
async function hashOfBegun(handle: FileHandle, partial: string, sizeBytes: number): Promise<{ hash: Hash; bytes: number }> {
  const hash = createHash('sha256');
  const { size } = await handle.stat();
  if (size > sizeBytes) await handle.truncate(0);
  if (size === 0 || size > sizeBytes) return { hash, bytes: 0 };
  for await (const chunk of createReadStream(partial, { highWaterMark: readBytes })) hash.update(chunk as Buffer);
  return { hash, bytes: size };
}

interface Wanted {
  readonly id: string;
  readonly facts: FileFacts;
  readonly places: readonly string[];
  readonly confirms: boolean;
}

/**
 * The file where an earlier attempt has put it: what is there has its hash, and the server says that it was handed over. Confirmed, where
 * that is asked for.
 */
async function findHeld(transfers: Transfers, { id, facts, places, confirms }: Wanted): Promise<Fetched | undefined> {
  const { sha256, sizeBytes } = facts;
  if (sha256 === undefined) return undefined;
  for (const file of places) {
    const found = statSync(file, { throwIfNoEntry: false });
    if (!found?.isFile() || found.size !== sizeBytes || (await hashFile(file, () => {})).sha256 !== sha256) continue;
    if (confirms ? await isConfirmed(transfers, id, sha256) : await isHandedOver(transfers, id))
      return { fileTransferId: id, file, sizeBytes, sha256, resumedAt: sizeBytes, confirmed: confirms };
  }
  return undefined;
}

/** False for a file that was never fetched, however alike one is that is here. */
async function isConfirmed(transfers: Transfers, id: string, sha256: string): Promise<boolean> {
  try {
    await transfers.confirm(id, { sha256 });
    return true;
  } catch (error) {
    if (error instanceof Refused && error.refusal === 'confirmBeforeDownload') return false;
    throw error;
  }
}

async function isHandedOver(transfers: Transfers, id: string): Promise<boolean> {
  return (await transfers.custody(id)).recipients.some(({ fetchedAt, confirmedAt }) => fetchedAt !== null || confirmedAt !== null);
}

/** There is nowhere to write to. */
export class NoDirectory extends ToldError {}

/** Refuses (NoDirectory) what is no directory, and cannot become one. */
function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new NoDirectory(code === 'EEXIST' || code === 'ENOTDIR' ? `${path} is no directory.` : `${path} cannot be made (${code}).`);
  }
}

/** Gives a file the first of these names that is free, and tells which; with `force` the first. Refuses (ToldError) where none is. */
function settle(partial: string, places: readonly string[], force: boolean): string {
  const [first] = places as [string];
  if (force) {
    renameSync(partial, first);
    return first;
  }
  for (const file of places) {
    try {
      linkSync(partial, file);
      rmSync(partial);
      return file;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST' || existsSync(file)) continue;
      renameSync(partial, file); // a file system without hard links
      return file;
    }
  }
  throw new ToldError(`${places.join(' and ')} are there already. --force writes over the first.`);
}
