import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { correspondenceInvariants } from '../invariants.ts';
import { dialogIdOf } from '../read/dialog-id.ts';
import { getDetails, getOverview } from '../read/look-at-message.ts';
import { purgeMessage } from '../read/purge-message.ts';
import { mostTransmissions } from '../store/transmission.ts';
import { createTown, letter, outcomeOf, send, stateOf } from '../testing/town.ts';
import { publishDue } from './publish-due.ts';

const town = await createTown();
const { world, agency, citizen, sender, reading } = town;
await world.resource('annet-brev', agency);

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
  const evenLater = new Date(world.ctx.now().getTime() + 7_200_000).toISOString();
  const second = await send(town, { ...into(first, { requestedPublishTime: evenLater }), recipients: letter([reader]).recipients });
  assert.equal((await placeOf(second)).of, first);
  await world.reserve(reader);
  await world.advance(3_601);
  await publishDue(world.ctx);
  assert.deepEqual([await stateOf(town, first), (await placeOf(second)).of], ['Failed', null]);
});

test('given a dialog in one resource, when a letter in another is sent into it, then that has a dialog of its own', async () => {
  const first = await send(town, letter([citizen]));
  await world.advance(60);
  const second = await send(town, into(first, { resourceId: 'annet-brev' }));
  assert.deepEqual([(await placeOf(second)).of, (await placeOf(first)).touched], [null, null]);
  const { externalReferences } = await getOverview(world.ctx, reading, second);
  assert.deepEqual(externalReferences.at(-1), { referenceType: 'DialogportenDialogId', referenceValue: dialogIdOf(second) });
});

test('given a letter for later, when others are sent into its dialog, then what is published before it has a dialog of its own', async () => {
  const inSeconds = (seconds: number) => ({ requestedPublishTime: new Date(world.ctx.now().getTime() + seconds * 1000).toISOString() });
  const first = await send(town, letter([citizen], inSeconds(3600)));
  const [atOnce, before, withIt, after] = [
    await send(town, into(first)),
    await send(town, into(first, inSeconds(1800))),
    await send(town, into(first, inSeconds(3600))),
    await send(town, into(first, inSeconds(5400))),
  ];
  for (const seconds of [1801, 1800, 1800]) {
    await world.advance(seconds);
    await publishDue(world.ctx);
  }
  const places = await Promise.all([atOnce, before, withIt, after].map(placeOf));
  assert.deepEqual(
    places.map(({ of }) => of),
    [null, null, first, first],
  );
});

test('given a dialog with room for three, when eight letters are sent into it at once, then three come in and five have their own', async () => {
  const first = await send(town, letter([citizen]));
  await fill(first, mostTransmissions - 3);
  const ids = await Promise.all(Array.from({ length: 8 }, () => send(town, into(first))));
  const places = await Promise.all(ids.map(placeOf));
  assert.deepEqual([places.filter(({ of }) => of === first).length, places.filter(({ of }) => of === null).length], [3, 5]);
});

/** Transmissions that were sent by nobody. */
async function fill(dialog: CorrespondenceId, count: number): Promise<void> {
  await world.db.transaction(async (tx) => {
    await tx.run(sql`set local session_replication_role = replica`); // no watch is kept on them
    await tx.run(sql`
      insert into correspondence.message
             (id, submission_id, resource_id, owner_id, recipient_id, requested_publish_at, state, published_at, transmission_of)
      select overlay(overlay(gen_random_uuid()::text placing '7' from 15) placing '0198f0a0' from 1 for 8)::uuid, m.submission_id,
             m.resource_id, m.owner_id, m.recipient_id, m.requested_publish_at, 'Published', m.published_at, m.id
        from correspondence.message m, generate_series(1, ${count}) where m.id = ${dialog}`);
    await tx.run(sql`update correspondence.message set transmitted_at = published_at where id = ${dialog}`);
  });
}

test('given letters in dialogs, of every fate, when the invariants are asked, then none is broken', async () => {
  for (const { name, find } of correspondenceInvariants) assert.deepEqual(await world.db.all(find), [], name);
});
