import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { onAccessChanged } from '#access/index.ts';
import { createDatabase } from '#db/index.ts';
import { listEvents, toCloudEvent } from '#events/index.ts';
import { listEvidence } from '#evidence/index.ts';
import { sql } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { deliverDueNotices, type MailPort, onDeliveryFailed, type SmsPort, saveOrders } from '#notifications/index.ts';
import { saveContactPoints, saveParties } from '#register/index.ts';
import { toTheMorning } from '../../notifications/testing/morning.ts';
import { beginWatches } from '../begin/begin-watches.ts';
import { watchInvariants } from '../invariants.ts';
import { reevaluate, sweepVersions } from '../openers/reevaluate.ts';
import { nextMorning } from '../oslo-day.ts';
import { noteOpened } from '../progress/note-acts.ts';
import { noteDeliveryFailed } from '../progress/note-delivery-failed.ts';
import { settleWatch } from '../progress/settle-watch.ts';
import { hastenTellingSender } from '../store/step.ts';
import { confidentialPackage, Town } from '../testing/town.ts';
import type { WatchBegin } from '../types.ts';
import { nextStepDueAt, takeDueSteps } from './take-due-steps.ts';

const town = await Town.open();
const resource = await town.resource(['DAGL']);
const sealedResource = await town.resource([`package:${confidentialPackage}`]);
onDeliveryFailed.fill(noteDeliveryFailed);

const toSender = () =>
  town.db.all<{ purpose: string; subject: string; body: string; state: string; dueAt: Date }>(sql`
    select purpose, subject, body, state, due_at as "dueAt" from notifications.notice where about is null order by id`);

test('given a letter that somebody can open, when a year passes unread, then all are told on their day and the sender is asked every week', async () => {
  const { party } = await town.municipality('Skien kommune');
  const letter = await town.sent(party, resource);
  await town.work();
  assert.deepEqual(await town.notices(letter), ['Leder i Skien kommune new-mail email due']);
  assert.deepEqual(await town.evidence(letter), ['LadderStep notify']);
  assert.equal((await town.watch(letter)).nextAction, 'remind');

  await town.pass(6);
  assert.equal((await town.notices(letter)).length, 1);
  await town.pass(1);
  assert.deepEqual((await town.notices(letter)).at(-1), 'Leder i Skien kommune reminder email due');
  await town.pass(1);
  assert.deepEqual(await town.events(letter), ['step-taken', 'step-taken', 'unread']);
  await town.pass(6);
  assert.deepEqual((await town.events(letter)).at(-1), 'decision-needed');
  const asked = await town.watch(letter);
  assert.equal(asked.nextAction, 'await-decision');
  await town.invariantsHold();

  for (let week = 0; week < 50; week += 1) {
    await town.pass(7);
    const watch = await town.watch(letter);
    assert.equal(watch.nextAction, 'await-decision');
    assert.ok(new Date(watch.nextActionAt!) > town.ctx.now());
  }
  assert.equal((await town.events(letter)).filter((event) => event === 'decision-needed').length, 51);
  assert.equal((await town.notices(letter)).length, 2, 'nobody at the recipient is told more than the ladder says');
  await town.invariantsHold();
});

