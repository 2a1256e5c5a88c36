import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createClock } from '#db/index.ts';
import { listEvidence } from '#evidence/index.ts';
import { sql } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { nothingWritten } from '../../../test/nothing-written.ts';
import { createGatewaySms } from '../adapters/gateway.ts';
import { createSmtpMail } from '../adapters/smtp.ts';
import { listNotices } from '../compose/notice-facts.ts';
import type { NoticeRow } from '../compose/notice-row.ts';
import { cancelNotices, planNotices } from '../compose/plan-notices.ts';
import { type DeliveryContext, deliverDue, deliverDueNotices } from '../deliver/deliver-due-notices.ts';
import { type DeliveryFailure, onDeliveryFailed, whichArePointless } from '../hooks.ts';
import type { HandOver, MailPort, SmsPort } from '../ports.ts';
import { toTheHour } from '../testing/morning.ts';
import { dsn, openReports } from '../testing/reporting.ts';
import { type SmtpAnswers, smtpError, startGatewaySink, startSmtpSink } from '../testing/sinks.ts';

const { db, ctx, url } = await createTestDatabase();
const clock = createClock(db);
const failures: DeliveryFailure[] = [];
onDeliveryFailed.fill(async (_tx, failed) => void failures.push(...failed));
const closing: (() => unknown)[] = [() => onDeliveryFailed.fill(async () => {})];
after(async () => {
  for (const close of closing) await close();
});
const { report, bounce } = await openReports({ ...ctx, now: clock.now });

const advance = async (seconds: number) => {
  await db.transaction((tx) => tx.run(sql`update clock.shift set by = by + make_interval(secs => ${seconds}::double precision)`));
  await clock.refresh();
};
await toTheHour(10, clock.now, advance);

const nobody = { send: async () => assert.fail('nothing more was to be sent') };
const delivering = (ports: { mail?: MailPort; sms?: SmsPort }): DeliveryContext => ({
  ...{ ...ctx, now: clock.now, mail: nobody, sms: nobody, mailFrom: 'Budstikke <post@budstikke.example>' },
  ...ports,
});

async function mailTo(answers: SmtpAnswers) {
  const sink = await startSmtpSink(answers);
  const mail = createSmtpMail({ url: sink.url, timeoutMillis: 2000 });
  closing.push(() => mail.close(), sink.close);
  return { sink, mail };
}

async function planned(channel: 'email' | 'sms' = 'email') {
  const at = clock.now();
  const row: NoticeRow = {
    ...{ about: newId(), party: newId<PartyId>(), to: newId<PartyId>(), step: newId(), purpose: 'new-mail', channel },
    ...{ address: channel === 'email' ? 'kari@example.no' : '+4799999999', subject: 's', body: 'b', html: false, dueAt: at, at },
  };
  await db.transaction(async (tx) => planNotices(tx, [row]));
  const about = row.about!;
  const { id } = (await listNotices(db, [about]))[0]!;
  return {
    ...{ id, about, party: row.party!, messageId: `<${id}@budstikke.example>` },
    state: async () => (await listNotices(db, [about])).map(({ state, failure }) => `${state} ${failure}`).join(),
    evidence: async () => (await listEvidence(db, [about])).map(({ event, core }) => [event, core.attempt]),
  };
}

const told = () => failures.splice(0).map(({ id, reason }) => [id, reason]);
/** A worker of its own was killed: what it had is another's. */
const endLeases = () =>
  db.transaction((tx) =>
    tx.run(sql`update notifications.notice set leased_until = statement_timestamp() - interval '1 second' where state = 'handing-over'`),
  );

const failedAtOnce = [
  ['ConsignmentNotification', 1],
  ['ConsignmentNotificationFailure', 1],
];
const arrivedAtOnce = [
  ['ConsignmentNotification', 1],
  ['NotificationDelivered', 1],
];

