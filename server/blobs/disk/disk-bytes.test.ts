import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readlinkSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { after, test } from 'node:test';
import { countGiven } from '#kernel/given-bytes.ts';
import { type BlobKey, newId } from '#kernel/ids.ts';
import { letGo } from '#kernel/lent-bytes.ts';
import { makeScratchDirectory } from '../../../test/scratch.ts';
import { inPieces } from '../bytes.ts';
import { seal } from '../encrypted/seal.ts';
import type { S3 } from '../s3/connect.ts';
import { writeObject } from '../s3/write-object.ts';
import { leastRead, reading, sealing, shareMemory, spooling } from '../share-memory.ts';
import { diskBytes } from './disk-bytes.ts';

const directory = makeScratchDirectory();
after(() => rmSync(directory, { recursive: true, force: true }));

/** Notes what Node syncs, by the path that it has at that moment, and syncs it all the same. */
async function syncedBy(work: () => Promise<void>): Promise<string[]> {
  const probe = await open(directory);
  const handle = Object.getPrototypeOf(probe) as FileHandle;
  await probe.close();
  const { sync, datasync } = handle;
  const synced: string[] = [];
  const noting = (really: FileHandle['sync']) =>
    function (this: FileHandle): Promise<void> {
      synced.push(readlinkSync(`/proc/self/fd/${this.fd}`));
      return really.call(this);
    };
  [handle.sync, handle.datasync] = [noting(sync), noting(datasync)];
  try {
    await work();
  } finally {
    [handle.sync, handle.datasync] = [sync, datasync];
  }
  return synced;
}

