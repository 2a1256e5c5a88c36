import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onUnknownResources, saveResources } from '#access/index.ts';
import { onUnknownParties, saveParties } from '#register/index.ts';
import { organizationCaller, scopes } from '../../../test/world.ts';
import { createTown, letter } from '../testing/town.ts';
import { assertRefused, openWire } from '../testing/wire.ts';

/** A sandbox makes what a request names and nobody knows. What is refused must not be a way to fill it. */
const town = await createTown();
const { world, citizen, municipality, sender } = town;
const wire = await openWire(town, {
  sender,
  systemUser: { ...organizationCaller(municipality, ['altinn:correspondence.write']), kind: 'system-user', subject: null, party: null },
  unregistered: { ...sender, kind: 'system-user', subject: null, party: null },
  stranger: organizationCaller(municipality, scopes.sender),
});
onUnknownResources.fill(async (ctx, { id, type, owner }) => {
  if (owner) await ctx.db.transaction(async (tx) => saveResources(tx, [{ id, type, owner, title: { nb: id, nn: id, en: id } }]));
});
onUnknownParties.fill(async (ctx, numbers) => {
  await ctx.db.transaction(async (tx) =>
    saveParties(
      tx,
      numbers.map((number) => ({ kind: 'organization', number, name: 'NY AS', unitType: 'AS' })),
    ),
  );
});
const unknown = { ...municipality, number: '310000000' };
const fresh = { resourceId: 'ny-ressurs' };
const yesterday = new Date(world.ctx.now().getTime() - 86_400_000).toISOString();

for (const [code, by, body] of [
  [3023, 'sender', letter([unknown], { ...fresh, notification: { notificationTemplate: 5 } })],
  [1047, 'sender', letter([unknown, citizen], fresh, { idempotentKey: citizen.id })],
  [4001, 'systemUser', letter([unknown], fresh)],
  [4001, 'stranger', letter([unknown])],
  [4002, 'unregistered', letter([unknown], fresh)],
  [1061, 'sender', letter([unknown], { ...fresh, isConfidential: true })],
  [1006, 'sender', letter([unknown, unknown], fresh)],
  [1008, 'sender', letter([unknown], { ...fresh, dueDateTime: yesterday })],
  [1003, 'sender', letter([unknown], { ...fresh, content: { messageBody: '<b>x</b>' } })],
  [1007, 'sender', letter([unknown], fresh, { existingAttachments: [citizen.id] })],
  [1035, 'sender', letter([unknown], { ...fresh, replyOptions: [{ linkURL: 'http://a.example' }] })],
  [3002, 'sender', letter([unknown], { ...fresh, notification: { notificationChannel: 'Email' } })],
] as const) {
  test(`given a resource and a recipient that nobody knows, when the letter is refused with ${code} to ${by}, then neither has come to be`, async () => {
    await assertRefused(await world.nothingWritten(() => wire.json('POST', '/correspondence', by, body)), code);
  });
}

test('given a resource and a recipient that nobody knows, when the letter is right, then both have come to be with it', async () => {
  const answer = await wire.json('POST', '/correspondence', 'sender', letter([unknown], fresh));
  assert.equal(answer.status, 200, await answer.text());
});
