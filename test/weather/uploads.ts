import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Client, enterpriseToken } from '../../demo/client.ts';
import { invariantsOf } from '../../demo/own-api.ts';
import { type OwnServer, startOwnServer } from '../wire/server.ts';
import { hashOf, type MadeFile, readMade } from './made-file.ts';
import { type Seen, untilAnswered, uploadLine } from './upload-line.ts';
import { bytesOf, type PlannedFile, type UploadPlan } from './upload-plan.ts';

/** Files that are uploaded in bad weather. */
export interface UploadWeather extends UploadPlan {
  readonly atOnce: number;
  /** Another place for bytes than the server's own directory: what it is told of it, and the names of what lies there. */
  readonly store?: { readonly settings: Readonly<Record<string, string>>; names(): Promise<readonly string[]> };
  readonly tell?: (line: string) => void;
}

export interface Arrived {
  readonly files: number;
  readonly bytes: number;
  readonly killed: number;
  /** Requests that brought bytes anew after a kill. */
  readonly sentAgain: number;
  readonly seconds: number;
}

const [sender, recipient] = ['315001285', '315001145'] as const;
const resourceId = 'weather-files';
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
/** A server that is killed twenty times starts twenty times, and reading its sources is half of that. The run's, where there is one: who is killed keeps nothing. */
const compiled = process.env.NODE_COMPILE_CACHE ?? join(import.meta.dirname, '../../node_modules/.cache/budstikke-weather');
const mebibyte = 1024 * 1024;
/** What is larger is hashed for longer than any request waits. */
const promptBytes = 1024 * mebibyte;

/**
 * An unmodified tus-js-client uploads files, in one line and in parallel, while the server is killed with -9. Throws at the first thing that
 * is not so: nothing that was acknowledged has to come again, of what was not at most one request for each kill and line; each file is
 * published, whole; and when all are confirmed and the sweepers have been there, no byte lies in the store.
 */
export async function runUploadWeather(weather: UploadWeather): Promise<Arrived> {
  const begun = Date.now();
  const server = await startOwnServer('uploads', town, 'clone', { NODE_COMPILE_CACHE: compiled, ...weather.store?.settings });
  try {
    await purgeAtOnce(server.client);
    const arrived = await survive(server, weather);
    await nothingIsLeft(server, weather.store?.names ?? (() => filesIn(join(server.process().folder.data, 'blobs'))));
    return { ...arrived, seconds: Math.round((Date.now() - begun) / 1000) };
  } finally {
    await server.stop();
  }
}

async function survive(server: OwnServer, { files, kills, atOnce, tell }: UploadWeather): Promise<Omit<Arrived, 'seconds'>> {
  const seen: Seen = { acknowledged: 0, sentAgain: 0, running: new Set() };
  let killed = 0;
  let isOver = false;
  let hasFailed = false;
  /** In the middle of whatever is under way; what is due when all has been sent comes after it. */
  const storm = async (): Promise<void> => {
    for (const { afterBytes, pauseMillis } of kills) {
      while (seen.acknowledged < afterBytes && !isOver) await sleep(5);
      await sleep(pauseMillis);
      if (hasFailed) return;
      await server.process().kill();
      killed += 1;
      tell?.(`${killed} of ${kills.length}: killed after ${Math.round(seen.acknowledged / mebibyte)} MiB`);
      await server.restart();
    }
  };
  const left = [...files];
  const send = async (): Promise<void> => {
    for (let file = left.shift(); file; file = left.shift()) {
      await carry(server.client, file, seen);
      tell?.(`${file.name}: ${file.sizeBytes} bytes in ${file.parallel} line(s) have arrived`);
    }
  };
  const sending = Promise.all(Array.from({ length: atOnce }, send)).finally(() => {
    isOver = true;
  });
  try {
    await Promise.all([sending, storm()]);
  } finally {
    isOver = hasFailed = true;
    await Promise.allSettled([...seen.running].map((one) => one.abort()));
  }
  const token = await enterpriseToken(server.client, sender, ['altinn:serviceowner', 'altinn:correspondence.write']);
  const { invariants } = await invariantsOf(server.client.with(token));
  assert.deepEqual(
    invariants.filter(({ holds }) => !holds),
    [],
  );
  const lines = Math.max(...files.map(({ parallel }) => parallel)) * atOnce;
  assert.ok(seen.sentAgain <= killed * lines, `${seen.sentAgain} requests were sent again after ${killed} kills`);
  return { files: files.length, bytes: bytesOf(files), killed, sentAgain: seen.sentAgain };
}

