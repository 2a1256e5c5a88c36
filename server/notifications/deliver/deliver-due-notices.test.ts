import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createTransport } from 'nodemailer';
import { createClock } from '#db/index.ts';
import { listEvidence } from '#evidence/index.ts';
import { sql, type Tx } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { createGatewaySms } from '../adapters/gateway.ts';
import { inOnePiece } from '../adapters/in-one-piece.ts';
import { createSmtpMail } from '../adapters/smtp.ts';
import { listNotices, noticeFacts, noticeKey } from '../compose/notice-facts.ts';
import type { NoticeRow } from '../compose/notice-row.ts';
import { cancelNotices, planNotices } from '../compose/plan-notices.ts';
import { type DeliveryFailure, onDeliveryFailed, onHandedOver, whichArePointless } from '../hooks.ts';
import { notificationInvariants } from '../invariants.ts';
import type { MailPort, SmsPort } from '../ports.ts';
import { toTheMorning } from '../testing/morning.ts';
import { type SmtpAnswers, smtpError, startGatewaySink, startSmtpSink } from '../testing/sinks.ts';
import { type DeliveryContext, deliverDueNotices, nextNoticeDueAt } from './deliver-due-notices.ts';

const { db, ctx, url } = await createTestDatabase();
const clock = createClock(db);
const noMail: MailPort = { send: async () => assert.fail('no mail was expected') };
const noSms: SmsPort = { send: async () => assert.fail('no SMS was expected') };
const closing: (() => unknown)[] = [];
after(async () => {
  for (const close of closing) await close();
});

function delivering(ports: { mail?: MailPort; sms?: SmsPort }): DeliveryContext {
  return { ...ctx, now: clock.now, mail: ports.mail ?? noMail, sms: ports.sms ?? noSms, mailFrom: 'Budstikke <post@budstikke.example>' };
}

async function mailTo(answers: SmtpAnswers) {
  const sink = await startSmtpSink(answers);
  const mail = createSmtpMail({ url: sink.url, timeoutMillis: 2000 });
  closing.push(() => mail.close(), sink.close);
  return { sink, mail };
}

async function gatewayThat(answer: Parameters<typeof startGatewaySink>[0], timeoutMillis = 2000) {
  const sink = await startGatewaySink(answer);
  closing.push(sink.close);
  return { sink, sms: createGatewaySms({ url: sink.url, timeoutMillis }) };
}

function notice(over: Partial<NoticeRow> = {}): NoticeRow {
  const at = clock.now();
  const base: Omit<NoticeRow, 'about' | 'party' | 'step'> = {
    to: newId<PartyId>(),
    purpose: 'new-mail',
    channel: 'email',
    address: 'kari@example.no',
    subject: 'Ny post til Skien kommune',
    body: 'Hei. Æ, ø og å.',
    html: false,
    dueAt: at,
    at,
  };
  return { about: newId(), party: newId<PartyId>(), step: newId(), ...base, ...over };
}

async function plan(...rows: NoticeRow[]): Promise<void> {
  await db.transaction(async (tx) => planNotices(tx, rows));
}

const eventsOf = async (about: string) =>
  (await listEvidence(db, [about])).map((e) => ({ event: e.event, proves: e.proves, core: e.core, who: e.who }));
const stateOf = async (row: NoticeRow) => (await listNotices(db, [row.about!])).map((n) => n.state).join(' ');

const countOf = async (state: string, of: readonly NoticeRow[]) =>
  (
    await db.one<{ n: number }>(
      sql`select count(*)::integer as n from notifications.notice where state = ${state} and step_id = any(${of.map(({ step }) => step)}::uuid[])`,
    )
  ).n;

async function advance(seconds: number): Promise<void> {
  await db.transaction((tx) => tx.run(sql`update clock.shift set by = by + make_interval(secs => ${seconds}::double precision)`));
  await clock.refresh();
}