test('given a mail server that sends its bounce before its 250, when the mail is settled, then it was handed over and has failed, the watch hears of it once, and the bounce again is no news', async () => {
  const answers: unknown[] = [];
  const notice = await planned();
  const { sink, mail } = await mailTo({
    async content({ messageId }) {
      answers.push(await bounce(dsn(messageId!)), await bounce(dsn(messageId!, 'failed', '5.2.2')));
      return undefined;
    },
  });

  await deliverDueNotices(delivering({ mail }));

  assert.deepEqual(
    [answers, sink.mails.length],
    [
      [
        [200, { settled: 1 }],
        [200, { settled: 0 }],
      ],
      1,
    ],
  );
  assert.equal(await notice.state(), 'failed address-rejected');
  assert.deepEqual(await notice.evidence(), failedAtOnce);
  assert.deepEqual(told(), [[notice.id, 'address-rejected']]);
  await nothingWritten(db, async () => assert.deepEqual(await bounce(dsn(notice.messageId)), [200, { settled: 0 }]));
  await deliverDueNotices(delivering({}));
});

for (const [outcome, state, evidence] of [
  ['failed', 'failed carrier-refused', failedAtOnce],
  ['delivered', 'delivered null', arrivedAtOnce],
] as const)
  test(`given a gateway that reports ${outcome} before it answers, when the SMS is settled, then it is ${state}`, async () => {
    const notice = await planned('sms');
    const sink = await startGatewaySink((_n, response) => {
      void report({ notice: sink.received.at(-1)!.body.id, outcome, answer: 'said first' }).then(() => response.writeHead(202).end('{}'));
    });
    closing.push(sink.close);

    await deliverDueNotices(delivering({ sms: createGatewaySms({ url: sink.url }) }));

    assert.deepEqual([await notice.state(), await notice.evidence()], [state, evidence]);
    assert.deepEqual(told(), outcome === 'failed' ? [[notice.id, 'carrier-refused']] : []);
  });

for (const [what, answer] of Object.entries<{ refused?: Error; isCut?: boolean }>({
  'says not now': { refused: smtpError(451, 'not now') },
  'cuts the connection': { isCut: true },
}))
  test(`given a mail server that sends its bounce and then ${what}, when the attempt is settled, then the mail has failed as the bounce says and is not sent again`, async () => {
    const notice = await planned();
    const { sink, mail } = await mailTo({
      async content({ messageId }) {
        await bounce(dsn(messageId!, 'failed', '5.2.2'));
        if (answer.isCut) sink.cut();
        return answer.refused;
      },
    });

    await deliverDueNotices(delivering({ mail }));

    assert.deepEqual([await notice.state(), await notice.evidence()], ['failed mailbox-full', failedAtOnce]);
    assert.deepEqual(told(), [[notice.id, 'mailbox-full']]);
    await advance(3600);
    await deliverDueNotices(delivering({}));
  });

test('given a mail server that sends its bounce and then refuses, when the attempt is settled, then the refusal is what is told, once', async () => {
  const notice = await planned();
  const { mail } = await mailTo({
    async content({ messageId }) {
      await bounce(dsn(messageId!));
      return smtpError(554, '5.7.1 Blocked');
    },
  });
  await deliverDueNotices(delivering({ mail }));
  assert.deepEqual([await notice.state(), await notice.evidence()], ['failed carrier-refused', [['ConsignmentNotificationFailure', 1]]]);
  assert.deepEqual(told(), [[notice.id, 'carrier-refused']]);
});

test('given an SMS whose gateway answered too late, when its report comes before the next attempt, at night, then it is settled within the round and not sent again', async () => {
  const notice = await planned('sms');
  await deliverDueNotices(delivering({ sms: { send: async () => ({ kind: 'later', answer: 'the gateway did not answer in time' }) } }));
  assert.equal(await notice.state(), 'due null');
  await toTheHour(22, clock.now, advance);
  await deliverDueNotices(delivering({}));

  assert.deepEqual(await report({ notice: notice.id, outcome: 'delivered' }), [200, { settled: 1 }]);
  assert.deepEqual(await report({ notice: notice.id, outcome: 'failed' }), [200, { settled: 0 }]);
  await db.transaction(async (tx) => cancelNotices(tx, [notice])); // it is opened, and its notice has no point any more
  assert.equal(await deliverDue(delivering({}), 'sms'), 1);

  assert.deepEqual([await notice.state(), await notice.evidence()], ['delivered null', arrivedAtOnce]);
  await toTheHour(10, clock.now, advance);
});

