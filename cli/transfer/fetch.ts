import { createHash, type Hash } from 'node:crypto';
import { constants, createReadStream, existsSync, linkSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { FileChanged, type FileFacts, type Transfers } from '../../sdk/index.ts';
import { ToldError } from '../told-error.ts';
import { OtherBytes } from './exit-codes.ts';
import { readBytes } from './hash-file.ts';
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
 * disk, and has the hash that the server says; until then it is a hidden file beside it. With `confirm` the hash of what is held is told.
 * Refuses (ToldError) to write over a file without `force`. Throws OtherBytes, with nothing kept.
 */
export async function fetchFile(transfers: Transfers, id: string, options: FetchOptions, output: Output): Promise<Fetched> {
  const facts = await transfers.inspect(id);
  const file = join(options.into, safeName(facts.fileName, id));
  if (!options.force && existsSync(file)) throw new ToldError(`${file} is there already. --force writes over it.`);
  mkdirSync(options.into, { recursive: true });
  const partial = join(options.into, `.${safeName(id, 'file')}.part`);
  const { sha256, resumedAt } = await receive(transfers, { id, facts, partial }, output);
  if (facts.sha256 !== undefined && sha256 !== facts.sha256) {
    rmSync(partial, { force: true });
    throw new OtherBytes(`what came of ${id} has the SHA-256 ${sha256}, and the server says ${facts.sha256}; it was not kept`);
  }
  settle(partial, file, options.force ?? false);
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

/** Gives a file its name. Without `force` a file that has come there meanwhile stays as it is. */
function settle(partial: string, file: string, force: boolean): void {
  if (force || !isLinked(partial, file)) renameSync(partial, file);
  else rmSync(partial);
}

/** False on file systems without hard links. Refuses (ToldError) where a file is. */
function isLinked(partial: string, file: string): boolean {
  try {
    linkSync(partial, file);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || existsSync(file)) throw new ToldError(`${file} is there already. --force writes over it.`);
    return false;
  }
}
