import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, enterpriseToken } from '../../demo/client.ts';
import { invariantsOf } from '../../demo/own-api.ts';
import { until } from '../../demo/wait.ts';
import { randomFrom } from '../random.ts';
import { type OwnServer, startOwnServer } from '../wire/server.ts';

/**
 * The power is cut in the middle of an upload. What was answered 200 is there afterwards, whole; what was under way may be sent again
 * within a minute, and of the bytes that came before nothing is ever shown. A run can be repeated with BUDSTIKKE_TEST_SEED.
 */
const seedNumber = Number(process.env.BUDSTIKKE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
const random = randomFrom(seedNumber);
const [sender, recipient] = ['315001285', '315001145'];
const resourceId = 'kill-files';
const api = '/broker/api/v1/filetransfer';
const town = {
  version: 1,
  parties: [sender, recipient].map((number) => ({ kind: 'organization', number, name: `Filstad ${number}`, unitType: 'KOMM' })),
  resources: [
    {
      id: resourceId,
      type: 'BrokerService',
      owner: sender,
      title: { nb: 'Filer', nn: 'Filer', en: 'Files' },
      readers: ['organization'],
      broker: {},
    },
  ],
};

let server: OwnServer;
let sending: Client;
let receiving: Client;
let token: string;
before(async () => {
  process.stdout.write(`BUDSTIKKE_TEST_SEED=${seedNumber}\n`);
  server = await startOwnServer('kill-upload', town);
  token = await enterpriseToken(server.client, sender, ['altinn:broker.write', 'altinn:serviceowner', 'altinn:correspondence.write']);
  sending = server.client.with(token);
  receiving = server.client.with(await enterpriseToken(server.client, recipient, ['altinn:broker.read']));
});
after(() => server?.stop());

const content = Buffer.from(Array.from({ length: 3 << 20 }, (_, i) => (i * 31 + (i >> 8)) & 0xff));
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function announce(): Promise<string> {
  const answer = await sending.post(api, {
    fileName: 'stor.bin',
    resourceId,
    sendersFileTransferReference: 'kill',
    sender: `0192:${sender}`,
    recipients: [`0192:${recipient}`],
    disableVirusScan: true,
    checksum: createHash('md5').update(content).digest('hex'),
  });
  assert.equal(answer.status, 200, answer.text);
  return answer.json<{ fileTransferId: string }>().fileTransferId;
}

const statusOf = async (id: string) => (await sending.get(`${api}/${id}`)).json<{ fileTransferStatus: string }>().fileTransferStatus;

/** Sends the first bytes and no more; the connection breaks with the server. */
async function beginUpload(id: string, bytes: number): Promise<void> {
  const upload = request(`${server.client.baseUrl}${api}/${id}/upload`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream', 'content-length': content.length },
  });
  upload.on('error', () => {});
  upload.write(content.subarray(0, bytes));
  await until('the upload to begin', async () => assert.equal(await statusOf(id), 'UploadStarted'));
}

async function uploadWhole(id: string): Promise<number> {
  return (await sending.post(`${api}/${id}/upload`, { mediaType: 'application/octet-stream', bytes: content })).status;
}

test('given uploads under way and one that was answered, when the server is killed, then the answered one is whole and the others may be sent again', async () => {
  const answered = await announce();
  assert.equal(await uploadWhole(answered), 200);
  const cut = [await announce(), await announce(), await announce()];
  for (const id of cut) await beginUpload(id, Math.floor(random() * (content.length - 1)) + 1);

  await server.process().kill();
  await server.restart();

  assert.equal(await statusOf(answered), 'Published');
  for (const id of cut) {
    assert.equal(await statusOf(id), 'UploadStarted');
    const half = await receiving.get(`${api}/${id}/download`);
    assert.deepEqual([half.status, half.json<{ code: string }>().code], [403, 'BRO-00007']);
  }
  const deadline = Date.now() + 60_000;
  for (const id of cut) {
    for (;;) {
      const status = await uploadWhole(id);
      if (status === 200) break;
      assert.equal(status, 409);
      assert.ok(Date.now() < deadline, 'a dead upload holds its transfer for half a minute at most');
      await sleep(1000);
    }
  }
  for (const id of [answered, ...cut]) {
    assert.equal(await statusOf(id), 'Published');
    const download = await receiving.get(`${api}/${id}/download`);
    assert.equal(sha256(download.bytes), sha256(content));
    assert.equal(download.headers.get('repr-digest'), `sha-256=:${Buffer.from(sha256(content), 'hex').toString('base64')}:`);
    assert.equal((await receiving.post(`${api}/${id}/confirmdownload`)).status, 204);
  }
  const { invariants } = await invariantsOf(sending);
  assert.deepEqual(
    invariants.filter(({ holds }) => !holds),
    [],
  );
});

/** Bytes that begin while a token holds and end when it has run out; the answer. */
async function outlive(spent: string, path: string, method: string, headers: Record<string, string>, bytes: Buffer): Promise<number> {
  const upload = request(`${server.client.baseUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${spent}`, 'content-length': bytes.length, ...headers },
  });
  const answered = once(upload, 'response') as Promise<[IncomingMessage]>;
  upload.write(bytes.subarray(0, 1));
  const asked = server.client.with(spent);
  await until('the token to run out', async () => assert.equal((await asked.get(`${api}?resourceId=${resourceId}`)).status, 401));
  upload.end(bytes.subarray(1));
  const [answer] = await answered;
  answer.resume();
  return answer.statusCode!;
}

test('given a token that runs out while bytes come, when the last has come, then they count; the token goes on with that upload alone, and a new one goes on too', async () => {
  const shortToken = async () => {
    const asked = new URLSearchParams({ env: 'tt02', ttl: '4', orgNo: sender!, scopes: 'altinn:broker.write' });
    return (await server.client.get(`/api/GetEnterpriseToken?${asked}`)).text.trim();
  };
  const [spent, idle, half] = [await shortToken(), await shortToken(), content.length / 2];
  const [streamed, resumed] = [await announce(), await announce()];
  const tus = `${api}/upload/tus/${resumed}`;
  const asTus = (offset: number) => ({
    'tus-resumable': '1.0.0',
    'content-type': 'application/offset+octet-stream',
    'upload-offset': String(offset),
  });
  const begun = await sending.post(tus, undefined, { 'tus-resumable': '1.0.0', 'upload-length': String(content.length) });
  assert.equal(begun.status, 201, begun.text);

  const answers = await Promise.all([
    outlive(spent, `${api}/${streamed}/upload`, 'POST', { 'content-type': 'application/octet-stream' }, content),
    outlive(spent, tus, 'PATCH', asTus(0), content.subarray(0, half)),
  ]);

  assert.deepEqual(answers, [200, 204]);
  const rest = { mediaType: 'application/offset+octet-stream', bytes: content.subarray(half) };
  assert.equal((await server.client.with(idle).patch(tus, rest, asTus(half))).status, 401, 'it brought nothing');
  assert.equal((await server.client.with(spent).get(`${api}/${resumed}`)).status, 401, 'it only goes on');
  const some = { ...rest, bytes: rest.bytes.subarray(0, 1000) };
  assert.equal((await server.client.with(spent).patch(tus, some, asTus(half))).status, 204);
  assert.equal((await sending.patch(tus, { ...rest, bytes: rest.bytes.subarray(1000) }, asTus(half + 1000))).status, 204);
  for (const id of [streamed, resumed]) {
    assert.equal(await statusOf(id), 'Published');
    assert.equal(sha256((await receiving.get(`${api}/${id}/download`)).bytes), sha256(content));
  }
});
