import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { until } from '../demo/wait.ts';
import { ConnectionLost, createTransfers, FileChanged, Refused, type Source, type Transfers, type Waiting } from './index.ts';
import { askedMillis, usualPatience, waitBefore } from './patience.ts';
import { readRefusal } from './refused.ts';
import { split } from './upload.ts';

type Answering = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A server that gives these answers in turn, then the last one again and again; and a client of it that waits for nothing long. */
async function against(...answers: readonly Answering[]): Promise<{ transfers: Transfers; asked: string[]; waits: Waiting[] }> {
  const asked: string[] = [];
  const waits: Waiting[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    return answers[Math.min(asked.length, answers.length) - 1]!(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => server.closeAllConnections());
  after(() => server.close());
  const transfers = createTransfers({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    token: async (fresh) => (fresh ? 'fresh' : 'stale'),
    patience: { ...usualPatience, attempts: 4, firstMillis: 1, mostMillis: 4 },
    onWait: (waiting) => waits.push(waiting),
  });
  return { transfers, asked, waits };
}

const json = (status: number, body: unknown, headers = {}): Answering => {
  return (request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'application/problem+json', ...headers }).end(JSON.stringify(body));
  };
};
const plain = (status: number, headers: Record<string, string> = {}, body?: string): Answering => {
  return (request, response) => {
    request.resume();
    response.writeHead(status, headers).end(body);
  };
};
const broken: Answering = (request) => request.socket.destroy();
const offset = (at: number, length: number): Answering => plain(200, { 'upload-offset': String(at), 'upload-length': String(length) });
const sourceOf = (bytes: Buffer): Source => ({
  sizeBytes: bytes.length,
  read: (start, end) => Readable.from([bytes.subarray(start, end)]),
});

test('given a server that is busy, gone or in front of one that is, when it is asked, then it is asked again until it answers, not sooner than it said', async () => {
  const { transfers, asked, waits } = await against(
    plain(503, { 'retry-after': '1' }),
    broken,
    plain(429),
    json(200, { fileTransferId: 'x' }),
  );

  assert.equal((await transfers.look('x')).fileTransferId, 'x');

  assert.equal(asked.length, 4);
  assert.ok(waits[0]!.millis >= 1000, 'it waits as long as it was asked to');
  assert.ok(waits.slice(1).every(({ millis }) => millis <= 4));
  const slow = await against(plain(408), json(200, { fileTransferId: 'y' }));
  assert.equal((await slow.transfers.look('y')).fileTransferId, 'y');
});

test('given a server that never answers, when it was asked often enough, then that is thrown; what no time mends is asked once', async () => {
  const gone = await against(broken);
  await assert.rejects(gone.transfers.look('x'), ConnectionLost);
  assert.equal(gone.asked.length, 4);
  const refusing = await against(json(404, { code: 'BRO-00001', detail: 'nei', traceId: 't' }));
  await assert.rejects(refusing.transfers.look('x'), (error: Refused) => {
    assert.deepEqual(
      [error.refusal, error.code, error.status, error.message, error.traceId],
      ['transferNotFound', 'BRO-00001', 404, 'nei', 't'],
    );
    return true;
  });
  assert.equal(refusing.asked.length, 1);
  const later = await against(plain(503, { 'retry-after': '86400' }));
  await assert.rejects(later.transfers.look('x'), Refused);
  assert.equal(later.asked.length, 1, 'a day is not waited for');
});

test('given a token that is not taken, when a fresh one is, then the answer is that; a refusal of the caller itself fetches none', async () => {
  const taking: Answering = (request, response) =>
    (request.headers.authorization === 'Bearer fresh' ? json(200, { fileTransferId: 'x' }) : plain(401, { 'www-authenticate': 'Bearer' }))(
      request,
      response,
    );
  const one = await against(taking);
  assert.equal((await one.transfers.look('x')).fileTransferId, 'x');
  const two = await against(json(401, { code: 'BRO-00006' }));
  await assert.rejects(two.transfers.look('x'), (error: Refused) => error.refusal === 'noAccess');
  assert.equal(two.asked.length, 1);
});

