import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClock } from '#db/index.ts';
import { sql } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { contactPoints, quietUntil, saveContactPoints, saveParties, saveQuietHours } from '#register/index.ts';
import { createTestDatabase } from '../../test/database.ts';
import { listNotices } from './compose/notice-facts.ts';
import type { NoticeRow } from './compose/notice-row.ts';
import { cancelNotices, planNotices } from './compose/plan-notices.ts';
import { type DeliveryContext, deliverDueNotices, nextNoticeDueAt } from './deliver/deliver-due-notices.ts';
import { pacedMail } from './deliver/pace.ts';
import { onDeliveryFailed, whichArePointless } from './hooks.ts';
import { notificationInvariants } from './invariants.ts';
import { maskAddress } from './mask-address.ts';
import { noteUsed } from './note-used.ts';
import type { HandOver } from './ports.ts';
import { settleReports } from './reports/settle-reports.ts';
import { listAttempted } from './store/attempt.ts';
import { hourInNorway, toTheHour } from './testing/morning.ts';
import { renderText } from './texts.ts';

const { db, ctx } = await createTestDatabase();
const clock = createClock(db);
const taken: HandOver = { kind: 'handed-over', answer: '250' };

function carriers(answer: (address: string) => HandOver | Promise<HandOver> = () => taken) {
  const got: string[] = [];
  const take = async (address: string) => {
    got.push(address);
    return answer(address);
  };
  const sending: DeliveryContext = {
    ...{ ...ctx, now: clock.now, mailFrom: 'post@budstikke.example' },
    mail: { send: ({ to }) => take(to) },
    sms: { send: ({ to }) => take(to) },
  };
  return { got, sending };
}

async function advance(seconds: number): Promise<void> {
  await db.transaction((tx) => tx.run(sql`update clock.shift set by = by + make_interval(secs => ${seconds}::double precision)`));
  await clock.refresh();
}

const numbers = ['14886498226', '16822548834', '11812448848', '11876995923', '02013299997'];
async function person(): Promise<PartyId> {
  const [id, number] = [newId<PartyId>(), numbers.pop()!];
  await db.transaction(async (tx) => saveParties(tx, [{ id, kind: 'person', number, name: 'KARI' }]));
  return id;
}

function notice(over: Partial<NoticeRow> = {}): NoticeRow {
  const at = clock.now();
  const base = {
    about: newId(),
    party: newId<PartyId>(),
    to: newId<PartyId>(),
    step: newId(),
    purpose: 'new-mail',
    channel: 'email',
  } as const;
  return { ...base, address: `${newId().slice(-6)}@example.no`, subject: 's', body: 'b', html: false, dueAt: at, at, ...over };
}
const plan = (...rows: NoticeRow[]) => db.transaction(async (tx) => planNotices(tx, rows));
const quiet = (to: PartyId, from: number, until: number) =>
  db.transaction(async (tx) => saveQuietHours(tx, to, { from: from * 60, to: until * 60 }, clock.now()));
const one = async (row: NoticeRow) => (await listNotices(db, [row.about!]))[0]!;
const attempted = (about: string) => listAttempted(db, about, { after: null, limit: 100 });

test('given quiet hours of a person, when notices fall into them, then they wait for their end, untried, and what is due before or is a code goes', async () => {
  await toTheHour(22, clock.now, advance);
  const kari = await person();
  await quiet(kari, 21, 7);
  const [waits, dueSoon, code] = [
    notice({ to: kari }),
    notice({ to: kari, neededBy: new Date(clock.now().getTime() + 3_600_000) }),
    notice({ to: kari, channel: 'sms', address: '+4790000001', purpose: 'prove-address', anyHour: true }),
  ];
  const later = notice({ to: kari, neededBy: new Date(clock.now().getTime() + 48 * 3_600_000) });
  const other = notice();
  await plan(waits, dueSoon, code, later, other);
  const { got, sending } = carriers();

  await deliverDueNotices(sending);

  assert.deepEqual(got.sort(), [code.address, dueSoon.address, other.address].sort());
  const { state, attempts, dueAt } = await one(waits);
  assert.deepEqual([state, attempts, hourInNorway(dueAt), dueAt > clock.now()], ['due', 0, 7, true]);
  assert.deepEqual(await nextNoticeDueAt(db), dueAt);
  for (const { name, find } of notificationInvariants) assert.deepEqual(await db.all(find), [], name);
  await toTheHour(7, clock.now, advance);
  await deliverDueNotices(sending);
  assert.deepEqual(got.slice(3).sort(), [waits.address, later.address].sort());
});

