import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { listEvidence } from '#evidence/index.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { nothingWritten } from '../../../test/nothing-written.ts';
import { listNotices } from '../compose/notice-facts.ts';
import { planNotices } from '../compose/plan-notices.ts';
import { type DeliveryContext, deliverDueNotices } from '../deliver/deliver-due-notices.ts';
import { type DeliveryFailure, onDeliveryFailed } from '../hooks.ts';
import { dsn, openReports } from '../testing/reporting.ts';
import { readBounce } from './read-bounce.ts';

const { db, ctx } = await createTestDatabase();
/** Within the hours of SMS. */
const noon = new Date('2026-11-24T11:00:00Z');
const failures: DeliveryFailure[] = [];
onDeliveryFailed.fill(async (_tx, failed) => void failures.push(...failed));
after(() => onDeliveryFailed.fill(async () => {}));

const taking = { send: async () => ({ kind: 'handed-over', answer: '250' }) as const };
const delivering: DeliveryContext = { ...ctx, now: () => noon, mail: taking, sms: taking, mailFrom: 'post@budstikke.example' };

async function handedOver(channel: 'email' | 'sms' = 'email') {
  const key = { about: newId(), party: newId<PartyId>() };
  const at = noon;
  await db.transaction(async (tx) =>
    planNotices(tx, [
      {
        ...key,
        to: newId<PartyId>(),
        step: newId(),
        purpose: 'new-mail',
        channel,
        address: 'a',
        subject: 's',
        body: 'b',
        html: false,
        dueAt: at,
        at,
      },
    ]),
  );
  await deliverDueNotices(delivering);
  const [notice] = await listNotices(db, [key.about]);
  return { ...key, id: notice!.id, messageId: `<${notice!.id}@budstikke.example>` };
}

const { post, report, bounce } = await openReports({ ...ctx, now: () => noon });

const stateOf = async (about: string) => (await listNotices(db, [about])).map(({ state, failure }) => `${state} ${failure}`).join();

test('given a mail that was taken, when it bounces later, then it has failed, with evidence, and the watch hears of it, once', async () => {
  const mail = await handedOver();
  assert.deepEqual(await bounce(dsn(mail.messageId)), [200, { settled: 1 }]);
  assert.equal(await stateOf(mail.about), 'failed address-rejected');
  const [, failed] = await listEvidence(db, [mail.about]);
  assert.deepEqual([failed!.event, failed!.proves], ['ConsignmentNotificationFailure', 'failed']);
  assert.match(JSON.stringify(failed!.who), /550 5\.1\.1 no such user/);
  assert.deepEqual(
    failures.splice(0).map(({ id, reason }) => [id, reason]),
    [[mail.id, 'address-rejected']],
  );
  await nothingWritten(db, async () => assert.deepEqual(await bounce(dsn(mail.messageId)), [200, { settled: 0 }]));
  assert.deepEqual(failures, []);
});

test('given notices that were taken, when a gateway reports of many at once, twice, then each is settled once by its first word', async () => {
  const [one, two, three] = [await handedOver('sms'), await handedOver('sms'), await handedOver()];
  const reports = [
    { notice: one.id, outcome: 'delivered' },
    { notice: two.id, outcome: 'failed', reason: 'carrier-refused', answer: 'blocked' },
    { messageId: three.messageId, outcome: 'failed' },
    { notice: newId(), outcome: 'delivered' },
  ];
  const answers = await Promise.all([report(...reports), report(...reports)]);
  assert.equal(
    answers.reduce((sum, [, { settled }]) => sum + settled!, 0),
    3,
  );
  assert.deepEqual(await Promise.all([one, two, three].map(({ about }) => stateOf(about))), [
    'delivered null',
    'failed carrier-refused',
    'failed carrier-refused',
  ]);
  assert.deepEqual(
    (await listEvidence(db, [one.about])).map(({ event, proves }) => `${event} ${proves}`),
    ['ConsignmentNotification notice-handed-over', 'NotificationDelivered notice-delivered'],
  );
  assert.equal(failures.splice(0).length, 2);
});

