import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announceAccessChanges, saveSystemUsers } from '#access/index.ts';
import { sql } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { type DeliveryFailure, saveOrders } from '#notifications/index.ts';
import { type ContactPoint, findParty, saveContactPoints, saveParties } from '#register/index.ts';
import { unreadInvariants } from '../../unread/invariants.ts';
import { beginAlikeWatches } from '../begin/begin-alike.ts';
import { toStored } from '../openers/openability.ts';
import { sweepVersions } from '../openers/reevaluate.ts';
import { nextMorning } from '../oslo-day.ts';
import { noteOpened } from '../progress/note-acts.ts';
import { noteDeliveryFailed } from '../progress/note-delivery-failed.ts';
import { saveSteps, step } from '../testing/ladders.ts';
import { confidentialPackage, Town } from '../testing/town.ts';
import { tellMailsAgain } from './tell-mails-again.ts';

/** Who hears without waiting for a day of the ladder: the sender where nobody can open, and whoever came in the place of those who were told. */
const town = await Town.open();
const reserve = await town.organization('Statsforvalteren', [{ channel: 'email', address: 'reserve@statsforvalteren.example' }]);
const resource = await town.resource(['DAGL']);
const sealed = await town.resource([`package:${confidentialPackage}`]);
const withFallback = await town.resource([`package:${confidentialPackage}`], { unreachable: 'fallback', fallback: reserve });

const mailsToSender = async () =>
  (await town.db.all<{ purpose: string }>(sql`select purpose from notifications.notice where about is null order by id`)).map(
    ({ purpose }) => purpose,
  );
/** Whatever waits has gone, so that what comes next is a mail of its own. */
const sendAll = () =>
  town.db.transaction(
    async (tx) =>
      void (await tx.run(
        sql`update notifications.notice set state = 'handed-over', attempts = 1, message_id = id::text, changed_at = clock.now() where state = 'due'`,
      )),
  );

async function dies(person: PartyId): Promise<void> {
  const { kind, number, name } = (await findParty(town.db, person))!;
  await town.db.transaction(async (tx) => {
    saveParties(tx, [{ kind, number, name, diedOn: '2026-01-01' }]);
    await announceAccessChanges(tx);
  });
}

async function takeFrom(person: PartyId, at: PartyId): Promise<void> {
  await town.db.transaction(async (tx) => {
    await tx.run(sql`update access.access_grant set revoked_at = clock.now() where from_id = ${at} and to_id = ${person}`);
    await announceAccessChanges(tx);
  });
  await sweepVersions(town.ctx);
}

async function give(...given: Parameters<typeof town.give>): Promise<void> {
  await town.give(...given);
  await sweepVersions(town.ctx);
}

test('given post that nobody can open when it is published, when it is, then its sender hears by mail at once, and not again before the ladder says so', async () => {
  const letter = await town.sent(await town.organization('Tomt hus'), resource);
  await town.work();
  assert.deepEqual(await mailsToSender(), ['sender-unread']);
  await sendAll();
  await town.pass(7);
  assert.deepEqual(await mailsToSender(), ['sender-unread']);
  await town.pass(1);
  assert.deepEqual(await mailsToSender(), ['sender-unread', 'sender-unread']);
  assert.ok((await town.events(letter)).includes('no-opener'));
  await town.invariantsHold();
});

test('given post to somebody who is dead, or dies before it is published, when its day comes, then sender and fallback hear at once, by event and mail', async () => {
  const [dead, dying] = [await town.person('Død Mottaker', null), await town.person('Døende Mottaker', 'd@example.no')];
  const personal = await town.resource(['self'], { unreachable: 'fallback', fallback: reserve });
  await dies(dead);
  const early = await town.begun(dying, personal);
  await dies(dying);
  for (const letter of [await town.sent(dead, personal), early]) {
    await town.pass(1); // a mail a day
    await sendAll();
    const before = (await mailsToSender()).length;
    if (letter === early) await town.publish(letter);
    else await town.work();
    await town.pass(1);
    if (letter === early) assert.equal((await mailsToSender()).length, before + 1);
    assert.ok((await town.events(letter)).includes('no-opener'));
    assert.deepEqual(await town.notices(letter).then((all) => all.map((line) => line.split(' ').slice(0, 2).join(' '))), [
      'Statsforvalteren fallback',
    ]);
  }
  const [{ body }] = (await town.db.all<{ body: string }>(
    sql`select body from notifications.notice where about is null order by id desc limit 1`,
  )) as [{ body: string }];
  assert.match(body, / 0 venter på at noen gir tilgang, [23] kan ingen åpne, 0 varsler/, 'there is no access that could be waited for');
  await town.invariantsHold();
});