test('given a worker that dies after a bounce that came first, when another comes, then it settles the mail by the bounce and sends nothing', async () => {
  const notice = await planned();
  const { sink } = await mailTo({
    async content({ messageId }) {
      await bounce(dsn(messageId!));
      return undefined;
    },
  });
  const worker = fileURLToPath(new URL('../testing/deliver-once.ts', import.meta.url));
  await once(spawn(process.execPath, [worker, url, sink.url, 'after-250'], { stdio: 'ignore' }), 'exit');
  assert.deepEqual([await notice.state(), sink.mails.length], ['handing-over null', 1]);
  await endLeases();
  whichArePointless.fill(async (_, notices) => new Map(notices.map(({ id }) => [id, 'pointless'])));

  await deliverDueNotices(delivering({}));

  whichArePointless.fill(async () => new Map());
  assert.deepEqual([await notice.state(), await notice.evidence()], ['failed address-rejected', failedAtOnce]);
  assert.deepEqual(told(), [[notice.id, 'address-rejected']]);
});

test('given a report of a notice that was never handed to anybody, when it is taken up, then nothing is made of it', async () => {
  const notice = await planned();
  assert.deepEqual(await report({ notice: notice.id, outcome: 'delivered' }), [200, { settled: 0 }]);
  const early: MailPort = { send: async () => assert.fail('it has no point') };
  whichArePointless.fill(async () => {
    await report({ notice: notice.id, outcome: 'delivered' });
    return new Map([[notice.id, 'pointless']]);
  });
  await deliverDueNotices(delivering({ mail: early }));
  whichArePointless.fill(async () => new Map());
  assert.deepEqual([await notice.state(), await notice.evidence()], ['cancelled null', []]);
});

test('given many notices whose reports come at the very time that their attempts are settled, in both orders, then each ends as its carrier says, with both proofs, and is told once', async () => {
  const notices = await Promise.all(Array.from({ length: 60 }, () => planned()));
  const reports: Promise<unknown>[] = [];
  const mail: MailPort = {
    async send({ messageId }): Promise<HandOver> {
      const n = reports.length;
      const wait = new Promise((resolve) => setTimeout(resolve, n * 3));
      reports.push(
        wait.then(() => (n % 2 ? bounce(dsn(messageId)) : report({ messageId, outcome: 'failed', reason: 'address-rejected' }))),
      );
      return n % 5 ? { kind: 'handed-over', answer: '250' } : { kind: 'later', answer: 'the connection was lost' };
    },
  };

  await deliverDueNotices(delivering({ mail }));
  const answers = await Promise.all(reports);
  await deliverDueNotices(delivering({}));

  assert.deepEqual(
    answers,
    notices.map(() => [200, { settled: 1 }]),
  );
  for (const notice of notices)
    assert.deepEqual([await notice.state(), await notice.evidence()], ['failed address-rejected', failedAtOnce]);
  assert.deepEqual(told().sort(), notices.map(({ id }) => [id, 'address-rejected']).sort());
  assert.deepEqual(await db.all(sql`select id from notifications.notice where reported is not null`), []);
});

test('given a gateway that brings many reports together, in two orders, when they meet the attempts being settled, then each notice is settled once and nobody waits in a circle', async () => {
  const notices = await Promise.all(Array.from({ length: 40 }, () => planned()));
  const ids = notices.map(({ id }) => id);
  const bring = (all: readonly string[]) => report(...all.map((notice) => ({ notice, outcome: 'delivered' })));
  let brought: Promise<unknown> | undefined;
  const mail: MailPort = {
    async send() {
      brought ??= Promise.all([bring(ids), bring(ids.toReversed())]);
      return { kind: 'handed-over', answer: '250' };
    },
  };
  await deliverDueNotices(delivering({ mail }));
  const answers = (await brought) as [number, { settled: number }][];
  const [again] = await Promise.all([bring(ids)]);
  const settled = [...answers, again].reduce((sum, [, body]) => sum + body!.settled!, 0);
  assert.equal(settled, 40);
  assert.deepEqual([...new Set(await Promise.all(notices.map(({ state }) => state())))], ['delivered null']);
});
