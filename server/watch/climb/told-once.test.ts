import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { onAccessChanged } from '#access/index.ts';
import { sql, type Tx } from '#kernel/database.ts';
import { newId, type PartyId, type ResourceId } from '#kernel/ids.ts';
import { deliverDueNotices, type MailPort, whichArePointless } from '#notifications/index.ts';
import { findParty, partyUrn, saveContactPoints } from '#register/index.ts';
import { beginWatches } from '../begin/begin-watches.ts';
import { publishWatches } from '../begin/publish-watches.ts';
import { reevaluate, sweepVersions } from '../openers/reevaluate.ts';
import { nextMorning } from '../oslo-day.ts';
import { noteOpened } from '../progress/note-acts.ts';
import { freshenMails } from '../sender/freshen-mails.ts';
import { findPointlessDigests } from '../sender/sender-digest.ts';
import { noteBytesGoing } from '../sender/unread-bytes.ts';
import { saveSteps, step } from '../testing/ladders.ts';
import { confidentialPackage, Town } from '../testing/town.ts';
import type { WatchBegin } from '../types.ts';
import { takeDueSteps } from './take-due-steps.ts';

/** Two may see that the last opener is gone, a change of access and a step that is due: the sender hears it from one of them. */
const town = await Town.open();
const sealed = await town.resource([`package:${confidentialPackage}`]);
onAccessChanged.fill(async () => {});
after(() => onAccessChanged.fill(async () => {}));

async function openLetter(name: string) {
  const { party } = await town.municipality(name);
  const worker = await town.person('Saks', `${party.slice(-8)}@example.no`);
  await town.give(worker, party, { package: confidentialPackage });
  const letter = await town.sent(party, sealed);
  assert.equal((await town.watch(letter)).openers, 1);
  return { party, worker, letter };
}
const lost = (evidence: readonly string[]) => evidence.filter((line) => line === 'AccessLost').length;
const told = (events: readonly string[]) => events.filter((event) => event === 'no-opener').length;

for (const [first, see] of [
  ['the step itself', async () => {}],
  ['the sweeper', async () => void (await sweepVersions(town.ctx))],
] as const)
  test(`given a letter whose first step is not taken yet, when its last opener goes and ${first} sees it first, then the sender is told once`, async () => {
    const { party, letter } = await openLetter(`Kommune ${first}`);
    await town.takeAway(party);
    await see();
    await town.work();
    assert.deepEqual([lost(await town.evidence(letter)), told(await town.events(letter))], [1, 1]);
    assert.ok((await town.evidence(letter)).includes('LadderStep notify'), 'that the step was passed over is recorded all the same');
    await town.work();
    assert.equal(told(await town.events(letter)), 1);
  });

test('given a letter whose first step is not taken yet, when the very change of access tells that nobody can open, then the step does not tell it again', async () => {
  const { party, letter } = await openLetter('Rask kommune');
  onAccessChanged.fill(reevaluate);
  await town.takeAway(party);
  onAccessChanged.fill(async () => {});
  await town.work();
  assert.deepEqual([lost(await town.evidence(letter)), told(await town.events(letter))], [1, 1]);
});

test('given a sender that has heard it, when somebody can open and then nobody can again, or when a later step finds nobody, then it hears it again', async () => {
  const { party, worker, letter } = await openLetter('Vinglete kommune');
  await town.work();
  for (const times of [1, 2]) {
    await town.takeAway(party);
    await sweepVersions(town.ctx);
    await town.work();
    assert.deepEqual([lost(await town.evidence(letter)), told(await town.events(letter))], [times, times]);
    if (times === 1) await town.give(worker, party, { package: confidentialPackage });
    await sweepVersions(town.ctx);
    await town.work();
  }
  const before = told(await town.events(letter));
  await town.db.pool.query('delete from access.role_assignment where at_id = $1', [party]); // nor can anybody let anybody in
  await sweepVersions(town.ctx);
  await town.work();
  assert.equal(told(await town.events(letter)), before + 1, 'that nobody can be asked either is news');
  await town.pass(7);
  assert.equal(told(await town.events(letter)), before + 2, 'a week later it is still so');
});

