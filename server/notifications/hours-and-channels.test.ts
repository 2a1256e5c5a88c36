import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClock } from '#db/index.ts';
import { listEvidence } from '#evidence/index.ts';
import { sql } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { createTestDatabase } from '../../test/database.ts';
import { listNotices } from './compose/notice-facts.ts';
import type { NoticeRow } from './compose/notice-row.ts';
import { planNotices } from './compose/plan-notices.ts';
import { type DeliveryContext, deliverDue, deliverDueNotices, nextNoticeDueAt } from './deliver/deliver-due-notices.ts';
import { whichArePointless } from './hooks.ts';
import { notificationInvariants } from './invariants.ts';
import { notificationSweepers } from './jobs.ts';
import type { HandOver } from './ports.ts';
import { claimNotices } from './store/delivery.ts';
import { hourInNorway, toTheHour, toTheMorning } from './testing/morning.ts';

const { db, ctx } = await createTestDatabase();
const clock = createClock(db);

/** Carriers that keep what they get, and answer what they are told to. */
function carriers(answer: (address: string) => HandOver | Promise<HandOver> = () => ({ kind: 'handed-over', answer: 'ok' })) {
  const got: string[] = [];
  const take = async (address: string) => {
    got.push(address);
    return answer(address);
  };
  const carrying: DeliveryContext = {
    ...ctx,
    now: clock.now,
    mail: { send: ({ to }) => take(to) },
    sms: { send: ({ to }) => take(to) },
    mailFrom: 'post@budstikke.example',
  };
  return { got, carrying };
}

function notice(channel: 'email' | 'sms', address: string): NoticeRow {
  const at = clock.now();
  return {
    about: newId(),
    party: newId<PartyId>(),
    to: newId<PartyId>(),
    step: newId(),
    purpose: 'new-mail',
    channel,
    address,
    subject: channel === 'email' ? 's' : null,
    body: 'b',
    html: false,
    dueAt: at,
    at,
  };
}

const plan = (...rows: NoticeRow[]) => db.transaction(async (tx) => planNotices(tx, rows));

async function advance(seconds: number): Promise<void> {
  await db.transaction((tx) => tx.run(sql`update clock.shift set by = by + make_interval(secs => ${seconds}::double precision)`));
  await clock.refresh();
}

const one = async (row: NoticeRow) => (await listNotices(db, [row.about!]))[0]!;

test('given an SMS that was due in the day, when a worker comes at night, then it goes when the hours begin, and a mail at once', async () => {
  await toTheMorning(clock.now, advance);
  const [text, broken, mail] = [notice('sms', '+4790000001'), notice('sms', '+4790000002'), notice('email', 'a@example.no')];
  await plan(broken);
  const claim = { channel: 'sms', limit: 10, leaseSeconds: 0, mailDomain: 'budstikke.example' } as const;
  assert.equal((await db.transaction((tx) => claimNotices(tx, claim))).length, 1, 'its worker died on the way');
  await plan(text, mail);
  await toTheHour(22, clock.now, advance);
  const { got, carrying } = carriers();

  assert.equal(await deliverDueNotices(carrying), 1);

  assert.deepEqual(got, ['a@example.no']);
  assert.deepEqual([(await one(text)).state, (await one(broken)).state], ['due', 'due']);
  const next = (await nextNoticeDueAt(db))!;
  assert.deepEqual([hourInNorway(next), next > clock.now()], [9, true]);
  for (const { name, find } of notificationInvariants) assert.deepEqual(await db.all(find), [], name);
  await toTheMorning(clock.now, advance);
  assert.equal(await deliverDueNotices(carrying), 2);
  assert.deepEqual(got.slice(1).sort(), ['+4790000001', '+4790000002']);
  assert.equal(await deliverDueNotices(carrying), 0);
});

test('given a gateway so slow that the hours end meanwhile, when more wait behind it, then they go the next day', async () => {
  await toTheMorning(clock.now, advance);
  const rows = Array.from({ length: 12 }, (_, i) => notice('sms', `+479100000${i + 10}`));
  await plan(...rows);
  let evening: Promise<void> | undefined;
  const { got, carrying } = carriers(async () => {
    evening ??= toTheHour(17, clock.now, advance);
    await evening;
    return { kind: 'handed-over', answer: 'at last' };
  });
  await deliverDueNotices(carrying);
  assert.equal(got.length, 5, 'those that were under way');
  await toTheMorning(clock.now, advance);
  await deliverDueNotices(carrying);
  assert.deepEqual([got.length, new Set(got).size], [12, 12]);
});

test('given a gateway that does not answer, when an SMS hangs there, then mail goes all the same, and the SMS when it answers', async () => {
  await toTheMorning(clock.now, advance);
  let answered: () => void = () => {};
  const silence = new Promise<void>((resolve) => {
    answered = resolve;
  });
  let reached: () => void = () => {};
  const atTheGateway = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const { got, carrying } = carriers(async (address) => {
    if (address.startsWith('+')) {
      reached();
      await silence;
    }
    return { kind: 'handed-over', answer: 'ok' };
  });
  const [byMail, bySms] = ['mail', 'sms'].map(
    (name) => notificationSweepers.find((each) => each.name === `notifications.deliver-${name}`)!,
  );
  const texts = Array.from({ length: 60 }, (_, i) => notice('sms', `+479200000${i + 10}`));
  await plan(...texts);
  const hanging = bySms!.run(carrying);
  await atTheGateway;
  const mail = notice('email', 'b@example.no');
  await plan(mail);

  await byMail!.run(carrying);

  assert.equal((await one(mail)).state, 'handed-over');
  assert.ok(got.filter((address) => address.startsWith('+')).length <= 5);
  answered();
  await hanging;
  assert.equal(got.length, 61);
  assert.equal(await deliverDue(carrying, 'sms'), 0);
});

test('given somebody who has said no since the notice was planned, when it is due, then it fails for that reason and nobody is told', async () => {
  const row = notice('email', 'rita@example.no');
  await plan(row);
  whichArePointless.fill(async (_, notices) => new Map(notices.map(({ id }) => [id, 'reserved'])));
  const { got, carrying } = carriers();
  await deliverDueNotices(carrying);
  whichArePointless.fill(async () => new Map());

  assert.deepEqual(got, []);
  const { state, failure } = await one(row);
  assert.deepEqual([state, failure], ['failed', 'reserved']);
  const [proof] = await listEvidence(db, [row.about!]);
  assert.deepEqual([proof!.proves, proof!.core.reason], ['failed', 'urn:budstikke:reason:reserved']);
});