test('given more than a page, when it is followed, then every page is turned, and no more than is wanted', async () => {
  const page = (id: string, next: string | null): Answering => json(200, { transfers: [{ fileTransferId: id }], next });
  const all = await against(page('a', 'a'), page('b', 'b'), page('c', null));
  const ids: string[] = [];
  for await (const { fileTransferId } of all.transfers.follow({ role: 'sender', unfetched: true })) ids.push(fileTransferId);
  assert.deepEqual(ids, ['a', 'b', 'c']);
  assert.match(all.asked[1]!, /role=sender&unfetched=true&after=a$/);
  const few = await against(page('a', 'a'));
  for await (const _ of few.transfers.follow({ role: 'sender' })) break;
  assert.equal(few.asked.length, 1);
});

test('given an upload that is cut off, taken by another or spoilt on its way, when it goes on, then it sends from where the server is, with the hash of each request behind it', async () => {
  const bytes = randomBytes(3000);
  const got: Buffer[] = [];
  const taking: Answering = async (request, response) => {
    const body = await buffer(request);
    assert.equal(request.trailers['upload-checksum'], `sha256 ${createHash('sha256').update(body).digest('base64')}`);
    got.push(body);
    response.writeHead(204, { 'upload-offset': String(Number(request.headers['upload-offset']) + body.length) }).end();
  };
  const { transfers, asked } = await against(
    plain(404),
    plain(201, { location: '/broker/api/v1/filetransfer/upload/tus/x' }),
    offset(0, 3000),
    taking,
    broken,
    offset(1000, 3000),
    plain(423, { 'content-type': 'text/plain' }, 'File x is currently being updated. Please try again later'),
    offset(1500, 3000),
    plain(460, { 'content-type': 'text/plain' }, 'Header Upload-Checksum does not match the checksum of the file'),
    offset(1500, 3000),
    taking,
    taking,
  );
  const seen: number[] = [];

  await transfers.upload('x', sourceOf(bytes), { chunkBytes: 1000, onProgress: (at) => seen.push(at) });

  assert.ok(
    Buffer.concat([got[0]!, Buffer.alloc(500), ...got.slice(1)]).equals(
      Buffer.concat([bytes.subarray(0, 1000), Buffer.alloc(500), bytes.subarray(1500)]),
    ),
  );
  assert.equal(asked.length, 12);
  assert.equal(seen.at(-1), 3000);
});

test('given an upload in parts, when it is done, then every answer was read to its end: none keeps its connection, and the process with it', async () => {
  const answers: IncomingMessage[] = [];
  const note = (message: unknown): void => void answers.push((message as { response: IncomingMessage }).response);
  subscribe('http.client.response.finish', note);
  after(() => unsubscribe('http.client.response.finish', note));
  const source = sourceOf(randomBytes(2 * 1024 * 1024));
  const { transfers, asked } = await against((request, response) => {
    const { method, headers } = request;
    request.resume().on('end', () => {
      const status = method === 'PATCH' ? 204 : method === 'POST' ? 201 : request.url!.includes('partial') ? 200 : 404;
      const at = method === 'PATCH' ? 1024 * 1024 : 0;
      const length = headers['upload-length'] ?? String(1024 * 1024);
      const location = `/broker/api/v1/filetransfer/upload/tus/x/partial/${asked.length}`;
      response.writeHead(status, { location, 'upload-offset': String(at), 'upload-length': length }).end();
    });
  });

  await transfers.upload('x', source, { parts: 2 });

  assert.equal(asked.filter((one) => one.startsWith('POST')).length, 3);
  assert.equal(answers.length, asked.length);
  await until('all are read', async () => assert.ok(answers.every(({ readableEnded, destroyed }) => readableEnded || destroyed)));
});

test('given an upload whose bytes always arrive otherwise, or that the server refuses, when it has tried, then it says so and ends', async () => {
  const spoilt = plain(460, { 'content-type': 'text/plain' }, 'Header Upload-Checksum does not match the checksum of the file');
  const one = await against(offset(0, 10), offset(0, 10), spoilt, offset(0, 10), spoilt, offset(0, 10), spoilt, offset(0, 10), spoilt);
  await assert.rejects(one.transfers.upload('x', sourceOf(Buffer.alloc(10))), (error: Refused) => error.refusal === 'checksum');
  const two = await against(plain(409));
  await assert.rejects(two.transfers.upload('x', sourceOf(Buffer.alloc(10))), (error: Refused) => error.refusal === 'alreadyUploaded');
});

