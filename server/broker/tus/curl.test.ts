import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { makeScratchDirectory } from '../../../test/scratch.ts';
import { createTown, openWire } from '../testing/town.ts';
import { bytesOf, tusClient } from './testing.ts';

const run = promisify(execFile);
const missing = ['curl', 'openssl'].filter((tool) => spawnSync(tool, ['version']).error);
const directory = makeScratchDirectory();
after(() => rmSync(directory, { recursive: true, force: true }));

test('given curl and OpenSSL, when a file is uploaded in two requests and fetched, then both agree on every hash', {
  skip: missing.length > 0 && `${missing.join(' and ')} is not installed`,
}, async () => {
  const town = await createTown();
  const wire = await openWire(town);
  const { announce, statusOf } = tusClient(town, wire);
  const [first, second, back] = ['first', 'second', 'back'].map((name) => join(directory, name)) as [string, string, string];
  const bytes = bytesOf(3_000_001);
  const whole = join(directory, 'whole');
  writeFileSync(whole, bytes);
  writeFileSync(first, bytes.subarray(0, 1_234_567));
  writeFileSync(second, bytes.subarray(1_234_567));
  const digest = async (algorithm: string, path: string): Promise<string> =>
    (await run('openssl', ['dgst', `-${algorithm}`, '-r', path])).stdout.split(' ')[0]!;
  const base64 = async (algorithm: string, path: string): Promise<string> =>
    Buffer.from(await digest(algorithm, path), 'hex').toString('base64');
  const id = await announce({ checksum: await digest('md5', whole) });
  const api = `http://127.0.0.1:${wire.port}/broker/api/v1/filetransfer`;
  const curl = (by: string, ...args: string[]) =>
    run('curl', ['-sS', '--fail-with-body', '-i', '-H', `Authorization: ${by}`, '-H', 'Tus-Resumable: 1.0.0', ...args]);
  const octets = ['-H', 'Content-Type: application/offset+octet-stream', '-X', 'PATCH'];
  const address = `${api}/upload/tus/${id}`;

  await curl('sender', '-X', 'POST', '-H', `Upload-Length: ${statSync(whole).size}`, address);
  const checked = ['-H', `Upload-Checksum: sha256 ${await base64('sha256', first)}`];
  await curl('sender', ...octets, ...checked, '-H', 'Upload-Offset: 0', '--data-binary', `@${first}`, address);
  const head = await curl('sender', '-I', address);
  assert.match(head.stdout, /^upload-offset: 1234567\r$/im);
  const last = [
    '-H',
    `Upload-Checksum: sha1 ${await base64('sha1', second)}`,
    '-H',
    'Upload-Offset: 1234567',
    '-H',
    'Transfer-Encoding: chunked',
  ];
  await curl('sender', ...octets, ...last, '--data-binary', `@${second}`, address);

  assert.equal(await statusOf(id), 'Published');
  const fetched = await run('curl', [
    '-sS',
    '--fail-with-body',
    '-D',
    '-',
    '-o',
    back,
    '-H',
    'Authorization: first',
    `${api}/${id}/download`,
  ]);
  assert.match(fetched.stdout, new RegExp(`^repr-digest: sha-256=:${RegExp.escape(await base64('sha256', back))}:\r$`, 'im'));
  for (const algorithm of ['sha256', 'md5']) assert.equal(await digest(algorithm, back), await digest(algorithm, whole));
});
