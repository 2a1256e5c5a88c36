import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { createTown, eventsOf, evidenceOf, historyOf, letter, outcomeOf, send, sendAll, stateOf } from '../testing/town.ts';

const town = await createTown();
const { world } = town;

test('given nothing to wait for, when a letter is sent, then it is published at once though the answer says ReadyForPublish', async () => {
  const { correspondences, attachmentIds } = await sendAll(town, letter([town.citizen]));
  const [sent] = correspondences;

  assert.equal(sent!.status, 'ReadyForPublish');
  assert.equal(sent!.recipient, `urn:altinn:person:identifier-no:${town.citizen.number}`);
  assert.equal(sent!.notifications, null);
  assert.deepEqual(attachmentIds, []);
  const id = sent!.correspondenceId;
  assert.equal(await stateOf(town, id), 'Published');
  assert.deepEqual(await historyOf(town, id), ['ReadyForPublish', 'Published']);
  assert.deepEqual(await evidenceOf(town, id), ['SubmissionAcceptance accepted', 'ContentConsignment available']);
  assert.deepEqual(await eventsOf(town, id), ['correspondenceinitialized', 'correspondencepublished']);
  assert.equal(await outcomeOf(town, id), null);
});

test('given 500 recipients, when one letter is sent, then each has a message of its own and the words are stored once', async () => {
  const people = await Promise.all(Array.from({ length: 500 }, (_, i) => world.organization(`MOTTAKER ${i}`)));
  const before = await world.counts();

  const { correspondences } = await sendAll(town, letter(people));

  assert.equal(new Set(correspondences.map((c) => c.correspondenceId)).size, 500);
  const now = await world.counts();
  assert.equal(now['correspondence.submission']! - before['correspondence.submission']!, 1);
  assert.equal(now['correspondence.message']! - before['correspondence.message']!, 500);
  assert.equal(now['watch.item']! - before['watch.item']!, 500);
});

test('given a letter that greets by name, when it is sent to two, then each reads its own name and evidence hashes what each reads', async () => {
  const { correspondences } = await sendAll(
    town,
    letter([town.citizen, town.leader], { content: { messageBody: 'Hei {{recipientName}}' } }),
  );

  const names = await world.db.all<{ name: string }>(sql`
    select personal_name as name from correspondence.message where id = any(${correspondences.map((c) => c.correspondenceId)}::uuid[]) order by name`);
  assert.deepEqual(
    names.map(({ name }) => name),
    ['Kari Nordmann', 'Ola Nordmann'],
  );
  const hashes = await world.db.all<{ what: string }>(sql`
    select distinct what from evidence.evidence where about = any(${correspondences.map((c) => c.correspondenceId)}::uuid[])`);
  assert.equal(hashes.length, 2);
});

test('given a time to come, when the letter is sent, then it waits for it', async () => {
  const requestedPublishTime = new Date(world.ctx.now().getTime() + 3_600_000).toISOString();
  const id = await send(town, letter([town.citizen], { requestedPublishTime }));

  assert.equal(await stateOf(town, id), 'ReadyForPublish');
  assert.deepEqual(await historyOf(town, id), ['ReadyForPublish']);
  assert.deepEqual(await eventsOf(town, id), ['correspondenceinitialized']);
});