/** A file from its announcement to its confirmation. */
async function carry(client: Client, { name, sizeBytes, parallel, chunkBytes }: PlannedFile, seen: Seen): Promise<void> {
  const file: MadeFile = { name, start: 0, end: sizeBytes };
  const { md5, sha256 } = await hashOf(readMade(file));
  const sends = tokenFor(client, sender, 'altinn:broker.write');
  const receives = tokenFor(client, recipient, 'altinn:broker.read');
  const id = await untilAnswered(async () => {
    const made = await client.with(await sends()).post(api, {
      fileName: 'stor.bin',
      resourceId,
      sendersFileTransferReference: 'weather',
      sender: `0192:${sender}`,
      recipients: [`0192:${recipient}`],
      disableVirusScan: true,
      checksum: md5,
    });
    assert.equal(made.status, 200, made.text);
    return made.json<{ fileTransferId: string }>().fileTransferId;
  });
  await uploadLine({ endpoint: `${client.baseUrl}${api}/upload/tus/${id}`, file, parallel, chunkBytes, token: sends }, seen);

  const statusOf = async () =>
    (await untilAnswered(async () => client.with(await sends()).get(`${api}/${id}`))).json<{ fileTransferStatus: string }>()
      .fileTransferStatus;
  while (sizeBytes > promptBytes && (await statusOf()) === 'UploadStarted') await sleep(1000);
  assert.equal(await statusOf(), 'Published', 'at the first look after the last answer');
  const digest = `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`;
  assert.equal(await fetchWhole(`${client.baseUrl}${api}/${id}/download`, { sizeBytes, digest, token: receives }), sha256);
  await untilAnswered(async () => {
    const confirmed = await client.with(await receives()).post(`${api}/${id}/confirmdownload`);
    assert.ok(confirmed.status === 204 || confirmed.status === 400, confirmed.text); // 400: confirmed, unheard, and purged meanwhile
  });
}

/** The hash of all bytes; what broke off goes on where it was. */
async function fetchWhole(
  url: string,
  { sizeBytes, digest, token }: { sizeBytes: number; digest: string; token(): Promise<string> },
): Promise<string> {
  const sha256 = createHash('sha256');
  let got = 0;
  do {
    await untilAnswered(async () => {
      const response = await fetch(url, { headers: { authorization: `Bearer ${await token()}`, range: `bytes=${got}-` } });
      assert.deepEqual(
        [response.status, response.headers.get('content-range'), response.headers.get('repr-digest')],
        [206, `bytes ${got}-${sizeBytes - 1}/${sizeBytes}`, digest],
      );
      const before = got;
      try {
        for await (const chunk of Readable.fromWeb(response.body as never)) {
          sha256.update(chunk as Uint8Array);
          got += (chunk as Uint8Array).length;
        }
      } catch (error) {
        if (got === before) throw error; // nothing came: patience counts
      }
    });
  } while (got < sizeBytes);
  return sha256.digest('hex');
}

/** Tokens are good for longer than this, and an upload may take longer than that. */
function tokenFor(client: Client, organization: string, scope: string): () => Promise<string> {
  let known: { text: string; until: number } | undefined;
  return async () => {
    if (!known || Date.now() > known.until) {
      known = { text: await untilAnswered(() => enterpriseToken(client, organization, [scope])), until: Date.now() + 600_000 };
    }
    return known.text;
  };
}

/** Confirmed files are purged by the next sweeper. */
async function purgeAtOnce(client: Client): Promise<void> {
  const owner = client.with(await enterpriseToken(client, sender, ['altinn:serviceowner']));
  assert.equal((await owner.post('/broker/api/v1/serviceowner', { name: 'Filstad' })).status, 200);
  const put = await owner.put(`/broker/api/v1/resource/${resourceId}`, { purgeFileTransferGracePeriod: 'PT0S' });
  assert.equal(put.status, 204, put.text);
}

/** What died with a process is a lease of a day, which a test lets be over; sweepers come by when the server starts. */
async function nothingIsLeft(server: OwnServer, names: () => Promise<readonly string[]>): Promise<void> {
  const database = new pg.Client({ connectionString: server.databaseUrl });
  await database.connect();
  try {
    await database.query(`update blobs.blob set at = at - interval '2 days' where state in ('receiving', 'stored')`);
  } finally {
    await database.end();
  }
  for (const until = Date.now() + 180_000; ; ) {
    await server.process().stop();
    await server.restart();
    for (let looks = 0; looks < 20; looks += 1) {
      if ((await names()).length === 0) return;
      await sleep(100);
    }
    if (Date.now() > until) assert.deepEqual(await names(), [], 'bytes are left behind');
  }
}

async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}