test('given a notice that one server has delivered, when another gives it back, then it has failed, and a word that it was delivered after all changes nothing', async () => {
  const mail = await handedOver();
  assert.deepEqual(
    await bounce(
      dsn(mail.messageId)
        .replace(/Action: .*/, 'Action: delivered')
        .replace(/Status: .*/, 'Status: 2.0.0'),
    ),
    [200, { settled: 1 }],
  );
  assert.equal(await stateOf(mail.about), 'delivered null');

  assert.deepEqual(await bounce(dsn(mail.messageId)), [200, { settled: 1 }]);
  assert.equal(await stateOf(mail.about), 'failed address-rejected');
  assert.deepEqual(
    failures.splice(0).map(({ id, reason }) => [id, reason]),
    [[mail.id, 'address-rejected']],
  );
  await nothingWritten(db, async () =>
    assert.deepEqual(await report({ notice: mail.id, outcome: 'delivered' }, { notice: mail.id, outcome: 'failed' }), [
      200,
      { settled: 0 },
    ]),
  );
});

test('given a mail that is no bounce, or a caller that is no carrier, when it is handed in, then it is refused and nothing is written', async () => {
  const mail = await handedOver();
  await nothingWritten(db, async () => {
    for (const text of ['', 'Subject: Out of office\r\n\r\nI am away.', dsn(mail.messageId).replaceAll('Message-ID', 'X-ID')]) {
      const [status, { errorCode }] = await bounce(text);
      assert.deepEqual([status, errorCode], [400, 9730]);
    }
    assert.deepEqual(await bounce(dsn(mail.messageId, 'delayed', '4.4.1')), [200, { settled: 0 }]);
    assert.equal((await post('bounces', 'other', dsn(mail.messageId), 'message/rfc822'))[0], 403);
    assert.equal((await post('reports', 'nobody', '{"reports":[]}', 'application/json'))[0], 401);
    assert.equal((await report({ notice: mail.id, outcome: 'seen' }))[0], 400);
  });
  assert.equal(await stateOf(mail.about), 'handed-over null');
});

test('given codes of bounces, when they are read, then each has its reason', async () => {
  const read = (...args: [string, string?]) => readBounce(Buffer.from(dsn('<a@b.no>', ...args)));
  const reasonOf = async (...args: [string, string]) => (await read(...args))![0]!.reason;
  assert.equal(await reasonOf('failed', '5.2.2'), 'mailbox-full');
  assert.equal(await reasonOf('failed', '5.7.1'), 'carrier-refused');
  assert.equal(await reasonOf('failed', '5.1.8'), 'carrier-refused', 'of the address that it came from');
  assert.equal(await reasonOf('delivered', '2.0.0'), null);
  assert.deepEqual(await read('relayed'), []);
});

test('given bounces as a real Postfix (3.7.11) has written them, when they are read, then each names our mail and why it did not arrive', async () => {
  const read = async (name: string) => readBounce(await readFile(new URL(`../testing/bounces/${name}.eml`, import.meta.url)));
  const failed = (end: string, reason: string, answer: string) => [
    { notice: null, messageId: `<0198f0a0-0000-7000-8000-0000000000${end}@budstikke.example>`, outcome: 'failed', reason, answer },
  ];
  assert.deepEqual(
    await read('no-such-host'),
    failed(
      'ac',
      'carrier-refused',
      'X-Postfix; Host or domain name not found. Name service error for name=finnes-ikke.invalid type=A: Host not found',
    ),
  );
  assert.deepEqual(await read('no-such-user'), failed('ab', 'address-rejected', 'X-Postfix; unknown user: "ingen@full.example"'));
  assert.deepEqual(await read('mailbox-full'), failed('aa', 'mailbox-full', 'x-unix; input/output error'));
});