test('given post that somebody could open, when the last of them loses it long after the reminder, then the sender and the fallback hear within the day', async () => {
  const party = await town.organization('Hus med én leser');
  const reader = await town.person('Eneste Leser', 'en@example.no');
  await give(reader, party, { package: confidentialPackage });
  const letter = await town.sent(party, withFallback);
  await town.pass(9);
  await sendAll();
  const before = (await mailsToSender()).length;
  await takeFrom(reader, party);
  await town.work();
  assert.equal((await mailsToSender()).length, before + 1);
  assert.equal((await town.notices(letter)).at(-1), 'Statsforvalteren fallback email due');
  assert.equal((await town.events(letter)).filter((event) => event === 'no-opener').length, 1);

  await give(reader, party, { package: confidentialPackage });
  await town.work();
  assert.equal((await town.watch(letter)).openers, 1);
  assert.equal((await town.notices(letter)).at(-1), 'Eneste Leser new-mail email due');
  await town.invariantsHold();
});

test('given a reader who was told, when another is let in and the first goes, then the other is told at once, and only once', async () => {
  const party = await town.organization('Hus som skifter leser');
  const [first, second] = [await town.person('Første Leser', 'f@example.no'), await town.person('Andre Leser', 'a@example.no')];
  await give(first, party, { resource });
  const letter = await town.sent(party, resource);
  await town.pass(8);
  await give(second, party, { resource });
  await town.work();
  const toSecond = async () => (await town.notices(letter)).filter((line) => line.startsWith('Andre'));
  assert.deepEqual(await toSecond(), [], 'the first can see to it');
  await takeFrom(first, party);
  await town.work();
  assert.deepEqual(await toSecond(), ['Andre Leser new-mail email due']);
  await give(await town.person('Tredje Leser', 't@example.no'), party, { resource });
  await town.work();
  assert.equal((await town.notices(letter)).filter((line) => line.includes('new-mail')).length, 2);
  await town.invariantsHold();
});

test('given what hangs before its publication, when days go, then its sender hears by mail from the second day on, each day', async () => {
  await town.pass(1);
  await sendAll();
  const letter = await town.begun((await town.municipality('Venterbygda')).party, resource);
  await town.advance(16 * 60);
  await town.work();
  const before = (await mailsToSender()).length;
  assert.deepEqual(await town.events(letter), ['unread']);
  for (let day = 1; day <= 3; day += 1) {
    await town.pass(1);
    assert.equal((await mailsToSender()).length, before + day);
    await sendAll();
  }
});

test('given a sender that is gone or has no address, when it is to hear, then what it went into hears, else its second contact; where nobody is left the step says so, and the alarm rings', async () => {
  const heir = await town.organization('Arvtaker etat', [{ channel: 'email', address: 'post@arvtaker.example' }]);
  const heirNumber = (await findParty(town.db, heir))!.number!;
  const names = ['Innlemmet etat', 'Etat med varsling', 'Stum etat'];
  const senders = await Promise.all(names.map((name) => town.organization(name)));
  const [merged, named, mute] = senders as [PartyId, PartyId, PartyId];
  const { kind, number, name } = (await findParty(town.db, merged))!;
  await town.db.transaction(async (tx) =>
    saveParties(tx, [{ kind, number, name, deletedAt: '2026-01-01T00:00:00Z', successorNumber: heirNumber }]),
  );
  await town.db.transaction(async (tx) => {
    await tx.run(sql`insert into watch.second_contact (sender_id, email, changed_at) values (${named}, 'vakt@etat.example', clock.now())`);
    await tx.run(sql`
      insert into watch.second_address (sender_id, address, asked_at, confirmed_at) values (${named}, 'vakt@etat.example', clock.now(), clock.now())`);
  });
  const empty = await town.organization('Hus uten noen');
  for (const sender of senders) await town.sent(empty, resource, { sender });
  const last = await town.sent(empty, resource, { sender: mute });
  await town.pass(8);
  const addressesOf = async (purpose: string) =>
    (
      await town.db.all<{ address: string }>(
        sql`select distinct address from notifications.notice where about is null and purpose = ${purpose} and to_id = any(${[...senders, heir]}::uuid[]) order by 1`,
      )
    ).map(({ address }) => address);
  assert.deepEqual(await addressesOf('sender-unread'), ['post@arvtaker.example', 'vakt@etat.example']);

  const alarm = unreadInvariants.find(({ name: rule }) => rule.startsWith('somebody can be told'))!;
  const rung = (await town.db.all<{ about: string }>(alarm.find)).map(({ about }) => about);
  assert.ok(rung.includes(last.about) && rung.length === 2, 'both letters of the one whom nobody hears for');
  const { told } = await town.db.one<{ told: Date | null }>(sql`select told_at as told from watch.item where about = ${last.about}`);
  assert.equal(told, null, 'the board does not say that it was told');
});

