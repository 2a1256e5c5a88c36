import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliverDueNotices, type HandOver } from '#notifications/index.ts';
import { saveContactPoints } from '#register/index.ts';
import { organizationCaller, scopes } from '../../../test/world.ts';
import { letter, send } from '../../correspondence/testing/town.ts';
import { createHearing, subscriber } from '../../subscriptions/testing/hearing.ts';
import { listMails } from './list-mails.ts';

const hearing = await createHearing();
const { town, ctx } = hearing;
const address = 'drift@etaten.example';
await ctx.db.transaction(async (tx) => saveContactPoints(tx, [{ party: town.agency.id, points: [{ channel: 'email', address }] }]));

/** Hands over the notices that are due, each of which is answered so. */
const handOver = (answer: HandOver): Promise<unknown> => {
  const port = { send: async () => answer };
  return deliverDueNotices({ ...ctx, mailFrom: 'Budstikke <post@budstikke.example>', mail: port, sms: port });
};

test('given a webhook that does not answer, when it is paused and the mail that tells it is not taken at first, then whoever may send sees that mail with each attempt, and nobody else', async () => {
  const dead = await hearing.endpoint();
  await hearing.subscribed(subscriber(town.agency, true), dead);
  dead.answer = 500;
  await send(town, letter([town.municipality]));
  await hearing.pass(48 * 3_600);
  await handOver({ kind: 'later', answer: '451 4.7.1 greylisted' });
  await town.world.advance(3_600);
  await handOver({ kind: 'handed-over', answer: '250 Ok' });

  for (const held of [scopes.sender, ['altinn:broker.write']]) {
    const { mails } = await listMails(ctx, organizationCaller(town.agency, held), {});
    const paused = mails.filter(({ purpose }) => purpose === 'subscription-paused');
    assert.deepEqual(
      paused.map((mail) => [mail.channel, mail.address, mail.toOther, mail.state, mail.tries]),
      [['email', address, null, 'handed-over', 2]],
    );
    assert.deepEqual(
      paused[0]!.attempts.map(({ outcome, answer }) => [outcome, answer]),
      [
        ['later', '451 4.7.1 greylisted'],
        ['handed-over', '250 Ok'],
      ],
    );
  }
  assert.deepEqual((await listMails(ctx, organizationCaller(town.municipality, scopes.sender), {})).mails, []);
});