const ordinary = await town.resource(['DAGL']);
/** A service of its owner on which anybody may send. */
const shared = await town.resource(['DAGL'], { senders: 'any' });
const tells = { channel: 'preferred' } as const;
await saveSteps(town.db, 'asks-soon', [step('tell', 'P1D', tells), step('ask', 'P2D', { ...tells, text: 'sender-decision' })]);
const sender = (name: string, ...addresses: string[]) =>
  town.organization(
    name,
    addresses.map((address) => ({ channel: 'email' as const, address })),
  );
const getsAddress = (party: PartyId, address: string) =>
  town.db.transaction(async (tx) => saveContactPoints(tx, [{ party, points: [{ channel: 'email', address }] }]));
interface Mail {
  readonly subject: string;
  readonly body: string;
  readonly dueAt: Date;
}
const mailsTo = (address: string) =>
  town.db.all<Mail>(
    sql`select subject, body, due_at as "dueAt" from notifications.notice where about is null and address = ${address} order by id`,
  );
/** The mails that wait have gone. */
const goes = () =>
  town.db.transaction((tx) =>
    tx.run(
      sql`update notifications.notice set state = 'handed-over', attempts = 1, message_id = id::text where state = 'due' and due_at <= clock.now()`,
    ),
  );
async function days(n: number): Promise<void> {
  for (let day = 0; day < n; day += 1) {
    await town.pass(1);
    await goes();
  }
}
/** To ten in the morning in Norway, so that what is a few hours apart is one day. */
async function untilTen(): Promise<void> {
  const now = town.ctx.now();
  await town.advance((nextMorning(now).getTime() - now.getTime()) / 1000 + 2 * 3600);
  await town.work();
  await goes();
}

test('given letters of one day that are asked about hours apart, when the mail of the day has said so, then the next morning says nothing again, and none is counted twice', async () => {
  const police = await sender('To på rad', 'to@rad.example');
  const { party } = await town.municipality('Kommune for to');
  await untilTen();
  const letters: WatchBegin[] = [];
  for (const hours of [0, 2, 2]) {
    await town.advance(hours * 3600);
    letters.push(await town.sent(party, ordinary, { sender: police, ladder: 'asks-soon' }));
  }
  for (let hour = 0; hour < 5 * 24; hour += 2) {
    await town.advance(2 * 3600);
    await town.work();
    await goes();
  }
  const first = (await mailsTo('to@rad.example')).map(({ body }) => body.split('. ')[0]);
  assert.ok(
    first.some((line) => line === '3 meldinger fra To på rad er ikke åpnet, og vi har gjort det vi kan'),
    first.join(),
  );
  for (const { body } of await mailsTo('to@rad.example')) {
    const [asked = 0, unread = 0] = [
      /(\d) meldinge?r? fra To på rad er ikke åpnet, og/,
      /(\d) meldinge?r? fra To på rad er ikke åpnet eller/,
    ].map((of) => Number(of.exec(body)?.[1] ?? 0));
    assert.ok(asked + unread <= 3, body);
  }
  const before = (await mailsTo('to@rad.example')).length;
  for (let hour = 0; hour < 7 * 24; hour += 2) {
    await town.advance(2 * 3600);
    await town.work();
    await goes();
  }
  const weekly = (await mailsTo('to@rad.example')).slice(before);
  assert.deepEqual(
    weekly.map(({ subject }) => subject),
    ['3 meldinger fra To på rad venter på din beslutning'],
    'one mail for the three of them',
  );
  await town.db.transaction((tx) =>
    noteOpened(
      tx,
      letters.map((letter) => ({ ...letter, at: town.ctx.now(), by: null, kind: 'person' as const })),
    ),
  );
});

