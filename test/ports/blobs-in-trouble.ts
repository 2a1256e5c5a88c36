import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, describe, test } from 'node:test';
import { CreateMultipartUploadCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { createBlobs } from '#blobs/create-blobs.ts';
import { bindBlobs, openBlobs, type S3Settings, StoreUnavailable } from '#blobs/index.ts';
import { claimBucket } from '#blobs/s3/claim-bucket.ts';
import { type BlobKey, newId } from '#kernel/ids.ts';
import { createTestDatabase } from '../database.ts';
import { startFaultProxy } from '../servers/fault-proxy.ts';
import type { S3Server } from '../servers/programs.ts';
import { clientOf, s3Place } from './blob-stores.ts';

const patience = { attemptMillis: 1_500, totalMillis: 3_000 };
const most = { maxBytes: 1_000_000_000 };

/** What becomes of bytes when the object store is ill, on a real one with trouble before it. */
export async function holdsInTrouble(name: string, server: S3Server | undefined, skip: string | false): Promise<void> {
  const ground = server && (await prepare(server));
  describe(`blobs in trouble on ${name}`, { skip }, () => {
    if (!ground) return;
    const { blobs, proxy, names, rows, spoolDirectory, database } = ground;
    const large = randomBytes(12 * 1024 * 1024 + 5); // three parts
    const put = (bytes: Buffer, key?: BlobKey) => blobs.receive(Readable.from([bytes]), { ...most, ...(key ? { key } : {}) });
    const isClean = async () => {
      assert.deepEqual(await names(), []);
      assert.deepEqual(await rows(), []);
      assert.deepEqual(readdirSync(spoolDirectory), []);
    };
    const forget = async (key: BlobKey) => {
      await blobs.remove(key);
      await isClean();
    };

    for (const kind of ['busy', 'silent'] as const) {
      test(`given a store that is ${kind} for a moment, when bytes come and are read, then it is tried again and nobody notices`, async () => {
        const before = proxy.met;
        proxy.set({ kind }, 1);
        const { key, sha256 } = await put(large);
        proxy.set({ kind }, 1);
        const read = await buffer(await blobs.read(key));

        assert.equal(proxy.met - before, 2);
        assert.equal(sha256, createHash('sha256').update(large).digest('hex'));
        assert.ok(read.equals(large));
        await forget(key);
      });

      test(`given a store that stays ${kind}, when bytes come, then the caller is told to come again, and nothing is left once it is well`, async () => {
        proxy.set({ kind });
        const source = Readable.from([Buffer.from('some')]);

        await assert.rejects(blobs.receive(source, most), (error: StoreUnavailable) => {
          assert.ok(error instanceof StoreUnavailable);
          assert.ok(error.retryAfterSeconds > 0);
          return true;
        });

        assert.ok(source.destroyed);
        proxy.set({ kind: 'fair' });
        await blobs.sweep(database.ctx);
        await isClean();
      });
    }

    test('given a store that falls ill between two parts, when bytes come, then the caller is told, the log has no lines of the library’s own, and the unfinished upload goes when it is well', async (t) => {
      const lines = t.mock.method(console, 'warn', () => {});
      const source = Readable.from(
        (async function* () {
          yield large.subarray(0, 11 * 1024 * 1024);
          while (!(await names()).length) await new Promise((resolve) => setTimeout(resolve, 20)); // begun
          proxy.set({ kind: 'busy' });
          yield large.subarray(11 * 1024 * 1024);
        })(),
      );

      await assert.rejects(blobs.receive(source, most), StoreUnavailable);
      assert.equal(lines.mock.callCount(), 0);

      proxy.set({ kind: 'fair' });
      await blobs.sweep(database.ctx);
      await isClean();
    });

    test('given an answer that is lost after the store did it, when bytes come, then the same request again is no refusal', async () => {
      const before = proxy.met;
      proxy.set({ kind: 'cut', afterBytes: 0 }, 1);
      const { key } = await put(Buffer.from('once'));

      assert.equal(proxy.met - before, 1);
      assert.equal(String(await buffer(await blobs.read(key))), 'once');
      await forget(key);
    });

    for (const kind of ['cut', 'mute'] as const) {
      test(`given a line that is ${kind} in the middle, when bytes are read, then they go on where they were`, async () => {
        const { key } = await put(large);
        const before = proxy.met;
        proxy.set({ kind, afterBytes: 5_000_000 }, 1);

        const read = await buffer(await blobs.read(key, { start: 10 }));

        assert.equal(proxy.met - before, 1);
        assert.ok(read.equals(large.subarray(10)));
        await forget(key);
      });
    }

    test('given a reader who is slower than the store is patient, when it reads, then all bytes come', async () => {
      const { key } = await put(large);

      let came = 0;
      for await (const chunk of await blobs.read(key)) {
        if (came === 0) await new Promise((resolve) => setTimeout(resolve, patience.attemptMillis * 2));
        came += (chunk as Buffer).length;
      }

      assert.equal(came, large.length);
      await forget(key);
    });

    test('given a reader who goes, when it has read a little or nothing, then no line to the store stays open', async () => {
      const { key } = await put(large);

      const nothing = await blobs.read(key);
      nothing.destroy();
      for await (const _ of await blobs.read(key)) break;

      await forget(key);
    });
  });
}

/** What a server does with a bucket at its start and every minute. */
export async function holdsItsBucket(name: string, server: S3Server | undefined, skip: string | false): Promise<void> {
  const ground = server && (await prepare(server));
  describe(`the bucket of ${name}`, { skip }, () => {
    if (!ground) return;
    const { blobs, names, settings, database, client } = ground;

    test('given objects and unfinished uploads that have no row, when the sweeper comes by, then they go, and what has a row or another name stays', async () => {
      const kept = await blobs.receive(Readable.from([Buffer.from('kept')]), most);
      await database.db.transaction(async (tx) => bindBlobs(tx, [kept.key]));
      const [stray, unfinished] = [newId<BlobKey>(), newId<BlobKey>()];
      const other = 'some/where/readme.txt';
      for (const Key of [`some/where/${stray.slice(-2)}/${stray}`, other]) {
        await client.send(new PutObjectCommand({ Bucket: settings.bucket, Key, Body: 'late' }));
      }

      const Key = `some/where/${unfinished.slice(-2)}/${unfinished}`;
      await client.send(new CreateMultipartUploadCommand({ Bucket: settings.bucket, Key }));

      const swept = await blobs.sweep(database.ctx);

      assert.equal(swept, 2);
      assert.deepEqual((await names()).toSorted(), [kept.key, 'readme.txt'].toSorted());
    });

    test('given a wrong key, secret, bucket or address, when a server starts, then it is refused with the setting that is to be mended', async () => {
      const start = (change: Partial<S3Settings>) => openBlobs(database.db, { place: { s3: { ...settings, ...change } }, keys: undefined });

      await assert.rejects(start({ secret: 'wrong' }), /The secret .*BUDSTIKKE_S3_SECRET/);
      await assert.rejects(start({ key: 'wrong' }), /BUDSTIKKE_S3_KEY/);
      await assert.rejects(start({ bucket: 'nothing-there' }), /BUDSTIKKE_S3_BUCKET/);
      await assert.rejects(start({ endpoint: 'http://127.0.0.1:1' }), /does not answer.*BUDSTIKKE_S3_ENDPOINT/);
      await (await start({})).close();
      await (await start({})).close();
    });

    test('given a bucket that another database uses, when a server starts, then it is refused; under another prefix it is not', async () => {
      const own = newId();
      const stranger = { ...settings, prefix: 'shared/' };
      await claimBucket(stranger, own);

      await claimBucket(stranger, own);
      await assert.rejects(claimBucket(stranger, newId()), /another database.*BUDSTIKKE_S3_PREFIX/);
      await claimBucket({ ...stranger, prefix: 'elsewhere/' }, newId());
    });
  });
}

async function prepare(server: S3Server) {
  const database = await createTestDatabase();
  const proxy = await startFaultProxy(server.endpoint);
  after(() => proxy.close());
  const spoolDirectory = mkdtempSync(join(tmpdir(), 'budstikke-spool-'));
  after(() => rmSync(spoolDirectory, { recursive: true, force: true }));
  const patienceForStrays = { objects: -60_000, uploads: -60_000 };
  const place = await s3Place(server, { endpoint: proxy.endpoint, spoolDirectory, patience }, { strayMillis: patienceForStrays });
  const client = clientOf(server);
  after(() => client.destroy());
  return {
    ...place,
    database,
    proxy,
    spoolDirectory,
    client,
    blobs: createBlobs({ bytes: place.bytes, db: database.db }),
    rows: async () => (await database.db.pool.query('select key from blobs.blob')).rows,
  };
}
