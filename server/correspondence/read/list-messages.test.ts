import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announceAccessChanges, saveSystemUsers } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { partyUrn } from '#register/index.ts';
import { organizationCaller, personCaller, scopes } from '../../../test/world.ts';
import { initializeCorrespondence } from '../send/initialize-correspondence.ts';
import { createTown, letter, send, sendAll } from '../testing/town.ts';
import { assertAllProvoked, assertRefused, openWire } from '../testing/wire.ts';
import { listMessages } from './list-messages.ts';
import { openMessage } from './open-message.ts';
import { purgeMessage } from './purge-message.ts';
import { readRoutes } from './routes.ts';

const town = await createTown();
const { world, agency, citizen, municipality, sender, leading, reading } = town;
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

test('given a key and another role, when its sender looks it up, then the letter is found all the same', async () => {
  assert.deepEqual(
    await ids({ ...sender, scopes: new Set(scopes.both) }, { resourceId: 'brev', role: 'RecipientAndSender', idempotentKey: key }),
    [waiting],
  );
});

test('given a resource in which many may send, when one of them lists, then it finds what it has sent itself, and its owner finds all', async () => {
  await world.resource('felles', agency, { senders: 'any' });
  const [one, two] = [await world.organization('EN KOMMUNE'), await world.organization('TO KOMMUNE')];
  const system: Caller = { ...organizationCaller(one, scopes.sender), kind: 'system-user', subject: newId<PartyId>() };
  const body = (sendersReference: string, idempotentKey: string) =>
    letter([citizen], { resourceId: 'felles', sendersReference }, { idempotentKey });
  const sentBy = async (caller: Caller, reference: string, itsKey: string) =>
    (await initializeCorrespondence(ctx, caller, { body: body(reference, itsKey) })).correspondences[0]!.correspondenceId;
  const keys = [newId(), newId()] as const;
  const [ofOne, ofTwo] = [
    await sentBy(organizationCaller(one, scopes.sender), 'felles-1', keys[0]),
    await sentBy(organizationCaller(two, scopes.sender), 'felles-1', keys[1]),
  ];
  const asOne = organizationCaller(one, scopes.sender);

  assert.deepEqual(await ids(asOne, { resourceId: 'felles', role: 'Sender' }), [ofOne]);
  assert.deepEqual(await ids(asOne, { resourceId: 'felles', role: 'Sender', onBehalfOf: partyUrn(one) }), [ofOne]);
  assert.deepEqual(await ids(organizationCaller(two, scopes.sender), { resourceId: 'felles', role: 'Sender' }), [ofTwo]);
  assert.deepEqual(new Set(await ids(sender, { resourceId: 'felles', role: 'Sender' })), new Set([ofOne, ofTwo]));
  assert.deepEqual(await ids(asOne, { sendersReference: 'felles-1' }), [ofOne], 'the short form after a 409');
  assert.deepEqual(await ids(asOne, { resourceId: 'felles', role: 'Sender', idempotentKey: keys[0] }), [ofOne]);
  assert.deepEqual(await ids(asOne, { resourceId: 'felles', role: 'Sender', idempotentKey: keys[1] }), []);
  await assert.rejects(listMessages(ctx, { ...system, scopes: new Set() }, { sendersReference: 'felles-1' }), refusal(4001));
});

test('given a supplier with a token of its customer, and a system user of it, when they list, then they find what the customer would', async () => {
  const supplier: Caller = { ...sender, clientId: 'supplier' };
  assert.deepEqual(await ids(supplier, { resourceId: 'brev', role: 'Sender', sendersReference: 'gammel' }), [old]);
  const id = newId<PartyId>();
  await world.db.transaction(async (tx) => {
    saveSystemUsers(tx, [{ id, system: 'fagsystem', owner: municipality.id, rights: [{ resource: town.letters, actions: ['read'] }] }]);
    await announceAccessChanges(tx);
  });
  const user: Caller = { ...system, kind: 'system-user', subject: id };
  assert.deepEqual(await ids(user, { resourceId: 'brev', role: 'Recipient' }), [deleted, read, old]);
  await assert.rejects(listMessages(ctx, user, { resourceId: 'taushetsbelagt', role: 'Recipient' }), refusal(4001));
});