test('given a mail that waits for the morning, when some of what it counts is opened in the evening, then it goes with the numbers of the morning, and once', async () => {
  const police = await sender('Teller om', 'teller@om.example');
  const { party } = await town.municipality('Kommune som leser om kvelden');
  await untilTen();
  const letters: WatchBegin[] = [];
  for (const minutes of [0, 60, 60, 60]) {
    await town.advance(minutes * 60);
    letters.push(await town.sent(party, ordinary, { sender: police, ladder: 'asks-soon' }));
  }
  for (let hour = 0; hour < 24; hour += 1) {
    await town.advance(3600);
    await town.work();
    await goes();
    assert.equal(await freshenMails(town.ctx), 0, 'what was just written is not written anew');
  }
  const [first, waiting] = await mailsTo('teller@om.example');
  assert.match(first!.body, /^1 melding /);
  assert.match(waiting!.body, /^4 meldinger /);
  await town.db.transaction((tx) =>
    noteOpened(
      tx,
      letters.slice(0, 2).map((letter) => ({ ...letter, at: town.ctx.now(), by: null, kind: 'person' as const })),
    ),
  );
  await town.advance((waiting!.dueAt.getTime() - town.ctx.now().getTime()) / 1000 - 60);
  assert.equal(await freshenMails(town.ctx), 1);
  assert.equal(await freshenMails(town.ctx), 0, 'once');
  const mails = await mailsTo('teller@om.example');
  assert.equal(mails.length, 2);
  assert.match(mails[1]!.body, /^2 meldinger /);
  assert.equal(mails[1]!.dueAt.getTime(), waiting!.dueAt.getTime());
});

test('given a sender that was asked in the mail of the day, when more lies unread that afternoon, then the next morning tells of that alone, however often it is written anew', async () => {
  const police = await sender('Spurt i dag', 'spurt@idag.example');
  const { party } = await town.municipality('Kommune for spurte');
  await untilTen();
  const letters: WatchBegin[] = [];
  for (const hours of [0, 26, 1]) {
    await town.advance(hours * 3600);
    await town.work();
    await goes();
    letters.push(await town.sent(party, ordinary, { sender: police, ladder: 'asks-soon' }));
  }
  for (let hour = 0; hour < 25; hour += 1) {
    await town.advance(3600);
    await town.work();
    await goes();
  }
  const asked = /er ikke åpnet, og vi har gjort det vi kan/;
  const [, today, waiting, ...more] = await mailsTo('spurt@idag.example');
  assert.deepEqual([asked.test(today!.body), more], [true, []]);
  const isAlone = ({ body }: Mail) => /^2 meldinger fra Spurt i dag er ikke åpnet eller/.test(body) && !asked.test(body);
  assert.ok(isAlone(waiting!), waiting!.body);
  await town.advance((waiting!.dueAt.getTime() - town.ctx.now().getTime()) / 1000 - 60);
  assert.equal(await freshenMails(town.ctx), 1);
  const fresh = (await mailsTo('spurt@idag.example')).at(-1)!;
  assert.ok(isAlone(fresh), fresh.body);
  await town.db.transaction((tx) =>
    noteOpened(
      tx,
      letters.map((letter) => ({ ...letter, at: town.ctx.now(), by: null, kind: 'person' as const })),
    ),
  );
});

test('given a mail of the day that counted two letters, when one is opened and the last opener of the other goes, then the next morning says so, though no number has grown', async () => {
  const police = await sender('Bytter om', 'bytter@om.example');
  const [open, closed] = [await openLetter('Kommune som leser'), await openLetter('Kommune som mister')];
  await town.takeAway(open.party); // somebody must let somebody in
  await sweepVersions(town.ctx);
  await untilTen();
  const ordered = { sender: police, ladder: 'asks-soon' };
  const letters = [await town.sent(open.party, sealed, ordered), await town.sent(closed.party, sealed, ordered)] as const;
  await days(1);
  const [said] = (await mailsTo('bytter@om.example')).slice(-1);
  assert.match(said!.body, /^2 meldinger .* 1 venter på at noen gir tilgang/s);
  await town.advance(600);
  await town.db.transaction((tx) => noteOpened(tx, [{ ...letters[0], at: town.ctx.now(), by: null, kind: 'person' as const }]));
  await town.advance(600);
  await town.takeAway(closed.party);
  await sweepVersions(town.ctx);
  await town.work();
  const news = (await mailsTo('bytter@om.example')).at(-1)!;
  assert.notEqual(news.dueAt.getTime(), said!.dueAt.getTime(), 'another mail');
  assert.equal(news.dueAt.getTime(), nextMorning(town.ctx.now()).getTime());
  assert.match(news.body, /^1 melding .* 1 venter på at noen gir tilgang/s);
});