test('given a notice, when delivered, then the mail server has it once with its Message-ID and the proof says handed over and no more', async () => {
  const { sink, mail } = await mailTo({});
  const row = notice();
  await plan(row);
  await plan({ ...row, body: 'Planned again' });

  assert.equal(await deliverDueNotices(delivering({ mail })), 1);
  assert.equal(await deliverDueNotices(delivering({ mail })), 0);

  const [stored] = await listNotices(db, [row.about!]);
  assert.equal(sink.mails.length, 1);
  const [got] = sink.mails;
  assert.equal(got!.messageId, `<${stored!.id}@budstikke.example>`);
  assert.equal(got!.text?.trim(), 'Planned again');
  assert.equal(got!.from?.text, '"Budstikke" <post@budstikke.example>');
  assert.equal(got!.headers.get('auto-submitted'), 'auto-generated');
  const [evidence] = await eventsOf(row.about!);
  assert.deepEqual([evidence!.event, evidence!.proves, evidence!.core.channel], ['ConsignmentNotification', 'notice-handed-over', 'email']);
  assert.equal(evidence!.who.address, 'kari@example.no');
  assert.match(String(evidence!.who.carrierAnswer), /^250/);
  assert.deepEqual((await noticeFacts(db, [{ about: row.about!, party: row.party! }])).get(noticeKey(row.about!, row.party!)), {
    sent: 1,
    failed: 0,
    due: 0,
    dueAt: null,
  });
});

test('given a question before sending that nobody can answer, when a notice is due, then it is sent, and a notice that is pointless is not', async () => {
  const { sink, mail } = await mailTo({});
  const [unanswered, pointless] = [notice(), notice({ address: 'per@example.no' })];
  await plan(unanswered);
  whichArePointless.fill(async () => assert.fail('the answer cannot be had'));
  assert.equal(await deliverDueNotices(delivering({ mail })), 1);
  await plan(pointless);
  whichArePointless.fill(async (_, notices) => new Map(notices.map(({ id }) => [id, 'pointless'])));
  await deliverDueNotices(delivering({ mail }));
  whichArePointless.fill(async () => new Map());

  assert.equal(sink.mails.length, 1);
  assert.deepEqual([await stateOf(unanswered), await stateOf(pointless)], ['handed-over', 'cancelled']);
});

test('given a server that greylists, when it is tried again after the wait, then the mail goes with the same Message-ID', async () => {
  let asked = 0;
  const { sink, mail } = await mailTo({ recipient: () => (++asked === 1 ? smtpError(451, '4.7.1 Greylisted, try again') : undefined) });
  const row = notice();
  await plan(row);

  await deliverDueNotices(delivering({ mail }));
  const first = await db.one<{ messageId: string }>(
    sql`select message_id as "messageId" from notifications.notice where step_id = ${row.step}`,
  );
  assert.equal(await stateOf(row), 'due');
  assert.deepEqual(await eventsOf(row.about!), []);
  const due = (await nextNoticeDueAt(db))!;
  assert.ok(due.getTime() > clock.now().getTime() + 30_000);
  assert.equal(await deliverDueNotices(delivering({ mail })), 0);
  await advance(61);
  await deliverDueNotices(delivering({ mail }));

  assert.equal(await stateOf(row), 'handed-over');
  assert.deepEqual(sink.seen, [first.messageId]);
  assert.equal((await eventsOf(row.about!))[0]!.core.attempt, 2);
});

test('given a clock that another process has moved, when nobody takes the mail, then it waits from the time that it is, and is not tried at once until it is given up', async () => {
  const row = notice();
  await plan(row);
  const behind = new Date(clock.now().getTime());
  await advance(12 * 3600);
  const mail: MailPort = { send: async () => ({ kind: 'later', answer: 'no connection' }) };

  assert.equal(await deliverDueNotices({ ...delivering({ mail }), now: () => behind }), 1);

  const { attempts, waits } = await db.one<{ attempts: number; waits: number }>(
    sql`select attempts, extract(epoch from due_at - clock.now())::float8 as waits from notifications.notice where step_id = ${row.step}`,
  );
  assert.equal(attempts, 1);
  assert.ok(waits > 30 && waits <= 60, `${waits}`);
  await db.transaction(async (tx) => cancelNotices(tx, [{ about: row.about!, party: row.party! }]));
});

