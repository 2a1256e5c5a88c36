import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { deliverDueNotices, type MailPort, onDeliveryFailed, onHandedOver, type SmsPort } from '#notifications/index.ts';
import { saveContactPoints } from '#register/index.ts';
import { noteDeliveryFailed } from '../progress/note-delivery-failed.ts';
import { noteHandedOver } from '../progress/note-handed-over.ts';
import { saveSteps, step } from '../testing/ladders.ts';
import { confidentialPackage, Town } from '../testing/town.ts';
import type { StepSpec, WatchBegin } from '../types.ts';

const town = await Town.open();
onDeliveryFailed.fill(noteDeliveryFailed);
onHandedOver.fill(noteHandedOver);
const resource = await town.resource(['DAGL']);
afterEach(() => town.invariantsHold());

const hours = 3600;
const mail: MailPort = {
  send: async ({ to }) =>
    to.startsWith('feil') ? { kind: 'refused', reason: 'address-rejected', answer: '550' } : { kind: 'handed-over', answer: '250' },
};
const sms: SmsPort = { send: async () => ({ kind: 'handed-over', answer: '200' }) };

/** What workers do, until nothing is due. */
async function settleDown(): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    await town.work();
    await deliverDueNotices({ ...town.ctx, mail, sms, mailFrom: 'Budstikke <post@budstikke.example>' });
  }
  await town.work();
}

async function later(seconds: number): Promise<void> {
  await town.advance(seconds);
  await settleDown();
}

const notify = step('notify', 'PT0S', { who: 'openers', channel: 'preferred', text: 'new-mail' });
const telling = (name: string, after: string, over: Partial<StepSpec> = {}) => step(name, after, { channel: 'preferred', ...over });
const reminding = (name: string, after: string, over: Partial<StepSpec> = {}) =>
  step(name, after, { who: 'openers', channel: 'preferred', text: 'reminder', ...over });

/** A letter to an organization whose one reader has this address. */
async function toReader(address: string | null, steps: readonly StepSpec[]): Promise<{ letter: WatchBegin; reader: PartyId }> {
  const party = await town.organization('Etat');
  const reader = await town.person('Leser', address);
  await town.role(reader, 'daglig-leder', party);
  const ladder = `stige-${newId().slice(-12)}`;
  await saveSteps(town.db, ladder, steps);
  const letter = await town.sent(party, resource, { ladder });
  await settleDown();
  return { letter, reader };
}

const getsAddress = (party: PartyId, address: string) =>
  town.db.transaction(async (tx) => saveContactPoints(tx, [{ party, points: [{ channel: 'email', address }] }]));

const states = async (letter: WatchBegin) =>
  (await town.watch(letter)).steps.map(({ name, state, reason }) => [name, state, reason].filter((part) => part !== null).join(' '));

test('given a reader without an address and a later step that was passed over, when it gets an address, then it is told within minutes, and the cause was true all along', async () => {
  const { letter, reader } = await toReader(null, [
    notify,
    reminding('mind', 'P3D', { when: ['notified-not-opened'] }),
    telling('tell', 'P8D'),
  ]);
  assert.equal((await town.watch(letter)).cause, 'no-contact-point');
  for (let day = 0; day < 4; day += 1) await later(24 * hours);
  assert.ok((await states(letter)).includes('mind skipped not-this-cause'));
  assert.equal((await town.watch(letter)).cause, 'no-contact-point');
  await getsAddress(reader, 'leser@example.no');
  await later(60);
  assert.ok((await states(letter)).includes('notify-new-address done'), (await states(letter)).join());
  assert.equal((await town.watch(letter)).cause, 'notified-not-opened');
  assert.deepEqual(await town.notices(letter), ['Leser new-mail email handed-over']);
  await later(24 * hours);
  assert.equal((await town.notices(letter)).length, 1, 'once');
});

test('given a letter that is an hour old and whose reader has no address, when it gets one, then it is told within minutes', async () => {
  const { letter, reader } = await toReader(null, [notify, telling('tell', 'P8D')]);
  await later(hours);
  await getsAddress(reader, 'leser@example.no');
  await later(60);
  assert.deepEqual(await town.notices(letter), ['Leser new-mail email handed-over']);
  assert.equal((await town.watch(letter)).cause, 'notified-not-opened');
});

