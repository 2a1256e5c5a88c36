import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createDatabase } from '#db/index.ts';
import { sql } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { beginAlikeWatches } from '../begin/begin-alike.ts';
import { putSecondContact } from '../ladders/second-contact.ts';
import { toStored } from '../openers/openability.ts';
import { noteOpened } from '../progress/note-acts.ts';
import { readWatchLag } from '../store/lag.ts';
import { ownerCaller, saveSteps, step } from '../testing/ladders.ts';
import { confidentialPackage, Town } from '../testing/town.ts';
import type { StepSpec, WatchBegin } from '../types.ts';
import { onRelay, type RelayAnswer, type RelayStep } from './relay.ts';
import { takeDueSteps } from './take-due-steps.ts';

const town = await Town.open();
const asking = { ...town.ctx, publicUrl: 'https://post.example.no' };
const resource = await town.resource(['DAGL']);
let answer: ((step: RelayStep) => RelayAnswer | undefined) | undefined;
let asked: RelayStep[] = [];
afterEach(async () => {
  answer = undefined;
  asked = [];
  await town.invariantsHold();
});

/** Printing is at hand from here on; whether it takes anything is for each test to say. */
function printing(): void {
  onRelay.fill(async (_tx, steps) => {
    asked.push(...steps);
    return new Map(steps.flatMap((each) => (answer?.(each) ? [[each.id, answer(each)!] as const] : [])));
  });
}

const told = (name: string, over: Partial<StepSpec>): StepSpec => step(name, 'P1D', { channel: 'preferred', ...over });

async function sentOn(steps: readonly StepSpec[], to: PartyId, over: Partial<WatchBegin> = {}): Promise<WatchBegin> {
  const ladder = `ladder-${newId().slice(-12)}`;
  await saveSteps(town.db, ladder, steps);
  return town.sent(to, over.resource ?? resource, { ladder, ...over });
}

/** All but the look after its publication. */
const ladderSteps = async (letter: WatchBegin) => (await town.watch(letter)).steps.filter(({ name }) => name !== 'check-publication');

const states = async (letter: WatchBegin) =>
  (await ladderSteps(letter)).map(({ name, state, reason }) => [name, state, reason].filter((part) => part !== null).join(' '));

const toSender = () =>
  town.db.all<{ address: string; purpose: string }>(sql`
    select address, purpose from notifications.notice where about is null order by id`);

test('given no printer, when a step is to be printed, then it is passed over as no-relay, and the sender is asked at once', async () => {
  const { party } = await town.municipality('Uten trykkeri');
  const letter = await sentOn([step('print', 'P1D', { who: 'print', text: 'print' }), step('tell', 'P5D')], party);
  await town.pass(1);
  assert.deepEqual(await states(letter), ['print skipped no-relay', 'tell due']);
  assert.deepEqual(await town.events(letter), ['decision-needed']);
  assert.ok((await toSender()).some(({ purpose }) => purpose === 'sender-decision'));
});

test('given a printer, when it takes one letter, refuses another and does not answer for a third, then each has its outcome, and none is asked for twice', async () => {
  printing();
  const { party } = await town.municipality('Med trykkeri');
  const ladder = [step('print', 'P1D', { who: 'print', text: 'print' }), step('tell', 'P5D')];
  const [taken, refused, unknown, opened] = [
    await sentOn(ladder, party),
    await sentOn(ladder, party),
    await sentOn(ladder, party, { confidential: true }),
    await sentOn(ladder, party, { confirmNeeded: true }),
  ];
  await town.db.transaction((tx) => noteOpened(tx, [{ ...opened!, at: town.ctx.now(), by: null, kind: 'person' }]));
  answer = ({ about }) =>
    about === taken!.about ? { kind: 'accepted' } : about === refused!.about ? { kind: 'refused', reason: 'not-printable' } : undefined;
  await town.pass(1);
  await town.work();

  assert.deepEqual((await states(taken!))[0], 'print done');
  assert.deepEqual((await states(refused!))[0], 'print skipped not-printable');
  assert.deepEqual((await states(unknown!))[0], 'print skipped no-relay');
  assert.deepEqual((await states(opened!))[0], 'print skipped opened');
  assert.deepEqual(await town.events(taken!), ['relayed']);
  assert.deepEqual(await town.events(refused!), ['decision-needed']);
  assert.deepEqual(asked.map(({ about }) => about).sort(), [taken, refused, unknown].map((letter) => letter!.about).sort());
  assert.deepEqual(
    asked.filter(({ confidential }) => confidential).map(({ about }) => about),
    [unknown!.about],
  );
});

