import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { partyUrn } from '#register/index.ts';
import { correspondenceInvariants } from '../invariants.ts';
import { confirmMessage } from '../read/confirm-message.ts';
import { getOverview } from '../read/look-at-message.ts';
import { openMessage } from '../read/open-message.ts';
import { purgeMessage } from '../read/purge-message.ts';
import { publishDue } from '../send/publish-due.ts';
import { findNextDueDate } from '../store/due-date.ts';
import { createTown, letter, rows, scan, send, sendAll } from '../testing/town.ts';
import { passDueDates } from './pass-due-dates.ts';

const town = await createTown();
const { world, agency, citizen, municipality, reading, leading } = town;
const { ctx } = world;
const day = 24 * 3600;
const inDays = (days: number) => new Date(ctx.now().getTime() + days * day * 1000).toISOString();

/** Events of due dates that have passed, each with the party that it speaks of. */
async function missed(id: CorrespondenceId): Promise<string[]> {
  const found = await rows<{ type: string; subject: string; source: string }>(
    town,
    sql`select type, subject, source from events.outbox where resource_instance = ${id} and type like '%never%' order by id`,
  );
  assert.ok(found.every(({ source }) => source === '/correspondence/api/v1/correspondence'));
  return found.map(({ type, subject }) => `${type.replace('no.altinn.correspondence.correspondencereceiver', '')} ${subject}`);
}

async function pass(limit?: number): Promise<void> {
  while ((await passDueDates(ctx, limit)) === 'more');
}

const [us, ola] = [partyUrn(agency), partyUrn(citizen)];

test('given a letter that nobody reads, when its due date passes, then recipient and sender are told, once', async () => {
  const dueDateTime = inDays(3);
  const id = await send(town, letter([citizen], { dueDateTime }));
  assert.deepEqual(await findNextDueDate(world.db), new Date(dueDateTime));
  await world.advance(2 * day);
  await pass();
  assert.deepEqual(await missed(id), []);
  await world.advance(day + 1);
  await pass();
  assert.deepEqual(await missed(id), [`neverread ${ola}`, `neverread ${us}`]);
  await world.nothingWritten(() => pass());
  assert.equal(await findNextDueDate(world.db), null);
});

test('given a due date that nobody looks after, when an hour has passed, then the invariants say so, and are still once it is told', async () => {
  const { find } = correspondenceInvariants.find(({ name }) => name === 'no due date has passed for an hour untold')!;
  await send(town, letter([citizen], { dueDateTime: inDays(1) }));
  await world.advance(day + 3000);
  assert.deepEqual(await world.db.all(find), []);
  await world.advance(1000);
  assert.equal((await world.db.all(find)).length, 1);
  await pass();
  assert.deepEqual(await world.db.all(find), []);
});

test('given letters that ask to be confirmed, when their due date passes, then what was not done is told of each, and nothing of what was done or deleted', async () => {
  const asking = () => send(town, letter([citizen], { dueDateTime: inDays(1), isConfirmationNeeded: true }));
  const [untouched, opened, done, unread, deleted] = [await asking(), await asking(), await asking(), await asking(), await asking()];
  await openMessage(ctx, reading, opened);
  await openMessage(ctx, reading, done);
  await confirmMessage(ctx, reading, done);
  for (const id of [unread, deleted]) {
    await getOverview(ctx, reading, id);
    await confirmMessage(ctx, reading, id);
  }
  await purgeMessage(ctx, reading, deleted);
  await world.advance(day + 1);
  await pass();
  assert.deepEqual(await missed(untouched), [`neverread ${ola}`, `neverread ${us}`, `neverconfirmed ${ola}`, `neverconfirmed ${us}`]);
  assert.deepEqual(await missed(opened), [`neverconfirmed ${ola}`, `neverconfirmed ${us}`]);
  assert.deepEqual(await missed(done), []);
  assert.deepEqual(await missed(unread), [`neverread ${ola}`, `neverread ${us}`]);
  assert.deepEqual(await missed(deleted), []);
});

test('given a letter whose scan outlives its due date, when it is published, then it is told of then, and what fails never is', async () => {
  const file = await world.file('a.txt', 'hei');
  const attachment = { fileName: 'a.txt', sendersReference: 'a', dataLocationType: 'ExistingCorrespondenceAttachment' as const };
  const body = letter([citizen], { dueDateTime: inDays(1), content: { attachments: [attachment] } });
  const { correspondences, attachmentIds } = await sendAll(town, body, [file]);
  const id = correspondences[0]!.correspondenceId as CorrespondenceId;
  await world.advance(day + 1);
  await pass();
  assert.deepEqual(await missed(id), []);
  await world.nothingWritten(() => pass());
  await scan(town, attachmentIds);
  await publishDue(ctx);
  await pass();
  assert.deepEqual(await missed(id), [`neverread ${ola}`, `neverread ${us}`]);
  assert.deepEqual(await rows(town, sql`select from correspondence.due_late`), []);
});

test('given many recipients, three workers and one that fails on its way, when their due date passes, then each is told of once, in batches', async () => {
  const people = await Promise.all(Array.from({ length: 11 }, (_, i) => world.person(`NR ${i}`)));
  const { correspondences } = await sendAll(town, letter([municipality, ...people], { dueDateTime: inDays(1) }));
  const ids = correspondences.map(({ correspondenceId }) => correspondenceId as CorrespondenceId);
  await openMessage(ctx, leading, ids[0]!);
  await world.advance(day + 1);
  const broken = { ...ctx, now: () => assert.fail('the clock has stopped') };
  await assert.rejects(passDueDates(broken, 5), /the clock has stopped/);
  assert.deepEqual(await missed(ids[1]!), []);
  const sweep = async () => {
    while ((await passDueDates(ctx, 5)) === 'more');
  };
  await Promise.all([sweep(), sweep(), sweep()]);
  await pass(5);
  assert.deepEqual(await missed(ids[0]!), []);
  for (const [i, person] of people.entries())
    assert.deepEqual(await missed(ids[i + 1]!), [`neverread ${partyUrn(person)}`, `neverread ${us}`]);
});
