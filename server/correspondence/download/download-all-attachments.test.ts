import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import yauzl from 'yauzl';
import { configureAccess } from '#access/index.ts';
import { sql } from '#kernel/database.ts';
import { createGivingPlaces } from '#kernel/giving-places.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { until } from '../../../demo/wait.ts';
import { allRecorded } from '../../../test/all-recorded.ts';
import { organizationCaller, personCaller } from '../../../test/world.ts';
import { initializeAttachment } from '../attachments/initialize-attachment.ts';
import { uploadAttachment } from '../attachments/upload-attachment.ts';
import { purgeMessage } from '../read/purge-message.ts';
import { createTown, evidenceOf, historyOf, letter, outcomeOf, rows, scan, send, sendAll } from '../testing/town.ts';
import { assertRefused, openWire } from '../testing/wire.ts';
import { downloadAllAttachments } from './download-all-attachments.ts';

const town = await createTown();
const { world, agency, citizen, municipality, leader, leading, reading, sender } = town;
const { ctx } = world;
after(() => configureAccess({ ownerReads: false }));
const stranger = personCaller(await world.person('EN FREMMED'));

function refusal(code: number): (error: unknown) => boolean {
  return (error) => error instanceof Refusal && error.row.code === code;
}

const files = [
  ['vedtak.pdf', 'vedtaket'],
  ['Vedtak.PDF', 'det andre'],
  ['blåbær.txt', 'x'.repeat(3_000_000)],
] as const;

async function sendFiles(expirationInDays: number | null = null): Promise<{ id: CorrespondenceId; attachments: readonly string[] }> {
  const attachments = files.map(([fileName]) => ({ fileName, sendersReference: 'a', expirationInDays }));
  const body = letter([citizen], { content: { messageTitle: 'Vedtak om blåbær', attachments } });
  const received = await Promise.all(files.map(([name, content]) => receive(name, content)));
  const sent = await sendAll(town, body, received);
  await scan(town, sent.attachmentIds);
  return { id: sent.correspondences[0]!.correspondenceId as CorrespondenceId, attachments: sent.attachmentIds };
}

async function receive(fileName: string, content: string) {
  const stored = await ctx.blobs.receive(Readable.from([Buffer.from(content)]), { maxBytes: 10_000_000 });
  return { ...stored, fileName, fieldName: 'attachments' };
}

const wire = await openWire(town, { reading, leading, sender, stranger });
const pathOf = (id: string) => `/correspondence/${id}/attachments/downloadall`;

test('given a letter with files, when its recipient downloads all, then the archive holds each, and the hand-over of all is proven by its last byte', async () => {
  const { id, attachments } = await sendFiles();

  const answer = await wire.request('GET', pathOf(id), 'reading', { headers: { accept: 'application/json' } });
  const archive = Buffer.from(await answer.arrayBuffer());

  assert.deepEqual(
    ['content-type', 'content-length', 'content-disposition'].map((name) => answer.headers.get(name)),
    ['application/zip', String(archive.length), "attachment; filename*=UTF-8''vedtak-om-blabaer.zip"],
  );
  const zip = await yauzl.fromBufferPromise(archive);
  const found: [string, string][] = [];
  for await (const entry of zip.eachEntry()) {
    found.push([entry.fileName, (await buffer(await zip.openReadStreamPromise(entry))).toString()]);
  }
  assert.deepEqual(found, [
    ['vedtak.pdf', 'vedtaket'],
    ['Vedtak(1).PDF', 'det andre'],
    ['blåbær.txt', 'x'.repeat(3_000_000)],
  ]);
  const texts = await rows<{ text: string }>(
    town,
    sql`select text from correspondence.status where message_id = ${id} and status = 'AttachmentsDownloaded' order by id`,
  );
  assert.deepEqual(
    texts.map(({ text }) => text),
    attachments.map((attachment) => `Attachment ${attachment} has been downloaded`),
  );
  assert.equal(await outcomeOf(town, id), null, 'a download opens nothing');
});