const refusals = [
  [550, '5.1.1 No such user', 'address-rejected'],
  [552, '5.2.2 Mailbox full', 'mailbox-full'],
  [554, '5.7.1 Blocked', 'carrier-refused'],
] as const;
for (const [code, text, reason] of refusals) {
  test(`given a server that says ${code} ${text}, when delivered, then it failed at once as ${reason}, with proof, and the watch is told`, async () => {
    const { mail } = await mailTo({ recipient: () => smtpError(code, text) });
    const told: DeliveryFailure[] = [];
    onDeliveryFailed.fill(async (_tx: Tx, failures) => void told.push(...failures));
    const row = notice();
    await plan(row);

    await deliverDueNotices(delivering({ mail }));

    assert.equal(await stateOf(row), 'failed');
    const [evidence] = await eventsOf(row.about!);
    assert.deepEqual([evidence!.event, evidence!.proves], ['ConsignmentNotificationFailure', 'failed']);
    assert.equal(evidence!.core.reason, `urn:budstikke:reason:${reason}`);
    assert.deepEqual(
      told.map((f) => [f.about, f.step, f.reason]),
      [[row.about, row.step, reason]],
    );
  });
}

test('given a server that never takes it, when every attempt is spent, then it failed as not answered in time', async () => {
  const { mail } = await mailTo({ content: () => smtpError(451, 'not now') });
  const row = notice();
  await plan(row);
  for (let attempt = 0; attempt < 9; attempt++) {
    await deliverDueNotices(delivering({ mail }));
    await advance(25 * 3600);
  }
  assert.equal(await stateOf(row), 'failed');
  assert.equal((await eventsOf(row.about!))[0]!.core.reason, 'urn:budstikke:reason:carrier-timeout');
});

test('given no server at all, when delivered, then it waits and nothing failed', async () => {
  const mail = createSmtpMail({ url: 'smtp://127.0.0.1:1', timeoutMillis: 1000 });
  closing.push(() => mail.close());
  const row = notice();
  await plan(row);
  await deliverDueNotices(delivering({ mail }));
  assert.equal(await stateOf(row), 'due');
  await cancel(row);
});

test('given a server that takes the content and cuts the connection, when tried again, then the same Message-ID comes again', async () => {
  let first = true;
  const { sink, mail } = await mailTo({
    content() {
      if (!first) return undefined;
      first = false;
      sink.cut();
      return new Promise<undefined>(() => {});
    },
  });
  const row = notice();
  await plan(row);
  await deliverDueNotices(delivering({ mail }));
  assert.equal(await stateOf(row), 'due');
  await advance(61);
  await deliverDueNotices(delivering({ mail }));
  assert.equal(await stateOf(row), 'handed-over');
  assert.equal(sink.seen.length, 2);
  assert.equal(new Set(sink.seen).size, 1);
});

for (const address of [
  'a@b.no\r\nBcc: c@d.no',
  'a@b.no, c@d.no',
  'A <a@b.no>',
  'a@b.no\u0000',
  '@',
  'a b@c.no',
  'a@b@c.no',
  `${'a'.repeat(250)}@b.no`,
]) {
  test(`given the address ${JSON.stringify(address).slice(0, 40)}, when delivered, then no server hears of it and it failed`, async () => {
    const { sink, mail } = await mailTo({});
    const answer = await mail.send({ messageId: '<x@y>', from: 'p@b.no', to: address, subject: 's', body: 'b', html: false });
    assert.deepEqual([answer.kind, sink.seen.length], ['refused', 0]);
  });
}

test('given a local part in quotes, when delivered, then the server hears of this one address', async () => {
  const { sink, mail } = await mailTo({});
  const to = '"ola.n"@example.no';
  assert.equal((await mail.send({ messageId: '<x@y>', from: 'p@b.no', to, subject: 's', body: 'b', html: false })).kind, 'handed-over');
  assert.equal([sink.mails[0]!.to].flat()[0]!.text, to);
});

test('given a subject with line breaks, when delivered, then it stays a subject and makes no header', async () => {
  const { sink, mail } = await mailTo({});
  await mail.send({ messageId: '<x@y>', from: 'p@b.no', to: 'a@b.no', subject: 'Hei\r\nBcc: c@d.no\r\n\r\nbody', body: 'b', html: false });
  assert.equal(sink.mails[0]!.bcc, undefined);
  assert.match(sink.mails[0]!.subject!, /^Hei/);
  assert.equal(sink.mails[0]!.text?.trim(), 'b');
});