test('given quiet hours that begin while a notice waits for its turn, when the turn comes, then it waits for their end', async () => {
  const nina = await person();
  const minutes = Number(new Date(clock.now()).toLocaleString('en-GB', { timeZone: 'Europe/Oslo', minute: 'numeric' }));
  const next = (hourInNorway(clock.now()) * 60 + minutes + 1) % 1440;
  const hours = { from: next, to: (next + 300) % 1440 };
  await db.transaction(async (tx) => saveQuietHours(tx, nina, hours, clock.now()));
  const row = notice({ to: nina });
  await plan(row);
  const { got, sending } = carriers();
  const inTurn = async () => {
    await advance(60 - (clock.now().getTime() % 60_000) / 1000 + 0.1);
    return sending.mail.send;
  };

  await deliverDueNotices({ ...sending, mail: { ...sending.mail, inTurn } });

  assert.deepEqual(got, []);
  const { state, attempts, dueAt } = await one(row);
  assert.deepEqual([state, attempts], ['due', 0]);
  assert.ok(dueAt.getTime() - clock.now().getTime() > 4 * 3_600_000);
  await advance(5 * 3600);
  await deliverDueNotices(sending);
  assert.deepEqual(got, [row.address]);
});

test('given notices that wait for their turns for more than a minute, when one has become pointless meanwhile, then it is not sent, and all are asked about in one question', async () => {
  const rows = Array.from({ length: 5 }, () => notice());
  await plan(...rows);
  const opened = rows[3]!;
  let isOpened = false;
  const asked: number[] = [];
  whichArePointless.fill(async (_, notices) => {
    asked.push(notices.length);
    return new Map(notices.flatMap(({ id, about }) => (isOpened && about === opened.about ? [[id, 'pointless'] as const] : [])));
  });
  const { got, sending } = carriers();
  let turn: Promise<void> | undefined;
  const inTurn = async () => {
    turn ??= advance(61).then(() => {
      isOpened = true;
    });
    await turn;
    return sending.mail.send;
  };

  await deliverDueNotices({ ...sending, mail: { ...sending.mail, inTurn } });
  whichArePointless.fill(async () => new Map());

  assert.deepEqual(got.sort(), rows.flatMap((row) => (row === opened ? [] : [row.address])).sort());
  assert.equal((await one(opened)).state, 'cancelled');
  assert.deepEqual(asked, [5, 5]);
});

test('given an SMS in quiet hours that end after those of SMS, when they end, then it goes the next day between them', async () => {
  await toTheHour(12, clock.now, advance);
  const ola = await person();
  await quiet(ola, 11, 18);
  await plan(notice({ to: ola, channel: 'sms', address: '+4790000002' }));
  const { got, sending } = carriers();
  for (let hour = 0; hour < 20; hour++) {
    await deliverDueNotices(sending);
    assert.deepEqual(got, [], `at ${hourInNorway(clock.now())}`);
    await advance(3600);
  }
  await toTheHour(9, clock.now, advance);
  await deliverDueNotices(sending);
  assert.deepEqual(got, ['+4790000002']);
});

test('given the nights when clocks change, when quiet hours end is asked, then it is that time by the clock in Norway', () => {
  const night = { from: 22 * 60, to: 7 * 60 };
  assert.equal(quietUntil(night, new Date('2027-03-27T22:30:00Z'))!.toISOString(), '2027-03-28T05:00:00.000Z');
  assert.equal(quietUntil(night, new Date('2026-10-24T21:30:00Z'))!.toISOString(), '2026-10-25T06:00:00.000Z');
  assert.equal(quietUntil(night, new Date('2026-11-24T06:00:00Z')), null, 'the end is no part of them');
  assert.equal(quietUntil({ from: 60, to: 120 }, new Date('2026-11-24T00:59:59Z'))!.toISOString(), '2026-11-24T01:00:00.000Z');
});

test('given people who share an address, when one step tells them, then it is told once and the sender sees that another was not', async () => {
  await toTheHour(10, clock.now, advance);
  const first = notice({ address: 'felles@example.no' });
  const second = { ...first, to: newId<PartyId>(), address: 'Felles@Example.no' };
  await plan(first, second);
  await plan(first, second);
  const { got, sending } = carriers();
  await deliverDueNotices(sending);
  assert.deepEqual(got, ['felles@example.no']);
  assert.deepEqual((await attempted(first.about!)).map(({ state, to }) => [state, to]).sort(), [
    ['handed-over', first.to],
    ['suppressed', second.to],
  ]);
});