test('given a letter on the service of another, when nobody opens it, then who has sent it is told, and both have the events; the owner is told where nobody can be told for who sent it, until somebody can', async () => {
  const owner = await sender('Eier av tjeneste', 'eier@tjeneste.example');
  const [able, mute] = [await sender('Innsender', 'inn@sender.example'), await sender('Stum innsender')];
  const { party } = await town.municipality('Kommune for andre');
  const letter = await town.sent(party, shared, { sender: owner, sentBy: able, ladder: 'asks-soon' });
  const other = await town.sent(party, shared, { sender: owner, sentBy: mute, ladder: 'asks-soon' });
  await days(3);
  assert.deepEqual(
    (await mailsTo('inn@sender.example')).map(({ subject }) => subject),
    ['1 melding fra Innsender er ikke åpnet eller bekreftet', '1 melding fra Innsender venter på din beslutning'],
  );
  assert.deepEqual(
    (await mailsTo('eier@tjeneste.example')).map(({ subject }) => subject),
    ['1 melding fra Eier av tjeneste er ikke åpnet eller bekreftet', '1 melding fra Eier av tjeneste venter på din beslutning'],
  );
  const heard = await town.db.all<{ subject: string }>(sql`
    select subject from events.outbox where resource_instance = ${letter.about} and type = 'no.budstikke.watch.decision-needed' order by id`);
  const urns = await Promise.all([able, owner].map(async (id) => partyUrn((await findParty(town.db, id))!)));
  assert.deepEqual(
    heard.map(({ subject }) => subject),
    urns,
  );
  await getsAddress(mute, 'ny@innsender.example');
  await days(7);
  assert.equal((await mailsTo('ny@innsender.example')).length, 1);
  assert.equal((await mailsTo('eier@tjeneste.example')).length, 2, 'the owner hears no more of it');
  assert.ok((await town.events(other)).includes('decision-needed'));
});

test('given a letter on the service of another, when the service lets who has sent it send no longer, then its owner is told and asked, who alone can decide, and stays so', async () => {
  const [owner, sent] = [await sender('Eier som overtar', 'eier@overtar.example'), await sender('Uten rett', 'inn@uten-rett.example')];
  const { number } = (await findParty(town.db, sent))!;
  const open = (senders: 'owner' | readonly string[], id?: ResourceId) =>
    town.resource(['DAGL'], { ...(id && { id }), owner, senders } as never);
  const service = await open([number!]);
  const { party } = await town.municipality('Kommune for overtatte');
  const letter = await town.sent(party, service, { sender: owner, sentBy: sent, ladder: 'asks-soon' });
  await days(1);
  assert.deepEqual((await mailsTo('eier@overtar.example')).length, 0);
  const before = (await mailsTo('inn@uten-rett.example')).length;

  await open('owner', service);
  await days(3);
  assert.equal((await mailsTo('inn@uten-rett.example')).length, before, 'it could see and decide nothing');
  assert.deepEqual(
    (await mailsTo('eier@overtar.example')).map(({ subject }) => subject).at(-1),
    '1 melding fra Eier som overtar venter på din beslutning',
  );
  await open([number!], service);
  await days(7);
  assert.equal((await mailsTo('inn@uten-rett.example')).length, before, 'handed back once');
  assert.equal((await town.watch(letter)).settledAt, null);
});

