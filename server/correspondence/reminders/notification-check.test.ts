import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '#kernel/ids.ts';
import { organizationCaller, scopes } from '../../../test/world.ts';
import { confirmMessage } from '../read/confirm-message.ts';
import { getOverview } from '../read/look-at-message.ts';
import { markAsRead } from '../read/mark-as-read.ts';
import { purgeMessage } from '../read/purge-message.ts';
import { createTown, letter, send } from '../testing/town.ts';
import { openWire } from '../testing/wire.ts';

const town = await createTown();
const { world, agency, citizen, reading, sender } = town;
const service = { ...organizationCaller(agency, ['altinn:system/notifications.condition.check']), issuer: 'maskinporten' as const };
const wire = await openWire(town, {
  service,
  exchanged: { ...service, issuer: 'altinn' },
  recipient: organizationCaller(agency, scopes.recipient),
});

async function asked(id: string): Promise<string> {
  const answers = await Promise.all(
    ['main', ''].map(async (which) => {
      const answer = await wire.json('GET', `/correspondence/${id}/notification/check/${which}`, 'service');
      assert.equal(answer.status, 200);
      return ((await answer.json()) as { sendNotification: boolean }).sendNotification;
    }),
  );
  return answers.map((yes) => (yes ? 'yes' : 'no')).join(' ');
}

test('given a published letter, when a notification service asks, then both may go until it is read, and the reminder not after', async () => {
  const id = await send(
    town,
    letter([citizen], { dueDateTime: new Date(Date.now() + 86_400_000).toISOString(), isConfirmationNeeded: true }),
  );
  assert.equal(await asked(id), 'yes yes');
  await getOverview(world.ctx, reading, id);
  await confirmMessage(world.ctx, reading, id);
  assert.equal(await asked(id), 'yes yes', 'confirmed and not read stops nothing');
  await markAsRead(world.ctx, reading, id);
  assert.equal(await asked(id), 'yes no');
  await purgeMessage(world.ctx, reading, id);
  assert.equal(await asked(id), 'no no');
});

test('given a letter that is not published, or taken back, or that nobody knows, when asked, then nothing goes', async () => {
  const id = await send(town, letter([citizen], { requestedPublishTime: new Date(Date.now() + 86_400_000).toISOString() }));
  assert.equal(await asked(id), 'no no');
  await purgeMessage(world.ctx, sender, id);
  assert.equal(await asked(id), 'no no');
  assert.equal(await asked(newId()), 'no no');
});

test('given a token without the scope, or of another issuer, when it asks, then it is turned away', async () => {
  const id = await send(town, letter([citizen]));
  for (const by of ['recipient', 'exchanged', 'nobody']) {
    const answer = await wire.json('GET', `/correspondence/${id}/notification/check`, by);
    assert.equal(answer.status, by === 'nobody' ? 401 : 403, by);
  }
});
