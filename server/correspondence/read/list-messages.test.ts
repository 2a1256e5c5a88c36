import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '#kernel/refusal.ts';
import { partyUrn } from '#register/index.ts';
import { organizationCaller, personCaller, scopes } from '../../../test/world.ts';
import { createTown, letter, send } from '../testing/town.ts';
import { listMessages } from './list-messages.ts';
import { openMessage } from './open-message.ts';
import { purgeMessage } from './purge-message.ts';

const town = await createTown();
const { world, citizen, municipality, sender, leading, reading } = town;
const { ctx } = world;
const at = (seconds: number) => new Date(ctx.now().getTime() + seconds * 1000).toISOString();

const key = '0198f0a0-0000-7000-8000-0000000000aa';
const old = await send(town, letter([municipality], { requestedPublishTime: at(-7200), sendersReference: 'gammel' }));
const read = await send(town, letter([municipality], { requestedPublishTime: at(-3600) }));
const deleted = await send(town, letter([municipality], { requestedPublishTime: at(-1800) }));
const waiting = await send(town, letter([municipality], { requestedPublishTime: at(3600) }, { idempotentKey: key }));
await openMessage(ctx, leading, read);
await purgeMessage(ctx, leading, deleted);
await send(town, letter([citizen]));
const system = organizationCaller(municipality, scopes.recipient);

const ids = async (...args: [caller: Parameters<typeof listMessages>[1], query: Parameters<typeof listMessages>[2]]) =>
  (await listMessages(ctx, ...args)).ids;

function refusal(code: number): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.row.code, code);
    return true;
  };
}

test('given a recipient, when it lists, then it finds what is published to it, latest first, deleted or not', async () => {
  assert.deepEqual(await ids(system, { resourceId: 'brev', role: 'Recipient' }), [deleted, read, old]);
  assert.deepEqual(await ids(system, { resourceId: 'urn:altinn:resource:brev', role: 'Recipient' }), [deleted, read, old]);
  assert.deepEqual(await ids(leading, { resourceId: 'brev', role: 'Recipient', onBehalfOf: partyUrn(municipality) }), [deleted, read, old]);
  assert.deepEqual(await ids(leading, { resourceId: 'brev', role: 'Recipient', onBehalfOf: `0192:${municipality.number}` }), [
    deleted,
    read,
    old,
  ]);
  assert.equal((await ids(reading, { resourceId: 'brev', role: 'Recipient' })).length, 1);
});

test('given a sender, when it lists, then it finds everything that it has sent', async () => {
  const found = await ids(sender, { resourceId: 'brev', role: 'Sender' });
  assert.equal(found[0], waiting);
  assert.equal(found.length, 5);
  assert.deepEqual(await ids(sender, { resourceId: 'brev', role: 'RecipientAndSender' }), found);
});

test('given a status, when it is asked for, then messages that ever had it are found, and a recipient finds none from before publishing', async () => {
  assert.deepEqual(await ids(system, { resourceId: 'brev', role: 'Recipient', status: 'Published' }), [deleted, read, old]);
  assert.deepEqual(await ids(system, { resourceId: 'brev', role: 'Recipient', status: 'Read' }), [read]);
  assert.deepEqual(await ids(system, { resourceId: 'brev', role: 'Recipient', status: 'Fetched' }), [read]);
  assert.deepEqual(await ids(system, { resourceId: 'brev', role: 'Recipient', status: 'ReadyForPublish' }), []);
  assert.equal((await ids(sender, { resourceId: 'brev', role: 'Sender', status: 'ReadyForPublish' })).length, 5);
  assert.equal((await ids(sender, { resourceId: 'brev', role: 'RecipientAndSender', status: 'ReadyForPublish' })).length, 5);
});

test('given times and a reference, when they are asked for, then they narrow the list and both ends are left out', async () => {
  assert.deepEqual(await ids(system, { resourceId: 'brev', role: 'Recipient', from: at(-4000), to: at(-2000) }), [read]);
  assert.deepEqual(await ids(system, { resourceId: 'brev', role: 'Recipient', sendersReference: 'gammel' }), [old]);
  await assert.rejects(listMessages(ctx, system, { resourceId: 'brev', role: 'Recipient', from: at(1), to: at(0) }), refusal(1027));
});

test('given a key, when its sender looks it up, then the letter is found, and for others not', async () => {
  assert.deepEqual(await ids(sender, { resourceId: 'brev', role: 'Sender', idempotentKey: key }), [waiting]);
  assert.deepEqual(await ids(system, { resourceId: 'brev', role: 'Recipient', idempotentKey: key }), []);
  assert.deepEqual(await ids(sender, { resourceId: 'brev', role: 'Sender', idempotentKey: waiting }), []);
  assert.deepEqual(await ids(sender, { resourceId: 'brev', role: 'Sender', altinn2CorrespondenceId: 7 }), []);
});

test("given a sender's reference alone, when a sender looks it up, then all its resources are searched", async () => {
  const other = await world.organization('EN ANNEN ETAT');

  assert.deepEqual(await ids(sender, { sendersReference: 'gammel' }), [old]);
  assert.deepEqual(await ids(organizationCaller(other, scopes.sender), { sendersReference: 'gammel' }), []);
  await assert.rejects(listMessages(ctx, system, { sendersReference: 'gammel' }), refusal(4001));
});

test('given no right, when anybody lists, then it is refused', async () => {
  const stranger = personCaller(await world.person('EN FREMMED'));
  const other = organizationCaller(await world.organization('EN ANNEN ETAT'), scopes.sender);

  await assert.rejects(
    listMessages(ctx, stranger, { resourceId: 'brev', role: 'Recipient', onBehalfOf: partyUrn(municipality) }),
    refusal(4001),
  );
  await assert.rejects(listMessages(ctx, other, { resourceId: 'brev', role: 'Sender' }), refusal(4001));
  await assert.rejects(listMessages(ctx, system, { resourceId: 'finnes-ikke', role: 'Recipient' }), refusal(4001));
  await assert.rejects(listMessages(ctx, { ...system, party: null }, { resourceId: 'brev', role: 'Recipient' }), refusal(4006));
});