test('given people who share an address, when the one who was told for all has said no, or the carrier says no, then the next is told, and no step has failed before the last', async () => {
  const first = notice({ address: 'delt@example.no' });
  const [second, third] = ['Delt@example.no', 'delt@example.no'].map((address) => ({ ...first, to: newId<PartyId>(), address }));
  await plan(first, second!, third!);
  whichArePointless.fill(
    async (_, notices) => new Map(notices.flatMap(({ id, to }) => (to === first.to ? [[id, 'reserved'] as const] : []))),
  );
  const stepsLeft: number[] = [];
  onDeliveryFailed.fill(async (tx, failures) => {
    const open = sql`select from notifications.notice where step_id = ${failures[0]!.step} and state = 'due'`;
    stepsLeft.push((await tx.all(open)).length);
  });
  const answers: HandOver[] = [{ kind: 'refused', answer: '550', reason: 'address-rejected' }, taken];
  const { got, sending } = carriers(() => answers.shift()!);
  for (let i = 0; i < 3; i++) await deliverDueNotices(sending);
  whichArePointless.fill(async () => new Map());
  onDeliveryFailed.fill(async () => {});

  assert.deepEqual(got, ['Delt@example.no', 'delt@example.no']);
  assert.deepEqual(stepsLeft, [1, 1]);
  const told = [
    ['failed', first.to],
    ['failed', second!.to],
    ['handed-over', third!.to],
  ];
  assert.deepEqual(
    (await attempted(first.about!)).map(({ state, to }) => [state, to]),
    told,
  );
  await plan(first, second!, third!);
  await deliverDueNotices(sending);
  assert.deepEqual(
    (await attempted(first.about!)).map(({ state, to }) => [state, to]),
    told,
    'planned again, nothing is told again',
  );
});

test('given people who share an address, when the mail bounces, then the next is told, once, and nobody when it was called off', async () => {
  const [first, opened] = [notice({ address: 'retur@example.no' }), notice({ address: 'lest@example.no' })];
  const others = [first, opened].map((each) => ({ ...each, to: newId<PartyId>() }));
  await plan(first, opened, ...others);
  const { got, sending } = carriers(async (address) => {
    if (address !== opened.address) return taken;
    await db.transaction(async (tx) => cancelNotices(tx, [{ about: opened.about!, party: opened.party! }]));
    return { kind: 'refused', answer: '550', reason: 'address-rejected' };
  });
  await deliverDueNotices(sending);
  const bounce = { notice: (await one(first)).id, messageId: null, outcome: 'failed', reason: 'address-rejected', answer: '550' } as const;
  for (let i = 0; i < 2; i++) {
    await settleReports({ ...ctx, now: clock.now }, [bounce]);
    await deliverDueNotices(sending);
  }
  assert.deepEqual(got.sort(), [opened.address, first.address, first.address].sort());
  assert.deepEqual(
    (await attempted(first.about!)).map(({ state, to }) => [state, to]),
    [
      ['failed', first.to],
      ['handed-over', others[0]!.to],
    ],
  );
  for (const { name, find } of notificationInvariants) assert.deepEqual(await db.all(find), [], name);
});

test('given people who share an address, when nobody has taken the mail for days, then its failure is told at once, and the next is tried all the same', async () => {
  const first = notice({ address: 'taus@example.no' });
  await plan(first, { ...first, to: newId<PartyId>() });
  await db.transaction((tx) => tx.run(sql`update notifications.notice set attempts = 8 where step_id = ${first.step}`));
  const statesThen: string[] = [];
  onDeliveryFailed.fill(async (tx) => {
    statesThen.push(
      ...(await tx.all<{ state: string }>(sql`select state from notifications.notice where step_id = ${first.step}`)).map(
        (each) => each.state,
      ),
    );
  });
  await deliverDueNotices(carriers(() => ({ kind: 'later', answer: '451' })).sending);
  onDeliveryFailed.fill(async () => {});
  assert.deepEqual(statesThen, ['failed'], 'a ladder climbs when all of its step has failed');
  const { got, sending } = carriers();
  await advance(61);
  await deliverDueNotices(sending);
  assert.deepEqual(got, [first.address]);
});

test('given an address that was just told the same of the same post, when another step tells it within ten minutes, then it is not sent again, later it is', async () => {
  const first = notice({ address: 'igjen@example.no' });
  const again = { ...first, step: newId(), address: 'IGJEN@example.no' };
  const elsewhere = { ...again, step: newId(), about: newId() };
  await plan(first, again, elsewhere);
  const { got, sending } = carriers();
  await deliverDueNotices(sending);
  assert.deepEqual(got.sort(), ['IGJEN@example.no', 'igjen@example.no'], 'the other post is another notice');
  await advance(61);
  await deliverDueNotices(sending);
  assert.equal(got.length, 2);
  assert.deepEqual((await attempted(first.about!)).map(({ state }) => state).sort(), ['handed-over', 'suppressed']);
  await advance(600);
  await plan({ ...first, step: newId() });
  await deliverDueNotices(sending);
  assert.equal(got.length, 3);
});

