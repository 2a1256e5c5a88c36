import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { listEventsOf } from '#events/index.ts';
import { sql } from '#kernel/database.ts';
import { type DeliveryContext, deliverDueNotices, type MailPort, onHandedOver } from '#notifications/index.ts';
import { saveContactPoints } from '#register/index.ts';
import { nothingWritten } from '../../../test/nothing-written.ts';
import { noteHandedOver } from '../progress/note-handed-over.ts';
import { settleWatch } from '../progress/settle-watch.ts';
import { hastenTellingSender } from '../store/step.ts';
import { Town } from '../testing/town.ts';
import type { WatchBegin } from '../types.ts';
import { beginWatches } from './begin-watches.ts';
import { failWatches } from './fail-watches.ts';
import { publishWatches } from './publish-watches.ts';

const town = await Town.open();
const { party } = await town.municipality('Skien kommune');
const resource = await town.resource(['DAGL']);
onHandedOver.fill(noteHandedOver);
after(() => onHandedOver.fill(async () => {}));

const noSms = { send: async () => assert.fail('no SMS was expected') };
const taking: MailPort = { send: async () => ({ kind: 'handed-over', answer: '250 OK' }) };
const refusing: MailPort = { send: async () => ({ kind: 'refused', answer: '550', reason: 'address-rejected' }) };
const later: MailPort = { send: async () => ({ kind: 'later', answer: '451' }) };
const delivering = (mail: MailPort): DeliveryContext => ({ ...town.ctx, mail, sms: noSms, mailFrom: 'post@budstikke.example' });

/** Accepted, and not published yet. */
async function accepted(over: Partial<WatchBegin> = {}): Promise<WatchBegin> {
  const letter = await town.letter(party, resource, over);
  await town.db.transaction(async (tx) => beginWatches(tx, [letter]));
  return letter;
}

const fail = (...letters: readonly WatchBegin[]) =>
  town.db.transaction(async (tx) =>
    failWatches(
      tx,
      letters.map(({ about, party }) => ({ about, party, at: town.ctx.now(), reason: 'malware' })),
    ),
  );

/** Mails to senders since the day began. */
async function mailsToSender(): Promise<{ subject: string; state: string }[]> {
  const all = await town.db.all<{ subject: string; state: string }>(
    sql`select subject, state from notifications.notice where purpose = 'sender-failed' order by id`,
  );
  return all.slice(before);
}
let before = 0;

/** The next day comes, and with it a mail of its own. */
async function nextDay(): Promise<void> {
  before += (await mailsToSender()).length;
  await town.advance(24 * 3600);
}

test('given a letter that fails, when a mail server takes the word to its sender, then the watch closes as failed, and not before', async () => {
  const letter = await accepted();
  await fail(letter);

  const failed = await town.watch(letter);
  assert.deepEqual([failed.state, failed.outcome, failed.nextAction, failed.failure?.reason], ['failed', null, 'tell-failure', 'malware']);
  await town.work();
  assert.deepEqual(await town.events(letter), ['failed']);
  assert.deepEqual(await mailsToSender(), [{ subject: 'Kunne ikke leveres: 1 melding fra Sør-Øst politidistrikt', state: 'due' }]);
  assert.equal((await town.watch(letter)).outcome, null, 'told only when somebody has taken the mail');
  await town.invariantsHold();

  await deliverDueNotices(delivering(taking));

  const told = await town.watch(letter);
  assert.deepEqual([told.state, told.outcome, told.nextAction], ['settled', 'failed', null]);
  assert.ok(told.steps.every(({ state }) => state !== 'due'));
  assert.deepEqual(await town.evidence(letter), ['LadderStep tell-failure']);
  const [event] = await listEventsOf(town.db, [letter.about]);
  assert.equal((event!.data as { failure: string }).failure, 'malware');
  assert.match(event!.subject, /^urn:altinn:organization:identifier-no:/);
  await town.invariantsHold();
});

test('given many letters that fail on one day, when the sender is told, then it is by one mail with their number, and one more the next morning for what came after', async () => {
  await nextDay();
  const letters = await Promise.all(Array.from({ length: 30 }, () => accepted()));
  await fail(...letters);
  await town.work();
  await deliverDueNotices(delivering(taking));
  assert.deepEqual(await mailsToSender(), [
    { subject: 'Kunne ikke leveres: 30 meldinger fra Sør-Øst politidistrikt', state: 'handed-over' },
  ]);
  for (const letter of letters) assert.equal((await town.watch(letter)).outcome, 'failed');

  const late = await accepted();
  await fail(late);
  await town.work();
  await deliverDueNotices(delivering(taking));
  assert.equal((await town.watch(late)).outcome, null, 'its mail goes in the morning');
  await town.advance(34 * 3600);
  await town.work();
  await deliverDueNotices(delivering(taking));
  assert.equal((await town.watch(late)).outcome, 'failed');
  assert.equal((await mailsToSender()).length, 2);
  await town.invariantsHold();
});