test('given a step that is taken, when its event and evidence are read, then they say what, why and what comes next, to the sender, and no person', async () => {
  const { party, chief } = await town.municipality('Porsgrunn kommune');
  const letter = await town.sent(party, resource);
  await town.work();
  const row = (await listEvents(town.db)).find((event) => event.resourceInstance === letter.about)!;
  const event = toCloudEvent(row, 'https://post.example.no');
  assert.match(event.subject, /^urn:altinn:organization:identifier-no:\d{9}$/);
  assert.equal(event.source, 'https://post.example.no/budstikke/v1/watch');
  const data = event.data as Record<string, unknown>;
  assert.deepEqual(
    [data.step, data.cause, data.class, data.openers, data.told, data.nextAction],
    ['notify', 'waiting', 'REACHABLE', 1, 1, 'remind'],
  );
  const [evidence] = await listEvidence(town.db, [letter.about]);
  assert.deepEqual([evidence!.core.ladderVersion, evidence!.core.nextStep, evidence!.core.toldKind], [1, 'remind', 'openers']);
  assert.ok(!JSON.stringify([event, evidence!.core]).includes(chief));
  assert.deepEqual(evidence!.who.told, [chief]);

  await town.pass(8);
  const ages = (await listEvents(town.db))
    .filter(({ resourceInstance }) => resourceInstance === letter.about)
    .map(({ type, data: said }) => [type.split('.').at(-1), (said as { ageDays: number }).ageDays]);
  assert.deepEqual(ages, [
    ['step-taken', 0],
    ['step-taken', 7],
    ['unread', 8],
  ]);
});

test('given post that nobody can open and somebody can grant, when published, then those who can grant are told at once, and reminded, and the sender hears that nobody can open', async () => {
  const { party, chief } = await town.municipality('Bamble kommune');
  const letter = await town.sent(party, sealedResource, { confidential: true, ladder: 'confidential' });
  const begun = await town.watch(letter);
  assert.deepEqual([begun.class, begun.openers, begun.grantors, begun.cause], ['GRANTABLE', 0, 1, 'grant-needed']);
  await town.work();
  assert.deepEqual(await town.notices(letter), ['Leder i Bamble kommune sealed email due']);
  assert.deepEqual((await town.events(letter)).sort(), ['no-opener', 'step-taken']);
  await town.pass(7);
  assert.deepEqual(await town.notices(letter), ['Leder i Bamble kommune sealed email due', 'Leder i Bamble kommune sealed email due']);
  const body = await town.db.one<{ body: string }>(sql`select body from notifications.notice where about = ${letter.about} limit 1`);
  assert.match(body.body, /^Det har kommet taushetsbelagt post til Bamble kommune fra Sør-Øst politidistrikt\. Ingen hos dere kan åpne/);
  assert.ok(chief);
  await town.invariantsHold();
});

test('given post that nobody can open and nobody can grant, when published, then the sender hears at once and the watch goes on', async () => {
  const party = await town.organization('Ingen AS');
  const letter = await town.sent(party, sealedResource);
  await town.work();
  assert.deepEqual(await town.notices(letter), []);
  assert.deepEqual(await town.events(letter), ['no-opener']);
  assert.deepEqual([(await town.watch(letter)).cause, (await town.watch(letter)).nextAction], ['no-opener', 'remind']);
  await town.pass(14);
  assert.deepEqual(await town.events(letter), ['no-opener', 'no-opener', 'unread', 'decision-needed']);
});

test('given a sender that has no address, when it is to be told, then the step says that it was not, and the event stands', async () => {
  const sender = await town.organization('Stum avsender');
  const { party } = await town.municipality('Taus kommune');
  const letter = await town.sent(party, resource, { sender });
  await town.work();
  await town.pass(14);

  const steps = (await town.watch(letter)).steps.filter(({ name }) => name.endsWith('-sender'));
  assert.deepEqual(
    steps.map(({ name, state, reason }) => [name, state, reason]),
    [
      ['tell-sender', 'skipped', 'no-contact-point'],
      ['ask-sender', 'skipped', 'no-contact-point'],
    ],
  );
  assert.deepEqual((await town.events(letter)).slice(-2), ['unread', 'decision-needed']);
});

