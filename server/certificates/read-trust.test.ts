import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { StartError } from '#kernel/start-error.ts';
import { createFetch } from './fetch-bounded.ts';
import { readTrust } from './read-trust.ts';
import { Authority } from './testing/authority.ts';

const folder = mkdtempSync(join(tmpdir(), 'budstikke-trust-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const root = Authority.root('Rot');
const issuer = root.below('Utsteder');

function place(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}

test('given authorities in one file or in several, when they are read, then what is signed by itself is an anchor and the others are not', () => {
  const several = place('several', { 'root.pem': root.own.pem, 'issuer.crt': issuer.own.pem, 'README.txt': 'not read' });
  const one = join(place('one', { 'all.pem': `Rot:\n${root.own.pem}\n${issuer.own.pem}` }), 'all.pem');
  for (const path of [several, one]) {
    const { anchors, intermediates } = readTrust(path);
    assert.deepEqual(
      [anchors, intermediates].map((list) => list.map(({ x509 }) => x509.subject.includes('Rot'))),
      [[true], [false]],
    );
  }
});

test('given a place that cannot be trusted as it is, when it is read, then the start is refused and says why', () => {
  const cases: [path: string, says: RegExp][] = [
    [join(folder, 'none'), /ENOENT/],
    [place('empty', {}), /signed by itself/],
    [place('words', { 'a.pem': 'words' }), /no certificate in PEM/],
    [place('broken', { 'a.pem': '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----' }), /cannot be read/],
    [place('enterprise', { 'a.pem': root.own.pem, 'b.pem': issuer.issue().pem }), /no authority/],
    [place('between', { 'a.pem': issuer.own.pem }), /signed by itself/],
  ];
  for (const [path, says] of cases)
    assert.throws(
      () => readTrust(path),
      (error) => error instanceof StartError && says.test(error.message),
      path,
    );
});

test('given addresses that a stranger chose, when they are fetched, then nothing inside is reached, no redirect followed, and no more read than is allowed', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url!);
    if (request.url === '/moved') response.writeHead(302, { location: '/inside' }).end();
    else response.end('x'.repeat(100));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const [open, shut] = [createFetch(() => true), createFetch(() => false)];

  assert.equal((await open({ url: `http://127.0.0.1:${port}/list`, maxBytes: 100 })).length, 100);
  await assert.rejects(open({ url: `http://127.0.0.1:${port}/list`, maxBytes: 99 }), /more than 99 bytes/);
  await assert.rejects(open({ url: `http://127.0.0.1:${port}/moved`, maxBytes: 100 }), /answered 302/);
  await assert.rejects(open({ url: 'http://127.0.0.1:1/', maxBytes: 100 }), /ECONNREFUSED/);
  for (const host of ['127.0.0.1', 'localhost'])
    await assert.rejects(shut({ url: `http://${host}:${port}/shut`, maxBytes: 100 }), /may (?:not )?be reached/);
  assert.deepEqual(asked, ['/list', '/list', '/moved']);
});