for (const [age, wait] of [
  ['an hour', hours],
  ['three days', 72 * hours],
] as const)
  test(`given a letter that is ${age} old and whose notice has bounced, when the address is corrected, then the reader is told within minutes, once`, async () => {
    const { letter, reader } = await toReader(`feil-${newId().slice(-6)}@example.no`, [notify, telling('tell', 'P8D')]);
    await later(wait);
    assert.equal((await town.watch(letter)).cause, 'notification-failed');
    await later(60);
    assert.equal((await states(letter)).filter((line) => line.startsWith('notify-new-address')).length, 0, 'nothing is new yet');
    await getsAddress(reader, 'rett@example.no');
    await later(60);
    assert.deepEqual(await town.notices(letter), ['Leser new-mail email failed', 'Leser new-mail email handed-over']);
    assert.equal((await town.watch(letter)).cause, 'notified-not-opened');
    await later(24 * hours);
    assert.equal((await states(letter)).filter((line) => line.startsWith('notify-new-address')).length, 1);
  });

test('given a corrected address that bounces too, when the next one comes, then that is tried, and none of them twice', async () => {
  const { letter, reader } = await toReader('feil-a@example.no', [notify, telling('tell', 'P8D')]);
  for (const next of ['feil-b@example.no', 'feil-c@example.no']) {
    await getsAddress(reader, next);
    for (let minute = 0; minute < 3; minute += 1) await later(60);
  }
  assert.equal((await states(letter)).filter((line) => line.startsWith('notify-new-address done')).length, 2);
  assert.equal((await town.notices(letter)).length, 3);
});

for (const [what, first] of [
  ['is for another cause', { when: ['grant-needed'] }],
  ['is told by event alone', { channel: 'event' }],
] as const)
  test(`given a ladder whose first step toward the sender ${what}, when nobody has an address, then the sender is told at once by the next one`, async () => {
    const { letter } = await toReader(null, [notify, telling('first', 'P1D', first as Partial<StepSpec>), telling('tell', 'P8D')]);
    assert.ok((await states(letter)).includes('tell done'), (await states(letter)).join());
  });

test('given a ladder none of whose steps toward the sender is for what has happened, when nobody has an address, then the sender is asked at once', async () => {
  const { letter } = await toReader(null, [notify, telling('first', 'P1D', { when: ['grant-needed'] })]);
  assert.ok((await states(letter)).includes('await-decision done'), (await states(letter)).join());
});

test('given sealed post and files whose people have no address, young and old, when they get one, then they are told within minutes, once', async () => {
  const locked = await town.resource([`package:${confidentialPackage}`]);
  const [leader, fetcher] = [await town.person('Leder uten adresse', null), await town.person('Henter uten adresse', null)];
  const [council, firm] = [await town.organization('Kommune'), await town.organization('Bedrift')];
  await town.role(leader, 'daglig-leder', council);
  await town.role(fetcher, 'daglig-leder', firm);
  const letter = await town.sent(council, locked, { confidential: true });
  const file = await town.sent(firm, resource, { isFile: true, ladder: 'file-transfer' });
  await settleDown();
  await later(2 * hours);
  await getsAddress(leader, 'leder@example.no');
  await later(60);
  assert.deepEqual(await town.notices(letter), ['Leder uten adresse sealed email handed-over']);
  await later(48 * hours);
  assert.deepEqual(await town.notices(file), []);
  await getsAddress(fetcher, 'henter@example.no');
  for (const wait of [60, 60, 24 * hours]) await later(wait);
  assert.deepEqual(await town.notices(file), ['Henter uten adresse new-file email handed-over']);
  assert.equal((await town.notices(letter)).length, 1);
});

const notifyOf = async (letter: WatchBegin) => (await town.watch(letter)).steps.find(({ name }) => name === 'notify')!;

test('given a mail that told of two files, when the step of the second is taken after it went, then that address is not told of them again', async () => {
  const party = await town.organization('Bedrift med to filer');
  await town.role(await town.person('Leser av to', 'to@example.no'), 'daglig-leder', party);
  const over = { isFile: true, ladder: 'file-transfer' };
  await town.sent(party, resource, over);
  await town.advance(2 * 60);
  const second = await town.sent(party, resource, over);
  await later(24 * hours - 60);
  assert.equal((await notifyOf(second)).state, 'due');
  for (const wait of [120, 24 * hours]) await later(wait);
  const mails = await town.db.all<{ purpose: string }>(sql`select purpose from notifications.notice where address = 'to@example.no'`);
  assert.deepEqual(mails, [{ purpose: 'new-file' }]);
  assert.equal((await notifyOf(second)).state, 'done');
});
