import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { asAttachment } from './receive/file-answer.ts';
import { createTown, historyOf, octets, openWire, rows, transferOf } from './testing/town.ts';
import { tusClient } from './tus/testing.ts';

/** What a file transfer has to stand. */
const town = await createTown();
const { world } = town;
const wire = await openWire(town);
const noRoom = async (stream: Readable): Promise<never> => {
  for await (const _ of stream) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  throw new Error('no byte came');
};
const faults: object[] = [];
const full = await openWire(
  town,
  {},
  {
    ...town.ctx,
    blobs: { ...town.ctx.blobs, receive: noRoom, receiveSegment: noRoom },
    log: { ...town.ctx.log, error: (facts) => void faults.push(facts) },
  },
);
const announce = async (differs = {}) =>
  ((await (await wire.json('POST', '/filetransfer', 'sender', transferOf(town, differs))).json()) as { fileTransferId: string })
    .fileTransferId;

/** Bytes on a socket, with a length that is another. */
async function sendRaw(id: string, contentLength: number, body: string, hangUp: boolean): Promise<string> {
  const socket = connect(wire.port, '127.0.0.1');
  const head = [
    `POST /broker/api/v1/filetransfer/${id}/upload HTTP/1.1`,
    'Host: localhost',
    'Authorization: sender',
    'Content-Type: application/octet-stream',
    `Content-Length: ${contentLength}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  if (hangUp) {
    while ((await historyOf(town, id)).at(-1) !== 'UploadStarted');
    socket.destroy();
    return '';
  }
  const [answer] = (await once(socket.setEncoding('utf8'), 'data')) as [string];
  socket.destroy();
  return answer;
}

test('given a terabyte that is announced and one byte that comes, when the client hangs up, then nothing is held for it, and the transfer has failed and is told', async () => {
  const { files } = await world.counts();
  const id = await announce();
  await sendRaw(id, 1_000_000_000_000, 'x', true);
  while ((await historyOf(town, id)).at(-1) !== 'Failed');
  const [row] = await rows<{ text: string; bytes: number | null }>(
    town,
    sql`select state_text as text, size_bytes as bytes from broker.file_transfer where id = ${id}`,
  );
  assert.deepEqual([row?.text, row?.bytes], ['File upload failed and was aborted', null]);
  assert.equal((await world.counts()).files, files);
});

test('given more than any file may hold that is announced, when one byte comes, then it is refused before the next, and nothing is written', async () => {
  const id = await announce();
  const answer = await world.nothingWritten(() => sendRaw(id, 2_000_000_000_000, 'x', false));
  assert.match(answer, /^HTTP\/1\.1 400 /);
});

test('given a disk that is full, when bytes come, then the upload is refused in the original’s words, the log says what it is, and the server goes on', async () => {
  const id = await announce();
  const answer = await full.request('POST', `/filetransfer/${id}/upload`, 'sender', { body: 'innhold', headers: octets });
  assert.deepEqual([answer.status, ((await answer.json()) as { code: string }).code], [500, 'BRO-00008']);
  assert.equal((await historyOf(town, id)).at(-1), 'Failed');
  assert.ok(faults.some((facts) => 'code' in facts && facts.code === 'ENOSPC'));
  await wire.send('sender', transferOf(town), 'plass igjen');
});

test('given a disk that is full, when a resumable upload goes on, then the client is told to come again, nothing of the request counts, and once there is room it goes on where it was', async () => {
  const { announce: announceTus, begin, patch, offsetOf, statusOf, fetched } = tusClient(town, wire);
  const id = await announceTus();
  await begin(id, 6);
  assert.equal((await patch(id, 0, 'abc')).status, 204);

  const refused = await tusClient(town, full).patch(id, 3, 'def');

  assert.deepEqual([refused.status, await offsetOf(id), await statusOf(id)], [503, 3, 'UploadStarted']);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  assert.equal((await patch(id, 3, 'def')).status, 204);
  assert.equal(String(await fetched(id)), 'abcdef');
});

const names = [
  '../../etc/passwd',
  '..\\..\\windows\\system32.dll',
  '/rot.txt',
  'C:fil.txt',
  '.',
  '..',
  'æøå ÆØÅ.pdf',
  'Ελληνικά Кириллица עברית العربية हिन्दी ไทย 한국어 日本語 中文.zip',
  '👩‍👩‍👧‍👦 🇳🇴.zip',
  '\u202Egpj.exe',
  'a"b\'c;d%20e\\f.txt',
  'linje\r\nX-Ond: ja',
  'nul\u0001l',
  'combining e\u0301.txt',
  'x'.repeat(255),
];
for (const fileName of names)
  test(`given a file called ${JSON.stringify(fileName).slice(0, 60)}, when it is sent and fetched, then its name is whole, and only a name`, async () => {
    const id = await wire.send('sender', transferOf(town, { fileName }), 'innhold');
    const shown = (await (await wire.json('GET', `/filetransfer/${id}`, 'first')).json()) as { fileName: string };
    assert.equal(shown.fileName, fileName);
    const answer = await wire.request('GET', `/filetransfer/${id}/download`, 'first');
    assert.equal(await answer.text(), 'innhold');
    const header = answer.headers.get('content-disposition')!;
    assert.equal(header, asAttachment(fileName));
    assert.equal(answer.headers.get('x-ond'), null);
    assert.equal(decodeURIComponent(/filename\*=UTF-8''(.+)$/.exec(header)![1]!), fileName);
    assert.doesNotMatch(/filename="([^"]*)"/.exec(header)![1]!, /[\\/]/);
  });
