import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { CreateBucketCommand, ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { isKey } from '#blobs/bytes.ts';
import { createBlobs } from '#blobs/create-blobs.ts';
import { createTown, openWire } from '../../server/broker/testing/town.ts';
import { bytesOf, tusClient } from '../../server/broker/tus/testing.ts';
import { startFaultProxy } from '../servers/fault-proxy.ts';
import type { S3Server } from '../servers/programs.ts';
import { planUploads } from '../weather/upload-plan.ts';
import { runUploadWeather } from '../weather/uploads.ts';
import { clientOf, makeDirectory, s3Place } from './blob-stores.ts';

const patience = { attemptMillis: 1_000, totalMillis: 2_000 };
const mebibyte = 1024 * 1024;

/** Uploads that are cut off and go on, when their bytes go to a real object store. */
export async function holdsUploads(name: string, server: S3Server | undefined, skip: string | false): Promise<void> {
  const ground = server && (await prepare(server));
  describe(`resumable uploads to ${name}`, { skip }, () => {
    if (!ground || !server) return;
    const { client, names, proxy } = ground;
    const { announce, begin, patch, call, offsetOf, statusOf, fetched } = client;
    const bytes = bytesOf(12 * mebibyte + 5);
    const half = 7 * mebibyte + 1;
    const part = { 'upload-concat': 'partial' };

    test('given two parts that are objects of several pieces each, when they are joined, then no object is written anew, and the file is their bytes in order', async () => {
      const id = await announce();
      const parts = [await begin(id, half, part), await begin(id, bytes.length - half, part)];
      await Promise.all([patch(parts[1]!, 0, bytes.slice(half)), patch(parts[0]!, 0, bytes.slice(0, half))]);
      const before = await names();

      assert.equal((await call('POST', id, { 'upload-concat': `final;${parts.join(' ')}` })).status, 201);

      assert.equal(before.length, 2);
      assert.deepEqual(await names(), before);
      assert.equal(await statusOf(id), 'Published');
      assert.ok((await fetched(id)).equals(bytes));
    });

    for (const kind of ['busy', 'silent'] as const) {
      test(`given a store that is ${kind}, when bytes come, then the client is told to come again and nothing counts; once it is well it goes on where it was`, async () => {
        const id = await announce();
        await begin(id, bytes.length);
        assert.equal((await patch(id, 0, bytes.slice(0, half))).status, 204);

        proxy.set({ kind });
        const refused = await patch(id, half, bytes.slice(half));
        proxy.set({ kind: 'fair' });

        assert.equal(refused.status, 503);
        assert.ok(Number(refused.headers.get('retry-after')) > 0);
        assert.equal(await offsetOf(id), half);
        assert.equal((await patch(id, half, bytes.slice(half))).status, 204);
        assert.equal(await statusOf(id), 'Published');
        assert.ok((await fetched(id)).equals(bytes));
      });
    }

    test('given parts that are whole, when the store is ill while they are joined, then the client is told to come again, and the same request joins them once it is well', async () => {
      const id = await announce();
      const parts = [await begin(id, 3, part), await begin(id, 3, part)];
      for (const [i, text] of ['abc', 'def'].entries()) assert.equal((await patch(parts[i]!, 0, text)).status, 204);
      const final = { 'upload-concat': `final;${parts.join(' ')}` };

      proxy.set({ kind: 'busy' });
      const refused = await call('POST', id, final);
      proxy.set({ kind: 'fair' });

      assert.equal(refused.status, 503);
      assert.equal(await statusOf(id), 'UploadStarted');
      assert.equal((await call('POST', id, final)).status, 201);
      assert.equal(await statusOf(id), 'Published');
      assert.equal(String(await fetched(id)), 'abcdef');
    });

    test('given tus-js-client in one line and in four, when the server is killed in the middle, then nothing acknowledged is lost, and no object and no unfinished upload is left behind', {
      timeout: 240_000,
    }, async () => {
      const seed = Number(process.env.BUDSTIKKE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
      process.stdout.write(`BUDSTIKKE_TEST_SEED=${seed}\n`);
      const store = await openBucket(server);
      const sizes = { leastBytes: 9 * mebibyte, mostBytes: 20 * mebibyte, chunkBytes: 3 * mebibyte };

      const { files, killed } = await runUploadWeather({ ...planUploads({ seed, files: 2, kills: 2, ...sizes }), atOnce: 2, store });

      assert.deepEqual([files, killed], [2, 2]);
    });
  });
}

async function prepare(server: S3Server) {
  const town = await createTown();
  const proxy = await startFaultProxy(server.endpoint);
  after(() => proxy.close());
  const { bytes, names } = await s3Place(server, { endpoint: proxy.endpoint, patience });
  const blobs = createBlobs({ bytes, db: town.ctx.db });
  const wire = await openWire(town, {}, { ...town.ctx, blobs });
  return { proxy, client: tusClient(town, wire), names: async () => (await names()).toSorted() };
}

/** For a server that is a process of its own. */
async function openBucket(server: S3Server) {
  const client = clientOf(server);
  after(() => client.destroy());
  const Bucket = `weather-${process.pid}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  return {
    settings: {
      BUDSTIKKE_S3_BUCKET: Bucket,
      BUDSTIKKE_S3_ENDPOINT: server.endpoint,
      BUDSTIKKE_S3_REGION: server.region,
      BUDSTIKKE_S3_KEY: server.key,
      BUDSTIKKE_S3_SECRET: server.secret,
      BUDSTIKKE_S3_PATH_STYLE: 'on',
      BUDSTIKKE_S3_SPOOL_DIR: makeDirectory(),
    },
    async names() {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
      return [...Contents, ...Uploads].map(({ Key }) => Key!.split('/').at(-1)!).filter(isKey);
    },
  };
}