test('given somebody who can open but has no address, when notified, then there is proof that nobody was, and the sender is told at once', async () => {
  const party = await town.organization('Stille AS');
  const silent = await town.person('Stille Stine', null);
  await town.give(silent, party, { resource });
  const letter = await town.sent(party, resource);
  await town.work();
  assert.deepEqual(await town.evidence(letter), ['ConsignmentNotificationFailure notify', 'LadderStep tell-sender']);
  assert.deepEqual(await town.events(letter), ['unread']);
  assert.equal((await town.watch(letter)).cause, 'no-contact-point');
  const [failure] = await listEvidence(town.db, [letter.about]);
  assert.deepEqual([failure!.proves, failure!.core.reason], ['failed', 'urn:budstikke:reason:no-contact-point']);

  await town.db.transaction(async (tx) =>
    saveContactPoints(tx, [{ party: silent, points: [{ channel: 'email', address: 'stine@example.no' }] }]),
  );
  await town.pass(2);
  assert.deepEqual(await town.notices(letter), ['Stille Stine new-mail email due'], 'an address has come: she is told at once');
  await town.pass(5);
  assert.deepEqual(await town.notices(letter), ['Stille Stine new-mail email due', 'Stille Stine reminder email due']);
  assert.equal((await town.watch(letter)).cause, 'waiting');
});

test('given an organization with an address of its own, when somebody can open, then both are told, and only when somebody can open', async () => {
  const party = await town.organization('Melum AS', [{ channel: 'email', address: 'post@melum.example' }]);
  const reader = await town.reader(party, resource, 'Mona Melum');
  const letter = await town.sent(party, resource);
  await town.work();
  assert.deepEqual((await town.notices(letter)).sort(), ['Melum AS new-mail email due', 'Mona Melum new-mail email due']);
  assert.ok(reader);
});

test('given readers with different languages, when told, then each reads their own', async () => {
  const party = await town.organization('Vinje kommune');
  const nynorsk = await town.person('Aasmund', 'aasmund@example.no', { language: 'nn' });
  await town.give(nynorsk, party, { resource });
  const letter = await town.sent(party, resource);
  await town.work();
  const row = await town.db.one<{ subject: string }>(sql`select subject from notifications.notice where about = ${letter.about}`);
  assert.equal(row.subject, 'Ny post til Vinje kommune frå Sør-Øst politidistrikt');
});

test('given the wording that a sender ordered, when its step is taken, then it is said in those words on that channel', async () => {
  const { party } = await town.municipality('SILJAN KOMMUNE');
  const orderId = newId();
  await town.db.transaction(async (tx) =>
    saveOrders(tx, [
      {
        id: orderId,
        sender: town.police,
        template: 'CustomMessage',
        channel: 'Email',
        emailSubject: 'Brev',
        emailBody: 'Til $correspondenceRecipientName$ fra $sendersName$ om $messageTitle$.',
        at: town.ctx.now(),
        sendersName: 'Politiet',
        resourceName: 'x',
        messageTitle: 'noe',
        confidential: true,
      },
    ]),
  );
  const letter = await town.sent(party, resource, { senderSteps: [{ name: 'notify', orderId, channel: 'Email' }] });
  await town.work();
  const row = await town.db.one<{ subject: string; body: string }>(
    sql`select subject, body from notifications.notice where about = ${letter.about}`,
  );
  assert.deepEqual(row, { subject: 'Brev', body: 'Til Siljan Kommune fra Politiet om .' });
});

test('given a sender that ordered SMS, when those who can open have e-mail only, then they are told by e-mail rather than not at all', async () => {
  const { party } = await town.municipality('Nissedal kommune');
  const orderId = newId();
  const letter = await town.sent(party, resource, { senderSteps: [{ name: 'notify', orderId, channel: 'Sms' }] });
  await town.work();
  assert.deepEqual(await town.notices(letter), ['Leder i Nissedal kommune new-mail email due']);
  assert.equal((await town.watch(letter)).nextAction, 'remind');
});

test('given two who can grant, when the notice to one bounces, then the other was told and nothing is climbed; when both bounce, it is', async () => {
  const party = await town.organization('Hjartdal kommune');
  for (const name of ['En', 'To']) await town.role(await town.person(name, `${name}@hjartdal.example`), 'daglig-leder', party);
  const letter = await town.sent(party, sealedResource);
  await town.work();
  assert.equal((await town.notices(letter)).length, 2);
  const half: MailPort = {
    send: (mail) => (mail.to.startsWith('En') ? Promise.resolve({ kind: 'handed-over', answer: '250' }) : refusing.send(mail)),
  };
  await deliverDueNotices({ ...delivering, mail: half });
  assert.equal((await town.watch(letter)).nextAction, 'remind');

  await town.pass(7);
  await deliverDueNotices(delivering);
  assert.equal((await town.watch(letter)).nextAction, 'notify-otherwise');
  await town.work();
  assert.deepEqual((await town.events(letter)).at(-1), 'unread');
});

