import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Type from 'typebox';
import { Reply, route } from '#kernel/route.ts';
import { begin, listening, until } from './testing/sockets.ts';

/** Everything that comes back on a connection that was sent `lines`. */
async function raw(port: number, lines: string): Promise<string> {
  const socket: Socket = connect(port, '127.0.0.1');
  socket.write(lines);
  return text(socket);
}

const Body = Type.Object({ title: Type.String() });
const small = route({
  method: 'POST',
  path: '/json',
  summary: 'Reads.',
  scope: 'open',
  body: Body,
  answers: { 200: Type.Integer() },
  refusals: [],
  run: async (_ctx, _caller, { body }) => body.title.length,
});
const bytes = route({
  method: 'POST',
  path: '/bytes',
  summary: 'Counts.',
  scope: 'open',
  bodyKind: 'bytes',
  maxBodyBytes: 1_000_000,
  answers: { 200: Type.Integer() },
  refusals: [],
  run: async (_ctx, _caller, { stream }) => {
    let count = 0;
    for await (const chunk of stream) count += (chunk as Buffer).length;
    return count;
  },
});

test('given a body of ten megabytes, when it is posted to a JSON route, then it is refused at once with 413 and the connection lives on', async () => {
  const { port } = await listening([small]);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  after(() => agent.destroy());
  const payload = Buffer.alloc(10_000_000, 'x');

  const { request, answer } = begin(port, '/json', {
    agent,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': payload.length },
  });
  request.write(payload.subarray(0, 100_000));
  const response = await answer;

  assert.equal(response.statusCode, 413);
  const { traceId, ...problem } = JSON.parse(await text(response));
  assert.deepEqual(problem, {
    type: 'https://tools.ietf.org/html/rfc9110#section-15.5.14',
    title: 'Content Too Large',
    status: 413,
    detail: 'The body may hold at most 4194304 bytes.',
  });
  assert.ok(traceId);
  request.end(payload.subarray(100_000));
  const next = begin(port, '/json', { agent, method: 'POST', headers: { 'content-type': 'application/json' } });
  next.request.end('{"title":"abc"}');
  assert.equal(await text(await next.answer), '3');
});

test('given a body of ten megabytes whose length is not announced, when it is posted, then it is refused when the limit is passed', async () => {
  const { port } = await listening([small]);

  const response = await fetch(`http://127.0.0.1:${port}/json`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Readable.toWeb(Readable.from(Array.from({ length: 10 }, () => Buffer.alloc(1_000_000, ' ')))) as never,
    duplex: 'half',
  } as RequestInit);

  assert.equal(response.status, 413);
});

test('given a body at its limit, when it is posted, then it is read; with one byte more it is not', async () => {
  const { port } = await listening([small, bytes]);
  const post = async (path: string, body: string | Buffer, type: string) =>
    (
      await fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: new Uint8Array(Buffer.from(body)),
      })
    ).status;
  const json = (length: number) => `{"title":"${'x'.repeat(length - 12)}"}`;

  assert.equal(await post('/json', json(4_194_304), 'application/json'), 200);
  assert.equal(await post('/json', json(4_194_305), 'application/json'), 413);
  assert.equal(await post('/bytes', Buffer.alloc(1_000_000), 'application/octet-stream'), 200);
  assert.equal(await post('/bytes', Buffer.alloc(1_000_001), 'application/octet-stream'), 413);
});

test('given an upload that comes one piece a second, when nothing else is wrong, then it is taken', async () => {
  const { port } = await listening([bytes]);
  const { request, answer } = begin(port, '/bytes', { method: 'POST', headers: { 'content-type': 'application/octet-stream' } });
  for (let i = 0; i < 3; i++) {
    request.write('abc');
    await sleep(300);
  }
  request.end();

  assert.equal(await text(await answer), '9');
});

test('given an upload, when its client goes away, then the route sees it fail and the log says that nobody was answered', async () => {
  let seen: unknown;
  const began = Promise.withResolvers<void>();
  const { port, log } = await listening([
    route({
      ...bytes,
      run: async (_ctx, _caller, { stream }) => {
        began.resolve();
        try {
          for await (const _ of stream);
        } catch (error) {
          seen = error;
          throw error;
        }
      },
    }),
  ]);
  const { request, answer } = begin(port, '/bytes', {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', 'content-length': 1000 },
  });
  answer.catch(() => {});
  request.write('abc');
  await began.promise;
  request.destroy();
  await until('a line in the log', () => log.lines.length > 0);

  assert.equal((seen as Error).name, 'ClientGone');
  assert.equal(log.lines[0]?.facts.status, 499);
  assert.ok(log.lines.every((line) => line.level === 'info'));
});