test('given one that hears for several, when their post lies unread, then it gets one mail that tells of each, and of a subunit that lives who decides', async () => {
  const main = await town.organization('Felles etat', [{ channel: 'email', address: 'post@felles.example' }]);
  const { number: mainNumber } = (await findParty(town.db, main))!;
  const [first, second, unit] = await Promise.all(
    ['Første forgjenger', 'Andre forgjenger', 'Levende underenhet'].map((name) => town.organization(name)),
  );
  const empty = await town.organization('Enda et hus uten noen');
  for (const [sender, more] of [
    [first!, { deletedAt: '2026-01-01T00:00:00Z', successorNumber: mainNumber }],
    [second!, { deletedAt: '2026-01-01T00:00:00Z', successorNumber: mainNumber }],
    [unit!, { parentNumber: mainNumber }],
  ] as const) {
    const { kind, number, name } = (await findParty(town.db, sender))!;
    await town.db.transaction(async (tx) => saveParties(tx, [{ kind, number, name, ...more }]));
  }
  const mails = () =>
    town.db.all<{ body: string }>(sql`select body from notifications.notice where address = 'post@felles.example' order by id`);
  for (const sender of [first!, second!, unit!, main]) {
    await town.sent(empty, resource, { sender });
    await town.work(); // each in a round of its own, while the mail waits
  }

  const [{ body }, ...more] = (await mails()) as [{ body: string }];
  assert.deepEqual(more, []);
  const paragraphs = body.split('\n\n');
  assert.deepEqual(paragraphs.map((each) => /^1 melding fra (.*?) er ikke/.exec(each)?.[1]).sort(), [
    'Andre forgjenger',
    'Felles etat',
    'Første forgjenger',
    'Levende underenhet',
  ]);
  const explained = paragraphs.filter((each) => each.includes('avgjør dette selv'));
  assert.equal(explained.length, 1, body);
  assert.match(explained[0]!, /^1 melding fra Levende underenhet [^\n]*\nLevende underenhet avgjør dette selv/);

  await sendAll();
  await town.pass(8);
  assert.deepEqual(
    (await mails()).map((mail) => mail.body.split('\n\n').length),
    [4, 4],
  );
});

const bounced = unreadInvariants.find(({ name }) => name.startsWith('no mail to a sender'))!;
const mailsOf = (address: string) =>
  town.db.all<{ purpose: string; body: string }>(
    sql`select purpose, body from notifications.notice where about is null and address = ${address} order by id`,
  );
/** The last mail there comes back. */
const comesBack = (address: string) =>
  town.db.transaction(async (tx) => {
    const failure = await tx.one<DeliveryFailure>(sql`
      update notifications.notice set state = 'failed', failure = 'mailbox-full', changed_at = clock.now()
       where id = (select max(id::text)::uuid from notifications.notice where about is null and address = ${address})
      returning id, about, party_id as party, to_id as "to", step_id as step, purpose, channel, failure as reason, changed_at as at`);
    await noteDeliveryFailed(tx, [failure]);
  });
/** A minute on, what waits has gone. */
const later = async (): Promise<void> => {
  await town.advance(60);
  await tellMailsAgain(town.ctx);
  await town.advance(18 * 3600); // SMS go in the day
  await sendAll();
};
const has = (party: PartyId, ...points: ContactPoint[]) => town.db.transaction(async (tx) => saveContactPoints(tx, [{ party, points }]));