test('given an archive, when a program of another maker tests it, then it finds no fault', {
  skip: hasUnzip() ? false : 'unzip is not installed',
}, async () => {
  const { id } = await sendFiles();
  const { stream, recordEnd } = await downloadAllAttachments(ctx, reading, id);
  const file = join(tmpdir(), `budstikke-${id}.zip`);
  writeFileSync(file, await buffer(stream));
  await recordEnd(true);

  const { status, stdout } = spawnSync('unzip', ['-t', file], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } });
  rmSync(file);

  assert.equal(status, 0, stdout);
  assert.match(stdout, /No errors detected/);
});

function hasUnzip(): boolean {
  return spawnSync('unzip', ['-v']).status === 0;
}

test('given that all places are taken, when files of a letter are fetched, one or all, then it is told to come again, and nothing is written', async () => {
  const giving = createGivingPlaces(1, { mostWaiting: 0 });
  const { request } = await openWire(town, { reading, sender }, ctx, undefined, { giving });
  const { id, attachments } = await sendFiles();
  const place = await giving.enter(reading);
  for (const [path, by] of [
    [pathOf(id), 'reading'],
    [`/correspondence/${id}/attachment/${attachments[0]}/download`, 'reading'],
    [`/attachment/${attachments[0]}/download`, 'sender'],
  ] as const) {
    const answer = await world.nothingWritten(() => request('GET', path, by));
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '5'], path);
  }

  place.leave();
  const answer = await request('GET', pathOf(id), 'reading');
  assert.equal(answer.status, 200);
  await answer.arrayBuffer();
});

test('given a download of all, when it breaks off, then no hand-over is claimed, and by the last byte one is', async () => {
  const { id } = await sendFiles();
  const broken = await downloadAllAttachments(ctx, reading, id);
  broken.stream.destroy();
  await broken.recordEnd(false);
  assert.equal((await evidenceOf(town, id)).at(-1), 'HandoverInterrupted nothing');

  const whole = await downloadAllAttachments(ctx, reading, id);
  assert.equal((await buffer(whole.stream)).length, whole.sizeBytes);
  await whole.recordEnd(true);

  assert.equal((await evidenceOf(town, id)).at(-1), 'ContentHandover handed-over');
  assert.equal((await historyOf(town, id)).filter((status) => status === 'AttachmentsDownloaded').length, 6);
});

test('given a file or all of them on their way, when the client goes before it has read them, then they were not handed over, and were to the next one that reads them and asks for more', async () => {
  const { id, attachments } = await sendFiles();
  const ends = async () => (await evidenceOf(town, id)).filter((one) => /Hand/.test(one));
  const paths = [`/correspondence/${id}/attachment/${attachments[0]}/download`, pathOf(id)];

  for (const [n, path] of paths.entries()) {
    const socket = connect(wire.port, '127.0.0.1');
    socket.write(`GET /correspondence/api/v1${path} HTTP/1.1\r\nhost: x\r\nauthorization: reading\r\n\r\n`);
    await once(socket, 'readable');
    socket.resetAndDestroy();
    await until('it is recorded', async () => assert.deepEqual(await ends(), Array(n + 1).fill('HandoverInterrupted nothing')));
  }
  for (const path of paths) await (await wire.request('GET', path, 'reading')).arrayBuffer();
  await allRecorded();
  assert.deepEqual((await ends()).slice(2), Array(2).fill('ContentHandover handed-over'));
});

test('given a download of all under way, when the letter is deleted and its bytes are swept, then the archive comes whole all the same', async () => {
  const { id } = await sendFiles();
  const { stream, sizeBytes, recordEnd } = await downloadAllAttachments(ctx, reading, id);
  const pieces = stream[Symbol.asyncIterator]();
  const first: Buffer = (await pieces.next()).value;

  await purgeMessage(ctx, reading, id);
  assert.equal(await ctx.blobs.sweep(ctx), files.length);

  let length = first.length;
  for await (const piece of { [Symbol.asyncIterator]: () => pieces }) length += (piece as Buffer).length;
  assert.equal(length, sizeBytes);
  await recordEnd(true);
  assert.equal((await evidenceOf(town, id)).at(-1), 'ContentHandover handed-over');
});