test('given a notice in HTML, when delivered, then it arrives as HTML', async () => {
  const { sink, mail } = await mailTo({});
  await mail.send({ messageId: '<x@y>', from: 'p@b.no', to: 'a@b.no', subject: 's', body: '<b>Hei</b>', html: true });
  assert.match(String(sink.mails[0]!.html), /<b>Hei<\/b>/);
});

test('given a gateway, when an SMS is delivered, then it gets id, number and text as JSON, and a key that never changes', async () => {
  const { sink, sms } = await gatewayThat((n, response) => response.writeHead(n === 1 ? 503 : 202).end('{"id":"gw-1"}'));
  await toTheMorning(clock.now, advance);
  const row = notice({ channel: 'sms', address: '+4799999999', subject: null, body: 'Hei på deg' });
  await plan(row);
  await deliverDueNotices(delivering({ sms }));
  assert.equal(await stateOf(row), 'due');
  await advance(61);
  await deliverDueNotices(delivering({ sms }));
  assert.equal(await stateOf(row), 'handed-over');
  const [first, second] = sink.received;
  assert.deepEqual(first, second);
  assert.deepEqual([first!.body.to, first!.body.text, first!.key], ['+4799999999', 'Hei på deg', first!.body.id]);
});

const gatewayAnswers: readonly (readonly [string, Parameters<typeof startGatewaySink>[0], string])[] = [
  ['400', (_n, response) => response.writeHead(400).end('no such number'), 'refused'],
  ['422', (_n, response) => response.writeHead(422).end(), 'refused'],
  ['401', (_n, response) => response.writeHead(401).end(), 'later'],
  ['404', (_n, response) => response.writeHead(404).end(), 'later'],
  ['429', (_n, response) => response.writeHead(429).end(), 'later'],
  ['302', (_n, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(), 'later'],
  ['a cut connection', (_n, response) => response.destroy(), 'later'],
  ['nothing', () => {}, 'later'],
  ['far too much', (_n, response) => response.writeHead(200).end('x'.repeat(3_000_000)), 'handed-over'],
];
for (const [what, answer, kind] of gatewayAnswers) {
  test(`given a gateway that answers ${what}, when an SMS is handed over, then it is ${kind}`, async () => {
    const { sms } = await gatewayThat(answer, what === 'nothing' ? 300 : 20_000);
    const answered = await sms.send({ id: newId(), to: '+4799999999', text: 'x' });
    assert.equal(answered.kind, kind);
    assert.ok(answered.answer.length <= 300);
  });
}

for (const number of ['99999999', '+0123456', '+47 99999999', '+47999999991234567', 'tel:+4799999999']) {
  test(`given the number ${number}, when an SMS is handed over, then no gateway hears of it`, async () => {
    const { sink, sms } = await gatewayThat((_n, response) => response.end());
    assert.equal((await sms.send({ id: 'x', to: number, text: 'x' })).kind, 'refused');
    assert.equal(sink.received.length, 0);
  });
}

const cancel = (row: NoticeRow) => db.transaction(async (tx) => cancelNotices(tx, [{ about: row.about!, party: row.party! }]));

test('given a notice that is called off, when delivered, then nobody gets it, and calling off again changes nothing', async () => {
  const row = notice();
  await plan(row);
  await cancel(row);
  await cancel(row);
  assert.equal(await deliverDueNotices(delivering({})), 0);
  assert.equal(await stateOf(row), 'cancelled');
});

test('given an opening that is not committed yet, when a worker comes for the notice, then it passes over it and finds it called off', async () => {
  const row = notice();
  await plan(row);
  await db.transaction(async (tx) => {
    cancelNotices(tx, [{ about: row.about!, party: row.party! }]);
    await tx.one(sql`select 1`);
    assert.equal(await deliverDueNotices(delivering({})), 0);
  });
  assert.equal(await stateOf(row), 'cancelled');
});

test('given a notice that is called off while it is handed over and is not taken, when settled, then it is not tried again', async () => {
  const row = notice();
  const { sink, mail } = await mailTo({
    async content() {
      await cancel(row);
      return smtpError(451, 'not now');
    },
  });
  await plan(row);
  await deliverDueNotices(delivering({ mail }));
  assert.equal(await stateOf(row), 'cancelled');
  assert.equal(sink.mails.length, 0);
});

test('given a notice that is called off while the server takes it, when settled, then the record says that it went', async () => {
  const row = notice();
  const { mail } = await mailTo({
    async content() {
      await cancel(row);
      return undefined;
    },
  });
  await plan(row);
  await deliverDueNotices(delivering({ mail }));
  assert.equal(await stateOf(row), 'handed-over');
});

test('given 120 notices and two workers, when both deliver, then each notice goes once', async () => {
  const { sink, mail } = await mailTo({});
  const rows = Array.from({ length: 120 }, (_, i) => notice({ address: `p${i}@example.no` }));
  await plan(...rows);
  const done = await Promise.all([deliverDueNotices(delivering({ mail })), deliverDueNotices(delivering({ mail }))]);
  assert.equal(done[0]! + done[1]!, 120);
  assert.equal(new Set(sink.mails.map((m) => (Array.isArray(m.to) ? m.to[0] : m.to)?.text)).size, 120);
  assert.equal(sink.mails.length, 120);
});

test('given a carrier that throws, when delivered, then the notice waits and the others go', async () => {
  const { mail } = await mailTo({});
  const bad = notice();
  const good = notice();
  await plan(bad, good);
  const first = (await listNotices(db, [bad.about!]))[0]!.id;
  const moody: MailPort = { send: (each) => (each.messageId.includes(first) ? Promise.reject(new Error('boom')) : mail.send(each)) };
  await deliverDueNotices(delivering({ mail: moody }));
  assert.deepEqual([await stateOf(bad), await stateOf(good)], ['due', 'handed-over']);
  await cancel(bad);
});

test('given more notices than one batch, when the server hangs over one of the first, then all others go meanwhile, of the next batches too', async () => {
  const rows = Array.from({ length: 450 }, (_, i) => notice({ address: `h${i}@example.no` }));
  await plan(...rows);
  const { promise: othersGone, resolve: goOn } = Promise.withResolvers<void>();
  let sent = 0;
  const mail: MailPort = {
    async send() {
      sent += 1;
      if (sent === 1) await othersGone;
      if (sent === rows.length) goOn();
      return { kind: 'handed-over', answer: '250' };
    },
  };
  assert.equal(await deliverDueNotices(delivering({ mail })), rows.length);
  assert.equal(await countOf('handed-over', rows), rows.length);
});

test('given a database that is slow to settle, when a fast server takes all, then only so many go beyond what is noted', async () => {
  const rows = Array.from({ length: 390 }, (_, i) => notice({ address: `s${i}@example.no` }));
  await plan(...rows);
  const { promise: isFast, resolve: goOn } = Promise.withResolvers<void>();
  onHandedOver.fill(() => isFast);
  let sent = 0;
  const send = async () => {
    sent += 1;
    return { kind: 'handed-over', answer: '250' } as const;
  };
  const delivered = deliverDueNotices(delivering({ mail: { send } }));
  while (sent < 200) await stateOf(rows[0]!);
  for (let n = 0; n < 20; n++) await stateOf(rows[0]!);
  assert.ok(sent < 220, `${sent} sent, and none of them noted`);
  goOn();
  await delivered;
  onHandedOver.fill(async () => {});
  assert.deepEqual([sent, await countOf('handed-over', rows)], [rows.length, rows.length]);
});

test('given a database that fails when the next batch is claimed, when notices are on their way, then those are settled, no more begin, and it is said', async () => {
  const rows = Array.from({ length: 230 }, (_, i) => notice({ address: `f${i}@example.no` }));
  await plan(...rows);
  const { mail } = await mailTo({});
  let transactions = 0;
  const transaction: typeof db.transaction = (work) =>
    ++transactions === 3 ? Promise.reject(new Error('no connection')) : db.transaction(work); // a claim, whom it has just told, the next claim

  await assert.rejects(deliverDueNotices({ ...delivering({ mail }), db: { ...db, transaction } }), /no connection/);

  assert.deepEqual([await countOf('handed-over', rows), await countOf('due', rows)], [200, 30]);
  assert.equal(await deliverDueNotices(delivering({ mail })), 30);
});

test('given mails of one text, when they are written in one piece, then it is byte by byte what the library sends', async () => {
  const [whole, streamed] = [0, 1].map(() => createTransport({ streamTransport: true, buffer: true }));
  whole!.use('stream', inOnePiece);
  const texts = [
    '',
    'Hei',
    'Hei\n',
    'slutt\r',
    '\n\n.\n..a\n',
    'æ, ø og å. '.repeat(90),
    'a'.repeat(3000),
    '漢字'.repeat(400),
    '𝒦=\r\n= \t'.repeat(50),
  ];
  for (const text of texts) {
    for (const kind of ['text', 'html']) {
      const sent = { from: 'Påst <post@example.no>', to: 'kari@example.no', subject: `Ny ${text.slice(0, 30)}`, [kind]: text };
      const fixed = { messageId: '<a@example.no>', date: new Date(0), headers: { 'Auto-Submitted': 'auto-generated' } };
      const [ours, theirs] = await Promise.all([whole!, streamed!].map((transport) => transport.sendMail({ ...sent, ...fixed })));
      assert.equal(String(ours!.message), String(theirs!.message));
    }
  }
});

/** The leases of workers that are gone run out, without the wait. */
const endLeases = () =>
  db.transaction((tx) =>
    tx.run(sql`update notifications.notice set leased_until = statement_timestamp() - interval '1 second' where state = 'handing-over'`),
  );

const worker = fileURLToPath(new URL('../testing/deliver-once.ts', import.meta.url));

test('given a worker that is killed while the server has the content, when another comes after the lease, then the same Message-ID goes again', async () => {
  let hold: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    hold = resolve;
  });
  let n = 0;
  const { sink, mail } = await mailTo({
    content: () => {
      n += 1;
      if (n > 1) return undefined;
      hold();
      return new Promise<undefined>(() => {});
    },
  });
  const row = notice();
  await plan(row);
  const child = spawn(process.execPath, [worker, url, sink.url], { stdio: 'ignore' });
  await held;
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(await stateOf(row), 'handing-over');
  assert.equal(await deliverDueNotices(delivering({ mail })), 0, 'the lease still holds');
  await endLeases();

  assert.equal(await deliverDueNotices(delivering({ mail })), 1);

  assert.equal(await stateOf(row), 'handed-over');
  assert.equal(sink.seen.length, 2);
  assert.equal(new Set(sink.seen).size, 1);
});