test('given leaders at the recipient and at its main unit, when a step turns to them, then the living persons hear of it without its title, each once', async () => {
  const { party } = await town.municipality('Ledet kommune');
  const holding = await town.organization('Eierselskapet');
  const [chair, dead, owner, clerk] = [
    await town.person('Styreleder Siv', 'siv@example.no'),
    await town.person('Død Dag', 'dag@example.no', { diedOn: '2020-01-01' }),
    await town.person('Eier Eva', 'eva@example.no'),
    await town.person('Regnskap Rolf', 'rolf@example.no'),
  ];
  await town.role(chair, 'styreleder', party);
  await town.role(dead, 'styreleder', party);
  await town.role(holding, 'styreleder', party);
  await town.role(owner, 'daglig-leder', holding);
  await town.role(clerk, 'regnskapsforer', party);
  const letter = await sentOn([told('lead', { who: 'key-roles', text: 'key-roles' }), step('tell', 'P5D')], party);
  await town.pass(1);

  assert.deepEqual(
    (await town.notices(letter)).sort(),
    ['Eier Eva', 'Leder i Ledet kommune', 'Styreleder Siv'].map((name) => `${name} key-roles email due`),
  );
  const bodies = await town.db.all<{ body: string }>(sql`select body from notifications.notice where about = ${letter.about}`);
  assert.ok(bodies.every(({ body }) => !body.includes('Bekymring')));
  assert.deepEqual(await town.events(letter), ['step-taken']);
});

test('given leaders without an address, when a step turns to them, then the recipient itself hears, and where it has none either the sender at once', async () => {
  const [open, silent] = [
    await town.organization('Har postkasse', [{ channel: 'email', address: 'post@kommune.example' }]),
    await town.organization('Uten postkasse'),
  ];
  for (const party of [open, silent]) await town.role(await town.person('Stum Stine', null), 'daglig-leder', party);
  const ladder = [told('lead', { who: 'key-roles', text: 'key-roles' }), step('tell', 'P5D', { channel: 'preferred' })];
  const [heard, unheard] = [await sentOn(ladder, open), await sentOn(ladder, silent)];
  await town.pass(1);
  await town.work();
  assert.deepEqual(await town.notices(heard!), ['Har postkasse key-roles email due']);
  assert.deepEqual(await states(unheard!), ['lead skipped no-contact-point', 'tell done', 'await-decision due']);
});

test('given a fallback of the resource, when a step turns to it, then it hears in words that are true, and where none is named the sender hears at once', async () => {
  const reserve = await town.organization('Statsforvalteren', [{ channel: 'email', address: 'reserve@example.no' }]);
  const withReserve = { unreachable: 'fallback' as const, fallback: reserve };
  const { party } = await town.municipality('Skien kommune');
  const ladder = [told('reserve', { who: 'fallback', text: 'fallback' }), step('tell', 'P5D')];
  const openable = await sentOn(ladder, party, { resource: await town.resource(['DAGL'], withReserve) });
  const nobody = await sentOn(ladder, await town.organization('Tomt hus'), {
    resource: await town.resource([`package:${confidentialPackage}`], withReserve),
  });
  const without = await sentOn(ladder, party);
  await town.work();
  const line = 'Statsforvalteren fallback email due';
  assert.deepEqual([await town.notices(openable), await town.notices(nobody)], [[], [line]], 'what nobody can open is told at once');
  await town.pass(1);
  await town.work();
  assert.deepEqual(await town.notices(openable), ['Statsforvalteren fallback-unread email due']);
  assert.deepEqual(await town.notices(nobody), [line, line], 'and again by the step, on its day');
  assert.deepEqual(await states(without), ['reserve skipped no-fallback', 'tell done', 'await-decision due']);
});

