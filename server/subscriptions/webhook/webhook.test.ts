import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { bodyFor } from './body-for.ts';
import { readEndpoint } from './endpoint.ts';
import { createAddressJudge, parseNetwork } from './networks.ts';
import { createWebhooks, stopping } from './post-webhook.ts';
import { newSecret, signatureHeaders, writtenSecret } from './sign.ts';

const closed = [
  '127.0.0.1',
  '10.1.2.3',
  '172.31.255.255',
  '192.168.0.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '255.255.255.255',
  '224.0.0.1',
  '198.18.0.1',
  '::1',
  '::',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:a00:1',
  '0:0:0:0:0:ffff:192.168.1.1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'fd00::1',
  'ff02::1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '::ffff:0:10.0.0.1',
  '5f00::1',
  '3fff:abc::1',
  '192.31.196.1',
  '192.52.193.1',
  '192.175.48.1',
  'not an address',
  '',
];
const open = ['8.8.8.8', '158.36.1.1', '172.32.0.1', '2001:67c:21e0::1', '::ffff:8.8.8.8'];

test('given addresses, when nothing is allowed, then only public ones may be posted to, however they are written', () => {
  const mayReach = createAddressJudge([]);
  assert.deepEqual(closed.filter(mayReach), []);
  assert.deepEqual(
    open.filter((address) => !mayReach(address)),
    [],
  );
});

test('given a network that the operator allows, when its addresses are judged, then they may be posted to and others of their kind not', () => {
  const mayReach = createAddressJudge(['10.1.0.0/16', '::1/128']);
  assert.deepEqual(['10.1.9.9', '10.2.0.1', '::1', '127.0.0.1', '::ffff:10.1.9.9'].map(mayReach), [true, false, true, false, true]);
});

test('given texts, when they are read as networks, then what is none is told apart', () => {
  assert.deepEqual(parseNetwork('10.0.0.0/8'), { address: '10.0.0.0', bits: 8, family: 'ipv4' });
  for (const text of ['10.0.0.0', '10.0.0.0/33', 'fd00::/129', '10.0.0/8', 'x/8', '10.0.0.0/8/8', '10.0.0.0/-1', '/8', '']) {
    assert.equal(parseNetwork(text), undefined, text);
  }
});

const production = { allowHttp: false, mayReach: createAddressJudge([]) };

test('given endpoints, when production reads them, then only https to what may be public is taken', () => {
  assert.equal(readEndpoint(' https://Hooks.Example.no:8443/a?b=c#d ', production), 'https://hooks.example.no:8443/a?b=c');
  for (const text of [
    '',
    null,
    undefined,
    'hooks.example.no',
    'http://hooks.example.no/',
    'ftp://hooks.example.no/',
    'file:///etc/passwd',
    'https://user:word@hooks.example.no/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://169.254.169.254/latest/meta-data',
    `https://hooks.example.no/${'a'.repeat(2000)}`,
  ]) {
    assert.equal(readEndpoint(text, production), undefined, String(text));
  }
});

const server = createServer((request, response) => {
  if (request.url === '/hangs') return;
  if (request.url === '/moves') response.writeHead(302, { location: '/taken' }).end();
  else if (request.url === '/talks') response.writeHead(200).end(Buffer.alloc(10_000_000, 120));
  else response.writeHead(request.url === '/taken' ? 204 : 500).end();
  hits.push(request.url ?? '');
}).listen(0, '127.0.0.1');
await once(server, 'listening');
after(() => {
  server.closeAllConnections();
  server.close();
});
const hits: string[] = [];
const { port } = server.address() as AddressInfo;
const post = (host: string, path: string, allowed: readonly string[]) => {
  const webhooks = createWebhooks({ mayReach: createAddressJudge(allowed), timeoutMillis: 500 });
  after(() => webhooks.close());
  return webhooks.post({ url: `http://${host}:${port}${path}`, headers: {}, body: '{}' });
};
const loopback = ['127.0.0.0/8', '::1/128'];

test('given an endpoint, when it is posted to, then its status is told, redirects are not followed, and what hangs or is gone is a failure', async () => {
  assert.deepEqual(await post('127.0.0.1', '/taken', loopback), { status: 204 });
  assert.deepEqual(await post('127.0.0.1', '/other', loopback), { status: 500 });
  hits.length = 0;
  assert.deepEqual(await post('127.0.0.1', '/moves', loopback), { status: 302 });
  assert.deepEqual(hits, ['/moves']);
  assert.deepEqual(await post('127.0.0.1', '/talks', loopback), { status: 200 });
  assert.deepEqual(await post('127.0.0.1', '/hangs', loopback), { failure: 'timeout' });
  const webhooks = createWebhooks({ mayReach: createAddressJudge(loopback) });
  assert.deepEqual(await webhooks.post({ url: 'http://127.0.0.1:9/', headers: {}, body: '' }), { failure: 'not reached' });
  webhooks.close();
});