test('given a sender whom nobody could ask, when it gets an address, or names somebody who answers, then it is told within minutes, and counts as asked from then on', async () => {
  const [late, named] = [await sender('Sent ute'), await sender('Med vakt')];
  const { party } = await town.municipality('Kommune for stumme');
  const letters: WatchBegin[] = [];
  for (const from of [late, late, named]) letters.push(await town.sent(party, ordinary, { sender: from, ladder: 'asks-soon' }));
  await days(3);
  const standing = () =>
    town.db.all<{ told: boolean; asked: boolean; unheard: string | null }>(sql`
      select told_at is not null as told, asked_at is not null as asked, unheard from watch.item
       where about = any(${letters.map(({ about }) => about)}::uuid[]) order by about`);
  assert.deepEqual(await standing(), Array(3).fill({ told: false, asked: false, unheard: 'sender-decision' }));
  const { about: thing } = letters[2]!;
  const until = new Date(town.ctx.now().getTime() + 5 * 86_400_000);
  await town.db.transaction((tx) =>
    noteBytesGoing(
      tx,
      sql`select i.about as thing, i.about, i.party_id, ${until}::timestamptz as until from watch.item_face i where i.about = ${thing}`,
      town.ctx.now(),
    ),
  );
  await town.work();
  assert.equal((await standing())[2]!.unheard, 'sender-decision', 'with which it hears of the bytes');

  await getsAddress(late, 'sent@ute.example');
  await town.db.transaction(async (tx) => {
    await tx.run(sql`insert into watch.second_contact (sender_id, email, changed_at) values (${named}, 'vakt@hus.example', clock.now())`);
    await tx.run(sql`
      insert into watch.second_address (sender_id, address, asked_at, confirmed_at) values (${named}, 'vakt@hus.example', clock.now(), clock.now())`);
  });
  for (let minute = 0; minute < 2; minute += 1) {
    await town.advance(60);
    await town.work();
  }
  for (const [address, line] of [
    ['sent@ute.example', '2 meldinger fra Sent ute venter på din beslutning'],
    ['vakt@hus.example', 'Ulest innhold slettes: 1 melding fra Med vakt'],
  ] as const)
    assert.deepEqual(
      (await mailsTo(address)).map(({ subject }) => subject),
      [line],
    );
  assert.deepEqual(await standing(), Array(3).fill({ told: true, asked: true, unheard: null }));
});

test('given unread bytes that go, when their time is over, then the sender is told by mail how many and when, asked with it each week, and warned at once the day before, whatever it was told that day', async () => {
  const police = await sender('Avsender av vedlegg', 'av@vedlegg.example');
  const { party } = await town.municipality('Kommune for vedlegg');
  await untilTen();
  const two: WatchBegin[] = [];
  for (const _ of [1, 2]) two.push(await town.sent(party, ordinary, { sender: police, ladder: 'asks-soon' }));
  await days(3);
  // At seven in the morning, an hour before what is told later goes.
  const until = new Date(nextMorning(new Date(town.ctx.now().getTime() + 8 * 86_400_000)).getTime() - 3_600_000);
  const going = () =>
    town.db.transaction((tx) => {
      const { about: thing } = two[0]!;
      const rows = sql`
        select ${thing}::uuid as thing, i.about, i.party_id, ${until}::timestamptz as until
          from watch.item_face i where i.about = any(${two.map(({ about }) => about)}::uuid[])`;
      return noteBytesGoing(tx, rows, town.ctx.now());
    });
  await going();
  await untilTen();
  const on = new Intl.DateTimeFormat('nb-NO', { dateStyle: 'long', timeZone: 'Europe/Oslo' }).format(until);
  const last = (await mailsTo('av@vedlegg.example')).at(-1)!;
  assert.equal(last.subject, 'Ulest innhold slettes: 2 meldinger fra Avsender av vedlegg');
  assert.ok(last.body.includes(`slettes ${on},`) && last.body.includes('https://post.example.no/console'), last.body);

  await days(6);
  const weekly = (await mailsTo('av@vedlegg.example')).at(-1)!;
  assert.match(
    weekly.body,
    /De første vedleggene slettes .*\n\n2 meldinger fra Avsender av vedlegg er ikke åpnet, og vi har gjort det vi kan/s,
  );

  const aDayBefore = until.getTime() - 86_400_000 - town.ctx.now().getTime();
  await town.advance(aDayBefore / 1000 - 3600);
  const today = await town.sent(await town.organization('Hus uten noen'), ordinary, { sender: police });
  await town.work();
  await goes();
  const before = (await mailsTo('av@vedlegg.example')).length;
  await town.advance(3600);
  await going();
  await town.work();
  const warned = (await mailsTo('av@vedlegg.example')).slice(before);
  assert.equal(warned.length, 1);
  assert.ok(warned[0]!.dueAt < until, 'before they go');
  assert.match(warned[0]!.body, /slettes/);
  assert.ok((await town.events(today)).includes('no-opener'));
});