test('given a sender that is to hear of unread and of failed letters on one day, when told, then it is by one mail that says both, and settles the failure', async () => {
  await nextDay();
  const unread = await town.sent(party, resource);
  const failed = await accepted();
  await town.db.transaction(async (tx) => hastenTellingSender(tx, [unread], town.ctx.now()));
  await town.work();
  await fail(failed);
  await town.work();
  const mails = await town.db.all<{ purpose: string; subject: string; body: string; step: string }>(
    sql`select purpose, subject, body, step_id as step from notifications.notice where purpose like 'sender-%' and state = 'due'`,
  );
  assert.equal(mails.length, 1, 'the one that waits is written anew');
  assert.equal(mails[0]!.subject, 'Kunne ikke leveres: 1 melding fra Sør-Øst politidistrikt');
  assert.match(mails[0]!.body, /^1 melding .* kunne ikke leveres\..*\n\n1 melding .* er ikke åpnet eller bekreftet\./s);
  await deliverDueNotices(delivering(taking));
  assert.equal((await town.watch(failed)).outcome, 'failed');

  const more = await town.sent(party, resource);
  const again = await accepted();
  await fail(again);
  await town.db.transaction(async (tx) => hastenTellingSender(tx, [more], town.ctx.now()));
  await town.work();
  const waiting = await town.db.all<{ body: string }>(
    sql`select body from notifications.notice where purpose like 'sender-%' and state = 'due'`,
  );
  assert.equal(waiting.length, 1, 'what comes after it that day is one mail as well');
  assert.match(waiting[0]!.body, /1 melding .* kunne ikke leveres.*2 meldinger .* er ikke åpnet/s);
  await town.advance(34 * 3600);
  await deliverDueNotices(delivering(taking));
  assert.equal((await town.watch(again)).outcome, 'failed');
  for (const { about, party: to } of [unread, more])
    await town.db.transaction(async (tx) => settleWatch(tx, [{ about, party: to, outcome: 'recalled', at: town.ctx.now() }]));
});

test('given a sender whose mail bounces, when days pass, then the failure stays open, and it is told anew each day until a mail is taken', async () => {
  await nextDay();
  const letter = await accepted();
  await fail(letter);
  await town.work();
  await deliverDueNotices(delivering(refusing));
  assert.deepEqual(
    (await mailsToSender()).map(({ state }) => state),
    ['failed'],
  );
  await town.invariantsHold();
  const open = await town.watch(letter);
  assert.deepEqual([open.state, open.cause, open.nextAction], ['failed', 'not-published', 'tell-failure']);

  await town.pass(1);
  await deliverDueNotices(delivering(taking));
  assert.equal((await town.watch(letter)).outcome, 'failed');
});

test('given a mail server that says later, when the next day comes while the mail still waits, then the sender is not told twice', async () => {
  await nextDay();
  const letter = await accepted();
  await fail(letter);
  await town.work();
  await deliverDueNotices(delivering(later));
  await town.pass(1);
  assert.equal((await mailsToSender()).length, 1);
  assert.equal((await town.watch(letter)).steps.at(-2)?.reason, 'being-told');
  await deliverDueNotices(delivering(taking));
  assert.equal((await town.watch(letter)).outcome, 'failed');
});

test('given a mail that a worker has just taken, when another letter fails, then that mail, which does not count it, does not close it', async () => {
  await nextDay();
  const [first, second] = [await accepted(), await accepted()];
  await fail(first);
  await town.work();
  const during: MailPort = {
    async send() {
      await fail(second);
      await town.work();
      return { kind: 'handed-over', answer: '250 OK' };
    },
  };
  await deliverDueNotices(delivering(during));
  assert.deepEqual([(await town.watch(first)).outcome, (await town.watch(second)).outcome], ['failed', null]);
  await town.advance(34 * 3600);
  await town.work();
  await deliverDueNotices(delivering(taking));
  assert.equal((await town.watch(second)).outcome, 'failed');
});

test('given a sender without an address, when its letter fails, then the failure stays open with a next action, and closes when an address has come', async () => {
  const sender = await town.organization('Adresseløs etat');
  const letter = await accepted({ sender });
  await fail(letter);
  await town.work();
  await town.pass(3);
  const open = await town.watch(letter);
  assert.deepEqual([open.state, open.outcome, open.nextAction], ['failed', null, 'tell-failure']);
  assert.ok(new Date(open.nextActionAt!) > town.ctx.now());
  await town.invariantsHold();

  await town.db.transaction(async (tx) =>
    saveContactPoints(tx, [{ party: sender, points: [{ channel: 'email', address: 'post@adresse.example' }] }]),
  );
  await town.pass(1);
  await deliverDueNotices(delivering(taking));
  assert.equal((await town.watch(letter)).outcome, 'failed');
});

test('given a letter that is published, settled or failed already, when it is said to fail, then nothing is written', async () => {
  const published = await town.sent(party, resource);
  const [settled, failed] = [await accepted(), await accepted()];
  await town.db.transaction(async (tx) => settleWatch(tx, [{ ...settled, outcome: 'recalled', at: town.ctx.now() }]));
  await fail(failed);
  await nothingWritten(town.db, () => fail(published, settled, failed));
  await town.db.transaction(async (tx) => publishWatches(tx, [failed]));
  assert.deepEqual([(await town.watch(failed)).publishedAt, (await town.watch(published)).failure], [null, null]);
  await town.invariantsHold();
});

test('given a watch that is closed as failed without a word to the sender, when the invariants are asked, then it is told', async () => {
  const letter = await accepted();
  await fail(letter);
  await town.db.transaction(async (tx) => settleWatch(tx, [{ ...letter, outcome: 'failed', at: town.ctx.now() }]));
  await assert.rejects(town.invariantsHold(), /no failure is closed before a mail server has taken the word/);
});