test('given a mail to a sender that comes back, when it has another channel, a second contact or a new address, then each is told the same in turn, and the alarm rings while there is none', async () => {
  await sendAll();
  const number = '+4799112233';
  const police = await town.organization('Etat med feil adresse', [
    { channel: 'email', address: 'feil@etat.example' },
    { channel: 'sms', address: number },
  ]);
  const empty = await town.organization('Hus som ingen åpner');
  for (const _ of [1, 2]) await town.sent(empty, resource, { sender: police });
  await town.work();
  await sendAll();
  const counts = async (address: string) => (await mailsOf(address)).map(({ purpose, body }) => `${purpose} ${/^\d+/.exec(body)?.[0]}`);
  assert.deepEqual(await counts('feil@etat.example'), ['sender-unread 2']);
  await comesBack('feil@etat.example');
  await later();
  assert.deepEqual(await counts(number), ['sender-unread 2']);
  await town.db.transaction(async (tx) => {
    await tx.run(sql`insert into watch.second_contact (sender_id, email, changed_at) values (${police}, 'vakt@feil.example', clock.now())`);
    await tx.run(sql`
      insert into watch.second_address (sender_id, address, asked_at, confirmed_at) values (${police}, 'vakt@feil.example', clock.now(), clock.now())`);
  });
  await comesBack(number);
  await later();
  assert.deepEqual(await counts('vakt@feil.example'), ['sender-unread 2']);
  assert.deepEqual(await town.db.all(bounced.find), []);
  await comesBack('vakt@feil.example');
  await later();
  assert.equal((await town.db.all(bounced.find)).length, 1, 'nobody is left');
  await has(police, { channel: 'email', address: 'rett@etat.example' });
  await later();
  await later();
  assert.deepEqual(await counts('rett@etat.example'), ['sender-unread 2'], 'once');
  assert.deepEqual(await town.db.all(bounced.find), []);
  assert.deepEqual([await counts('feil@etat.example'), await counts(number)], [['sender-unread 2'], ['sender-unread 2']]);
});

test('given two addresses of a sender, when one of them takes no mail, then the other has it and nothing rings or is said twice; when neither does, and one has since taken a mail about other letters, then what they missed is said there', async () => {
  await sendAll();
  const police = await town.organization('Etat med to', [
    { channel: 'email', address: 'en@to.example' },
    { channel: 'email', address: 'to@to.example' },
  ]);
  const { party } = await town.municipality('Kommune med to');
  const worker = await town.person('Saks med to', 'saks@to.example');
  await town.give(worker, party, { resource });
  await saveSteps(town.db, 'asks-at-once', [step('ask', 'P1D', { channel: 'preferred', text: 'sender-decision' })]);
  await town.sent(party, resource, { sender: police, ladder: 'asks-at-once' });
  await town.pass(2);
  await sendAll();
  await comesBack('en@to.example');
  await later();
  assert.deepEqual(await town.db.all(bounced.find), []);
  assert.deepEqual([(await mailsOf('en@to.example')).length, (await mailsOf('to@to.example')).length], [1, 1]);

  await comesBack('to@to.example');
  await later();
  assert.equal((await town.db.all(bounced.find)).length, 1, 'that it is asked is heard by nobody');
  await town.sent(await town.organization('Hus uten noen'), resource, { sender: police });
  await town.pass(1);
  await sendAll();
  const purposes = async () => (await mailsOf('to@to.example')).map(({ purpose }) => purpose);
  assert.deepEqual(await purposes(), ['sender-decision', 'sender-unread']);
  assert.equal((await town.db.all(bounced.find)).length, 1, 'the mail about another letter has not asked');
  await later();
  assert.deepEqual(await purposes(), ['sender-decision', 'sender-unread', 'sender-decision']);
  assert.deepEqual(await town.db.all(bounced.find), []);
});

test('given a mail to a sender that comes back, when no other has gone since, then the alarm rings until one has', async () => {
  await sendAll();
  assert.deepEqual(await town.db.all(bounced.find), []);
  await town.db.transaction(
    async (tx) =>
      void (await tx.run(sql`
    update notifications.notice set state = 'failed', failure = 'address-rejected', changed_at = clock.now()
     where id = (select max(id::text)::uuid from notifications.notice where about is null and to_id = ${town.police})`)),
  );
  assert.equal((await town.db.all(bounced.find)).length, 1);
  await town.sent(await town.organization('Enda et tomt hus'), resource);
  await town.pass(8);
  await town.db.transaction(
    async (tx) =>
      void (await tx.run(sql`
    update notifications.notice set state = 'handed-over', attempts = 1, message_id = id::text, changed_at = clock.now() where state = 'due'`)),
  );
  assert.deepEqual(await town.db.all(bounced.find), []);
});