async function* chunks(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

test('given bytes, when they are written, then the file is synced before it gets its name, and the directory after', async () => {
  const key = newId<BlobKey>();
  const bytes = diskBytes(directory);

  const synced = await syncedBy(() => bytes.write(key, chunks('whole ', 'bytes')));

  assert.deepEqual(synced, [join(directory, 'incoming', key), join(directory, key.slice(-2))]);
  assert.equal(Buffer.concat(await (await bytes.read(key)).toArray()).toString(), 'whole bytes');
});

test('given a disk that takes some of what it is given, and one that is full later, when bytes are written, then none is left out, and nothing stays', async () => {
  const probe = await open(directory);
  const handle = Object.getPrototypeOf(probe) as FileHandle;
  await probe.close();
  const { writev } = handle;
  const given = Array.from({ length: 40 }, (_, i) => Buffer.alloc(30_000 + i, i));
  const bytes = diskBytes(directory);
  const [key, other] = [newId<BlobKey>(), newId<BlobKey>()];
  const stream = async function* () {
    yield* given;
  };
  handle.writev = function (this: FileHandle, buffers: readonly NodeJS.ArrayBufferView[]) {
    return writev.call(this, [(buffers[0] as Buffer).subarray(0, 20_001)]);
  } as typeof writev;
  try {
    await bytes.write(key, stream());
    let writes = 0;
    handle.writev = function (this: FileHandle, buffers: readonly NodeJS.ArrayBufferView[]) {
      writes += 1;
      return writes === 3
        ? Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' }))
        : writev.call(this, buffers as never);
    } as typeof writev;
    await assert.rejects(bytes.write(other, stream()), { code: 'ENOSPC' });
  } finally {
    handle.writev = writev;
  }

  assert.ok(Buffer.concat(await (await bytes.read(key)).toArray()).equals(Buffer.concat(given)));
  await assert.rejects(bytes.read(other), { name: 'BlobMissing' });
  assert.equal(existsSync(join(directory, 'incoming', other)), false);
});

test('given streams that share memory, when more come and some leave twice, then each holds its share, neither more than helps nor less than is worth it', async () => {
  const memory = shareMemory({ together: 1000, most: 400, least: 10 });
  const first = memory.enter();
  assert.equal(first.bytes(), 400);
  const more = Array.from({ length: 9 }, () => memory.enter());
  assert.equal(first.bytes(), 64);
  const many = Array.from({ length: 990 }, () => memory.enter());
  assert.equal(first.bytes(), 10);
  for (const one of many) one.leave();
  for (const one of [...more, ...more]) one.leave();
  assert.equal(first.bytes(), 400);

  const sizes = [4, 2, 3];
  const pieces = await Array.fromAsync(inPieces(chunks('abcde', 'fg', 'hijk'), () => sizes.shift() ?? 1));
  assert.deepEqual(pieces.map(String), ['abcd', 'ef', 'ghi', 'j', 'k']);
});

test('given objects that are written to a store, when they are small, large, refused, or break off, then nothing of the memory that all share stays with them', async () => {
  const storeThat = (answers: (command: string) => object): S3 => ({
    bucket: 'b',
    patience: { attemptMillis: 1000, totalMillis: 1000 },
    send: async (ask) => ask({ send: async (command: object) => answers(command.constructor.name) } as never, new AbortController().signal),
    close() {},
  });
  const takes = storeThat(() => ({ UploadId: 'u', ETag: 'e' }));
  const refuses = (which: string) =>
    storeThat((command) => {
      if (command === which) throw new Error('refused');
      return { UploadId: 'u', ETag: 'e' };
    });
  async function* breaking() {
    yield Buffer.alloc(100_000);
    throw new Error('broken off');
  }
  const dataKey = Buffer.alloc(32, 1);
  const parts = { spoolDirectory: directory, sizeOf: () => 1_500_000 };
  const given = (many: number) => Array.from({ length: many }, () => Buffer.alloc(1_000_000));
  const write = (s3: S3, many: number) => writeObject(s3, 'n', seal(Readable.from(given(many)), dataKey), parts);
  const held = () => [spooling.many(), sealing.many()];

  for (let n = 0; n < 3; n++) await write(takes, 1);
  assert.deepEqual(held(), [0, 0], 'small');
  await write(takes, 0);
  await write(takes, 5);
  assert.deepEqual(held(), [0, 0], 'none, and many parts');
  await assert.rejects(write(refuses('PutObjectCommand'), 1), /refused/);
  assert.deepEqual(held(), [0, 0], 'a small one that is refused');
  for (const which of ['CreateMultipartUploadCommand', 'UploadPartCommand', 'CompleteMultipartUploadCommand']) {
    await assert.rejects(write(refuses(which), 9), /refused/);
    assert.deepEqual(held(), [0, 0], which);
  }
  await assert.rejects(writeObject(takes, 'n', seal(breaking(), dataKey), parts), /broken off/);
  await assert.rejects(writeObject(takes, 'n', seal(Readable.from(given(5)), dataKey), { ...parts, spoolDirectory: '/none' }), {
    code: 'ENOENT',
  });
  assert.deepEqual(held(), [0, 0], 'what breaks off, and what finds no room');
});

test('given hundreds of files that come at once, when they are written, then little of each is held at a time, and every one is whole', async () => {
  const bytes = diskBytes(directory);
  let [held, most] = [0, 0];
  const probe = await open(directory);
  const handle = Object.getPrototypeOf(probe) as FileHandle;
  await probe.close();
  const { writev } = handle;
  handle.writev = async function (this: FileHandle, buffers: readonly NodeJS.ArrayBufferView[]) {
    const written = await writev.call(this, buffers as never);
    held -= written.bytesWritten;
    return written;
  } as typeof writev;
  const all = Promise.withResolvers<void>();
  let begun = 0;
  async function* counted(n: number) {
    begun += 1;
    if (begun === 300) all.resolve();
    await all.promise;
    for (let i = 0; i < 6; i += 1) {
      held += 65_536;
      most = Math.max(most, held);
      yield Buffer.alloc(65_536, n + i);
    }
  }
  const keys = Array.from({ length: 300 }, () => newId<BlobKey>());
  try {
    await Promise.all(keys.map((key, n) => bytes.write(key, counted(n))));
  } finally {
    handle.writev = writev;
  }

  assert.ok(most <= 300 * 65_536, `${most} bytes were held`);
  const whole = Buffer.concat(await (await bytes.read(keys[7]!)).toArray());
  assert.ok(whole.equals(Buffer.concat(Array.from({ length: 6 }, (_, i) => Buffer.alloc(65_536, 7 + i)))));
});

const piece = async (stream: Readable): Promise<Buffer> => {
  await once(stream, 'readable');
  return stream.read() as Buffer;
};

test('given readers of one file who take nothing, when there are more and more of them, then of each one piece is read and no more, which is small, and none counts when they are gone', async () => {
  const bytes = diskBytes(directory);
  const key = newId<BlobKey>();
  await bytes.write(key, Readable.from(Array.from({ length: 40 }, () => Buffer.alloc(65_536, 'x'))));
  const stuck = () => new Writable({ highWaterMark: 1, write() {} });
  const readers = await Promise.all(Array.from({ length: 600 }, () => bytes.read(key)));
  assert.equal(reading.many(), 600);
  const sent = readers.map((reader) => reader.pipe(stuck()));
  while (sent.some((to) => to.writableLength === 0)) await new Promise(setImmediate);
  for (const reader of readers) assert.equal(reader.readableLength, 0);
  const held = sent.reduce((sum, to) => sum + to.writableLength, 0);
  assert.equal(held, 600 * leastRead);

  for (const reader of readers) reader.destroy();
  await Promise.all(readers.map((reader) => reader.closed || once(reader, 'close')));
  assert.equal(reading.many(), 0);
});

test('given a reader that takes its pieces quickly, and then slowly, when it is read to, then pieces grow to a mebibyte and shrink to the least; where connections hold too much, they are the least', async (t) => {
  const bytes = diskBytes(directory);
  const key = newId<BlobKey>();
  await bytes.write(key, Readable.from(Array.from({ length: 160 }, () => Buffer.alloc(65_536, 'x'))));
  const stream = await bytes.read(key);
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const next = async (millis: number): Promise<number> => {
    const taken = await piece(stream);
    now += millis;
    letGo(taken);
    return taken.length / 1024;
  };
  const sizes: number[] = [];
  for (const millis of [1, 1, 1, 1, 1, 2000, 2000, 1]) sizes.push(await next(millis));
  assert.deepEqual(sizes, [64, 128, 256, 512, 1024, 1024, 128, 16]);

  const connection = countGiven();
  connection.gave(40 * 1024 * 1024);
  assert.equal(await next(1), 16);
  connection.end();
  assert.equal(await next(1), 32);
  stream.destroy();
});