test('given bytes that go at five times of one night, when each is told, then each has a mail before it goes, whatever mails have gone that day', async () => {
  const police = await sender('Avsender i natten', 'natt@avsender.example');
  const { party } = await town.municipality('Kommune om natten');
  await untilTen();
  const letters: WatchBegin[] = [];
  for (const _ of [1, 2, 3, 4, 5]) letters.push(await town.sent(party, ordinary, { sender: police }));
  const midnight = nextMorning(town.ctx.now()).getTime() - 8 * 3_600_000;
  await town.advance((midnight - town.ctx.now().getTime()) / 1000 - 3600);
  for (const [n, { about }] of letters.entries()) {
    const until = new Date(midnight + (n + 1) * 3_600_000 + 86_400_000);
    await town.db.transaction((tx) =>
      noteBytesGoing(
        tx,
        sql`select i.about as thing, i.about, i.party_id, ${until}::timestamptz as until from watch.item_face i where i.about = ${about}`,
        town.ctx.now(),
      ),
    );
  }
  await town.work();
  await goes();
  const before = (await mailsTo('natt@avsender.example')).length;
  for (let n = 0; n < 5; n += 1) {
    await town.advance(3600);
    await town.db.transaction((tx) =>
      tx.run(sql`
        update watch.step set due_at = clock.now(), state = 'due', reason = null
         where about = ${letters[n]!.about} and name = 'tell-expiring'`),
    );
    await town.db.transaction((tx) => tx.run(sql`update watch.item set next_action_at = clock.now() where about = ${letters[n]!.about}`));
    await town.work();
    await goes();
    assert.equal((await mailsTo('natt@avsender.example')).length, before + n + 1, `the mail of hour ${n + 1}`);
  }
});

test('given a letter on the service of another, when a step turns to the second contact, then that of who sent it hears, and the owner has none of it', async () => {
  const [owner, able] = [await sender('Eier med vakt', 'eier@vakt.example'), await sender('Innsender uten vakt', 'inn@vakt.example')];
  const { party } = await town.municipality('Kommune med vakt');
  const names = (of: PartyId, email: string) =>
    town.db.transaction(async (tx) => {
      await tx.run(sql`insert into watch.second_contact (sender_id, email, changed_at) values (${of}, ${email}, clock.now())`);
      await tx.run(sql`
        insert into watch.second_address (sender_id, address, asked_at, confirmed_at) values (${of}, ${email}, clock.now(), clock.now())`);
    });
  await names(owner, 'vakt@eier.example');
  await saveSteps(town.db, 'turns-to-second', [step('second', 'P1D', { ...tells, who: 'sender-fallback' })]);
  const send = () => town.sent(party, shared, { sender: owner, sentBy: able, ladder: 'turns-to-second' });
  await send();
  await days(2);
  assert.deepEqual(await mailsTo('vakt@eier.example'), []);
  assert.equal((await mailsTo('inn@vakt.example')).length, 1, 'who sent it is asked, since it has named nobody');
  await names(able, 'vakt@inn.example');
  await send();
  await days(2);
  assert.deepEqual([(await mailsTo('vakt@eier.example')).length, (await mailsTo('vakt@inn.example')).length], [0, 1]);
});

