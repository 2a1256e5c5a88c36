import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { announceAccessChanges, saveSystemUsers } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import { type AttachmentId, type CorrespondenceId, newId, type PartyId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { type Party, saveParties } from '#register/index.ts';
import { organizationCaller, personCaller, scopes } from '../../../test/world.ts';
import { downloadOwnAttachment } from '../attachments/download-own-attachment.ts';
import { initializeAttachment } from '../attachments/initialize-attachment.ts';
import { purgeAttachment } from '../attachments/purge-attachment.ts';
import { getAttachmentDetails, getAttachmentOverview } from '../attachments/read-attachment.ts';
import { uploadAttachment } from '../attachments/upload-attachment.ts';
import { initializeCorrespondence } from '../send/initialize-correspondence.ts';
import { createTown, letter, scan, stateOf } from '../testing/town.ts';
import { listMessages } from './list-messages.ts';
import { getDetails, getOverview } from './look-at-message.ts';
import { openMessage } from './open-message.ts';
import { areOwnSendings } from './own-sending.ts';
import { purgeMessage } from './purge-message.ts';

/** A resource in which many may send: each sees its own, the owner all, in lists and by id. */

const town = await createTown();
const { world, agency, citizen, sender } = town;
const { ctx } = world;
await world.resource('felles', agency, { senders: 'any' });
const [one, two] = [await world.organization('EN KOMMUNE'), await world.organization('TO KOMMUNE')];
const [asOne, asTwo] = [organizationCaller(one, scopes.sender), organizationCaller(two, scopes.sender)];

/** A system of `owner`, whose vendor holds the client. */
async function systemOf(owner: Party, vendor: Party): Promise<Caller> {
  const id = newId<PartyId>();
  await world.db.transaction(async (tx) => {
    saveSystemUsers(tx, [
      { id, system: 'fagsystem', owner: owner.id, rights: [{ resource: 'felles' as never, actions: ['read', 'write'] }] },
    ]);
    await announceAccessChanges(tx);
  });
  return organizationCaller(owner, scopes.sender, { kind: 'system-user', subject: id, consumer: vendor.id });
}

async function sentBy(caller: Caller, more: Parameters<typeof letter>[1] = {}, rest: Parameters<typeof letter>[2] = {}) {
  const body = letter([citizen], { resourceId: 'felles', sendersReference: 'felles-1', ...more }, rest);
  return (await initializeCorrespondence(ctx, caller, { body })).correspondences[0]!.correspondenceId as CorrespondenceId;
}

const later = new Date(ctx.now().getTime() + 3_600_000).toISOString();
const refusal = (code: number) => (error: unknown) => error instanceof Refusal && error.row.code === code;
const refused = (work: () => Promise<unknown>, code: number) => world.nothingWritten(() => assert.rejects(work(), refusal(code)));
const listed = async (caller: Caller, query = {}) =>
  (await listMessages(ctx, caller, { resourceId: 'felles', role: 'Sender', ...query })).ids.sort();

test('given a resource in which many may send, when one asks by id for what another has sent, then it is hidden as the list hides it, and the owner sees all', async () => {
  const [ofOne, ofTwo] = [await sentBy(asOne, { requestedPublishTime: later }), await sentBy(asTwo, { requestedPublishTime: later })];
  assert.deepEqual(await listed(asOne), [ofOne]);
  assert.equal((await getOverview(ctx, asOne, ofOne)).content.messageTitle, 'Vedtak');
  for (const other of [asTwo, organizationCaller(await world.organization('TRE KOMMUNE'), scopes.sender)])
    for (const act of [getOverview, getDetails, purgeMessage]) await refused(() => act(ctx, other, ofOne), 4001);
  assert.deepEqual(await listed(sender), [ofOne, ofTwo].sort());
  assert.equal((await getDetails(ctx, sender, ofOne)).content.messageTitle, 'Vedtak');
  await purgeMessage(ctx, asOne, ofOne);
  await purgeMessage(ctx, sender, ofTwo);
  assert.deepEqual([await stateOf(town, ofOne), await stateOf(town, ofTwo)], ['PurgedByAltinn', 'PurgedByAltinn']);
  await refused(() => getDetails(ctx, asTwo, ofOne), 4001);
  assert.equal((await getDetails(ctx, asOne, ofOne)).status, 'PurgedByAltinn');
});

test('given a recipient that may send there too, when it is sent a letter by another, then its leader reads it all the same', async () => {
  const leader = await world.person('LEDER TO');
  await world.role(leader, 'DAGL', two);
  const body = letter([two], { resourceId: 'felles' });
  const id = (await initializeCorrespondence(ctx, asOne, { body })).correspondences[0]!.correspondenceId as CorrespondenceId;
  assert.equal(await openMessage(ctx, personCaller(leader), id), 'Du har fått et vedtak.');
  assert.equal((await getOverview(ctx, personCaller(leader), id)).status, 'Read');
});

test("given a system whose vendor owns the resource, when it lists and looks, then it finds its customer's sending and neither the vendor's nor anybody's", async () => {
  const key = newId();
  const ofOwner = await sentBy(sender, {}, { idempotentKey: key });
  const ofTwo = await sentBy(asTwo);
  const system = await systemOf(one, agency);
  const bySystem = await sentBy(system);
  const byCustomer = await sentBy(asOne);
  for (const scoped of [system, { ...system, scopes: new Set(['altinn:correspondence.write']) }]) {
    const found = await listed(scoped, { sendersReference: 'felles-1' });
    assert.ok(found.includes(bySystem) && found.includes(byCustomer));
    assert.ok(!found.includes(ofOwner) && !found.includes(ofTwo), 'sent by others');
    const alone = (await listMessages(ctx, scoped, { sendersReference: 'felles-1' })).ids;
    assert.ok(alone.includes(bySystem) && !alone.includes(ofOwner) && !alone.includes(ofTwo));
    assert.deepEqual(await listed(scoped, { idempotentKey: key }), []);
    for (const id of [ofOwner, ofTwo]) await refused(() => getOverview(ctx, scoped, id), 4001);
  }
  await getOverview(ctx, system, byCustomer);
  await getOverview(ctx, asOne, bySystem);
  assert.ok((await listed(asOne)).includes(bySystem), 'what its system has sent an organization has sent');
  await refused(() => getOverview(ctx, asTwo, bySystem), 4001);
  const ownersSystem = await systemOf(agency, two);
  assert.ok((await listed(ownersSystem)).includes(ofTwo), 'a system of the owner speaks for the owner');
});

async function fileOf(caller: Caller): Promise<AttachmentId> {
  const announced = { resourceId: 'felles', fileName: 'a.txt', sendersReference: 'x', checksum: null };
  const id = await initializeAttachment(ctx, caller, announced);
  await uploadAttachment(ctx, caller, { id, stream: Readable.from([Buffer.from('hemmelig')]), contentLength: 8 });
  await scan(town, [id]);
  return id;
}

test('given a file that one sender has announced, when another asks for it, then it can neither look, fetch, fill, delete nor attach it, and its own organization can', async () => {
  const id = await fileOf(asOne);
  const empty = await initializeAttachment(ctx, asOne, { resourceId: 'felles', fileName: 'b.txt', sendersReference: 'x', checksum: null });
  const vendors = await systemOf(two, agency);
  for (const other of [asTwo, vendors]) {
    for (const act of [getAttachmentOverview, getAttachmentDetails, downloadOwnAttachment, purgeAttachment])
      await refused(() => act(ctx, other, id), 4001);
    await refused(() => uploadAttachment(ctx, other, { id: empty, stream: Readable.from([Buffer.from('x')]), contentLength: 1 }), 4001);
    await refused(() => sentBy(other, {}, { existingAttachments: [id] }), 1017);
  }
  const ofOne = await systemOf(one, two);
  for (const its of [asOne, ofOne, sender]) {
    const file = await downloadOwnAttachment(ctx, its, id);
    assert.equal((await buffer(await file.read())).toString(), 'hemmelig');
  }
  await getAttachmentDetails(ctx, asOne, await fileOf(ofOne));
  await sentBy(ofOne, {}, { existingAttachments: [id] });
  await sentBy(sender, {}, { existingAttachments: [await fileOf(asTwo)] });
  await purgeAttachment(ctx, sender, await fileOf(asTwo));
});

test('given one that has sent there and is gone, when the one that it went into asks, then what the letters say and their files are not for it, though it may send there itself', async () => {
  const heir = await world.organization('NYE KOMMUNE');
  const asHeir = organizationCaller(heir, scopes.sender);
  const file = await fileOf(asTwo);
  const id = await sentBy(asTwo, { requestedPublishTime: later }, { existingAttachments: [file] });
  const { number, name } = two;
  await world.db.transaction(async (tx) => {
    saveParties(tx, [{ kind: 'organization', number, name, deletedAt: '2026-01-01T00:00:00Z', successorNumber: heir.number }]);
    await announceAccessChanges(tx);
  });

  for (const act of [getOverview, getDetails, purgeMessage]) await refused(() => act(ctx, asHeir, id), 4001);
  for (const act of [getAttachmentOverview, downloadOwnAttachment, purgeAttachment]) await refused(() => act(ctx, asHeir, file), 4001);
  await refused(() => sentBy(asHeir, {}, { existingAttachments: [file] }), 1017);
  assert.ok(!(await listed(asHeir)).includes(id));
  assert.deepEqual(await areOwnSendings(world.db, [{ caller: asHeir, id }]), [true], 'it looks after it all the same');
});
