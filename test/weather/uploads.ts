import assert from 'node:assert/strict';
import { createCipheriv, createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Upload } from 'tus-js-client';
import { type Client, enterpriseToken } from '../../demo/client.ts';
import { invariantsOf } from '../../demo/own-api.ts';
import { randomFrom } from '../random.ts';
import { makeScratchDirectory } from '../scratch.ts';
import { type OwnServer, startOwnServer } from '../wire/server.ts';

/** Files that are uploaded in bad weather. */
export interface UploadWeather {
  /** The same seed makes the same files and the same kills; what happens between them is the machine's. */
  readonly seed: number;
  readonly files: readonly { readonly sizeBytes: number; readonly parallel: number }[];
  readonly chunkBytes: number;
  readonly kills: number;
  readonly atOnce: number;
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

const [sender, recipient] = ['315001285', '315001145'];
const resourceId = 'weather-files';
export const api = '/broker/api/v1/filetransfer';
export const town = {
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
const mebibyte = 1024 * 1024;

/**
 * An unmodified tus-js-client uploads files, in one line and in parallel, while the server is killed with -9, and checks what is there
 * when it says that it is done: nothing that was acknowledged has to come again, of what was not at most one request for each kill and
 * line, and each file is published, whole, at once. Throws at the first thing that is not so.
 */
export async function runUploadWeather(weather: UploadWeather): Promise<Arrived> {
  const begun = Date.now();
  const server = await startOwnServer('uploads', town, 'embedded');
  const directory = makeScratchDirectory();
  try {
    return { ...(await survive(server, directory, weather)), seconds: Math.round((Date.now() - begun) / 1000) };
  } finally {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

interface Seen {
  acknowledged: number;
  sentAgain: number;
  killed: number;
  isOver: boolean;
  readonly running: Upload[];
}

async function survive(server: OwnServer, directory: string, weather: UploadWeather): Promise<Omit<Arrived, 'seconds'>> {
  const random = randomFrom(weather.seed);
  const totalBytes = weather.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const seen: Seen = { acknowledged: 0, sentAgain: 0, killed: 0, isOver: false, running: [] };

  /** One kill after every so many bytes, in the middle of whatever is under way. */
  const storm = async (): Promise<void> => {
    for (let n = 1; n <= weather.kills; n += 1) {
      const due = ((n - random()) * totalBytes) / (weather.kills + 1);
      while (seen.acknowledged < due && !seen.isOver) await sleep(5);
      if (seen.isOver) return;
      await sleep(random() * 100);
      await server.process().kill();
      seen.killed += 1;
      weather.tell?.(`${n} of ${weather.kills}: killed after ${Math.round(seen.acknowledged / mebibyte)} MiB`);
      await server.restart();
    }
  };
  const left = weather.files.map((file, i) => ({ ...file, name: `file-${i}` }));
  const send = async (): Promise<void> => {
    for (let file = left.shift(); file; file = left.shift()) {
      const path = join(directory, file.name);
      await writeFile(path, file.sizeBytes, `${weather.seed}-${file.name}`);
      await sendOne(server.client, { ...file, path, chunkBytes: weather.chunkBytes }, seen);
      await rm(path);
      weather.tell?.(`${file.name}: ${file.sizeBytes} bytes in ${file.parallel} line(s) have arrived`);
    }
  };
  const sending = Promise.all(Array.from({ length: weather.atOnce }, send)).finally(() => {
    seen.isOver = true;
  });
  try {
    await Promise.all([sending, storm()]);
  } finally {
    seen.isOver = true;
    await Promise.allSettled(seen.running.map((one) => one.abort()));
  }
  const token = await enterpriseToken(server.client, sender!, ['altinn:serviceowner', 'altinn:correspondence.write']);
  const { invariants } = await invariantsOf(server.client.with(token));
  assert.deepEqual(
    invariants.filter(({ holds }) => !holds),
    [],
  );
  const lines = Math.max(...weather.files.map(({ parallel }) => parallel)) * weather.atOnce;
  assert.ok(seen.sentAgain <= seen.killed * lines, `${seen.sentAgain} requests were sent again after ${seen.killed} kills`);
  return { files: weather.files.length, bytes: totalBytes, killed: seen.killed, sentAgain: seen.sentAgain };
}

/** Bytes that look random and are the same for the same name. */
async function writeFile(path: string, sizeBytes: number, name: string): Promise<void> {
  const zeros = Buffer.alloc(mebibyte);
  async function* blocks(): AsyncGenerator<Buffer> {
    for (let left = sizeBytes; left > 0; left -= zeros.length) yield left >= zeros.length ? zeros : zeros.subarray(0, left);
  }
  const key = createHash('sha256').update(name).digest();
  await pipeline(blocks, createCipheriv('aes-256-ctr', key, Buffer.alloc(16)), createWriteStream(path));
}

async function hashOf(source: AsyncIterable<Uint8Array>): Promise<{ md5: string; sha256: string }> {
  const [md5, sha256] = [createHash('md5'), createHash('sha256')];
  for await (const chunk of source) {
    md5.update(chunk);
    sha256.update(chunk);
  }
  return { md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}

interface Sending {
  readonly path: string;
  readonly sizeBytes: number;
  readonly parallel: number;
  readonly chunkBytes: number;
}

/** Patient: what is being restarted does not answer. */
async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (const until = Date.now() + 120_000; ; ) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > until || error instanceof assert.AssertionError) throw error;
      await sleep(200);
    }
  }
}

async function sendOne(client: Client, sending: Sending, seen: Seen): Promise<void> {
  const { path, sizeBytes } = sending;
  const { md5, sha256 } = await hashOf(createReadStream(path));
  const sends = client.with(await untilAnswered(() => enterpriseToken(client, sender!, ['altinn:broker.write'])));
  const id = await untilAnswered(async () => {
    const made = await sends.post(api, {
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
  await upload(client, id, sending, seen);

  const overview = await untilAnswered(() => sends.get(`${api}/${id}`));
  assert.equal(overview.json<{ fileTransferStatus: string }>().fileTransferStatus, 'Published', 'at the first look after the last answer');
  const receives = await untilAnswered(() => enterpriseToken(client, recipient!, ['altinn:broker.read']));
  await untilAnswered(async () => {
    const download = await fetch(`${client.baseUrl}${api}/${id}/download`, { headers: { authorization: `Bearer ${receives}` } });
    assert.equal(download.status, 200);
    assert.equal(download.headers.get('content-length'), String(sizeBytes));
    assert.equal(download.headers.get('repr-digest'), `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`);
    assert.deepEqual(await hashOf(Readable.fromWeb(download.body as never)), { md5, sha256 });
  });
}

/** As any program would that knows no more than tus; refreshes its token as it must. */
function upload(client: Client, id: string, sending: Sending, seen: Seen): Promise<void> {
  const { path, sizeBytes, parallel, chunkBytes } = sending;
  const acknowledged = new Map<string, number>();
  const asked = new Map<string, Set<string>>();
  let token = { text: '', until: 0 };
  return new Promise((resolve, reject) => {
    const options = {
      endpoint: `${client.baseUrl}${api}/upload/tus/${id}`,
      ...(parallel === 1 ? { uploadSize: sizeBytes } : {}),
      chunkSize: chunkBytes,
      parallelUploads: parallel,
      retryDelays: Array.from({ length: 300 }, (_, i) => Math.min(100 + i * 50, 1000)),
      storeFingerprintForResuming: false,
      metadata: { filename: 'stor.bin' },
      onBeforeRequest: async (request: {
        getMethod(): string;
        getURL(): string;
        getHeader(name: string): string | undefined;
        setHeader(name: string, value: string): void;
      }) => {
        if (Date.now() > token.until) {
          const text = await untilAnswered(() => enterpriseToken(client, sender!, ['altinn:broker.write']));
          token = { text, until: Date.now() + 600_000 };
        }
        request.setHeader('Authorization', `Bearer ${token.text}`);
        if (request.getMethod() !== 'PATCH') return;
        const [url, offset] = [request.getURL(), request.getHeader('Upload-Offset')!];
        assert.ok(Number(offset) >= (acknowledged.get(url) ?? 0), `bytes of ${url} that were acknowledged are sent again`);
        const offsets = asked.get(url) ?? new Set();
        if (offsets.has(offset)) seen.sentAgain += 1;
        asked.set(url, offsets.add(offset));
      },
      onAfterResponse: (
        request: { getMethod(): string; getURL(): string },
        response: { getStatus(): number; getHeader(name: string): string | undefined },
      ) => {
        const offset = Number(response.getHeader('Upload-Offset'));
        const url = request.getURL();
        const before = acknowledged.get(url) ?? 0;
        if (request.getMethod() === 'HEAD' && response.getStatus() === 200)
          assert.ok(offset >= before, `${url} has lost ${before - offset} bytes`);
        if (request.getMethod() !== 'PATCH' || response.getStatus() !== 204) return;
        acknowledged.set(url, offset);
        seen.acknowledged += offset - before;
      },
      onSuccess: () => resolve(),
      onError: reject,
    };
    const running = new Upload(createReadStream(path) as never, options);
    seen.running.push(running);
    running.start();
  });
}