test('given a second contact, when steps turn to it for many letters on a day, then it gets one mail, apart from that of the sender', async () => {
  await putSecondContact(asking, ownerCaller(town.police), { email: 'vakt@politiet.example', sms: null });
  await town.db.pool.query(`update watch.second_address set confirmed_at = clock.now() where address = 'vakt@politiet.example'`);
  const { party } = await town.municipality('Bamble kommune');
  const ladder = [told('tell', { text: 'sender-unread' }), told('second', { who: 'sender-fallback', text: 'sender-decision' })];
  const letters = [await sentOn(ladder, party), await sentOn(ladder, party), await sentOn(ladder, party)];
  await town.pass(1);
  for (const letter of letters) assert.deepEqual((await states(letter)).sort(), ['await-decision due', 'second done', 'tell done']);
  const mails = (await toSender()).filter(({ address, purpose }) => address === 'vakt@politiet.example' && purpose !== 'confirm-address');
  assert.deepEqual(mails, [{ address: 'vakt@politiet.example', purpose: 'sender-decision' }]);
});

test('given no second contact, when a step turns to it, then it is passed over, and the sender hears at once', async () => {
  await putSecondContact(asking, ownerCaller(town.police), { email: null, sms: null });
  const { party } = await town.municipality('Kragerø kommune');
  const letter = await sentOn([told('second', { who: 'sender-fallback', text: 'sender-decision' }), step('tell', 'P5D')], party);
  await town.pass(1);
  await town.work();
  assert.deepEqual(await states(letter), ['second skipped no-second-contact', 'tell done', 'await-decision due']);
});

test('given a step that shows in the inbox, when it is taken, then the recipient gets an event and nobody a notice', async () => {
  const { party } = await town.municipality('Drangedal kommune');
  const letter = await sentOn([told('show', { who: 'openers', channel: 'inbox', text: 'reminder' }), step('tell', 'P5D')], party);
  await town.pass(1);
  assert.deepEqual(await town.notices(letter), []);
  assert.deepEqual((await town.events(letter)).sort(), ['inbox-notice', 'step-taken']);
  const [event] = await town.db.all<{ subject: string; data: object }>(sql`
    select subject, data from events.outbox where resource_instance = ${letter.about} and type like '%inbox-notice'`);
  assert.match(event!.subject, /organization/);
  assert.deepEqual(event!.data, { purpose: 'reminder' });
});

test('given a ladder of one step, and one with late steps only, when they are climbed, then the sender is asked at the end, and nothing is done before', async () => {
  const { party } = await town.municipality('Nome kommune');
  const one = await sentOn([step('notify', 'PT0S', { who: 'openers', channel: 'preferred', text: 'new-mail' })], party);
  const late = await sentOn([step('tell', 'P20D')], party);
  await town.work();
  assert.deepEqual(await states(one), ['notify done', 'await-decision due']);
  assert.equal((await town.watch(late)).nextAction, 'tell');
  await town.advance(7 * 86_400);
  await town.work();
  assert.deepEqual(await states(one), ['notify done', 'await-decision done', 'await-decision due']);
  assert.deepEqual(await states(late), ['tell due']);
  await town.advance(13 * 86_400);
  await town.work();
  assert.deepEqual(await states(late), ['tell done', 'await-decision due']);
});

test('given letters whose day has come, when nobody has taken their steps, then the lag tells how many and how long, and none once they are taken', async () => {
  const { party } = await town.municipality('Fyresdal kommune');
  await town.work();
  assert.deepEqual(await readWatchLag(town.db), { late: 0, seconds: 0 });
  await sentOn([step('tell', 'PT1H')], party);
  await sentOn([step('tell', 'PT2H')], party);
  await town.advance(3 * 3600);
  const { late, seconds } = await readWatchLag(town.db);
  assert.equal(late, 2);
  assert.ok(seconds >= 2 * 3600 && seconds < 2 * 3600 + 60, `${seconds}`);
  await town.work();
  assert.equal((await readWatchLag(town.db)).late, 0);
});