test('given a download, when its client goes away, then the stream is destroyed', async () => {
  const endless = new Readable({ read: (size) => void endless.push(Buffer.alloc(size)) });
  const { port } = await listening([
    route({
      method: 'GET',
      path: '/download',
      summary: 'Gives.',
      scope: 'open',
      anyAccept: true,
      answers: { 200: Type.Unknown() },
      refusals: [],
      run: async () => new Reply(200, endless, { 'content-type': 'application/octet-stream' }),
    }),
  ]);

  const { request, answer } = begin(port, '/download');
  request.end();
  await once(await answer, 'data');
  request.destroy();

  await until('the end of the stream', () => endless.destroyed);
});

test('given a download with a length, when it is read, then it is whole; when its stream fails midway, then the client sees a broken connection', async () => {
  const good = () => Readable.from([Buffer.from('abc'), Buffer.from('def')]);
  const bad = () =>
    Readable.from(
      (async function* () {
        yield Buffer.from('abc');
        await sleep(50);
        throw new Error('disk');
      })(),
    );
  const giving = (path: string, make: () => Readable) =>
    route({
      method: 'GET',
      path,
      summary: 'Gives.',
      scope: 'open',
      anyAccept: true,
      answers: { 200: Type.Unknown() },
      refusals: [],
      run: async () => new Reply(200, make(), { 'content-type': 'application/octet-stream', 'content-length': '6' }),
    });
  const { port } = await listening([giving('/good', good), giving('/bad', bad)]);

  assert.equal(await (await fetch(`http://127.0.0.1:${port}/good`)).text(), 'abcdef');
  await assert.rejects(fetch(`http://127.0.0.1:${port}/bad`).then((response) => response.text()));
});

test('given a download, when its client closes as soon as it has the announced bytes, then nothing is logged as a fault', async () => {
  const whole = Buffer.alloc(100_000, 'x');
  const closed = Promise.withResolvers<void>();
  let isGiven = false;
  const download = route({
    method: 'GET',
    path: '/download',
    summary: 'Gives all its bytes, and ends once the connection has.',
    scope: 'open',
    mediaType: 'application/octet-stream',
    answers: { 200: Type.Unknown() },
    refusals: [],
    run: async () => {
      const body = new Readable({
        read() {
          if (!isGiven) this.push(whole);
          isGiven = true;
        },
        destroy(error, done) {
          closed.resolve();
          done(error);
        },
      });
      return new Reply(200, body, { 'content-length': String(whole.length) });
    },
  });
  const { port, log } = await listening([download]);
  const { request, answer } = begin(port, '/download');
  request.end();

  let read = 0;
  for await (const chunk of await answer) {
    read += (chunk as Buffer).length;
    if (read === whole.length) request.destroy();
  }
  await closed.promise;
  const later = begin(port, '/nowhere');
  later.request.end();
  await later.answer;

  assert.equal(read, whole.length);
  assert.deepEqual(
    log.lines
      .filter(({ facts }) => facts.route === '/download' || facts.route === undefined)
      .map(({ level, facts }) => [level, facts.status]),
    [['info', 499]],
  );
});

test('given a stream that fails before its first byte, when it is the answer, then the answer is a plain 500', async () => {
  const { port, log } = await listening([
    route({
      method: 'GET',
      path: '/broken',
      summary: 'Breaks.',
      scope: 'open',
      anyAccept: true,
      answers: { 200: Type.Unknown() },
      refusals: [],
      run: async () =>
        new Reply(
          200,
          new Readable({ read: () => void Promise.resolve().then(() => {}), construct: (done) => done(new Error('no such blob')) }),
          { 'content-length': '6', 'content-disposition': 'inline' },
        ),
    }),
  ]);

  const response = await fetch(`http://127.0.0.1:${port}/broken`);

  assert.equal(response.status, 500);
  assert.equal(response.headers.get('content-disposition'), null);
  assert.equal(((await response.json()) as { status: number }).status, 500);
  assert.ok(log.lines.some((line) => line.level === 'error'));
});

