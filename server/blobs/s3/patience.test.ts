import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BlobKey, newId } from '#kernel/ids.ts';
import { StoreUnavailable } from '../blobs.ts';
import { s3Bytes } from './s3-bytes.ts';

/** How long whoever waits is kept waiting by a store with which nothing moves. */
const patience = { attemptMillis: 1000, totalMillis: 2000 };
/** For what else the machine does. */
const slackMillis = 2500;
const mebibyte = 1024 * 1024;
const spoolDirectory = mkdtempSync(join(tmpdir(), 'budstikke-spool-'));
after(() => rmSync(spoolDirectory, { recursive: true, force: true }));

/** Bytes in a store that does this with what it is asked. */
async function storeThat(
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
  { partBytes = 64 * mebibyte, ...differs }: { partBytes?: number; attemptMillis?: number; totalMillis?: number } = {},
) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const access = { region: 'here', bucket: 'post', key: 'key', secret: 'secret', pathStyle: true, prefix: '' };
  const bytes = s3Bytes({ ...access, endpoint, spoolDirectory, patience: { ...patience, ...differs } }, { sizeOf: () => partBytes });
  after(() => {
    bytes.close?.();
    server.closeAllConnections();
    server.close();
  });
  return bytes;
}

async function* many(bytes: number, pauseMillis = 0): AsyncGenerator<Buffer> {
  for (let left = bytes; left > 0; left -= mebibyte) {
    yield Buffer.alloc(Math.min(left, mebibyte), 'x');
    await sleep(pauseMillis);
  }
}

async function millisUntilTold(work: Promise<unknown>): Promise<number> {
  const began = Date.now();
  await assert.rejects(work, StoreUnavailable);
  return Date.now() - began;
}

test('given a store that takes what is sent and never answers, when more comes than is sent at once, then whoever waits is told as soon as it was promised', async () => {
  const bytes = await storeThat((request) => request.resume());

  const millis = await millisUntilTold(bytes.write(newId<BlobKey>(), many(3 * mebibyte)));

  assert.ok(millis >= patience.totalMillis - 100 && millis < patience.totalMillis + slackMillis, `${millis} ms`);
});

test('given a store that falls silent when parts are on their way, when the last of them has just been sent, then it is not waited for longer than for the first', async () => {
  const bytes = await storeThat(
    (request, response) => {
      request.resume();
      const begins = '<InitiateMultipartUploadResult><UploadId>one</UploadId></InitiateMultipartUploadResult>';
      if (request.url!.includes('uploads')) response.setHeader('content-type', 'application/xml').end(begins);
    },
    { partBytes: mebibyte },
  );

  const millis = await millisUntilTold(bytes.write(newId<BlobKey>(), many(4 * mebibyte, 550)));

  assert.ok(millis < 550 * 2 + patience.totalMillis + slackMillis, `${millis} ms`);
});

test('given a store that says how much there is and then nothing, when it is read, then whoever waits is told as soon as it was promised', async () => {
  const bytes = await storeThat((_request, response) => response.writeHead(200, { 'content-length': '10', etag: '"x"' }).flushHeaders());

  const millis = await millisUntilTold(buffer(await bytes.read(newId<BlobKey>())));

  assert.ok(millis < patience.totalMillis + slackMillis, `${millis} ms`);
});

test('given a store that takes what is sent slowly, when that takes longer than it may be silent, then it is waited for', async () => {
  let came = 0;
  const bytes = await storeThat(
    async (request, response) => {
      for await (const chunk of request) {
        const before = Math.floor(came / mebibyte);
        came += (chunk as Buffer).length;
        if (Math.floor(came / mebibyte) > before) await sleep(160);
      }
      response.setHeader('etag', '"x"').end();
    },
    { attemptMillis: 3500, totalMillis: 4000 },
  );

  const began = Date.now();
  await bytes.write(newId<BlobKey>(), many(32 * mebibyte));

  assert.ok(Date.now() - began > 4000, 'it was slow');
  assert.equal(came, 32 * mebibyte, 'sent once');
});
