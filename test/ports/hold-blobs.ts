import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type BlobMissing, BlobTooLarge, bindBlobs, createDiskBlobs, joinBlobs, releaseBlobs } from '#blobs/index.ts';
import type { BlobKey } from '#kernel/ids.ts';
import { newId } from '#kernel/ids.ts';
import { createTestDatabase } from '../database.ts';
import type { Adapter } from './blob-stores.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is still held when all that is not has been collected. */
function memoryInUse(): number {
  collect();
  collect(); // what the first one found is given back by the second
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const most = { maxBytes: 1_000_000_000 };
const missing = (error: BlobMissing): boolean => error.name === 'BlobMissing';

/** The behaviour that every store has, whatever the place of its bytes. */
export async function holdBlobs(adapters: readonly Adapter[]): Promise<void> {
  const stores = await Promise.all(
    adapters.map(async (adapter) => {
      if (adapter.skip !== false) return { adapter };
      const database = await createTestDatabase();
      return { adapter, opened: { ...database, ...(await adapter.open(database.db)) } };
    }),
  );

  for (const { adapter, opened } of stores) {
    describe(`blobs on ${adapter.name}`, { skip: adapter.skip }, () => {
      if (!opened) return;
      const { db, ctx, blobs, keysWithBytes } = opened;
      const isQuick = adapter.name === 'disk'; // what is of rows and not of places is shown with many there, and with few elsewhere
      const rows = async () =>
        (await db.pool.query('select key, state, size_bytes::int as size, md5, sha256 from blobs.blob order by key')).rows;
      const stateOf = async (key: string) => (await rows()).find((row) => row.key === key)?.state;
      const age = (key: string) => db.pool.query(`update blobs.blob set at = at - interval '25 hours' where key = $1`, [key]);
      const put = (bytes: Buffer | string) => blobs.receive(Readable.from([Buffer.from(bytes)]), most);
      const bind = (...keys: BlobKey[]) => db.transaction(async (tx) => bindBlobs(tx, keys));
      const release = (...keys: BlobKey[]) => db.transaction(async (tx) => releaseBlobs(tx, keys));

      test('given bytes in pieces, when they are received, then they are stored with their length and both hashes, and read back the same', async () => {
        const bytes = randomBytes(3_000_001);
        const pieces = [bytes.subarray(0, 1), bytes.subarray(1, 70_000), Buffer.alloc(0), bytes.subarray(70_000)];

        const stored = await blobs.receive(Readable.from(pieces), most);

        const [md5, sha256] = ['md5', 'sha256'].map((name) => createHash(name).update(bytes).digest('hex'));
        assert.deepEqual(stored, { key: stored.key, sizeBytes: bytes.length, md5, sha256 });
        assert.deepEqual(
          (await rows()).find((row) => row.key === stored.key),
          { key: stored.key, state: 'stored', size: bytes.length, md5, sha256 },
        );
        assert.ok((await buffer(await blobs.read(stored.key))).equals(bytes));
      });

      test('given no bytes at all, when they are received, then an empty blob is stored', async () => {
        const stored = await blobs.receive(Readable.from([]), most);

        assert.equal(stored.sizeBytes, 0);
        assert.equal((await buffer(await blobs.read(stored.key))).length, 0);
      });

      test('given a range, when it is read, then exactly its bytes come, both ends included', async () => {
        const { key } = await put('0123456789');

        const ranges: [number, number | undefined, string][] = [
          [0, 0, '0'],
          [3, 5, '345'],
          [7, undefined, '789'],
          [9, 99, '9'],
        ];
        for (const [start, end, expected] of ranges) {
          assert.equal(String(await buffer(await blobs.read(key, end === undefined ? { start } : { start, end }))), expected);
        }
      });

      test('given a large blob, when it is read, then it comes in chunks that grow, to a mebibyte at most', async () => {
        const { key } = await put(Buffer.alloc(2_500_000));

        const lengths: number[] = [];
        for await (const chunk of await blobs.read(key)) lengths.push((chunk as Buffer).length);

        assert.equal(lengths[0], 65_536);
        assert.ok(Math.max(...lengths) <= 1_048_576);
        assert.equal(
          lengths.reduce((sum, length) => sum + length, 0),
          2_500_000,
        );
      });

      test('given exactly as many bytes as are taken, when they come, then they are stored; given one more, then nothing is kept', async () => {
        const before = await keysWithBytes();
        const stored = await blobs.receive(Readable.from([Buffer.alloc(1000)]), { maxBytes: 1000 });
        await assert.rejects(blobs.receive(Readable.from([Buffer.alloc(600), Buffer.alloc(401)]), { maxBytes: 1000 }), BlobTooLarge);

        assert.deepEqual((await keysWithBytes()).toSorted(), [...before, stored.key].toSorted());
        assert.ok(!(await rows()).some((row) => row.state === 'receiving'));
      });

      test('given a sender who breaks off, when the stream fails, then its error is told and nothing is kept', async () => {
        const [before, rowsBefore] = [await keysWithBytes(), await rows()];
        const source = Readable.from(
          (async function* () {
            yield Buffer.alloc(500_000);
            throw new Error('the line went dead');
          })(),
        );

        await assert.rejects(blobs.receive(source, most), /the line went dead/);

        assert.deepEqual(await keysWithBytes(), before);
        assert.deepEqual(await rows(), rowsBefore);
      });

      test('given a stream destroyed in the middle, when it is being received, then it is refused and nothing is kept', async () => {
        const before = await keysWithBytes();
        const source = new Readable({ read() {} });
        source.push(Buffer.alloc(100_000));
        setTimeout(() => source.destroy(), 50);

        await assert.rejects(blobs.receive(source, most));

        assert.deepEqual(await keysWithBytes(), before);
      });

      test('given bytes on their way, when the first has not come yet, then the key is already known to the database', async () => {
        const source = new Readable({ read() {} });
        const receiving = blobs.receive(source, most);
        while (!(await rows()).some((row) => row.state === 'receiving')) await new Promise((resolve) => setTimeout(resolve, 5));

        source.push(null);

        assert.equal(await stateOf((await receiving).key), 'stored');
      });

      test('given a database that cannot be reached, when bytes are offered, then none are taken', async () => {
        const before = await keysWithBytes();
        const broken = { ...db, transaction: () => Promise.reject(new Error('no database')) };
        const directory = await mkdtemp(join(tmpdir(), 'budstikke-blobs-'));
        const source = Readable.from([Buffer.alloc(10)]);

        await assert.rejects(createDiskBlobs({ directory, db: broken }).receive(source, most), /no database/);

        assert.ok(source.destroyed);
        assert.deepEqual(await keysWithBytes(), before);
        await rm(directory, { recursive: true });
      });

      test('given stored keys, when a transaction binds them, then they are bound; when it rolls back, then they are not', async () => {
        const [a, b] = [await put('a'), await put('b')];
        await assert.rejects(
          db.transaction(async (tx) => {
            bindBlobs(tx, [a.key]);
            throw new Error('changed my mind');
          }),
        );
        assert.equal(await stateOf(a.key), 'stored');

        await bind(a.key, b.key, a.key);

        assert.deepEqual([await stateOf(a.key), await stateOf(b.key)], ['bound', 'bound']);
      });

      test('given a key that is not stored, when it is bound with others, then the transaction fails and none is bound', async () => {
        const [stored, bound, released] = [await put('a'), await put('b'), await put('c')];
        await bind(bound.key);
        await release(released.key);

        for (const bad of [bound.key, released.key, newId<BlobKey>()]) {
          await assert.rejects(bind(stored.key, bad), /only 1 of 2 blobs to bind are stored/);
          assert.equal(await stateOf(stored.key), 'stored');
        }
        await bind();
      });

      test('given a key, when two transactions bind it at once, then one of them fails', async () => {
        const { key } = await put('a');

        const outcomes = await Promise.allSettled([bind(key), bind(key)]);

        assert.deepEqual(outcomes.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
      });

      test('given an unbound and a bound key, when they are removed, then the first is gone and the second is left alone; twice is once', async () => {
        const [unbound, bound] = [await put('a'), await put('b')];
        await bind(bound.key);

        for (const key of [unbound.key, bound.key, unbound.key, newId<BlobKey>()]) await blobs.remove(key);

        await assert.rejects(blobs.read(unbound.key), missing);
        assert.equal(await stateOf(unbound.key), undefined);
        assert.equal(String(await buffer(await blobs.read(bound.key))), 'b');
      });

      test('given a name that is no key, when it is read, then nothing outside the store is touched', async () => {
        for (const name of ['../../../etc/passwd', '', 'x', `${newId()}/..`]) await assert.rejects(blobs.read(name as BlobKey), missing);
      });

      test('given released keys and unbound ones older than a day, when the sweeper runs, then their bytes and rows are gone and all others stay', async () => {
        const [released, old, young, bound] = [await put('r'), await put('o'), await put('y'), await put('b')];
        await bind(bound.key, released.key);
        await release(released.key);
        for (const key of [old.key, bound.key]) await age(key);

        const swept = await blobs.sweep(ctx);

        assert.ok(swept >= 2);
        for (const key of [released.key, old.key]) {
          assert.equal(await stateOf(key), undefined);
          await assert.rejects(blobs.read(key), missing);
        }
        assert.equal(String(await buffer(await blobs.read(young.key))), 'y');
        assert.equal(String(await buffer(await blobs.read(bound.key))), 'b');
        assert.equal(await blobs.sweep(ctx), 0);
      });

      test('given a crash between any two steps, when a day has gone, then the sweeper leaves neither byte nor row', async () => {
        const beforeFirstByte = newId<BlobKey>();
        await db.pool.query(`insert into blobs.blob (key, state) values ($1, 'receiving')`, [beforeFirstByte]);
        const beforeStored = await put('renamed, but its row was never told');
        await db.pool.query(`update blobs.blob set state = 'receiving', size_bytes = null, md5 = null, sha256 = null where key = $1`, [
          beforeStored.key,
        ]);
        const bytesGone = await put('bytes removed, row not yet');
        await release(bytesGone.key);
        const half = new Readable({ read() {} });
        half.push(Buffer.alloc(1000));
        const crashed = blobs.receive(half, most);
        crashed.catch(() => {});
        while ((await rows()).filter((row) => row.state === 'receiving').length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
        for (const { key } of (await rows()).filter((row) => row.state !== 'bound')) await age(key);

        await blobs.sweep(ctx);

        const left = await rows();
        assert.ok(left.every((row) => row.state === 'bound'));
        assert.deepEqual((await keysWithBytes()).toSorted(), left.map((row) => row.key).toSorted());
        half.push(null);
        await assert.rejects(crashed, /swept|ENOENT/);
        assert.deepEqual((await keysWithBytes()).toSorted(), left.map((row) => row.key).toSorted());
      });

      test('given many keys to sweep, when two processes sweep at once, then each is swept once', async () => {
        const keys = await Promise.all(Array.from({ length: isQuick ? 120 : 8 }, (_, i) => put(String(i)).then(({ key }) => key)));
        await bind(...keys);
        await release(...keys);

        const swept = await Promise.all([blobs.sweep(ctx), blobs.sweep(ctx)]);

        assert.equal(swept[0] + swept[1], keys.length);
        assert.ok(!(await rows()).some((row) => row.state === 'released'));
      });

      test('given an old key that a transaction is binding, when the sweeper runs, then it is passed over and stays', async () => {
        const { key } = await put('just in time');
        await age(key);

        await db.transaction(async (tx) => {
          bindBlobs(tx, [key]);
          await tx.all({ text: 'select 1', values: [] });
          assert.equal(await blobs.sweep(ctx), 0);
        });

        assert.equal(await stateOf(key), 'bound');
        assert.equal(String(await buffer(await blobs.read(key))), 'just in time');
      });

      /** Bytes that lie in as many blobs as there are sizes, and are one. */
      async function joined(bytes: Buffer, sizes: readonly number[]): Promise<BlobKey> {
        const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((sum, size) => sum + size, 0));
        const segments = await Promise.all(sizes.map((size, i) => put(bytes.subarray(ends[i]! - size, ends[i]))));
        const [md5, sha256] = ['md5', 'sha256'].map((name) => createHash(name).update(bytes).digest('hex')) as [string, string];
        const key = newId<BlobKey>();
        await db.transaction(async (tx) => {
          bindBlobs(
            tx,
            segments.map((one) => one.key),
          );
          joinBlobs(tx, { key, sizeBytes: bytes.length, md5, sha256 }, segments);
          bindBlobs(tx, [key]);
        });
        return key;
      }

      test('given blobs that are joined, when the whole and any range of it are read, then they are the bytes in order, and none was copied', async () => {
        const bytes = randomBytes(1000);
        const before = (await keysWithBytes()).length;
        const sizes = [1, 99, 400, 250, 250];
        const key = await joined(bytes, sizes);

        assert.equal((await keysWithBytes()).length, before + sizes.length);
        assert.ok((await buffer(await blobs.read(key))).equals(bytes));
        const bounds = isQuick ? [0, 1, 2, 99, 100, 101, 499, 500, 749, 750, 998, 999] : [0, 100, 499, 998];
        for (const start of bounds) {
          assert.ok((await buffer(await blobs.read(key, { start }))).equals(bytes.subarray(start)), `from ${start}`);
          for (const end of bounds.filter((one) => one >= start))
            assert.ok((await buffer(await blobs.read(key, { start, end }))).equals(bytes.subarray(start, end + 1)), `${start} to ${end}`);
        }
      });

      if (isQuick)
        test('given more segments than are asked for at once, when they are read, then they all come', async () => {
          const bytes = randomBytes(203);
          const key = await joined(
            bytes,
            Array.from({ length: 203 }, () => 1),
          );

          assert.ok((await buffer(await blobs.read(key))).equals(bytes));
          assert.ok((await buffer(await blobs.read(key, { start: 90 }))).equals(bytes.subarray(90)));
          await release(key);
        });

      test('given joined blobs, when the whole is released and swept, then nothing of its segments is left', async () => {
        await blobs.sweep(ctx);
        const before = (await keysWithBytes()).length;
        const key = await joined(randomBytes(30), [10, 10, 10]);
        (await blobs.read(key)).destroy();

        await release(key);
        await release(key);
        await blobs.sweep(ctx);

        await assert.rejects(blobs.read(key), missing);
        assert.deepEqual((await db.pool.query('select 1 from blobs.segment where blob_key = $1', [key])).rows, []);
        assert.equal((await keysWithBytes()).length, before);
      });

      const megabytes = isQuick ? 300 : 64;
      test(`given ${megabytes} megabytes, when they are received and read, then memory stays flat`, async () => {
        const chunk = randomBytes(1024 * 1024);
        const before = memoryInUse();
        let [passed, peak] = [0, 0];
        const watch = () => {
          if (passed++ % 10 === 0) peak = Math.max(peak, memoryInUse());
        };
        const source = Readable.from(
          (async function* () {
            for (let i = 0; i < megabytes; i++) {
              watch();
              yield chunk;
            }
          })(),
        );

        const { key, sizeBytes } = await blobs.receive(source, most);
        let read = 0;
        for await (const piece of await blobs.read(key)) {
          read += (piece as Buffer).length;
          watch();
        }

        assert.deepEqual([sizeBytes, read], [megabytes * chunk.length, megabytes * chunk.length]);
        assert.ok(peak - before < 60 * 1024 * 1024, `memory grew by ${Math.round((peak - before) / 1024 / 1024)} MiB`);
        await blobs.remove(key);
      });
    });
  }
}