test('given a name that stands for a closed address, when it is posted to, then no connection is made', async () => {
  hits.length = 0;
  assert.deepEqual(await post('localhost', '/taken', []), { failure: 'address not allowed' });
  assert.deepEqual(await post('127.0.0.1', '/taken', []), { failure: 'address not allowed' });
  assert.deepEqual(await post('[::ffff:127.0.0.1]', '/taken', []), { failure: 'address not allowed' });
  assert.deepEqual(hits, []);
  assert.deepEqual(await post('localhost', '/taken', loopback), { status: 204 });
});

test('given an answer whose body never ends, when its status is told, then the connection is closed, and one without a body is used again', async () => {
  const closed = Promise.withResolvers<void>();
  let connections = 0;
  const endless = createServer((request, response) => {
    if (request.url === '/empty') return void response.writeHead(200, { 'content-length': '0' }).end();
    response.writeHead(200).write('and');
    response.on('close', closed.resolve);
  }).listen(0, '127.0.0.1');
  endless.on('connection', () => connections++);
  await once(endless, 'listening');
  const webhooks = createWebhooks({ mayReach: createAddressJudge(loopback), timeoutMillis: 60_000 });
  const to = (path: string) => ({ url: `http://127.0.0.1:${(endless.address() as AddressInfo).port}${path}`, headers: {}, body: '{}' });
  after(() => {
    webhooks.close();
    endless.closeAllConnections();
    endless.close();
  });
  assert.deepEqual(await webhooks.post(to('/drips')), { status: 200 });
  await closed.promise;
  for (let n = 0; n < 3; n++) {
    assert.deepEqual(await webhooks.post(to('/empty')), { status: 200 });
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(connections, 2);
});

test('given endpoints at many ports that do not answer, when events are posted to all, then no more connections are open than there may be', async () => {
  let most = 0;
  let open = 0;
  const twoOpen = Promise.withResolvers<void>();
  const hanging = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const one = createServer(() => {}).listen(0, '127.0.0.1');
      one.on('connection', (socket) => {
        open += 1;
        most = Math.max(most, open);
        if (open === 2) twoOpen.resolve();
        socket.on('close', () => (open -= 1));
      });
      await once(one, 'listening');
      return one;
    }),
  );
  const webhooks = createWebhooks({ mayReach: createAddressJudge(loopback), timeoutMillis: 1_000, mostConnections: 2 });
  after(() => {
    webhooks.close();
    for (const one of hanging) {
      one.closeAllConnections();
      one.close();
    }
  });
  const posts = hanging.map((one) =>
    webhooks.post({ url: `http://127.0.0.1:${(one.address() as AddressInfo).port}/`, headers: {}, body: '{}' }),
  );
  await twoOpen.promise;
  assert.deepEqual(await Promise.all(posts), Array(5).fill({ failure: 'timeout' }));
  assert.equal(most, 2);
});

test('given posts under way, when the process ends, then they are broken off and nothing is made of them', async () => {
  const webhooks = createWebhooks({ mayReach: createAddressJudge(loopback), timeoutMillis: 60_000 });
  const under = webhooks.post({ url: `http://127.0.0.1:${port}/hangs`, headers: {}, body: '{}' });
  await new Promise((resolve) => server.once('request', resolve));
  webhooks.close();
  assert.equal(await under, stopping);
  assert.equal(await webhooks.post({ url: `http://127.0.0.1:${port}/taken`, headers: {}, body: '{}' }), stopping);
});

test('given two secrets, when a body is signed, then each checks it, and no other body, id or secret does', () => {
  const [one, two, other] = [newSecret(), newSecret(), newSecret()];
  const body = '{"name":"Åse"}';
  const headers = signatureHeaders('0198f0a0', body, [one, two], new Date());
  for (const secret of [one, two]) assert.deepEqual(new Webhook(writtenSecret(secret)).verify(body, headers), { name: 'Åse' });
  const checks =
    (secret: Buffer, text: string, more: Record<string, string> = {}) =>
    () =>
      new Webhook(writtenSecret(secret)).verify(text, { ...headers, ...more });
  assert.throws(checks(other, body));
  assert.throws(checks(one, `${body} `));
  assert.throws(checks(one, body, { 'webhook-id': '0198f0a1' }));
  const old = signatureHeaders('0198f0a0', body, [one], new Date(Date.now() - 3_600_000));
  assert.throws(() => new Webhook(writtenSecret(one)).verify(body, old), 'a replay by a stranger is known by its age');
});

test('given an address of Slack, when an event is posted there, then it is the text of a message, and of nobody else’s', () => {
  const event = JSON.stringify({ id: '1', type: 'no.altinn.correspondence.correspondencepublished' });
  assert.deepEqual(JSON.parse(bodyFor('https://hooks.slack.com/services/T0/B0/x', event)), { text: event });
  for (const endpoint of ['https://etaten.example/hooks.slack.com', 'https://hooks.slack.com.example/services'])
    assert.equal(bodyFor(endpoint, event), event);
});