test('given a sender whose only address takes no mail, when months go by and mails go there in vain, then the alarm rings all the time, and ends when the same address is confirmed and takes one', async () => {
  await sendAll();
  const address = 'bare@en.example';
  const police = await town.organization('Etat med en adresse', [{ channel: 'email', address }]);
  await town.sent(await town.organization('Hus uten lys'), resource, { sender: police });
  await town.work();
  await sendAll();
  await comesBack(address);
  await tellMailsAgain(town.ctx);
  assert.equal((await town.db.all(bounced.find)).length, 1);
  await town.db.pool.query(`update notifications.notice set changed_at = changed_at - interval '40 days' where address = $1`, [address]);
  assert.equal((await town.db.all(bounced.find)).length, 1, 'it does not end by itself');
  await tellMailsAgain(town.ctx);
  assert.equal((await mailsOf(address)).length, 2, 'after a month the address is tried again');
  assert.equal((await town.db.all(bounced.find)).length, 1, 'that it is tried says nothing');
  await sendAll();
  await comesBack(address);
  await tellMailsAgain(town.ctx);
  assert.deepEqual([(await mailsOf(address)).length, (await town.db.all(bounced.find)).length], [2, 1]);

  await town.advance(60);
  await town.db.transaction(async (tx) =>
    saveContactPoints(tx, [{ party: police, points: [{ channel: 'email', address, confirmedAt: town.ctx.now().toISOString() }] }]),
  );
  await tellMailsAgain(town.ctx);
  assert.equal((await mailsOf(address)).length, 3);
  await sendAll();
  assert.equal((await town.db.all(bounced.find)).length, 1, 'the server that took it may still send it back');
  await town.advance(5 * 3600);
  assert.equal((await town.db.all(bounced.find)).length, 1);
  await town.advance(2 * 3600);
  assert.deepEqual(await town.db.all(bounced.find), []);
});

test('given a sender whose mail server takes each mail and sends it back an hour later, when it is told week after week, then the alarm rings all the time', async () => {
  await sendAll();
  const address = 'spretter@uke.example';
  const police = await town.organization('Etat som spretter', [{ channel: 'email', address }]);
  const empty = await town.organization('Hus uten dør');
  for (let week = 0; week < 3; week += 1) {
    await town.sent(empty, resource, { sender: police });
    await town.work();
    await sendAll();
    assert.equal((await town.db.all(bounced.find)).length, week === 0 ? 0 : 1, `week ${week}, taken`);
    await town.advance(3600);
    await comesBack(address);
    await tellMailsAgain(town.ctx);
    assert.equal((await town.db.all(bounced.find)).length, 1, `week ${week}, back`);
    await town.pass(7);
  }
  assert.ok((await mailsOf(address)).length >= 3, 'it was written to each week');
});

test('given a mail to a sender that nobody has had, when its letters are opened before there is an address, then there is nothing left to say, and the alarm ends', async () => {
  await sendAll();
  const police = await town.organization('Etat uten hell', [{ channel: 'email', address: 'uten@hell.example' }]);
  const letter = await town.sent(await town.organization('Hus som åpnes'), resource, { sender: police });
  await town.work();
  await sendAll();
  await comesBack('uten@hell.example');
  await later();
  assert.equal((await town.db.all(bounced.find)).length, 1);
  await town.db.transaction((tx) =>
    noteOpened(tx, [{ about: letter.about, party: letter.party, at: town.ctx.now(), by: null, kind: 'person' }]),
  );
  await later();
  assert.deepEqual(await town.db.all(bounced.find), []);
  assert.equal((await mailsOf('uten@hell.example')).length, 1);
});