test('given many unread letters of one sender, when their day comes, then it gets one mail at once with the count, and one more the next morning', async () => {
  await endEverything();
  const { party } = await town.municipality('Drangedal kommune');
  for (let i = 0; i < 5; i += 1) await town.sent(party, resource);
  const other = await town.sent(party, sealedResource);
  await town.work();
  assert.deepEqual(
    (await toSender()).map(({ subject }) => subject),
    ['1 melding fra Sør-Øst politidistrikt er ikke åpnet eller bekreftet'],
    'somebody must be let in to one',
  );
  await sendAll();
  await town.pass(8);
  const [, first, ...more] = await toSender();
  assert.deepEqual(
    [first!.purpose, first!.subject, more.length],
    ['sender-unread', '6 meldinger fra Sør-Øst politidistrikt er ikke åpnet eller bekreftet', 0],
  );
  assert.match(first!.body, /, 1 venter på at noen gir tilgang, 0 kan ingen åpne, 0 varsler kom ikke fram\./);
  await sendAll();

  const late = await town.sent(party, resource);
  await town.db.transaction(async (tx) => hastenTellingSender(tx, [late], town.ctx.now()));
  await town.work();
  const [, , second, ...none] = await toSender();
  assert.deepEqual(
    [second!.dueAt, second!.subject, none.length],
    [nextMorning(town.ctx.now()), '7 meldinger fra Sør-Øst politidistrikt er ikke åpnet eller bekreftet', 0],
  );

  await town.pass(6);
  const decision = (await toSender()).filter((n) => n.purpose === 'sender-decision');
  assert.deepEqual(
    decision.map((n) => n.subject),
    ['6 meldinger fra Sør-Øst politidistrikt venter på din beslutning'],
  );
  assert.ok(other);
});

/** What former tests left open is recalled, and what they planned is gone. */
async function endEverything(): Promise<void> {
  const open = await town.db.all<{ about: string; party: PartyId }>(
    sql`select about, party_id as party from watch.item where settled_at is null`,
  );
  await town.db.transaction(async (tx) => {
    settleWatch(
      tx,
      open.map((key) => ({ ...key, outcome: 'recalled', at: town.ctx.now() })),
    );
    await tx.run(sql`delete from notifications.notice where about is null`);
  });
}

const sendAll = () =>
  town.db.transaction((tx) =>
    tx.run(
      sql`update notifications.notice set state = 'handed-over', attempts = 1, message_id = id::text where about is null and state = 'due'`,
    ),
  );

test('given a night of 23 hours and one of 25, when the next morning is asked for, then it is eight in Norway', () => {
  assert.equal(nextMorning(new Date('2026-10-24T20:30:00Z')).toISOString(), '2026-10-25T07:00:00.000Z');
  assert.equal(nextMorning(new Date('2026-03-28T12:00:00Z')).toISOString(), '2026-03-29T06:00:00.000Z');
  assert.equal(nextMorning(new Date('2026-11-24T23:30:00Z')).toISOString(), '2026-11-26T07:00:00.000Z');
});

const refusing: MailPort = { send: async () => ({ kind: 'refused', answer: '550 5.1.1', reason: 'address-rejected' }) };
const silentSms: SmsPort = { send: async () => ({ kind: 'refused', answer: '400', reason: 'address-rejected' }) };
const delivering = { ...town.ctx, mail: refusing, sms: silentSms, mailFrom: 'post@budstikke.example' };

