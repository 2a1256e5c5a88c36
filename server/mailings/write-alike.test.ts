import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { initializeAttachment } from '#correspondence/attachments/initialize-attachment.ts';
import { uploadAttachment } from '#correspondence/attachments/upload-attachment.ts';
import { leftBehind } from '#correspondence/testing/left-behind.ts';
import { letter, scan, sendAll } from '#correspondence/testing/town.ts';
import { sql } from '#kernel/database.ts';
import type { Party } from '#register/index.ts';
import { begin, brokenInvariants, createMailTown, type Differs, messagesOf, sendOff, upload } from './testing/mail-town.ts';

/** A mailing must leave behind what initialize leaves behind: every table, every column, but for ids and times. */
const town = await createMailTown();
const { world, municipality, orphan, citizen, leader } = town;
const everybody = [municipality, orphan, citizen, leader];

/** All rows of these messages with each id named after what it is, times left out, and columns that differ by nature. */
async function rowsOf(messages: readonly { id: string; recipient: string }[]): Promise<object> {
  const names = new Map([
    ...messages.map(({ id, recipient }) => [id, `message to ${recipient}`] as const),
    ...[...everybody, town.agency].map(({ id, name }) => [id as string, name] as const),
  ]);
  return leftBehind(
    world.db,
    messages.map(({ id }) => id),
    names,
  );
}

async function bothWays(differs: Differs, recipients: readonly Party[], existingAttachments: string[] = []): Promise<[object, object]> {
  const { correspondences } = await sendAll(town, letter(recipients, differs, { existingAttachments }));
  const single = await world.db.all<{ id: string; recipient: string }>(sql`
    select id, recipient_id as recipient from correspondence.message where id = any(${correspondences.map((c) => c.correspondenceId)}::uuid[])`);
  const { sendersReference = 'sak-1' } = differs;
  const mailing = await begin(town, { ...differs, sendersReference }, { existingAttachments });
  await upload(town, mailing, recipients);
  const view = await sendOff(town, mailing);
  assert.equal(view.counts.sent, recipients.length, JSON.stringify(view));
  return [await rowsOf(single), await rowsOf(await messagesOf(town, mailing))];
}

const orders = {
  notificationTemplate: 'GenericAltinnMessage',
  notificationChannel: 'EmailPreferred',
  sendReminder: true,
} as const;
const ways: readonly (readonly [string, Differs, (readonly Party[])?])[] = [
  ['that is ordinary', {}],
  ['that somebody must first be let in to open', { resourceId: 'taushetsbelagt', isConfidential: true }, [municipality]],
  ['that greets by name', { content: { messageBody: 'Kjære {{recipientName}}' } }],
  ['with notifications', { notification: orders }],
  ['that is published later', { requestedPublishTime: '2035-01-01T10:00:00Z', notification: orders }],
  ['to be confirmed', { isConfirmationNeeded: true, dueDateTime: '2036-01-01T10:00:00Z' }],
];
for (const [what, differs, recipients = everybody] of ways) {
  test(`given a letter ${what}, when it is sent by a mailing, then it leaves the same rows as when it is sent at once`, async () => {
    const [single, mass] = await bothWays(differs, recipients);
    assert.deepEqual(mass, single);
    const empty = Object.entries(single).flatMap(([table, rows]) => (rows.length === 0 ? [table] : []));
    assert.deepEqual(empty, recipients.length > 1 ? ['watch.grantor'] : []);
    assert.deepEqual(await brokenInvariants(town), []);
  });
}

test('given attachments, one of them in a resource that its reader may not open, when they go with a mailing, then it leaves the same rows', async () => {
  const attachments = [];
  for (const resourceId of ['brev', 'taushetsbelagt']) {
    const id = await initializeAttachment(world.ctx, town.sender, { resourceId, fileName: 'a.pdf', sendersReference: 'ref' });
    await uploadAttachment(world.ctx, town.sender, { id, stream: Readable.from([Buffer.from('hello')]), contentLength: null });
    attachments.push(id);
  }
  await scan(town, attachments);

  const [single, mass] = await bothWays({}, [municipality, citizen], attachments);

  assert.deepEqual(mass, single);
  assert.ok(JSON.stringify(mass).includes('attachment_locked\\":true'));
});