test('given a main unit that has had its mail of the day, when what a mail to its subunit was to say is said there anew, then it comes with the mail of the next morning', async () => {
  await sendAll();
  const house = await town.organization('Hovedenheten', [{ channel: 'email', address: 'hoved@enhet.example' }]);
  const office = await town.organization('Avdelingen', [{ channel: 'email', address: 'feil@avdeling.example' }]);
  await town.db.pool.query('update register.party set parent_id = $1 where id = $2', [house, office]);
  const empty = await town.organization('Hus for to enheter');
  await town.advance((nextMorning(town.ctx.now()).getTime() - town.ctx.now().getTime()) / 1000 + 3600);
  for (const sender of [house, office]) await town.sent(empty, resource, { sender });
  await town.work();
  await sendAll();
  await comesBack('feil@avdeling.example');
  await tellMailsAgain(town.ctx);
  const waiting = await town.db.all<{ dueAt: Date; body: string }>(
    sql`select due_at as "dueAt", body from notifications.notice where address = 'hoved@enhet.example' and state = 'due'`,
  );
  assert.deepEqual(
    waiting.map(({ dueAt }) => dueAt),
    [nextMorning(town.ctx.now())],
  );
  assert.match(waiting[0]!.body, /Avdelingen/);
  await town.sent(empty, resource, { sender: house });
  await town.work();
  assert.deepEqual((await mailsOf('hoved@enhet.example')).length, 2, 'one a day: what comes later that day goes with it');
  await town.pass(1);
  await sendAll();
  assert.deepEqual(await town.db.all(bounced.find), []);
  assert.deepEqual((await mailsOf('hoved@enhet.example')).length, 2);
});

const toldOf = async (letter: { readonly about: string }, name: string) =>
  (await town.notices(letter)).filter((line) => line.startsWith(name));

test('given leaders who could let somebody in and follow one another, before the reminder and long after, when the one who was told is gone, then the next is told at once, and once', async () => {
  const party = await town.organization('Kommune som skifter leder');
  const leaders = await Promise.all(
    ['Første', 'Andre', 'Tredje'].map((name) => town.person(`${name} leder`, `${name.length}${newId().slice(-4)}@example.no`)),
  );
  await town.role(leaders[0]!, 'daglig-leder', party);
  const letter = await town.sent(party, sealed, { confidential: true });
  await town.work();
  for (const [i, days] of [
    [1, 1],
    [2, 20],
  ] as const) {
    await town.pass(days);
    await town.role(leaders[i]!, 'daglig-leder', party);
    await sweepVersions(town.ctx);
    await town.work();
    const name = ['Første', 'Andre', 'Tredje'][i]!;
    assert.deepEqual(await toldOf(letter, name), [], 'the one before can see to it');
    await dies(leaders[i - 1]!);
    for (let minute = 0; minute < 3; minute += 1) {
      await sweepVersions(town.ctx);
      await town.work();
    }
    assert.deepEqual(await toldOf(letter, name), [`${name} leder sealed email due`]);
  }
  await town.invariantsHold();
});

test('given a ladder whose first days are late, when nobody can open what is published at once, later or as one of many, then the sender hears at once, and whoever could let somebody in', async () => {
  await saveSteps(town.db, 'late-days', [
    step('remind', 'P5D', { who: 'openers', channel: 'preferred', text: 'reminder' }),
    step('tell', 'P20D', { channel: 'preferred' }),
  ]);
  await sendAll();
  const before = (await mailsToSender()).length;
  const empty = await town.organization('Hus uten noen i det');
  const { party } = await town.municipality('Kommune med leder');
  const over = { ladder: 'late-days' };
  const [closed, grantable, later] = [
    await town.sent(empty, sealed, over),
    await town.sent(party, sealed, over),
    await town.begun(empty, sealed, over),
  ];
  await town.publish(later);
  const alike = await town.letter(empty, sealed, { ...over, publishedAt: town.ctx.now() });
  const { about, needs, openability, ...rest } = alike;
  await town.db.transaction(async (tx) =>
    beginAlikeWatches(tx, { ...rest, need: needs[0]!, sharedNeeds: [] }, [
      { about, party: empty, ...toStored(openability), grantorIds: [] },
    ]),
  );
  const open = await town.sent(await town.person('Kan lese', 'kan@example.no'), await town.resource(['self']), over);
  await town.work();
  for (const letter of [closed, grantable, later, alike]) {
    assert.deepEqual(
      (await town.events(letter)).filter((event) => event === 'no-opener'),
      ['no-opener'],
    );
    assert.ok((await town.watch(letter)).steps.some(({ name, state }) => name === 'tell-no-opener' && state === 'done'));
  }
  assert.deepEqual(
    (await toldOf(grantable, 'Leder')).map((line) => line.slice(-16)),
    ['sealed email due'],
  );
  assert.deepEqual(await town.events(open), []);
  assert.equal((await mailsToSender()).length, before + 1);
  await town.invariantsHold();
  await town.pass(5);
  const climbed = (await town.watch(closed)).steps.filter(({ name }) => name !== 'check-publication');
  assert.deepEqual(climbed.map(({ name, state, reason }) => `${name} ${state} ${reason}`).slice(0, 2), [
    'tell-no-opener done null',
    'remind skipped no-opener',
  ]);
});