test('given a notice that bounces, when nobody was told by another, then the other channel is tried once, and then the sender is told at once', async () => {
  const party = await town.organization('Kragerø kommune');
  const reader = await town.person('Kari', null);
  await town.db.transaction(async (tx) =>
    saveContactPoints(tx, [
      {
        party: reader,
        points: [
          { channel: 'email', address: 'kari@example.no' },
          { channel: 'sms', address: '+4799999999' },
        ],
      },
    ]),
  );
  await town.give(reader, party, { resource });
  const letter = await town.sent(party, resource);
  await town.work();
  await deliverDueNotices(delivering);
  assert.equal((await town.watch(letter)).cause, 'notification-failed');
  assert.equal((await town.watch(letter)).nextAction, 'notify-otherwise');
  await town.work();
  assert.deepEqual(await town.notices(letter), ['Kari new-mail email failed', 'Kari new-mail sms due']);
  await toTheMorning(town.ctx.now, (seconds) => town.advance(seconds));
  await deliverDueNotices(delivering);
  assert.equal((await town.watch(letter)).nextAction, 'tell-sender');
  await town.work();
  assert.deepEqual((await town.events(letter)).at(-1), 'unread');
  assert.equal((await town.watch(letter)).cause, 'notification-failed');
  await town.invariantsHold();
});

test('given a reader with one address, when the notice to it bounces, then that is the cause, told once, and the sender hears at once', async () => {
  const party = await town.organization('Drangedal kommune');
  await town.reader(party, resource, 'Bare e-post');
  const letter = await town.sent(party, resource);
  await town.work();
  await deliverDueNotices(delivering);
  await town.work();
  assert.equal((await town.watch(letter)).cause, 'notification-failed');
  const failures = (await listEvidence(town.db, [letter.about])).filter(({ event }) => event === 'ConsignmentNotificationFailure');
  assert.equal(failures.length, 1);
  assert.deepEqual((await town.events(letter)).at(-1), 'unread');
  await town.invariantsHold();
});

test('given two readers, when the notice to one bounces, then the other was told and nothing is climbed', async () => {
  const party = await town.organization('Nome kommune');
  await town.reader(party, resource, 'En');
  await town.reader(party, resource, 'To');
  const letter = await town.sent(party, resource);
  await town.work();
  const { address } = await town.db.one<{ address: string }>(
    sql`select min(address) as address from notifications.notice where about = ${letter.about}`,
  );
  const half: MailPort = {
    send: (mail) => (mail.to === address ? Promise.resolve({ kind: 'handed-over', answer: '250' }) : refusing.send(mail)),
  };
  await deliverDueNotices({ ...delivering, mail: half });
  assert.deepEqual([(await town.watch(letter)).cause, (await town.watch(letter)).nextAction], ['notified-not-opened', 'remind']);
});

test('given a recipient that has died, when steps fall due, then nobody is told for it, and the sender is', async () => {
  const person = await town.person('Peder', 'peder@example.no');
  const own = await town.resource(['self']);
  const letter = await town.sent(person, own);
  await town.work();
  const { number } = await town.db.one<{ number: string }>(sql`select number from register.party where id = ${person}`);
  await town.db.transaction(async (tx) => saveParties(tx, [{ kind: 'person', number, name: 'Peder', diedOn: '2026-11-20' }]));
  await town.pass(8);
  assert.equal((await town.watch(letter)).cause, 'receiver-gone');
  assert.equal((await town.notices(letter)).length, 1);
  assert.equal((await town.events(letter)).at(-1), 'unread');
});