test('given a worker that dies between the yes of the server and its commit, when another comes, then the mail goes twice with one Message-ID and one proof', async () => {
  const { sink, mail } = await mailTo({});
  const row = notice();
  await plan(row);
  const child = spawn(process.execPath, [worker, url, sink.url, 'after-250'], { stdio: 'ignore' });
  await once(child, 'exit');
  assert.equal(sink.mails.length, 1);
  await endLeases();
  await deliverDueNotices(delivering({ mail }));
  assert.equal(sink.mails.length, 2);
  assert.equal(new Set(sink.seen).size, 1);
  assert.equal((await eventsOf(row.about!)).length, 1);
});

test('given a worker that died and a notice that was called off since, when another comes, then it is not sent again', async () => {
  const { sink } = await mailTo({});
  const row = notice();
  await plan(row);
  const child = spawn(process.execPath, [worker, url, sink.url, 'after-250'], { stdio: 'ignore' });
  await once(child, 'exit');
  await cancel(row);
  await endLeases();
  assert.equal(await deliverDueNotices(delivering({})), 0);
  assert.equal(await stateOf(row), 'cancelled');
  assert.equal(sink.mails.length, 1);
});

test('given all that these tests did, when the invariants are asked, then none is broken', async () => {
  for (const { name, find } of notificationInvariants) assert.deepEqual(await db.all(find), [], name);
});
