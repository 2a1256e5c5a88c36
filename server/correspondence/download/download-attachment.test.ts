import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { configureAccess } from '#access/index.ts';
import { sql } from '#kernel/database.ts';
import type { AttachmentId, CorrespondenceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { allRecorded } from '../../../test/all-recorded.ts';
import { createCutDatabase } from '../../../test/cut-database.ts';
import { organizationCaller, personCaller } from '../../../test/world.ts';
import { initializeAttachment } from '../attachments/initialize-attachment.ts';
import { uploadAttachment } from '../attachments/upload-attachment.ts';
import { getOverview } from '../read/look-at-message.ts';
import { purgeMessage } from '../read/purge-message.ts';
import { createTown, evidenceOf, historyOf, letter, scan, send, sendAll } from '../testing/town.ts';
import { assertRefused, openWire } from '../testing/wire.ts';
import { downloadAttachment } from './download-attachment.ts';

const town = await createTown();
const { world, agency, citizen, municipality, leader, leading, reading, sender } = town;
const { ctx } = world;
after(() => configureAccess({ ownerReads: false }));

function refusal(code: number): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.row.code, code);
    return true;
  };
}

async function sendFile(expirationInDays: number | null = null) {
  const body = letter([citizen], { content: { attachments: [{ fileName: 'vedtak.pdf', sendersReference: 'a', expirationInDays }] } });
  const sent = await sendAll(town, body, [await world.file('vedtak.pdf', 'vedtaket')]);
  await scan(town, sent.attachmentIds);
  return {
    correspondenceId: sent.correspondences[0]!.correspondenceId as CorrespondenceId,
    attachmentId: sent.attachmentIds[0] as AttachmentId,
  };
}

test('given a file, when its recipient downloads it, then clients see it at once and the hand-over is proven by the last byte', async () => {
  const ids = await sendFile();

  const { stream, fileName, sizeBytes, recordEnd } = await downloadAttachment(ctx, reading, ids);
  assert.equal((await historyOf(town, ids.correspondenceId)).at(-1), 'AttachmentsDownloaded');
  assert.equal((await evidenceOf(town, ids.correspondenceId)).at(-1), 'ContentConsignment available');
  assert.equal((await buffer(stream)).toString(), 'vedtaket');
  await recordEnd(true);

  assert.deepEqual([fileName, sizeBytes], ['vedtak.pdf', 8]);
  assert.equal((await evidenceOf(town, ids.correspondenceId)).at(-1), 'ContentHandover handed-over');
  assert.equal((await getOverview(ctx, sender, ids.correspondenceId)).status, 'AttachmentsDownloaded');
});

test('given a download, when it breaks off, then no hand-over is claimed', async () => {
  const ids = await sendFile();

  const { stream, recordEnd } = await downloadAttachment(ctx, reading, ids);
  stream.destroy();
  await recordEnd(false);
  assert.equal((await evidenceOf(town, ids.correspondenceId)).at(-1), 'HandoverInterrupted nothing');
});

test('given a database that loses the commit of a hand-over, or is away when it is recorded, when it is back, then each is recorded once', async () => {
  const cut = await createCutDatabase(world.db.pool.options.connectionString!, { patienceMillis: 100 });
  const ids = await sendFile();
  const handovers = async () => (await evidenceOf(town, ids.correspondenceId)).filter((one) => one.startsWith('ContentHandover'));
  const taken = async () => {
    const { stream, recordEnd } = await downloadAttachment({ ...ctx, db: cut.db }, reading, ids);
    await buffer(stream);
    return recordEnd;
  };

  const recordLost = await taken();
  cut.cutAtNextCommit();
  await recordLost(true);
  assert.deepEqual([cut.cuts(), await handovers()], [1, ['ContentHandover handed-over']]);

  const recordAway = await taken();
  await cut.goAway();
  const recorded = recordAway(true);
  await sleep(200);
  assert.equal((await handovers()).length, 1);
  await cut.comeBack();
  await recorded;
  assert.equal((await handovers()).length, 2);
});

test('given that owners may read, when the owner downloads, then nothing was handed over', async () => {
  configureAccess({ ownerReads: true });
  const ids = await sendFile();

  const { stream, recordEnd } = await downloadAttachment(
    ctx,
    organizationCaller(agency, ['altinn:serviceowner', 'altinn:correspondence.read']),
    ids,
  );
  await buffer(stream);
  await recordEnd(true);
  configureAccess({ ownerReads: false });
  assert.equal((await evidenceOf(town, ids.correspondenceId)).at(-1), 'SenderViewed nothing');
});

