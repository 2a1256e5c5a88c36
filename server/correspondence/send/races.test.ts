import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { Refusal } from '#kernel/refusal.ts';
import { organizationCaller, scopes } from '../../../test/world.ts';
import { initializeAttachment } from '../attachments/initialize-attachment.ts';
import { purgeAttachment } from '../attachments/purge-attachment.ts';
import { uploadAttachment } from '../attachments/upload-attachment.ts';
import { getOverview } from '../read/look-at-message.ts';
import {
  createTown,
  eventsOf,
  evidenceOf,
  failureOf,
  historyOf,
  letter,
  outcomeOf,
  rows,
  scan,
  send,
  sendAll,
  stateOf,
} from '../testing/town.ts';
import { initializeCorrespondence } from './initialize-correspondence.ts';
import { publishDue } from './publish-due.ts';

const town = await createTown();
const { world, citizen, municipality, reserved, sender } = town;
const inAnHour = () => new Date(world.ctx.now().getTime() + 3_600_000).toISOString();
const codeOf = (settled: PromiseSettledResult<unknown>) =>
  settled.status === 'fulfilled' ? 'ok' : settled.reason instanceof Refusal ? settled.reason.row.code : String(settled.reason);

test('given one key, when eight requests use it at once, then one letter is sent and the others are told 1034', async () => {
  const body = letter([citizen], {}, { idempotentKey: '0198f0a0-0000-7000-8000-000000000009' });
  const before = await world.counts();

  const settled = await Promise.allSettled(Array.from({ length: 8 }, () => initializeCorrespondence(world.ctx, sender, { body })));

  assert.deepEqual(settled.map(codeOf).sort(), [1034, 1034, 1034, 1034, 1034, 1034, 1034, 'ok']);
  assert.equal((await world.counts())['correspondence.message']! - before['correspondence.message']!, 1);
});

test('given a key of one owner, when another owner uses the same, then it is its own', async () => {
  const other = await world.organization('EN ANNEN ETAT');
  await world.resource('annet-brev', other);
  const idempotentKey = '0198f0a0-0000-7000-8000-000000000010';
  await send(town, letter([citizen], {}, { idempotentKey }));

  const body = letter([citizen], { resourceId: 'annet-brev' }, { idempotentKey });
  assert.ok(await initializeCorrespondence(world.ctx, organizationCaller(other, scopes.sender), { body }));
});

test('given an attachment, when it is deleted and attached at once, then one of them is refused', async () => {
  for (let round = 0; round < 5; round++) {
    const id = await initializeAttachment(world.ctx, sender, { resourceId: 'brev', fileName: 'a.pdf', sendersReference: 'v' });
    await uploadAttachment(world.ctx, sender, { id, stream: Readable.from([Buffer.from('a')]), contentLength: 1 });
    await scan(town, [id]);

    const [deleted, sent] = await Promise.allSettled([
      purgeAttachment(world.ctx, sender, id),
      sendAll(town, letter([citizen], {}, { existingAttachments: [id] })),
    ]);

    assert.ok(['ok,1018', '2007,ok'].includes(`${codeOf(deleted)},${codeOf(sent)}`), `${codeOf(deleted)},${codeOf(sent)}`);
  }
});

test('given letters whose time has come, when two workers publish, then each is published once', async () => {
  const ids = await Promise.all(Array.from({ length: 10 }, () => send(town, letter([citizen], { requestedPublishTime: inAnHour() }))));
  assert.equal(await publishDue(world.ctx), undefined);
  assert.equal(await stateOf(town, ids[0]!), 'ReadyForPublish');
  await world.advance(3_601);

  await Promise.all([publishDue(world.ctx), publishDue(world.ctx), publishDue(world.ctx)]);

  for (const id of ids) {
    assert.deepEqual(await historyOf(town, id), ['ReadyForPublish', 'Published']);
    assert.deepEqual(await eventsOf(town, id), ['correspondenceinitialized', 'correspondencepublished']);
  }
  await world.nothingWritten(() => publishDue(world.ctx));
});

test('given a letter whose time has come, when its recipient looks while a worker publishes, then it is published once', async () => {
  for (let round = 0; round < 3; round++) {
    const id = await send(town, letter([citizen], { requestedPublishTime: inAnHour() }));
    await world.advance(3_601);

    const [overview] = await Promise.all([getOverview(world.ctx, town.reading, id), publishDue(world.ctx)]);

    assert.equal(overview.status, 'Published');
    assert.deepEqual(await historyOf(town, id), ['ReadyForPublish', 'Published', 'Fetched']);
  }
});

test('given a recipient who has become reserved, when the time comes, then the letter fails and the sender is told', async () => {
  const person = await world.person('NOEN SOM OMBESTEMMER SEG');
  const id = await send(town, letter([person], { requestedPublishTime: inAnHour() }));
  await world.reserve(person);
  await world.advance(3_601);
  await publishDue(world.ctx);

  assert.equal(await stateOf(town, id), 'Failed');
  assert.deepEqual([await failureOf(town, id), await outcomeOf(town, id)], ['reserved', null], 'open until the sender has been told');
  assert.deepEqual(await evidenceOf(town, id), ['SubmissionAcceptance accepted', 'ContentConsignmentFailure failed']);
  assert.deepEqual(await eventsOf(town, id), ['correspondenceinitialized', 'correspondencepublishfailed']);
});

test('given a reserved person among several, when a letter is sent, then that one is told apart and nothing reaches the person', async () => {
  const { correspondences } = await sendAll(town, letter([citizen, reserved]));

  assert.deepEqual(
    correspondences.map((c) => c.status),
    ['ReadyForPublish', 'Reserved'],
  );
  const id = correspondences[1]!.correspondenceId;
  assert.equal(await stateOf(town, id), 'Reserved');
  assert.deepEqual(await historyOf(town, id), ['Reserved']);
  assert.deepEqual(await eventsOf(town, id), []);
  assert.deepEqual(await evidenceOf(town, id), ['SubmissionRejection failed']);
  assert.equal(await outcomeOf(town, id), 'failed');
  const steps = await rows(town, sql`select 1 from watch.step where about = ${id} and state = 'due'`);
  assert.equal(steps.length, 0);
});

test('given ignoreReservation, when a reserved person is written to, then the letter is published', async () => {
  const id = await send(town, letter([reserved], { ignoreReservation: true }));

  assert.equal(await stateOf(town, id), 'Published');
});

test('given sealed post that only a grant can open, when it is published, then it is deposited and says so', async () => {
  const id = await send(town, letter([municipality], { resourceId: 'taushetsbelagt', isConfidential: true }));

  assert.deepEqual(await evidenceOf(town, id), ['SubmissionAcceptance accepted', 'ContentConsignment deposited']);
});

test('given notification and reminder with own words, when a letter is sent, then they are kept and stand on the ladder', async () => {
  const notification = {
    emailSubject: 'Post',
    emailBody: 'Fra $sendersName$',
    sendReminder: true,
    reminderEmailSubject: 'Igjen',
    reminderEmailBody: 'Les',
  };
  const id = await send(town, letter([citizen], { notification, messageSender: 'Etaten AS' }));

  const orders = await rows<{ name: string; body: string }>(
    town,
    sql`select s.name, o.email_body as body
          from watch.item i, jsonb_to_recordset(i.sender_steps) as s (name text, "orderId" uuid)
          join notifications.sender_order o on o.id = s."orderId"
         where i.about = ${id} order by s.name`,
  );
  assert.deepEqual(orders, [
    { name: 'notify', body: 'Fra Etaten AS' },
    { name: 'remind', body: 'Les' },
  ]);
});