test('given a step with conditions, when its day comes and the cause is another, then it is passed over with that reason, and the next is taken', async () => {
  const { party } = await town.municipality('Siljan kommune');
  const letter = await sentOn([step('only', 'P1D', { when: ['no-opener'] }), step('tell', 'P2D')], party);
  await town.pass(2);
  assert.deepEqual(await states(letter), ['only skipped not-this-cause', 'tell done', 'await-decision due']);
});

const byWorkingDays = [
  step('early', 'P4D'),
  step('work', 'P2D', { workingDays: true }),
  step('notify', 'P1D', { workingDays: true, who: 'openers', channel: 'preferred', text: 'new-mail' }),
];
const wednesday = new Date('2030-04-17T09:00:00Z'); // before Easter: the next working day is the Tuesday after
const planned = { notify: '2030-04-23T09:00:00.000Z', work: '2030-04-24T09:00:00.000Z', early: '2030-04-21T09:00:00.000Z' };

test('given a ladder by working days, when a letter begins published, is published later, or is one of many alike, then the same step comes first on the same day', async () => {
  await saveSteps(town.db, 'easter', byWorkingDays);
  const { party } = await town.municipality('Påske kommune');
  const atOnce = await town.letter(party, resource, { ladder: 'easter', at: wednesday, expectedPublishAt: wednesday });
  const later = await town.letter(party, resource, { ladder: 'easter', at: wednesday, expectedPublishAt: wednesday });
  const alike = await town.letter(party, resource, { ladder: 'easter', at: wednesday, expectedPublishAt: wednesday });
  const { beginWatches } = await import('../begin/begin-watches.ts');
  const { publishWatches } = await import('../begin/publish-watches.ts');
  await town.db.transaction(async (tx) => {
    beginWatches(tx, [{ ...atOnce, publishedAt: wednesday }]);
    beginWatches(tx, [later]);
    publishWatches(tx, [later]);
    const { about, needs, openability, ...common } = alike;
    beginAlikeWatches(tx, { ...common, need: needs[0]!, sharedNeeds: [], publishedAt: wednesday }, [
      { about, party, ...toStored(openability), grantorIds: [] },
    ]);
  });

  for (const letter of [atOnce, later, alike]) {
    const watch = await town.watch(letter);
    assert.deepEqual([watch.nextAction, watch.nextActionAt], ['early', planned.early]);
    assert.deepEqual(Object.fromEntries((await ladderSteps(letter)).map(({ name, dueAt }) => [name, dueAt])), planned);
    const rows = await town.db.all<{ name: string }>(sql`select name from watch.step where about = ${letter.about} and state = 'due'`);
    assert.deepEqual(rows, [{ name: 'early' }], 'the first is planned, the others when it is taken');
  }
  await town.db.pool.query(`update watch.step set state = 'cancelled' where about = any ($1) and state = 'due'`, [
    [atOnce, later, alike].map(({ about }) => about),
  ]);
  await town.db.pool.query(
    `update watch.item set settled_at = begun_at, outcome = 'recalled', next_action = null, next_action_at = null where about = any ($1)`,
    [[atOnce, later, alike].map(({ about }) => about)],
  );
});

test('given a sender that ordered a reminder and a ladder without one, when days go, then every step of the ladder is taken on its day all the same', async () => {
  const { party } = await town.municipality('Påminnet kommune');
  const ladder = [
    told('notify', { who: 'openers', text: 'new-mail', after: 'PT0S' }),
    told('lead', { who: 'key-roles', text: 'key-roles' }),
    step('tell', 'P2D', { channel: 'preferred' }),
    step('ask', 'P3D', { channel: 'preferred', text: 'sender-decision' }),
  ];
  const letter = await sentOn(ladder, party, { senderSteps: [{ name: 'remind', orderId: newId(), channel: 'Email' }] });
  await town.work();
  const climbed: string[][] = [];
  for (let day = 1; day <= 10; day += 1) {
    await town.pass(1);
    const taken = await town.evidence(letter);
    climbed.push(taken.slice(climbed.flat().length + 1).map((line) => line.replace('LadderStep ', '')));
  }
  assert.deepEqual(climbed, [['lead'], ['tell'], ['ask'], [], [], [], ['remind'], [], [], ['await-decision']]);
});

