import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { configureAccess } from '#access/index.ts';
import { sql } from '#kernel/database.ts';
import { Refusal } from '#kernel/refusal.ts';
import { organizationCaller, personCaller } from '../../../test/world.ts';
import { createTown, eventsOf, evidenceOf, historyOf, letter, outcomeOf, rows, scan, send, sendAll, stateOf } from '../testing/town.ts';
import { confirmMessage } from './confirm-message.ts';
import { getDetails, getOverview } from './look-at-message.ts';
import { openMessage } from './open-message.ts';
import { purgeMessage } from './purge-message.ts';

const town = await createTown();
const { world, agency, citizen, municipality, sender, leading, reading } = town;
const { ctx } = world;
const inAnHour = () => new Date(ctx.now().getTime() + 3_600_000).toISOString();
after(() => configureAccess({ ownerReads: false }));

function refusal(code: number): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.row.code, code);
    return true;
  };
}

async function sendFile(recipients: Parameters<typeof letter>[0]) {
  const sent = await sendAll(town, letter(recipients, { content: { attachments: [{ fileName: 'a.pdf', sendersReference: 'a' }] } }), [
    await world.file('a.pdf', 'bytes'),
  ]);
  await scan(town, sent.attachmentIds);
  return { ids: sent.correspondences.map((c) => c.correspondenceId as never), attachment: sent.attachmentIds[0]! };
}

async function fileOf(attachment: string): Promise<string> {
  const [file] = await rows<{ state: string; blob: string }>(
    town,
    sql`select a.state, b.state as blob from correspondence.attachment a join blobs.blob b on b.key = a.blob_key where a.id = ${attachment}`,
  );
  return `${file!.state}, ${file!.blob}`;
}

test('given an unpublished letter, when its sender takes it back, then the watch ends as recalled and nobody finds it', async () => {
  const id = await send(town, letter([citizen], { requestedPublishTime: inAnHour() }));

  assert.equal(await purgeMessage(ctx, sender, id), id);

  assert.equal(await stateOf(town, id), 'PurgedByAltinn');
  assert.equal(await outcomeOf(town, id), 'recalled');
  assert.equal((await evidenceOf(town, id)).at(-1), 'Recalled closed-by-sender');
  assert.equal((await eventsOf(town, id)).at(-1), 'correspondencepurged');
  await assert.rejects(getOverview(ctx, sender, id), refusal(1001));
  await world.nothingWritten(() => assert.rejects(purgeMessage(ctx, sender, id), refusal(1014)));
  const details = await getDetails(ctx, sender, id);
  assert.deepEqual(
    details.statusHistory.map(({ status }) => status),
    ['ReadyForPublish'],
  );
});

test('given a published letter, when its sender wants it back, then it is refused', async () => {
  const id = await send(town, letter([citizen]));

  await world.nothingWritten(() => assert.rejects(purgeMessage(ctx, sender, id), refusal(1013)));
});

test('given an unread letter, when its recipient deletes it, then that is what evidence and watch say', async () => {
  const id = await send(town, letter([citizen]));

  await purgeMessage(ctx, reading, id);

  assert.equal(await outcomeOf(town, id), 'deleted-by-recipient');
  assert.equal((await evidenceOf(town, id)).at(-1), 'DeletedByRecipient failed');
  await assert.rejects(getOverview(ctx, reading, id), refusal(1001));
  await assert.rejects(getDetails(ctx, reading, id), refusal(1001));
  await assert.rejects(openMessage(ctx, reading, id), refusal(1001));
  await world.nothingWritten(() => assert.rejects(purgeMessage(ctx, reading, id), refusal(1014)));
});

test('given a letter to confirm, when its recipient deletes it before, then it is refused, and afterwards not', async () => {
  const id = await send(town, letter([municipality], { isConfirmationNeeded: true, dueDateTime: inAnHour() }));
  await openMessage(ctx, leading, id);
  await world.nothingWritten(() => assert.rejects(purgeMessage(ctx, leading, id), refusal(1026)));
  await confirmMessage(ctx, leading, id);

  await purgeMessage(ctx, leading, id);
  assert.equal((await evidenceOf(town, id)).at(-1), 'DeletedByRecipient opened');
  assert.equal(await outcomeOf(town, id), 'confirmed');
});

test('given a letter, when it is confirmed and deleted at once, then either order leaves one story', async () => {
  for (let round = 0; round < 5; round++) {
    const id = await send(town, letter([citizen]));
    await getOverview(ctx, reading, id);

    const [confirmed] = await Promise.allSettled([confirmMessage(ctx, reading, id), purgeMessage(ctx, reading, id)]);

    assert.equal(await stateOf(town, id), 'PurgedByRecipient');
    const told = (await historyOf(town, id)).slice(3).join(', ');
    assert.equal(told, confirmed.status === 'fulfilled' ? 'Confirmed, PurgedByRecipient' : 'PurgedByRecipient');
    assert.equal(await outcomeOf(town, id), 'deleted-by-recipient', 'a confirmation of what nobody opened closes nothing');
  }
});

test('given a file of two letters, when both are deleted at once, then its bytes go with the last', async () => {
  for (let round = 0; round < 5; round++) {
    const { ids, attachment } = await sendFile([citizen, municipality]);
    assert.equal(await fileOf(attachment), 'Published, bound');

    await Promise.all([purgeMessage(ctx, reading, ids[0]!), purgeMessage(ctx, leading, ids[1]!)]);

    assert.equal(await fileOf(attachment), 'Purged, released');
    assert.equal((await evidenceOf(town, attachment)).at(-1), 'ContentPurged recorded');
  }
});

test('given a file of two letters, when one is deleted, then the other keeps it', async () => {
  const { ids, attachment } = await sendFile([citizen, municipality]);

  await purgeMessage(ctx, reading, ids[0]!);
  assert.equal(await fileOf(attachment), 'Published, bound');
});

test('given that owners may read, when the owner deletes as the recipient, then evidence and watch say it was the sender', async () => {
  configureAccess({ ownerReads: true });
  const id = await send(town, letter([citizen]));

  await purgeMessage(ctx, organizationCaller(agency, ['altinn:serviceowner', 'altinn:correspondence.read']), id);
  configureAccess({ ownerReads: false });

  assert.equal(await stateOf(town, id), 'PurgedByRecipient');
  assert.equal(await outcomeOf(town, id), 'recalled');
});

test('given a stranger, when it deletes, then it is refused and nothing is written', async () => {
  const id = await send(town, letter([citizen]));
  const stranger = personCaller(await world.person('EN FREMMED'));

  await world.nothingWritten(() => assert.rejects(purgeMessage(ctx, stranger, id), refusal(4001)));
  await world.nothingWritten(() => assert.rejects(purgeMessage(ctx, stranger, agency.id as never), refusal(1001)));
});