test('given a mail that waits for the morning, when all that it speaks of is opened before, then it does not go; where some of it is left, it does', async () => {
  whichArePointless.fill(findPointlessDigests);
  const mails: string[] = [];
  const mail: MailPort = {
    send: async ({ to }) => {
      mails.push(to);
      return { kind: 'handed-over', answer: '250 OK' };
    },
  };
  const { party } = await town.municipality('Kommune som leser');
  const [done, left] = [await sender('Alt lest', 'alt@lest.example'), await sender('Noe igjen', 'noe@igjen.example')];
  await untilTen();
  const from = async (sender: PartyId) => ({ first: await town.sent(party, ordinary, { sender, ladder: 'asks-soon' }), sender });
  const firsts = [await from(done), await from(left)];
  await town.advance(3600);
  const later = [await from(done), await from(left), await from(left)];
  for (const hours of [23, 1]) {
    await town.advance(hours * 3600);
    await town.work();
    if (hours === 23) await goes(); // the mail of the day; what is told an hour later waits
  }
  const opened = [...firsts, ...later.slice(0, 2)].map(({ first }) => first);
  await town.db.transaction((tx) =>
    noteOpened(
      tx,
      opened.map((letter) => ({ ...letter, at: town.ctx.now(), by: null, kind: 'person' as const })),
    ),
  );
  await town.advance((nextMorning(town.ctx.now()).getTime() - town.ctx.now().getTime()) / 1000 + 60);
  await deliverDueNotices({ ...town.ctx, mail, sms: { send: async () => assert.fail('no SMS') }, mailFrom: 'post@budstikke.example' });
  whichArePointless.fill(async () => new Map());
  assert.deepEqual(
    mails.filter((address) => address === 'alt@lest.example' || address === 'noe@igjen.example'),
    ['noe@igjen.example'],
  );
  assert.equal((await mailsTo('alt@lest.example')).length, 2, 'the second was called off');
});

test('given more letters than are taken at once, when their sender is told of them, then its first mail waits for all of them and has their number, and they are counted twice and not with each batch', async () => {
  const many = await sender('Stor avsender', 'mange@stor.example');
  const { party } = await town.municipality('Kommune for mange');
  await untilTen();
  const [first] = [await town.letter(party, ordinary, { sender: many, ladder: 'asks-soon' })];
  const letters = Array.from({ length: 850 }, () => {
    const about = newId();
    return { ...first, about, needs: first.needs.map((need) => ({ ...need, instance: about })) };
  });
  await town.db.transaction(async (tx) => {
    beginWatches(tx, letters);
    publishWatches(tx, letters);
  });
  await town.work();
  await town.advance(86_400);
  let counts = 0;
  const counting = {
    ...town.ctx.db,
    transaction: <T>(work: (tx: Tx) => Promise<T>) =>
      town.ctx.db.transaction((tx) =>
        work({
          ...tx,
          all: (query) => {
            if (query.text.includes('toldGrantNeeded')) counts += 1;
            return tx.all(query);
          },
        }),
      ),
  };
  const before = town.ctx.now();
  await takeDueSteps({ ...town.ctx, db: counting });
  const mails = await mailsTo('mange@stor.example');
  assert.deepEqual(
    mails.map(({ subject }) => subject),
    ['850 meldinger fra Stor avsender er ikke åpnet eller bekreftet'],
  );
  assert.ok(mails[0]!.dueAt > before, 'it has waited for the rest');
  assert.equal(counts, 2);
});

test('given a file that nobody may fetch, when a day has passed, then who could let somebody in has heard of it once, and is reminded after a week', async () => {
  const { party } = await town.municipality('Kommune med fil');
  const file = await town.sent(party, sealed, { isFile: true, ladder: 'file-transfer' });
  await town.work();
  assert.deepEqual((await town.notices(file)).length, 1);
  await days(2);
  assert.deepEqual((await town.notices(file)).length, 1);
  assert.ok((await town.watch(file)).steps.some(({ name, reason }) => name === 'notify' && reason === 'told-already'));
  await days(6);
  assert.deepEqual((await town.notices(file)).length, 2);
});
