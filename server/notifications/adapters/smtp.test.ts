import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { listEvidence } from '#evidence/index.ts';
import { sql } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { type Log, silentLog } from '#kernel/log.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { listNotices } from '../compose/notice-facts.ts';
import { planNotices } from '../compose/plan-notices.ts';
import { deliverDueNotices } from '../deliver/deliver-due-notices.ts';
import type { Mail } from '../ports.ts';
import { type SmtpAnswers, smtpError, startSmtpSink } from '../testing/sinks.ts';
import { createSmtpMail } from './smtp.ts';

const { db, ctx } = await createTestDatabase();
const closing: (() => unknown)[] = [];
after(async () => {
  for (const close of closing) await close();
});

async function mailTo(answers: SmtpAnswers, login = '') {
  const lines: [facts: object, message: string][] = [];
  const keep = (facts: object, message: string) => void lines.push([facts, message]);
  const log: Log = { ...silentLog, info: keep, error: keep };
  const sink = await startSmtpSink(answers);
  const mail = createSmtpMail({ url: sink.url.replace('//', `//${login}`), timeoutMillis: 2000, log });
  closing.push(() => mail.close(), sink.close);
  return { mail, sink, lines };
}

const aMail = (): Mail => ({
  ...{ messageId: `<${newId()}@b.no>`, from: 'Post <post@b.no>', to: 'kari@example.no', subject: 's', body: 'b', html: false },
});

/** What servers say of whom mail comes from. By RCPT TO: those that keep their answers until the recipient is named, as Postfix does. */
const ofSender: readonly (readonly [string, number, string, 'sender' | 'recipient'])[] = [
  ['no words', 550, 'no', 'sender'],
  ['a policy', 550, '5.7.1 Sender address rejected: not owned by you', 'sender'],
  ['no login', 530, '5.7.0 Authentication required', 'sender'],
  ['an unknown domain', 553, '5.1.8 Sender address rejected: Domain not found', 'recipient'],
];
for (const isPatient of [true, false])
  for (const [what, code, text, by] of ofSender)
    test(`given a mail server that refuses whom mail comes from with ${what}, command by command or all at once (${isPatient}), when mails are handed over, then all wait, and the log says it once until the server takes one`, async () => {
      let isMended = false;
      const { mail, sink, lines } = await mailTo({ isPatient, [by]: () => (isMended ? undefined : smtpError(code, text)) });
      const answers = [
        await mail.send(aMail()),
        await mail.send(aMail()),
        ...(await Promise.all([mail.send(aMail()), mail.send(aMail())])),
      ];

      assert.deepEqual(new Set(answers.map(({ kind }) => kind)), new Set(['later']));
      assert.match(answers[0]!.answer, new RegExp(`^${code} `));
      const command = by === 'sender' ? 'MAIL FROM' : 'RCPT TO';
      const told = [{ responseCode: code, command }, 'the mail server refuses our login or the address that mail comes from: no mail goes'];
      assert.deepEqual(lines, [told]);
      isMended = true;
      assert.equal((await mail.send(aMail())).kind, 'handed-over');
      assert.deepEqual(lines.slice(1), [[{}, 'the mail server takes mail again']]);
      isMended = false;
      await mail.send(aMail());
      assert.deepEqual([lines.length, lines[2], sink.mails.length], [3, told, 1]);
    });

test('given a mail server that refuses the login, when mails are handed over, then they wait, and the log says it once', async () => {
  const { mail, lines } = await mailTo({ login: () => smtpError(535, '5.7.8 no') }, 'user:password@');
  assert.deepEqual([(await mail.send(aMail())).kind, (await mail.send(aMail())).kind], ['later', 'later']);
  assert.deepEqual(
    lines.map(([facts]) => facts),
    [{ responseCode: 535, command: 'AUTH PLAIN' }],
  );
});

test('given a mail server that refuses a recipient, when a mail is handed over, then it is refused, and nothing is said of others', async () => {
  const { mail, lines } = await mailTo({ recipient: () => smtpError(550, 'no such user') });
  const answer = await mail.send(aMail());
  assert.deepEqual([answer.kind, answer.kind === 'refused' && answer.reason, lines], ['refused', 'address-rejected', []]);
});

test('given a mail server that refuses our address for an hour, when a notice is due, then no evidence blames its reader, and it goes when the server is mended', async () => {
  let isMended = false;
  const { mail, sink } = await mailTo({ sender: () => (isMended ? undefined : smtpError(550, 'Sender address rejected')) });
  const [about, at] = [newId(), new Date()];
  const parties = { party: newId<PartyId>(), to: newId<PartyId>() };
  await db.transaction(async (tx) =>
    planNotices(tx, [
      {
        ...{ about, ...parties, step: newId(), purpose: 'new-mail', channel: 'email', address: 'kari@example.no' },
        ...{ subject: 's', body: 'b', html: false, dueAt: at, at },
      },
    ]),
  );
  const deliver = () => deliverDueNotices({ ...ctx, mail, sms: { send: async () => assert.fail() }, mailFrom: 'post@b.no' });
  await deliver();
  const state = async () => (await listNotices(db, [about])).map((notice) => [notice.state, notice.failure]);
  assert.deepEqual([await state(), await listEvidence(db, [about])], [[['due', null]], []]);

  isMended = true;
  await db.transaction((tx) => tx.run(sql`update notifications.notice set due_at = clock.now()`));
  await deliver();
  assert.deepEqual([await state(), sink.mails.length], [[['handed-over', null]], 1]);
  assert.deepEqual(
    (await listEvidence(db, [about])).map(({ proves }) => proves),
    ['notice-handed-over'],
  );
});
