import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import type { AttachmentId, CorrespondenceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { organizationCaller, scopes } from '../../test/world.ts';
import { initializeAttachment } from './attachments/initialize-attachment.ts';
import { uploadAttachment } from './attachments/upload-attachment.ts';
import { downloadAttachment } from './download/download-attachment.ts';
import { confirmMessage } from './read/confirm-message.ts';
import { listMessages } from './read/list-messages.ts';
import { getDetails, getOverview } from './read/look-at-message.ts';
import { openMessage } from './read/open-message.ts';
import { purgeMessage } from './read/purge-message.ts';
import { checkNotification } from './reminders/notification-condition.ts';
import { createTown, eventsOf, letter, scan, send, sendAll, stateOf } from './testing/town.ts';

/** What is odd in the original and is kept, or mended where clients cannot tell. Rows of docs/compatibility lead here. */

const town = await createTown();
const { world, agency, citizen, municipality, sender, reading, letters } = town;
const { ctx } = world;

function refusal(code: number): (error: unknown) => boolean {
  return (error) => error instanceof Refusal && error.row.code === code;
}

test('given a letter whose file was downloaded, when it is confirmed and deleted, then clients see AttachmentsDownloaded for ever, and rules go by what happened', async () => {
  const body = letter([citizen], { content: { attachments: [{ fileName: 'vedtak.pdf', sendersReference: 'a' }] } });
  const sent = await sendAll(town, body, [await world.file('vedtak.pdf', 'vedtaket')]);
  await scan(town, sent.attachmentIds);
  const id = sent.correspondences[0]!.correspondenceId as CorrespondenceId;
  const { stream, recordEnd } = await downloadAttachment(ctx, reading, {
    correspondenceId: id,
    attachmentId: sent.attachmentIds[0] as AttachmentId,
  });
  await buffer(stream);
  await recordEnd(true);
  await getOverview(ctx, reading, id);
  await confirmMessage(ctx, reading, id);
  assert.equal((await getOverview(ctx, sender, id)).status, 'AttachmentsDownloaded');

  await purgeMessage(ctx, reading, id);
  const { status, statusText } = await getDetails(ctx, sender, id);
  assert.deepEqual([status, statusText], ['AttachmentsDownloaded', `Attachment ${sent.attachmentIds[0]} has been downloaded`]);
  await world.nothingWritten(() => assert.rejects(purgeMessage(ctx, reading, id), refusal(1014)));
  await world.nothingWritten(() => assert.rejects(confirmMessage(ctx, reading, id), refusal(1001)));
});

test('given a sender that writes to itself and to others, when it searches in both roles by a status, then the status holds on both sides', async () => {
  const [own, other] = [await send(town, letter([agency])), await send(town, letter([municipality]))];
  await openMessage(ctx, town.leading, other);
  const both = organizationCaller(agency, scopes.both);
  const found = async (status: 'Published' | 'Read' | 'Confirmed') =>
    (await listMessages(ctx, both, { resourceId: letters, role: 'RecipientAndSender', status })).ids.filter((id) =>
      [own, other].includes(id),
    );

  assert.deepEqual(await found('Read'), [other]);
  assert.deepEqual((await found('Published')).sort(), [own, other].sort());
  assert.deepEqual(await found('Confirmed'), []);
});

test('given an upload of another checksum, when it has failed, then no event tells of it: whoever uploads reads the refusal', async () => {
  const id = await initializeAttachment(ctx, sender, {
    resourceId: letters,
    fileName: 'a.pdf',
    sendersReference: '1',
    checksum: '0'.repeat(32),
  });
  const stream = Readable.from([Buffer.from('abc')]);
  await assert.rejects(uploadAttachment(ctx, sender, { id, stream, contentLength: null }), refusal(2008));
  assert.deepEqual(await eventsOf(town, id), ['attachmentinitialized']);
});

test('given a summary with markup, when a letter is sent, then it is taken, and shown as it was written', async () => {
  const messageSummary = '# Kort <b>sagt</b>: [les](https://etaten.example)';
  const id = await send(town, letter([citizen], { content: { messageSummary } }));
  assert.equal((await getOverview(ctx, reading, id)).content.messageSummary, messageSummary);
});

test('given a deleted organization, when ordinary post is sent to it, then it is known and the letter is published', async () => {
  const gone = await world.organization('BORTE AS', { deletedAt: new Date(ctx.now().getTime() - 86_400_000).toISOString() });
  assert.equal(await stateOf(town, await send(town, letter([gone]))), 'Published');
});

test('given a letter that is confirmed and not read, when a notification service asks, then its reminder may go', async () => {
  const id = await send(town, letter([citizen]));
  await getOverview(ctx, reading, id);
  await confirmMessage(ctx, reading, id);
  assert.deepEqual(await checkNotification(ctx, id, 'reminder'), { sendNotification: true });
  await openMessage(ctx, reading, id);
  assert.deepEqual(await checkNotification(ctx, id, 'reminder'), { sendNotification: false });
});

test('given a time of publishing that is long past, when a letter is sent, then it is published at once and the time is shown as it was asked', async () => {
  const id = await send(town, letter([citizen], { requestedPublishTime: '2001-02-03T04:05:06+01:00' }));
  const { status, published, requestedPublishTime } = await getOverview(ctx, sender, id);
  assert.equal(status, 'Published');
  assert.equal(requestedPublishTime, '2001-02-03T03:05:06.000Z');
  assert.ok(new Date(published!).getTime() > ctx.now().getTime() - 60_000);
});

test('given a letter with new and existing attachments, when it is shown, then new ones come first, in the order of the request, and their events begin with attachmentinitialized', async () => {
  const existing = await initializeAttachment(ctx, sender, { resourceId: letters, fileName: 'a.pdf', sendersReference: '1' });
  await uploadAttachment(ctx, sender, { id: existing, stream: Readable.from([Buffer.from('abc')]), contentLength: null });
  await scan(town, [existing]);
  const attachments = ['c.pdf', 'b.pdf'].map((fileName) => ({ fileName, sendersReference: fileName }));
  const files = [await world.file('c.pdf', 'c'), await world.file('b.pdf', 'b')];
  const sent = await sendAll(town, letter([citizen], { content: { attachments } }, { existingAttachments: [existing] }), files);
  await scan(town, sent.attachmentIds);

  const { content } = await getOverview(ctx, reading, sent.correspondences[0]!.correspondenceId as CorrespondenceId);
  assert.deepEqual(
    content.attachments.map(({ fileName }) => fileName),
    ['c.pdf', 'b.pdf', 'a.pdf'],
  );
  assert.equal(sent.attachmentIds[2], existing);
  assert.deepEqual(await eventsOf(town, sent.attachmentIds[0]!), ['attachmentinitialized', 'attachmentpublished']);
});

test('given a letter that its sender took back before its time, when its recipient lists, then it is not there, though the sender finds it', async () => {
  const inAnHour = new Date(ctx.now().getTime() + 3_600_000).toISOString();
  const id = await send(town, letter([municipality], { requestedPublishTime: inAnHour }));
  await purgeMessage(ctx, sender, id);
  const machine = organizationCaller(municipality, scopes.recipient);
  const found = async (...[caller, query]: [Parameters<typeof listMessages>[1], Parameters<typeof listMessages>[2]]) =>
    (await listMessages(ctx, caller, query)).ids.includes(id);

  assert.equal(await found(machine, { resourceId: letters, role: 'Recipient' }), false);
  assert.equal(await found(machine, { resourceId: letters, role: 'Recipient', status: 'PurgedByAltinn' }), false);
  assert.equal(await found(sender, { resourceId: letters, role: 'Sender', status: 'PurgedByAltinn' }), true);
});