test('given a source that ends too soon, or a server that takes nothing, when bytes are sent, then it ends, and asks no more than it may', async () => {
  const begun = { sizeBytes: 3000, read: (start: number) => Readable.from(start === 0 ? [Buffer.alloc(500)] : []) };
  const short = await against(offset(0, 3000), offset(0, 3000), plain(204, { 'upload-offset': '500' }));
  await assert.rejects(short.transfers.upload('x', begun, { chunkBytes: 1000 }), FileChanged);
  assert.ok(short.asked.length <= 3, String(short.asked));
  const idle: Answering = (request, response) =>
    plain(request.method === 'HEAD' ? 200 : 204, { 'upload-offset': '0', 'upload-length': '10' })(request, response);
  const still = await against(idle);
  await assert.rejects(still.transfers.upload('x', sourceOf(Buffer.alloc(10))), ConnectionLost);
  assert.equal(still.asked.filter((one) => one.startsWith('PATCH')).length, 4);
});

test('given a download that breaks off, when it goes on, then it asks for the rest of the same file, and of another nothing is taken', async () => {
  const bytes = randomBytes(2000);
  const whole = { etag: '"a"', 'content-length': '2000', 'content-disposition': `attachment; filename="_"; filename*=UTF-8''%C3%A6.bin` };
  const cut: Answering = (_, response) => {
    response.writeHead(200, whole);
    response.write(bytes.subarray(0, 700), () => setImmediate(() => response.destroy()));
  };
  const rest: Answering = (request, response) => {
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')![1]);
    assert.equal(request.headers['if-range'], '"a"');
    response.writeHead(206, { ...whole, 'content-length': String(2000 - from) }).end(bytes.subarray(from));
  };
  const { transfers } = await against(plain(200, whole), cut, rest);
  const facts = await transfers.inspect('x');
  assert.deepEqual([facts.fileName, facts.sizeBytes], ['æ.bin', 2000]);
  assert.ok((await buffer(Readable.from(transfers.download('x', facts)))).equals(bytes));
  const changed = await against(cut, plain(200, { ...whole, etag: '"b"', 'content-length': '0' }));
  await assert.rejects(buffer(Readable.from(changed.transfers.download('x', facts))), FileChanged);
});

test('given what Retry-After and refusals may be, when they are read, then each is what it says', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  assert.deepEqual(
    ['5', 'Thu, 01 Jan 2026 00:00:09 GMT', 'Thu, 01 Jan 2020 00:00:00 GMT', 'soon', undefined].map((text) => askedMillis(text, now)),
    [5000, 9000, 0, undefined, undefined],
  );
  assert.deepEqual(
    [1, 2, 3, 20].map((failures) => waitBefore({ ...usualPatience, attempts: 30 }, failures, undefined, 1)),
    [500, 1000, 2000, 10_000],
  );
  assert.equal(waitBefore(usualPatience, usualPatience.attempts, undefined, 0), undefined);
  const text = { 'content-type': 'text/plain; charset=utf-8' };
  assert.equal(
    readRefusal({ status: 409, headers: text }, 'Offset does not match file. File offset: 5. Request offset: 9').refusal,
    'offset',
  );
  assert.equal(readRefusal({ status: 400, headers: text }, 'File size exceeds maximum').refusal, 'fileTooLarge');
  assert.equal(readRefusal({ status: 502, headers: { 'content-type': 'text/html' } }, '<html>').refusal, 'fault');
  assert.equal(readRefusal({ status: 400, headers: { 'content-type': 'application/problem+json' } }, 'ikke json').refusal, 'misfit');
  assert.deepEqual(
    split(10 * 1024 * 1024 + 1, 4)
      .map(({ start, end }) => end - start)
      .reduce((a, b) => a + b),
    10 * 1024 * 1024 + 1,
  );
  assert.equal(split(100, 4).length, 1);
});