test('given files that were opened for a download, when it is refused or breaks off, then all are closed', async () => {
  const { id } = await sendFiles();
  const opened: Readable[] = [];
  const read: typeof ctx.blobs.read = async (...of) => {
    const stream = await ctx.blobs.read(...of);
    opened.push(stream);
    return stream;
  };
  const counting = { ...ctx, blobs: { ...ctx.blobs, read } };

  await world.nothingWritten(() => assert.rejects(downloadAllAttachments(counting, stranger, id), refusal(4001)));
  const broken = await downloadAllAttachments(counting, reading, id);
  broken.stream.destroy();
  await broken.recordEnd(false);

  assert.equal(opened.length, 2 * files.length);
  assert.ok(opened.every(({ destroyed }) => destroyed));
});

test('given that owners may read, when the owner downloads all, then nothing was handed over', async () => {
  const { id } = await sendFiles();
  configureAccess({ ownerReads: true });
  const owner = organizationCaller(agency, ['altinn:serviceowner', 'altinn:correspondence.read']);
  const { stream, recordEnd } = await downloadAllAttachments(ctx, owner, id).finally(() => configureAccess({ ownerReads: false }));
  await buffer(stream);
  await recordEnd(true);
  assert.equal((await evidenceOf(town, id)).at(-1), 'SenderViewed nothing');
});

test('given one file in a resource that the reader has no right to, when all are asked for, then none comes', async () => {
  await world.resource('vedlegg', agency, { type: 'GenericAccessResource', readers: ['package:eksplisitt'] });
  const upload = async (resourceId: string) => {
    const id = await initializeAttachment(ctx, sender, { resourceId, fileName: 'a.pdf', sendersReference: 'a' });
    await uploadAttachment(ctx, sender, { id, stream: Readable.from([Buffer.from('hemmelig')]), contentLength: null });
    await scan(town, [id]);
    return id;
  };
  const existingAttachments = [await upload('brev'), await upload('vedlegg')];
  const id = await send(town, letter([municipality], {}, { existingAttachments }));

  await world.nothingWritten(() => assert.rejects(downloadAllAttachments(ctx, leading, id), refusal(4001)));
  await world.grant(leader, municipality, { resource: 'vedlegg' as never });
  const { stream, recordEnd } = await downloadAllAttachments(ctx, leading, id);
  await buffer(stream);
  await recordEnd(true);
  assert.equal((await evidenceOf(town, id)).at(-1), 'ContentHandover handed-over');
});

test('given what cannot be downloaded, when all is asked for, then each has its refusal, a stranger learns nothing more, and nothing is written', async () => {
  const { id } = await sendFiles();
  const bare = await send(town, letter([citizen]));
  const deleted = await sendFiles();
  await purgeMessage(ctx, reading, deleted.id);
  const large = await sendFiles();
  await world.db.transaction(async (tx) =>
    tx.send(sql`update correspondence.attachment set size_bytes = 1999999998 where id = ${large.attachments[0]!}`),
  );
  const waiting = (
    await sendAll(town, letter([citizen], { content: { attachments: [{ fileName: 'a.pdf', sendersReference: 'a' }] } }), [
      await world.file('a.pdf', 'a'),
    ])
  ).correspondences[0]!.correspondenceId;

  for (const [code, by, asked] of [
    [1001, 'reading', '0198f0a0-0000-7000-8000-00000000ffff'],
    [1001, 'reading', waiting],
    [2001, 'reading', bare],
    [4001, 'stranger', bare],
    [4001, 'stranger', id],
    [4001, 'stranger', large.id],
    [4001, 'stranger', deleted.id],
    [2019, 'reading', deleted.id],
    [2023, 'reading', large.id],
  ] as const) {
    await assertRefused(await world.nothingWritten(() => wire.request('GET', pathOf(asked), by)), code);
  }
  assert.equal((await wire.request('GET', pathOf(id), 'sender')).status, 403, "the sender's scope opens no download");
  assert.equal((await wire.request('GET', pathOf(id), 'nobody')).status, 401);
});

test('given a file whose time is over for this letter, when all is asked for, then nothing comes', async () => {
  const { id } = await sendFiles(1);
  await world.advance(86_401);
  await world.nothingWritten(() => assert.rejects(downloadAllAttachments(ctx, reading, id), refusal(2020)));
});
