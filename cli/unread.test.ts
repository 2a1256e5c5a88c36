import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ToldError } from './told-error.ts';
import { fetchUnread } from './unread.ts';

const folder = mkdtempSync(join(tmpdir(), 'budstikke-unread-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const asked: { url: string | undefined; authorization: string | undefined }[] = [];
const server = createServer((request, response) => {
  asked.push({ url: request.url, authorization: request.headers.authorization });
  if (request.headers.authorization !== 'Bearer hemmelig') response.writeHead(403).end('no');
  else response.end('id,kind\r\n1,message\r\n');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
after(() => void server.close());
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

test('given a token in a file, when unread post is fetched, then the CSV is written for its owner alone, by the filter that was asked for', async () => {
  const csv = join(folder, 'ulest.csv');
  await fetchUnread({ url, tokenFile: file('token', 'hemmelig\n'), csv, cause: 'no-opener', olderThan: 'P7D', numbers: false });
  assert.equal(readFileSync(csv, 'utf8'), 'id,kind\r\n1,message\r\n');
  assert.equal(statSync(csv).mode & 0o777, 0o600);
  assert.deepEqual(asked.at(-1), {
    url: '/budstikke/v1/unread/extract?cause=no-opener&olderThan=P7D&numbers=false',
    authorization: 'Bearer hemmelig',
  });
});

test('given a token that is refused, missing, or a server that is not there, when unread post is fetched, then the user is told and nothing is written', async () => {
  const csv = join(folder, 'intet.csv');
  for (const options of [
    { url, tokenFile: file('wrong', 'feil') },
    { url, tokenFile: join(folder, 'mangler') },
    { url: 'http://127.0.0.1:1', tokenFile: file('token', 'hemmelig') },
  ])
    await assert.rejects(fetchUnread({ ...options, csv }), ToldError);
  assert.throws(() => statSync(csv));
});