test('given a recipient that was merged into another, when its post is waiting, then those of the successor are told, and it is not gone', async () => {
  const { party } = await town.municipality('Gamle Nome');
  const heir = await town.municipality('Nye Nome');
  const letter = await town.sent(party, resource);
  await town.work();
  const numberOf = async (id: PartyId) =>
    (await town.db.one<{ number: string }>(sql`select number from register.party where id = ${id}`)).number;
  const [number, successorNumber] = [await numberOf(party), await numberOf(heir.party)];
  const merged = { kind: 'organization' as const, number, name: 'Gamle Nome', deletedAt: '2026-11-01T00:00:00Z', successorNumber };
  await town.db.transaction(async (tx) => saveParties(tx, [merged]));
  assert.equal(await sweepVersions(town.ctx), 1);
  await town.pass(8);
  assert.notEqual((await town.watch(letter)).cause, 'receiver-gone');
  assert.ok(
    (await town.notices(letter)).some((line) => line.startsWith('Leder i Nye Nome')),
    'the successor is told',
  );

  await town.db.transaction(async (tx) => saveParties(tx, [{ ...merged, successorNumber: null }]));
  assert.equal(await sweepVersions(town.ctx), 1);
  const watch = await town.watch(letter);
  assert.deepEqual([watch.class, watch.openers, watch.cause], ['UNREACHABLE', 0, 'receiver-gone']);
  assert.equal((await town.evidence(letter)).at(-1), 'AccessLost');
});

test('given many due steps and three workers, when all work at once, then each step is taken once', async () => {
  const { party, chief } = await town.municipality('Tinn kommune');
  const letters: WatchBegin[] = [];
  for (let i = 0; i < 250; i += 1) letters.push(await town.letter(party, resource));
  await town.db.transaction(async (tx) =>
    beginWatches(
      tx,
      letters.map((letter) => ({ ...letter, publishedAt: letter.at })),
    ),
  );
  const taken = await Promise.all([town.work(), town.work(), town.work()]);
  assert.ok(taken.reduce((sum, n) => sum + n, 0) >= 250);
  const counts = await town.db.all<{ n: number }>(sql`
    select count(*)::int as n from notifications.notice where about = any(${letters.map((l) => l.about)}::uuid[]) group by about`);
  assert.deepEqual([counts.length, new Set(counts.map((c) => c.n))], [250, new Set([1])]);
  const evidence = await listEvidence(
    town.db,
    letters.map((l) => l.about),
  );
  assert.equal(evidence.length, 250);
  const openAll = letters.map((l) => ({ about: l.about, party, at: town.ctx.now(), by: chief, kind: 'person' as const }));
  await town.db.transaction((tx) => noteOpened(tx, openAll));
  await town.invariantsHold();
});

test('given unread letters and two workers with connections of their own, when both race through days 7, 8 and 14, then each step is taken once, and each mail planned once', async () => {
  await endEverything();
  const { party } = await town.municipality('Hjartdal kommune');
  const letters: WatchBegin[] = [];
  for (let i = 0; i < 30; i += 1) letters.push(await town.sent(party, resource));
  const second = createDatabase({ url: town.url });
  const workers = [town.ctx, { ...town.ctx, db: second }];
  for (const days of [0, 7, 1, 6]) {
    await town.advance(days * 24 * 3600);
    const taken = await Promise.all(workers.map((worker) => takeDueSteps(worker)));
    assert.equal(
      taken.reduce((sum, n) => sum + n, 0),
      30,
      `day ${days}`,
    );
  }
  await second.close();
  for (const letter of letters) {
    assert.deepEqual(
      (await town.evidence(letter)).map((line) => line.replace('LadderStep ', '')),
      ['notify', 'remind', 'tell-sender', 'ask-sender'],
    );
    assert.equal((await town.notices(letter)).length, 2);
  }
  assert.deepEqual(
    (await toSender()).map(({ purpose, subject }) => `${purpose}: ${subject}`),
    [
      'sender-unread: 30 meldinger fra Sør-Øst politidistrikt er ikke åpnet eller bekreftet',
      'sender-decision: 30 meldinger fra Sør-Øst politidistrikt venter på din beslutning',
    ],
  );
  await town.invariantsHold();
});

test('given watches with steps to come, when asked what falls due next, then it is the earliest of them', async () => {
  const due = await nextStepDueAt(town.db);
  const { at } = await town.db.one<{ at: Date }>(sql`select min(due_at) as at from watch.step where state = 'due'`);
  assert.deepEqual(due, at);
});