test('given an enclosure in a resource of its own, when it is downloaded, then the right to that resource is asked for', async () => {
  await world.resource('vedlegg', agency, { type: 'GenericAccessResource', readers: ['package:eksplisitt'] });
  const attachmentId = await initializeAttachment(ctx, sender, { resourceId: 'vedlegg', fileName: 'a.pdf', sendersReference: 'a' });
  await uploadAttachment(ctx, sender, { id: attachmentId, stream: Readable.from([Buffer.from('hemmelig')]), contentLength: null });
  await scan(town, [attachmentId]);
  const correspondenceId = await send(town, letter([municipality], {}, { existingAttachments: [attachmentId] }));
  const ids = { correspondenceId, attachmentId };

  const locked = await world.db.one<{ locked: boolean }>(
    sql`select attachment_locked as locked from watch.item where about = ${correspondenceId}`,
  );
  assert.equal(locked.locked, true);
  await world.nothingWritten(() => assert.rejects(downloadAttachment(ctx, leading, ids), refusal(4001)));
  await world.grant(leader, municipality, { resource: 'vedlegg' as never });
  const { stream, recordEnd } = await downloadAttachment(ctx, leading, ids);
  await buffer(stream);
  await recordEnd(true);
  assert.equal((await evidenceOf(town, correspondenceId)).at(-1), 'ContentHandover handed-over');
});

test('given what cannot be downloaded, when it is asked for, then each has its refusal and nothing is written', async () => {
  const ids = await sendFile();
  const other = await sendFile();
  const stranger = personCaller(await world.person('EN FREMMED'));
  const unknown = '0198f0a0-0000-7000-8000-00000000ffff';

  for (const [code, caller, asked] of [
    [1001, reading, { ...ids, correspondenceId: unknown as CorrespondenceId }],
    [2001, reading, { ...ids, attachmentId: unknown as AttachmentId }],
    [2001, reading, { ...ids, attachmentId: other.attachmentId }],
    [4001, stranger, ids],
    [4001, sender, ids],
  ] as const) {
    await world.nothingWritten(() => assert.rejects(downloadAttachment(ctx, caller, asked), refusal(code)));
  }
});

test('given a letter that is deleted or a file whose time is over, when it is asked for, then it is gone', async () => {
  const ids = await sendFile();
  await purgeMessage(ctx, reading, ids.correspondenceId);
  await world.nothingWritten(() => assert.rejects(downloadAttachment(ctx, reading, ids), refusal(2019)));

  const short = await sendFile(1);
  await world.advance(86_401);
  await world.nothingWritten(() => assert.rejects(downloadAttachment(ctx, reading, short), refusal(2020)));
});

test('given a letter that is deleted while its file is opened, when it is downloaded, then it is gone, nothing says that it came, and the file is closed', async () => {
  const ids = await sendFile();
  const opened: Readable[] = [];
  const read: typeof ctx.blobs.read = async (...of) => {
    opened.push(await ctx.blobs.read(...of));
    await purgeMessage(ctx, reading, ids.correspondenceId);
    await ctx.blobs.sweep(ctx);
    return opened[0]!;
  };

  await assert.rejects(downloadAttachment({ ...ctx, blobs: { ...ctx.blobs, read } }, reading, ids), refusal(2019));

  assert.ok(!(await historyOf(town, ids.correspondenceId)).includes('AttachmentsDownloaded'));
  assert.deepEqual(
    opened.map(({ destroyed }) => destroyed),
    [true],
  );
});

const wire = await openWire(town, { reading, leading, sender });

