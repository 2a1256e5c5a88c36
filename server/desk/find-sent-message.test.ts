import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { organizationCaller, scopes } from '../../test/world.ts';
import { initializeCorrespondence } from '../correspondence/send/initialize-correspondence.ts';
import { createTown, letter } from '../correspondence/testing/town.ts';
import { deliverDueNotices, type MailPort, type SmsPort } from '../notifications/index.ts';
import { saveContactPoints } from '../register/index.ts';
import { takeDueSteps } from '../watch/index.ts';
import { deskErrors } from './errors.ts';
import { findSentMessage } from './find-sent-message.ts';
import { listNoticeAttempts } from './list-notice-attempts.ts';
import { showWatch } from './show-watch.ts';

const town = await createTown();
const { world, agency, citizen, sender } = town;

test('given a resource in which many may send, when another than who sent asks for the watch, then there is no such message, and who sent and the owner see it', async () => {
  await world.resource('felles', agency, { senders: 'any' });
  const [one, two] = [await world.organization('EN KOMMUNE'), await world.organization('TO KOMMUNE')].map((party) =>
    organizationCaller(party, scopes.sender),
  );
  const body = letter([citizen], { resourceId: 'felles' });
  const id = (await initializeCorrespondence(world.ctx, one!, { body })).correspondences[0]!.correspondenceId as CorrespondenceId;
  const refused = (error: unknown) => error instanceof Refusal && error.row === deskErrors.messageNotFound;

  await world.nothingWritten(() => assert.rejects(findSentMessage(world.db, two!, id), refused));
  for (const its of [one!, sender]) assert.ok(await showWatch(world.ctx, its, id));
});

test('given a notice that a server took at its second attempt, when its sender asks, then each attempt is there and no whole address; others hear of no message', async () => {
  const points = [{ channel: 'email', address: 'kari.nordmann@fornebu.example' }] as const;
  await world.db.transaction(async (tx) => saveContactPoints(tx, [{ party: citizen.id, points }]));
  const body = letter([citizen], {});
  const id = (await initializeCorrespondence(world.ctx, sender, { body })).correspondences[0]!.correspondenceId as CorrespondenceId;
  await takeDueSteps({ ...world.ctx, addresses: { inbox: 'https://post.example.no', console: 'https://post.example.no' } });
  const tried = new Set<string>();
  const mail: MailPort = {
    async send({ messageId, to }) {
      const kind = tried.has(messageId) ? 'handed-over' : 'later';
      tried.add(messageId);
      return { kind, answer: `${to}: ${kind}` };
    },
  };
  const sms: SmsPort = { send: async () => assert.fail('no SMS was expected') };
  const delivering = { ...world.ctx, mail, sms, mailFrom: 'post@budstikke.example' };
  await deliverDueNotices(delivering);
  await world.advance(61);
  await deliverDueNotices(delivering);

  const shown = await listNoticeAttempts(world.ctx, sender, id, undefined);

  const [notice] = shown.notices;
  assert.deepEqual([shown.notices.length, shown.next, notice!.state, notice!.to], [1, null, 'handed-over', 'recipient']);
  assert.deepEqual([notice!.address, notice!.dueAt, notice!.purpose], ['k•••@f•••.example', null, 'new-mail']);
  assert.deepEqual(
    notice!.attempts.map(({ outcome }) => outcome),
    ['later', 'handed-over'],
  );
  assert.doesNotMatch(JSON.stringify(shown), /nordmann|fornebu/);
  const stranger = organizationCaller(await world.organization('EN TREDJE KOMMUNE'), scopes.sender);
  await assert.rejects(listNoticeAttempts(world.ctx, stranger, id, undefined), (error: unknown) => {
    return error instanceof Refusal && error.row === deskErrors.messageNotFound;
  });
  assert.deepEqual((await listNoticeAttempts(world.ctx, sender, id, notice!.id)).notices, []);
});