test('given bytes that are not HTTP or headers past their bound, when they come, then the answer is a problem and the connection ends', async () => {
  const { port } = await listening([small]);

  const garbage = await raw(port, 'KNOCK KNOCK\r\n\r\n');
  assert.match(garbage, /^HTTP\/1\.1 400 /);
  assert.match(garbage, /application\/problem\+json/);
  const overflow = await raw(port, `GET /json HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`);
  assert.match(overflow, /^HTTP\/1\.1 431 /);
  const badPath = await raw(port, 'GET /json/%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  assert.match(badPath, /^HTTP\/1\.1 400 /);
  assert.match(badPath, /x-content-type-options: nosniff/i);
});

test('given a path that nobody serves, when a body of any kind is sent to it, then it is 404', async () => {
  const { port, log } = await listening([small]);

  for (const contentType of ['nonsense', 'application/json', 'multipart/form-data']) {
    assert.equal(
      (await fetch(`http://127.0.0.1:${port}/none`, { method: 'POST', headers: { 'content-type': contentType }, body: '{' })).status,
      404,
    );
  }
  assert.ok(log.lines.every((line) => line.level === 'info'));
});

test('given a running request and an idle connection, when the server closes, then the first is finished, both connections end, and new ones are not taken', async () => {
  const gate = Promise.withResolvers<void>();
  const began = Promise.withResolvers<void>();
  const { server, port } = await listening([
    route({
      method: 'GET',
      path: '/slow',
      summary: 'Waits.',
      scope: 'open',
      answers: { 200: Type.String() },
      refusals: [],
      run: () => {
        began.resolve();
        return gate.promise.then(() => 'done');
      },
    }),
  ]);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
  after(() => agent.destroy());
  const idle = begin(port, '/none', { agent });
  idle.request.end();
  await text(await idle.answer);
  const running = begin(port, '/slow', { agent: new http.Agent({ keepAlive: true }) });
  running.request.end();
  await began.promise;

  const closed = server.close(5);
  await sleep(50);
  await assert.rejects(fetch(`http://127.0.0.1:${port}/slow`));
  gate.resolve();

  const answer = await running.answer;
  assert.equal(await text(answer), '"done"');
  assert.equal(answer.headers.connection, 'close');
  await closed;
});

test('given a second request on a busy connection, when the server is closing, then the first is finished and the second is not run', async () => {
  const gate = Promise.withResolvers<void>();
  let runs = 0;
  const { server, port } = await listening([
    route({
      method: 'GET',
      path: '/slow',
      summary: 'Waits.',
      scope: 'open',
      answers: { 200: Type.String() },
      refusals: [],
      run: async () => {
        runs += 1;
        return gate.promise.then(() => 'done');
      },
    }),
  ]);
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /slow HTTP/1.1\r\nhost: x\r\n\r\n');
  await until('the first request', () => runs > 0);
  const closed = server.close(5);
  socket.write('GET /slow HTTP/1.1\r\nhost: x\r\n\r\n');
  await sleep(50);
  gate.resolve();

  assert.match(await text(socket), /^HTTP\/1\.1 200 /);
  assert.equal(runs, 1);
  await closed;
});

test('given a request that never ends, when the grace is over, then the server closes all the same', { timeout: 60_000 }, async () => {
  const began = Promise.withResolvers<void>();
  const { server, port } = await listening([
    route({
      method: 'GET',
      path: '/never',
      summary: 'Waits.',
      scope: 'open',
      answers: { 200: Type.String() },
      refusals: [],
      run: () => {
        began.resolve();
        return new Promise(() => {});
      },
    }),
  ]);
  const { request, answer } = begin(port, '/never');
  const cut = assert.rejects(answer);
  request.on('error', () => {});
  request.end();
  await began.promise;

  await server.close(0.2);

  await cut;
});

test('given an upload that is cut off by the end of the grace, when the server has closed, then what the route does with what came is done', async () => {
  let isKept = false;
  const began = Promise.withResolvers<void>();
  const { server, port, log } = await listening([
    route({
      ...bytes,
      run: async (_ctx, _caller, { stream }) => {
        began.resolve();
        try {
          for await (const _ of stream);
        } finally {
          await sleep(300);
          isKept = true;
        }
      },
    }),
  ]);
  const { request, answer } = begin(port, '/bytes', {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', 'content-length': 1000 },
  });
  const cut = assert.rejects(answer);
  request.write('abc');
  await began.promise;

  await server.close(1);

  assert.ok(isKept);
  assert.ok(log.lines.every(({ level }) => level === 'info'));
  await cut;
});
