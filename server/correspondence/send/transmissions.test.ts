import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { correspondenceInvariants } from '../invariants.ts';
import { dialogIdOf } from '../read/dialog-id.ts';
import { getDetails, getOverview } from '../read/look-at-message.ts';
import { purgeMessage } from '../read/purge-message.ts';
import { createTown, letter, outcomeOf, send, stateOf } from '../testing/town.ts';
import { publishDue } from './publish-due.ts';

const town = await createTown();
const { world, citizen, sender, reading } = town;

const into = (id: CorrespondenceId, differs: Parameters<typeof letter>[1] = {}) =>
  letter([citizen], {
    externalReferences: [
      { referenceType: 'DialogportenDialogId', referenceValue: dialogIdOf(id) },
      { referenceType: 'DialogportenTransmissionType', referenceValue: 'Decision' },
    ],
    ...differs,
  });

const placeOf = (id: CorrespondenceId) =>
  world.db.one<{ of: string | null; touched: Date | null }>(
    sql`select transmission_of as of, transmitted_at as touched from correspondence.message where id = ${id}`,
  );

test('given a letter, when another is sent into its dialog, then it stands there, is watched by itself, and the dialog is new again', async () => {
  const first = await send(town, letter([citizen]));
  await world.advance(60);
  const second = await send(town, into(first));
  assert.equal((await placeOf(second)).of, first);
  const { publishedAt } = await world.db.one<{ publishedAt: Date }>(
    sql`select published_at as "publishedAt" from correspondence.message where id = ${second}`,
  );
  assert.deepEqual((await placeOf(first)).touched, publishedAt);
  assert.equal(await outcomeOf(town, second), null);

  const { externalReferences } = await getOverview(world.ctx, reading, second);
  assert.deepEqual(externalReferences, [
    { referenceType: 'DialogportenDialogId', referenceValue: dialogIdOf(first) },
    { referenceType: 'DialogportenTransmissionType', referenceValue: 'Decision' },
    { referenceType: 'DialogportenTransmissionId', referenceValue: dialogIdOf(second) },
  ]);
  await world.nothingWritten(() =>
    assert.rejects(purgeMessage(world.ctx, reading, second), (error) => error instanceof Refusal && error.row.code === 1043),
  );
});

test('given a letter for later into a dialog, when its time comes, then the dialog is new from then on, and the transmission has its id', async () => {
  const first = await send(town, letter([citizen]));
  const at = new Date(world.ctx.now().getTime() + 3_600_000).toISOString();
  const second = await send(town, into(first, { requestedPublishTime: at }));
  assert.equal((await placeOf(first)).touched, null);
  const before = await getDetails(world.ctx, sender, second);
  assert.ok(!before.externalReferences.some(({ referenceType }) => referenceType === 'DialogportenTransmissionId'));
  await world.advance(3_601);
  await publishDue(world.ctx);
  assert.ok((await placeOf(first)).touched! >= new Date(at));
});

test('given a transmission and a purged letter, when something is sent into their dialogs, then neither has one', async () => {
  const first = await send(town, letter([citizen]));
  const second = await send(town, into(first));
  const unpublished = await send(
    town,
    letter([citizen], { requestedPublishTime: new Date(world.ctx.now().getTime() + 3_600_000).toISOString() }),
  );
  await purgeMessage(world.ctx, sender, unpublished);
  for (const id of [second, unpublished])
    await assert.rejects(send(town, into(id)), (error) => error instanceof Refusal && error.row.code === 1054);
});

test('given ten letters into two dialogs at once, in either order, when they are sent, then all are there and no dialog is older than the newest', async () => {
  const [one, two] = [await send(town, letter([citizen])), await send(town, letter([citizen]))];
  const sent = await Promise.all(Array.from({ length: 10 }, (_, i) => send(town, into(i % 2 ? one : two))));
  for (const dialog of [one, two]) {
    const { newest } = await world.db.one<{ newest: Date }>(
      sql`select max(published_at) as newest from correspondence.message where id = any(${sent}::uuid[]) and transmission_of = ${dialog}`,
    );
    assert.deepEqual((await placeOf(dialog)).touched, newest);
  }
});

test('given a letter for later that then fails, when something stood in its dialog, then that has a dialog of its own', async () => {
  const reader = await world.person('SIER NEI');
  const at = new Date(world.ctx.now().getTime() + 3_600_000).toISOString();
  const first = await send(town, letter([reader], { requestedPublishTime: at }));
  const second = await send(town, { ...into(first), recipients: letter([reader]).recipients });
  assert.equal((await placeOf(second)).of, first);
  await world.reserve(reader);
  await world.advance(3_601);
  await publishDue(world.ctx);
  assert.deepEqual([await stateOf(town, first), (await placeOf(second)).of], ['Failed', null]);
});

test('given letters in dialogs, of every fate, when the invariants are asked, then none is broken', async () => {
  for (const { name, find } of correspondenceInvariants) assert.deepEqual(await world.db.all(find), [], name);
});