test('given a watch that cannot be computed and that nobody has met yet, when access at its party changes, then the change is made, and the other watches there follow it at once', async () => {
  const { party } = await town.municipality('Halvknekt kommune');
  const [lost, other] = [await town.sent(party, resource), await town.sent(party, resource)];
  const needs = await town.db.all(sql`delete from watch.need where about = ${lost.about} returning *`);
  onAccessChanged.fill(reevaluate);
  await town.role(await town.person('Ny leder', 'nyest@example.no'), 'daglig-leder', party);
  onAccessChanged.fill(async () => {});
  assert.deepEqual([(await town.watch(other)).openers, (await town.watch(lost)).openers], [2, 1]);
  await town.db.pool.query('insert into watch.need select * from jsonb_populate_recordset(null::watch.need, $1)', [JSON.stringify(needs)]);
  await sweepVersions(town.ctx);
  assert.equal((await town.watch(lost)).openers, 2);
  await takeDueSteps(town.ctx);
});

test('given a watch that cannot be computed, when steps fall due and access changes, then everybody else is served, it is named in the log and to the operator, and goes on once it is mended', async () => {
  const [sound, broken] = [await town.municipality('Frisk kommune'), await town.municipality('Knekt kommune')];
  const letters = [await town.sent(broken.party, resource), await town.sent(sound.party, resource)];
  const [lost, other] = letters as [WatchBegin, WatchBegin];
  const needs = await town.db.all(sql`delete from watch.need where about = ${lost.about} returning *`);
  const lines: { facts: object; message: string }[] = [];
  const logging = { ...town.ctx, log: { ...town.ctx.log, error: (facts: object, message: string) => void lines.push({ facts, message }) } };
  const lateRule = watchInvariants.find(({ name }) => name === 'no open watch is a minute late with its next action')!;

  assert.equal(await takeDueSteps(logging), 1);
  assert.deepEqual(await town.evidence(other), ['LadderStep notify']);
  assert.deepEqual(await town.evidence(lost), []);
  assert.deepEqual(
    lines.map(({ facts, message }) => [message, (facts as { about: string }).about, (facts as { party: string }).party]),
    [['a watch could not be worked on; it is left out for five minutes', lost.about, broken.party]],
  );
  assert.doesNotMatch(JSON.stringify(lines), /Knekt|example\.no/);
  assert.equal(await takeDueSteps(logging), 0);
  assert.equal(lines.length, 1, 'it is let be');
  assert.notDeepEqual(await nextStepDueAt(town.db), new Date((await town.watch(lost)).nextActionAt!));

  const leftOutRule = watchInvariants.find(({ name }) => name === 'no watch is left out since it cannot be worked on')!;
  const known = await town.db.all<{ about: string; error: string }>(leftOutRule.find); // of a table: who only serves knows it too
  assert.deepEqual(
    known.map(({ about, error }) => [about, error]),
    [[lost.about, 'Error']],
  );

  for (const { party } of [sound, broken]) await town.role(await town.person('Ny leder', 'ny@example.no'), 'daglig-leder', party);
  await town.advance(6 * 60);
  assert.equal(await sweepVersions(logging), 1, 'the other one');
  assert.equal((await town.watch(other)).openers, 2);
  assert.equal(lines.length, 2);
  assert.deepEqual(
    (await town.db.all<{ about: string }>(lateRule.find)).map(({ about }) => about),
    [lost.about],
  );

  await town.db.pool.query('insert into watch.need select * from jsonb_populate_recordset(null::watch.need, $1)', [JSON.stringify(needs)]);
  await town.advance(6 * 60);
  await sweepVersions(logging);
  await takeDueSteps(logging);
  assert.deepEqual(await town.evidence(lost), ['LadderStep notify']);
  assert.equal(lines.length, 2);
  await town.advance(4 * 60); // nobody has failed at it since
  await town.invariantsHold();
});

after(() => onDeliveryFailed.fill(async () => {}));
