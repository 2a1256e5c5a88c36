import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import streamArray from 'stream-json/streamers/stream-array.js';
import { StartError } from '#kernel/start-error.ts';

/** A file that is being read. */
export interface Reading {
  readonly sizeBytes: number;
  /** Of the file as it lies on the disk. */
  readBytes(): number;
  /** Its items, one at a time; more is read when they are taken. */
  readonly items: AsyncIterable<unknown>;
}

/**
 * Reads a JSON array of any length, compressed by gzip or not (told by its first bytes), with memory that does not grow with it.
 * Refuses (StartError) a file that is not there, is cut off, or holds something else.
 */
export async function readFile(path: string): Promise<Reading> {
  const { size, isGzip } = await lookAt(path);
  const source = createReadStream(path, { highWaterMark: 256 * 1024 });
  return { sizeBytes: size, readBytes: () => source.bytesRead, items: itemsOf(path, source, isGzip) };
}

async function* itemsOf(path: string, source: ReturnType<typeof createReadStream>, isGzip: boolean): AsyncGenerator<unknown> {
  const array = streamArray.withParserAsStream({ streamValues: false }); // values whole and never in pieces: twice as fast
  let failure: unknown;
  const done = (isGzip ? pipeline(source, createGunzip({ chunkSize: 256 * 1024 }), array) : pipeline(source, array)).catch(
    (error: unknown) => {
      failure = error;
    },
  );
  try {
    for await (const { value } of array as AsyncIterable<{ value: unknown }>) yield value;
  } catch (error) {
    throw cannotRead(path, failure ?? error);
  } finally {
    source.destroy();
    array.destroy();
  }
  await done;
  if (failure) throw cannotRead(path, failure);
}

/** SHA-256, hex, of a file's bytes. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    throw cannotRead(path, error);
  }
  return hash.digest('hex');
}

async function lookAt(path: string): Promise<{ size: number; isGzip: boolean }> {
  try {
    const { size } = await stat(path);
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
      return { size, isGzip: bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw cannotRead(path, error);
  }
}

function cannotRead(path: string, error: unknown): StartError {
  const { code, syscall } = error as NodeJS.ErrnoException;
  const why = syscall ? code : code === 'Z_BUF_ERROR' ? 'it is cut off' : 'it is not a whole JSON array, plain or compressed by gzip';
  return new StartError(`${path} cannot be read: ${why}.`);
}