test('given a file, when parts of it are asked for, then they come, and only the whole is handed over', async () => {
  const { correspondenceId, attachmentId } = await sendFile();
  const path = `/correspondence/${correspondenceId}/attachment/${attachmentId}/download`;
  const get = (headers: Record<string, string>) => wire.request('GET', path, 'reading', { headers });
  const shown = (answer: Response) => ['content-range', 'content-length', 'accept-ranges'].map((name) => answer.headers.get(name));

  const tail = await get({ range: 'bytes=-3' });
  assert.deepEqual([tail.status, await tail.text(), ...shown(tail)], [206, 'ket', 'bytes 5-7/8', '3', 'bytes']);
  const etag = tail.headers.get('etag')!;
  assert.match(etag, /^"[0-9a-f]{64}"$/);
  assert.equal(tail.headers.get('content-type'), 'application/pdf');
  const same = await get({ range: 'bytes=0-4', 'if-range': etag });
  assert.deepEqual([same.status, await same.text(), ...shown(same)], [206, 'vedta', 'bytes 0-4/8', '5', 'bytes']);
  await settled(correspondenceId, 'PartHandedOver nothing', 2);
  assert.ok(!(await evidenceOf(town, correspondenceId)).includes('ContentHandover handed-over'));

  const other = await get({ range: 'bytes=0-4', 'if-range': '"another"' });
  assert.deepEqual([other.status, await other.text(), ...shown(other)], [200, 'vedtaket', null, '8', 'bytes']);
  const several = await get({ range: 'bytes=0-1,4-5' });
  assert.deepEqual([several.status, await several.text()], [200, 'vedtaket']);
  const all = await get({ range: 'bytes=0-' });
  assert.deepEqual([all.status, await all.text(), ...shown(all)], [206, 'vedtaket', 'bytes 0-7/8', '8', 'bytes']);
  await settled(correspondenceId, 'ContentHandover handed-over', 3);
});

test('given a part past the end or a mere question, when it is asked for, then it is answered and nothing is written', async () => {
  const { correspondenceId, attachmentId } = await sendFile();
  const path = `/correspondence/${correspondenceId}/attachment/${attachmentId}/download`;

  const past = await world.nothingWritten(() => wire.request('GET', path, 'reading', { headers: { range: 'bytes=8-' } }));
  assert.deepEqual([past.status, past.headers.get('content-range'), await past.text()], [416, 'bytes */8', '']);
  const head = await world.nothingWritten(() => wire.request('HEAD', path, 'reading', { headers: { range: 'bytes=0-1' } }));
  assert.deepEqual([head.status, await head.text()], [200, '']);
  assert.deepEqual(
    ['content-length', 'accept-ranges', 'content-type', 'content-disposition'].map((name) => head.headers.get(name)),
    ['8', 'bytes', 'application/pdf', "inline; filename*=UTF-8''vedtak.pdf"],
  );
  const denied = await world.nothingWritten(() => wire.request('HEAD', path, 'leading'));
  assert.equal(denied.status, 401);
  await assertRefused(await world.nothingWritten(() => wire.request('GET', path, 'leading', { headers: { range: 'bytes=99-' } })), 4001);
  const nowhere = await wire.request('HEAD', path.replace(attachmentId, correspondenceId), 'reading');
  assert.equal(nowhere.status, 404);
});

test('given a sender, when it fetches its own file in parts, then they come until the letter is out', async () => {
  const id = await initializeAttachment(ctx, sender, { resourceId: 'brev', fileName: 'a.pdf', sendersReference: 'x' });
  await uploadAttachment(ctx, sender, { id, stream: Readable.from([Buffer.from('vedtaket')]), contentLength: 8 });
  const path = `/attachment/${id}/download`;

  const part = await wire.request('GET', path, 'sender', { headers: { range: 'bytes=2-3' } });
  assert.deepEqual([part.status, await part.text(), part.headers.get('content-range')], [206, 'dt', 'bytes 2-3/8']);
  const past = await wire.request('GET', path, 'sender', { headers: { range: 'bytes=8-' } });
  assert.deepEqual([past.status, past.headers.get('content-range')], [416, 'bytes */8']);
  const whole = await wire.request('GET', path, 'sender');
  assert.deepEqual([whole.status, await whole.text(), whole.headers.get('content-length')], [200, 'vedtaket', '8']);
  const head = await world.nothingWritten(() => wire.request('HEAD', path, 'sender'));
  assert.deepEqual(
    [head.status, head.headers.get('content-length'), head.headers.get('content-type')],
    [200, '8', 'application/octet-stream'],
  );
});

/** What became of downloads is recorded, this among it so often. */
async function settled(id: string, entry: string, times: number): Promise<void> {
  await allRecorded();
  assert.equal((await evidenceOf(town, id)).filter((one) => one === entry).length, times, entry);
}
