import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { configureAccess } from '#access/index.ts';
import { sql } from '#kernel/database.ts';
import type { AttachmentId, CorrespondenceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { organizationCaller, personCaller } from '../../../test/world.ts';
import { initializeAttachment } from '../attachments/initialize-attachment.ts';
import { uploadAttachment } from '../attachments/upload-attachment.ts';
import { createTown, evidenceOf, historyOf, letter, scan, send, sendAll } from '../testing/town.ts';
import { downloadAttachment } from './download-attachment.ts';
import { getOverview } from './look-at-message.ts';
import { purgeMessage } from './purge-message.ts';

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

  const { stream, fileName, sizeBytes, recorded } = await downloadAttachment(ctx, reading, ids);
  assert.equal((await historyOf(town, ids.correspondenceId)).at(-1), 'AttachmentsDownloaded');
  assert.equal((await evidenceOf(town, ids.correspondenceId)).at(-1), 'ContentConsignment available');
  assert.equal((await buffer(stream)).toString(), 'vedtaket');
  await recorded;

  assert.deepEqual([fileName, sizeBytes], ['vedtak.pdf', 8]);
  assert.equal((await evidenceOf(town, ids.correspondenceId)).at(-1), 'ContentHandover handed-over');
  assert.equal((await getOverview(ctx, sender, ids.correspondenceId)).status, 'AttachmentsDownloaded');
});

test('given a download, when it breaks off, then no hand-over is claimed', async () => {
  const ids = await sendFile();

  const { stream, recorded } = await downloadAttachment(ctx, reading, ids);
  stream.destroy();
  await recorded;
  assert.equal((await evidenceOf(town, ids.correspondenceId)).at(-1), 'HandoverInterrupted nothing');
});

test('given that owners may read, when the owner downloads, then nothing was handed over', async () => {
  configureAccess({ ownerReads: true });
  const ids = await sendFile();

  const { stream, recorded } = await downloadAttachment(
    ctx,
    organizationCaller(agency, ['altinn:serviceowner', 'altinn:correspondence.read']),
    ids,
  );
  await buffer(stream);
  await recorded;
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
  const { stream, recorded } = await downloadAttachment(ctx, leading, ids);
  await buffer(stream);
  await recorded;
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