test('given sealed post whose leader has no address, when its sender is told ahead of its day, then every step toward the leader comes on its own day all the same', async () => {
  const party = await town.organization('Forseglet kommune');
  await town.role(await town.person('Stum Sjef', null), 'daglig-leder', party);
  const toLeader = (name: string, after: string) => told(name, { after, who: 'grantors', text: 'sealed', when: ['grant-needed'] });
  const ladder = [
    told('notify', { who: 'openers', text: 'new-mail', after: 'PT0S' }),
    ...[toLeader('g0', 'PT0S'), toLeader('g2', 'P2D'), toLeader('g4', 'P4D')],
    step('tell', 'P8D', { channel: 'preferred' }),
    step('ask', 'P14D', { channel: 'preferred', text: 'sender-decision' }),
  ];
  const letter = await sentOn(ladder, party, { resource: await town.resource([`package:${confidentialPackage}`]) });
  await town.work();
  assert.ok((await states(letter)).includes('tell done'), 'the sender is told at once');
  assert.ok((await states(letter)).includes('g4 due'));
  await town.pass(5);
  const climbed = (await ladderSteps(letter)).filter(({ name }) => /^g/.test(name));
  assert.deepEqual(
    climbed.map(({ name, state, changedAt }) => [name, state, Math.floor((Date.parse(changedAt) - letter.at.getTime()) / 86_400_000)]),
    [
      ['g0', 'skipped', 0],
      ['g2', 'skipped', 2],
      ['g4', 'skipped', 4],
    ],
  );
  assert.ok((await states(letter)).includes('ask due'));
});

test('given letters on a ladder by working days, when two workers race through it, then each step is taken once', async () => {
  const { party } = await town.municipality('Kappløp kommune');
  await saveSteps(town.db, 'race', [
    step('notify', 'P1D', { workingDays: true, who: 'openers', channel: 'preferred', text: 'new-mail' }),
    step('tell', 'P2D', { workingDays: true }),
  ]);
  const letters: WatchBegin[] = [];
  for (let i = 0; i < 20; i += 1) letters.push(await town.sent(party, resource, { ladder: 'race' }));
  const second = createDatabase({ url: town.url });
  for (let day = 0; day < 12; day += 1) {
    await town.advance(86_400);
    await Promise.all([takeDueSteps(town.ctx), takeDueSteps({ ...town.ctx, db: second })]);
  }
  await second.close();
  await town.work();
  for (const letter of letters) {
    const taken = (await town.evidence(letter)).map((line) => line.replace('LadderStep ', ''));
    assert.deepEqual(taken.slice(0, 2), ['notify', 'tell']);
    assert.equal(new Set(taken.slice(0, 2)).size, 2);
    assert.equal((await town.notices(letter)).length, 1);
  }
});

for (const when of ['within', 'after'] as const) {
  test(`given a worker that is killed ${when === 'within' ? 'in the middle of taking steps' : 'right after it has taken some'}, when another goes on, then every step is done once and none is lost`, async () => {
    const { party } = await town.municipality(`Drept ${when}`);
    const ladder = [
      told('notify', { who: 'openers', text: 'new-mail', after: 'P1D' }),
      step('print', 'P1D', { who: 'print', text: 'print' }),
      step('tell', 'P2D'),
    ];
    const letters = [await sentOn(ladder, party), await sentOn(ladder, party), await sentOn(ladder, party)];
    await town.advance(86_400);
    const worker = spawn(process.execPath, [fileURLToPath(new URL('../testing/climb-once.ts', import.meta.url)), town.url, when], {
      stdio: 'inherit',
    });
    const [, signal] = await once(worker, 'exit');
    assert.equal(signal, 'SIGKILL');
    const before = await Promise.all(letters.map((letter) => town.evidence(letter)));
    assert.deepEqual(
      before.map((lines) => lines.length),
      letters.map(() => (when === 'within' ? 0 : 2)),
    );

    await town.work();
    await town.pass(1);
    for (const letter of letters) {
      assert.deepEqual((await town.evidence(letter)).sort(), ['LadderStep notify', 'LadderStep print', 'LadderStep tell']);
      assert.equal((await town.notices(letter)).length, 1);
    }
  });
}