test('given post that systems alone could open, when a person comes beside them, then that one is told at once, and only once', async () => {
  const party = await town.organization('Etat med fagsystem');
  const system = newId<PartyId>();
  await town.db.transaction(async (tx) => {
    saveSystemUsers(tx, [{ id: system, system: 'Postrom', owner: party, rights: [{ resource, actions: ['read'] }] }]);
    await announceAccessChanges(tx);
  });
  const letter = await town.sent(party, resource);
  await town.work();
  assert.equal((await town.watch(letter)).steps.find(({ name }) => name === 'notify')!.reason, 'systems-only');
  await town.pass(9);
  await give(await town.person('Ny person', 'ny@example.no'), party, { resource });
  await town.work();
  assert.deepEqual(await toldOf(letter, 'Ny'), ['Ny person new-mail email due']);
  await give(await town.person('Enda en', 'enda@example.no'), party, { resource });
  await town.work();
  assert.deepEqual(await toldOf(letter, 'Enda'), []);
});

test('given an order to tell somebody else in the place of those who can open, when access changes, then nobody is told anew, and no failure is said', async () => {
  const party = await town.organization('Etat med egen mottaker');
  const [reader, named] = [await town.person('Ordinær Leser', 'ord@example.no'), await town.person('Oppgitt Mottaker', 'opp@example.no')];
  const order = newId();
  await town.db.transaction(async (tx) =>
    saveOrders(tx, [
      {
        ...{
          id: order,
          sender: town.police,
          template: 'CustomMessage',
          channel: 'Email',
          emailSubject: 'Hei',
          emailBody: 'x',
          at: town.ctx.now(),
        },
        ...{
          sendersName: 'x',
          resourceName: 'x',
          messageTitle: 'x',
          confidential: false,
          override: true,
          custom: [{ kind: 'person', party: named }],
        },
      },
    ]),
  );
  await give(reader, party, { resource });
  const letter = await town.sent(party, resource, { senderSteps: [{ name: 'notify', orderId: order, channel: 'Email' }] });
  await town.work();
  await give(await town.person('Revisor', 'rev@example.no'), party, { resource });
  await town.work();
  await town.takeAway(party);
  await sweepVersions(town.ctx);
  await give(reader, party, { resource });
  await town.work();
  assert.deepEqual(
    (await town.notices(letter)).filter((line) => !line.startsWith('Oppgitt')),
    [],
  );
  assert.ok(!(await town.evidence(letter)).some((line) => line.startsWith('ConsignmentNotificationFailure')));
  const late = (await town.watch(letter)).steps.filter(({ name }) => name === 'notify-new-opener');
  assert.deepEqual(
    late.map(({ state, reason }) => [state, reason]),
    [['skipped', 'told-already']],
  );
});

test('given two files of one sender and a reader who was told of both by one mail, when another comes in its place, then that one is told at once', async () => {
  const party = await town.organization('Hus med to filer');
  const [first, second] = [await town.person('Første Henter', 'fh@example.no'), await town.person('Andre Henter', 'ah@example.no')];
  await give(first, party, { resource });
  const over = { isFile: true, ladder: 'file-transfer' };
  await town.sent(party, resource, over);
  await town.sent(party, resource, over);
  await town.pass(1);
  await give(second, party, { resource });
  await takeFrom(first, party);
  await town.work();
  const mails = await town.db.all<{ address: string; purpose: string }>(
    sql`select address, purpose from notifications.notice where address in ('fh@example.no', 'ah@example.no') order by id`,
  );
  assert.deepEqual(
    mails.map(({ address, purpose }) => `${address} ${purpose}`),
    ['fh@example.no new-file', 'ah@example.no new-file'],
  );
});