test('given a notice that was not sent since the address had heard the same, when what it had heard bounces, then it goes after all', async () => {
  const first = notice({ address: 'etterpaa@example.no' });
  const again = { ...first, step: newId(), subject: 'again' };
  await plan(first);
  const { got, sending } = carriers();
  await deliverDueNotices(sending);
  const { id } = await one(first);
  await plan(again);
  await deliverDueNotices(sending);
  assert.equal(got.length, 1);
  const bounce = { notice: id, messageId: null, outcome: 'failed', reason: 'mailbox-full', answer: '552' } as const;
  await settleReports({ ...ctx, now: clock.now }, [bounce]);
  const subjects: string[] = [];
  const send = async ({ subject }: { subject: string }) => {
    subjects.push(subject);
    return taken;
  };
  for (let i = 0; i < 2; i++) await deliverDueNotices({ ...sending, mail: { send } });
  assert.deepEqual(subjects, ['again']);
});

test('given a first notice that fails, when its twin waited for it, then the twin goes', async () => {
  const first = notice({ address: 'feil@example.no' });
  const twin = { ...first, step: newId(), address: 'Feil@example.no' };
  await plan(first, twin);
  let n = 0;
  const { got, sending } = carriers(() => (n++ === 0 ? { kind: 'refused', answer: '550', reason: 'address-rejected' } : taken));
  await deliverDueNotices(sending);
  await advance(61);
  await deliverDueNotices(sending);
  assert.equal(got.length, 2);
  assert.deepEqual((await attempted(first.about!)).map(({ state }) => state).sort(), ['failed', 'handed-over']);
});

test('given a carrier that is not ready at first, when it takes the notice at last, then every attempt stands with its time and outcome', async () => {
  const row = notice();
  await plan(row);
  const answers: HandOver[] = [{ kind: 'later', answer: '451 4.7.1 greylisted' }, taken];
  const { sending } = carriers(() => answers.shift()!);
  await deliverDueNotices(sending);
  await advance(61);
  await deliverDueNotices(sending);
  const [shown] = await attempted(row.about!);
  assert.deepEqual(
    shown!.attempts.map(({ attempt, outcome }) => [attempt, outcome]),
    [
      [1, 'later'],
      [2, 'handed-over'],
    ],
  );
  assert.ok(Date.parse(shown!.attempts[1]!.at) - Date.parse(shown!.attempts[0]!.at) >= 60_000);
});

test('given a mail server that takes twenty a second, when two processes send at once, then together they give it no more', async () => {
  const times: number[] = [];
  const mail = {
    send: async () => {
      times.push(performance.now());
      return taken;
    },
  };
  const paced = [1, 2].map(() => pacedMail(mail, { db, perSecond: 20 }));
  const each = { messageId: '<a@b.no>', from: 'a@b.no', to: 'c@d.no', subject: 's', body: 'b', html: false };
  const began = performance.now();
  await Promise.all(Array.from({ length: 30 }, (_, i) => paced[i % 2]!.send(each)));
  assert.equal(times.length, 30);
  assert.ok(times.at(-1)! - began >= (29 / 20) * 1000 - 50, 'the last has waited for its turn');
});

test('given a person who opens what an address told them of, when its age is asked, then it is fresh again, and an address that told nothing is not', async () => {
  const kari = await person();
  const points = (['kari@example.no', 'gammel@example.no'] as const).map((address) => ({ channel: 'email' as const, address }));
  await db.transaction(async (tx) => saveContactPoints(tx, [{ party: kari, points }]));
  const row = notice({ to: kari, party: kari, address: 'Kari@example.no' });
  await plan(row);
  await deliverDueNotices(carriers().sending);
  await advance(500 * 86_400);
  await db.transaction(async (tx) => noteUsed(tx, [{ about: row.about!, party: kari, by: kari, at: clock.now() }]));
  await advance(60 * 86_400);
  assert.deepEqual((await contactPoints(db, [kari])).get(kari), [points[0]]);
});

test('given addresses, when a sender is shown them, then nobody could write to them', () => {
  assert.equal(maskAddress('email', 'kari.nordmann@skien.kommune.no'), 'k•••@s•••.no');
  assert.equal(maskAddress('email', '𝒦ari@localhost'), '𝒦•••@l•••');
  assert.equal(maskAddress('sms', '+4799999987'), '+47 ••• ••87');
});

test('given a notice that asks whether an address is in use, when it is written, then it names nobody: the number may be another person’s', () => {
  const values = {
    senderName: 'AVSENDER',
    recipientName: 'MOTTAKER',
    confidential: false,
    dueAt: null,
    inboxAddress: 'https://x.no',
    consoleAddress: '',
  };
  for (const part of ['emailSubject', 'emailBody', 'sms'] as const)
    for (const purpose of ['stale-address', 'prove-address'] as const)
      assert.doesNotMatch(renderText(purpose, part, 'nb', { ...values, code: '123456' }), /AVSENDER|MOTTAKER|undefined/);
});