test('given the last of a page, when the next is asked for, then the list goes on after it, and after what nobody knows there is nothing', async () => {
  assert.deepEqual(await ids(system, { resourceId: 'brev', role: 'Recipient', after: deleted }), [read, old]);
  assert.deepEqual(await ids(system, { resourceId: 'brev', role: 'Recipient', after: old }), []);
  assert.deepEqual(await ids(system, { resourceId: 'brev', role: 'Recipient', after: newId() }), []);
  const answer = await list('system', `?resourceId=brev&role=Recipient&after=${read}`);
  assert.deepEqual(await answer.json(), { ids: [old] });
  assert.equal((await list('system', '?resourceId=brev&role=Recipient&after=1')).status, 400);
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

const wire = await openWire(town, {
  sender,
  system,
  stranger: organizationCaller(await world.organization('EN TREDJE ETAT'), scopes.sender),
  nobody: { ...system, party: null, subject: null },
});
const list = (by: string, query: string) => wire.request('GET', `/correspondence${query}`, by);

test('given what the list is refused for, when it is asked for over the wire, then each code comes and nothing is written', async () => {
  const cases = [
    [1027, 'nobody', '?resourceId=finnes-ikke&role=0&from=2026-02-02&to=2026-02-01'],
    [4006, 'nobody', '?resourceId=finnes-ikke&role=Recipient'],
    [4001, 'stranger', '?resourceId=brev&role=sender'],
    [4001, 'system', `?resourceId=brev&role=2&onBehalfOf=0192:${town.orphan.number}`],
    [4001, 'system', '?sendersReference=gammel'],
  ] as const;
  for (const [code, by, query] of cases) await assertRefused(await world.nothingWritten(() => list(by, query)), code);

  assertAllProvoked(
    [readRoutes[0]!],
    cases.map(([code]) => code),
  );
});

test('given a search without a resource or a role, when it is not for a reference alone, then it says what is missing', async () => {
  for (const [query, missing] of [
    ['', 'resourceId role'],
    ['?resourceId=brev', 'role'],
    ['?role=Sender', 'resourceId'],
    ['?resourceId=&role=', 'resourceId role'],
    ['?sendersReference=', 'resourceId role'],
    ['?sendersReference=gammel&role=Recipient', 'resourceId'],
    ['?sendersReference=gammel&status=Published', 'resourceId role'],
    ['?sendersReference=gammel&resourceId=brev&from=2026-01-01', 'role'],
  ] as const) {
    const answer = await list('sender', query);
    const body = await answer.text();
    assert.equal(answer.status, 400, `${query}: ${body}`);
    const { code, errors } = JSON.parse(body) as { code: string; errors: Record<string, string[]> };
    assert.equal(code, 'STD-00000');
    for (const name of missing.split(' ')) assert.deepEqual(errors[name], [`The ${name} field is required.`], `${query}: ${body}`);
  }
});

test('given what clients write otherwise, when they list, then they are understood', async () => {
  const found = async (query: string) => ((await (await list('sender', query)).json()) as { ids: string[] }).ids;
  for (const query of [
    '?resourceId=brev&role=Sender&sendersReference=gammel',
    '/?RESOURCEID=urn:altinn:resource:brev&Role=1&SendersReference=gammel&unknown=1',
    '?resourceId=brev&sendersReference=gammel',
    '?resourceId=brev&role=2&status=2&sendersReference=gammel&onBehalfOf=&idempotentKey=',
    '?sendersReference=gammel&role=sender',
  ])
    assert.deepEqual(await found(query), [old], query);
  await assertRefused(await list('sender', '?resourceId=andre&sendersReference=gammel'), 4001);
});

test('given more messages than a list holds, when they are listed, then the latest thousand come, latest first', async () => {
  const many = await Promise.all(Array.from({ length: 350 }, (_, i) => world.organization(`NR ${i} AS`)));
  const sentAt = async (seconds: number) =>
    (await sendAll(town, letter(many, { requestedPublishTime: at(seconds) }))).correspondences.map(
      ({ correspondenceId }) => correspondenceId,
    );
  const [oldest, middle, latest] = [await sentAt(7200), await sentAt(7300), await sentAt(7400)];

  const found = await ids(sender, { resourceId: 'brev', role: 'Sender' });

  assert.equal(found.length, 1000);
  assert.deepEqual(new Set(found.slice(0, 350)), new Set(latest));
  assert.deepEqual(new Set(found.slice(350, 700)), new Set(middle));
  assert.ok(found.slice(700).every((id) => oldest.includes(id)));
});
