import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findResource } from '#access/index.ts';
import { budstikkeItself, listEvidence } from '#evidence/index.ts';
import type { Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import { newId, type ResourceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { findParty, saveContactPoints, saveParties } from '#register/index.ts';
import { nothingWritten } from '../../../test/nothing-written.ts';
import { noteOpened } from '../progress/note-acts.ts';
import { findSecondContacts } from '../store/second-contact.ts';
import { ownerCaller, saveSteps, step } from '../testing/ladders.ts';
import { Town } from '../testing/town.ts';
import type { WatchBegin } from '../types.ts';
import { changeLadder } from './change-ladder.ts';
import { askPage } from './confirm-page.ts';
import { ladderErrors } from './errors.ts';
import type { LadderLimits } from './limits.ts';
import { listOwnLadders, previewLadder, showLadder } from './list-ladders.ts';
import { putLadder } from './put-ladder.ts';
import { chooseLadder, listLadderChoices, showResourceLadder } from './resource-ladder.ts';
import { askSecondContact, confirmSecondContact, putSecondContact, showSecondContact } from './second-contact.ts';
import type { MessageLadder, WrittenStep } from './wire.ts';

const town = await Town.open();
const police = ownerCaller(town.police);
const stranger = ownerCaller(await town.organization('Fremmed etat'));
const { party } = await town.municipality('Skien kommune');

const written = (...steps: ReturnType<typeof step>[]) => steps as WrittenStep[];
const notify = step('notify', 'PT0S', { who: 'openers', channel: 'preferred', text: 'new-mail' });
const ask = step('ask-sender', 'P10D', { channel: 'preferred', text: 'sender-decision' });
const limits: LadderLimits = {
  ladders: [],
  own: true,
  mostSteps: 3,
  turnsTo: ['openers', 'sender'],
  notBefore: 'P1D',
  within: 'P20D',
};

const refusedWith = (name: keyof typeof ladderErrors) => (error: unknown) => error instanceof Refusal && error.row === ladderErrors[name];

async function refused(name: keyof typeof ladderErrors, work: () => Promise<unknown>): Promise<void> {
  await nothingWritten(town.db, () => assert.rejects(work(), refusedWith(name)));
}

const change = (letter: WatchBegin, wish: MessageLadder) =>
  town.db.transaction((tx) => changeLadder(tx, { key: letter, wish, actor: budstikkeItself, at: town.ctx.now() }));

const toCome = async (letter: WatchBegin) =>
  (await town.watch(letter)).steps
    .filter(({ state }) => state === 'due')
    .map(({ name, dueAt, source }) => [name, (new Date(dueAt).getTime() - letter.at.getTime()) / 86_400_000, source]);

test('given an owner, when it writes a ladder, writes the same again and then another, then there are two versions, and the first stays', async () => {
  const first = await putLadder(town.ctx, police, 'politiet-rask', written(notify, ask));
  const again = await nothingWritten(town.db, () => putLadder(town.ctx, police, 'politiet-rask', written(notify, { ...ask })));
  assert.deepEqual([first.version, again.version, first.kind], [1, 1, 'own']);
  const second = await putLadder(town.ctx, police, 'politiet-rask', written(notify, { ...ask, after: 'P5D' }));
  assert.equal(second.version, 2);
  const { versions } = await showLadder(town.ctx, police, 'politiet-rask');
  assert.deepEqual(
    versions.map(({ version, steps }) => [version, steps[1]!.after]),
    [
      [2, 'P5D'],
      [1, 'P10D'],
    ],
  );
  await assert.rejects(town.db.pool.query(`update watch.ladder set steps = '[]' where id = 'politiet-rask'`), { code: 'BS038' });
});

test('given ten systems of an owner, when all write the same new ladder at once, then there is one version', async () => {
  await Promise.all(Array.from({ length: 10 }, () => putLadder(town.ctx, police, 'politiet-samtidig', written(notify, ask))));
  assert.equal((await showLadder(town.ctx, police, 'politiet-samtidig')).versions.length, 1);
});

test('given ladders of others, presets and drafts, when somebody lists, looks or writes, then it gets what is for it, and nothing of others', async () => {
  const seen = await listOwnLadders(town.ctx, stranger, {});
  assert.deepEqual(
    seen.ladders.map(({ id, kind }) => `${id} ${kind}`),
    [
      'confidential preset',
      'cz-data-box draft',
      'de-retrieval draft',
      'file-transfer preset',
      'it-platform draft',
      'ks-paper draft',
      'ordinary preset',
    ],
  );
  assert.match(seen.ladders[5]!.drawnFrom!.fact, /two working days/);
  assert.equal(seen.next, null);
  assert.ok((await listOwnLadders(town.ctx, police, {})).ladders.some(({ id }) => id === 'politiet-rask'));
  const rest = await listOwnLadders(town.ctx, police, { after: 'ks-paper' });
  assert.ok(!rest.ladders.some(({ id }) => id === 'confidential'));
  await refused('ladderNotFound', () => showLadder(town.ctx, stranger, 'politiet-rask'));
  await refused('ladderNotFound', () => showLadder(town.ctx, police, 'no-such'));
  await refused('ladderOfOthers', () => putLadder(town.ctx, stranger, 'politiet-rask', written(notify, ask)));
  await refused('ladderOfOthers', () => putLadder(town.ctx, police, 'ordinary', written(notify, ask)));
  await refused('notOrganization', () => putLadder(town.ctx, ownerCaller(null), 'mine', written(notify, ask)));
  await refused('ladderMisfit', () => putLadder(town.ctx, police, 'mine', written(notify, notify)));
});

test('given as many ladders or versions as an owner may have, when it writes one more, then it is refused', async () => {
  const many = ownerCaller(await town.organization('Mange stiger'));
  const steps = JSON.stringify([notify, ask]);
  await town.db.pool.query(
    `insert into watch.ladder (id, version, owner_id, steps) select 'mange-' || n, 1, $1::uuid, $2::jsonb from generate_series(1, 199) n
      union all select 'mange-200', n, $1::uuid, $2::jsonb from generate_series(1, 1000) n`,
    [many.consumer, steps],
  );
  await refused('tooManyLadders', () => putLadder(town.ctx, many, 'mange-201', written(notify, ask)));
  await refused('tooManyVersions', () => putLadder(town.ctx, many, 'mange-200', written(notify)));
  const page = await listOwnLadders(town.ctx, many, {});
  assert.deepEqual([page.ladders.length, page.next], [50, page.ladders.at(-1)!.id]);
});

test('given an instant, when a ladder is previewed, then its days stand in order, in Norway, and nothing is written', async () => {
  const steps = written(notify, { ...ask, after: 'P2D' }, { ...step('print', 'P2D', { who: 'print', text: 'print' }), workingDays: true });
  const preview = await nothingWritten(town.db, () => previewLadder(town.ctx, police, { publishedAt: '2026-04-01T22:30:00+02:00', steps }));
  assert.deepEqual(
    preview.steps.map(({ name, dueAt, dueOn }) => [name, dueAt, dueOn]),
    [
      ['notify', '2026-04-01T20:30:00.000Z', '2026-04-01'],
      ['ask-sender', '2026-04-03T20:30:00.000Z', '2026-04-03'],
      ['print', '2026-04-08T20:30:00.000Z', '2026-04-08'],
    ],
  );
  assert.equal(preview.thenAskedAt, '2026-04-15T20:30:00.000Z');
  assert.equal((await previewLadder(town.ctx, stranger, { publishedAt: '2026-04-01T10:00:00Z', ladder: 'ks-paper' })).steps.length, 5);
  await refused('oneOf', () => previewLadder(town.ctx, police, { publishedAt: '2026-04-01T10:00:00Z' }));
  await refused('oneOf', () => previewLadder(town.ctx, police, { publishedAt: '2026-04-01T10:00:00Z', ladder: 'ordinary', steps }));
  await refused('ladderNotFound', () =>
    previewLadder(town.ctx, stranger, { publishedAt: '2026-04-01T10:00:00Z', ladder: 'politiet-rask' }),
  );
  await refused('ladderMisfit', () => previewLadder(town.ctx, police, { publishedAt: '2026-04-01T10:00:00Z', steps: written(ask, ask) }));
});

test('given a resource, when its owner chooses a ladder, then what is sent from then on climbs it, and what was sent keeps its own', async () => {
  const resource = await town.resource(['DAGL']);
  const ladderOf = async () => (await findResource(town.db, resource))!.ladder;
  const before = await town.sent(party, resource, { ladder: await ladderOf() });
  await putLadder(town.ctx, police, 'politiet-valgt', written(notify, ask));

  assert.deepEqual(await chooseLadder(town.ctx, police, resource, { ladder: 'politiet-valgt' }), {
    ladder: 'politiet-valgt',
    version: 1,
    limits: null,
  });
  const then = await town.sent(party, resource, { ladder: await ladderOf() });
  await putLadder(town.ctx, police, 'politiet-valgt', written(notify));
  const last = await town.sent(party, resource, { ladder: await ladderOf() });

  const named = await Promise.all([before, then, last].map(async (letter) => (await town.watch(letter)).ladder));
  assert.deepEqual(named, [
    { name: 'ordinary', version: 1 },
    { name: 'politiet-valgt', version: 1 },
    { name: 'politiet-valgt', version: 2 },
  ]);
  await nothingWritten(town.db, () => chooseLadder(town.ctx, police, resource, { ladder: 'politiet-valgt' }));
});

test('given people and systems who write ladders and choose them, when the owner asks who did what, then each change stands there once, newest first, page by page', async () => {
  const resource = await town.resource(['DAGL']);
  const kari = { ...police, kind: 'organization', consumer: null, actor: await town.person('Kari Endrer', null) } as Caller;
  const first = await putLadder(town.ctx, kari, 'politiet-hvem', written(notify, ask));
  assert.deepEqual(first.madeBy, { kind: 'person', name: 'Kari Endrer', client: null });
  await putLadder(town.ctx, { ...police, clientId: 'fagsystem' }, 'politiet-hvem', written(notify));
  const { versions } = await showLadder(town.ctx, police, 'politiet-hvem');
  assert.deepEqual(
    versions.map(({ madeBy }) => [madeBy?.kind, madeBy?.client]),
    [
      ['system', 'fagsystem'],
      ['person', null],
    ],
  );

  await chooseLadder(town.ctx, kari, resource, { ladder: 'politiet-hvem', limits });
  await nothingWritten(town.db, () => chooseLadder(town.ctx, police, resource, { ladder: 'politiet-hvem', limits: { ...limits } }));
  await Promise.all(['ordinary', 'ordinary'].map((ladder) => chooseLadder(town.ctx, police, resource, { ladder })));
  const { choices, next } = await listLadderChoices(town.ctx, police, resource, {});
  assert.deepEqual(
    choices.map(({ ladder, by, limits: bounds }) => [ladder, by?.name ?? null, bounds !== null]),
    [
      ['ordinary', 'Sør-Øst politidistrikt', true],
      ['politiet-hvem', 'Kari Endrer', true],
    ],
  );
  assert.equal(next, null);
  const older = await listLadderChoices(town.ctx, police, resource, { before: choices[0]!.id });
  assert.deepEqual(older.choices, choices.slice(1));
  await refused('resourceNotYours', () => listLadderChoices(town.ctx, stranger, resource, {}));
  await refused('notOrganization', () => listLadderChoices(town.ctx, ownerCaller(null), resource, {}));
  await assert.rejects(town.db.pool.query('delete from watch.ladder_choice'), { code: 'BS038' });
});

test('given a resource, when others choose, or its owner chooses what it may not use, then it is refused', async () => {
  const resource = await town.resource(['DAGL']);
  await putLadder(town.ctx, stranger, 'fremmed-stige', written(notify, ask));
  await refused('resourceNotYours', () => chooseLadder(town.ctx, stranger, resource, { ladder: 'ordinary' }));
  await refused('resourceNotYours', () => chooseLadder(town.ctx, police, 'no-such' as ResourceId, { ladder: 'ordinary' }));
  await refused('resourceNotYours', () => showResourceLadder(town.ctx, stranger, resource));
  await refused('notOrganization', () => showResourceLadder(town.ctx, ownerCaller(null), resource));
  await refused('ladderNotFound', () => chooseLadder(town.ctx, police, resource, { ladder: 'fremmed-stige' }));
  await refused('ladderIsDraft', () => chooseLadder(town.ctx, police, resource, { ladder: 'ks-paper' }));
  for (const ladder of ['ks-paper', 'fremmed-stige', 'no-such'])
    await refused('limitsMisfit', () =>
      chooseLadder(town.ctx, police, resource, { ladder: 'ordinary', limits: { ...limits, ladders: [ladder] } }),
    );
  await chooseLadder(town.ctx, police, resource, { ladder: 'confidential', limits });
  assert.deepEqual(await showResourceLadder(town.ctx, police, resource), { ladder: 'confidential', version: 1, limits });
  await chooseLadder(town.ctx, police, resource, { ladder: 'confidential' });
  assert.deepEqual((await showResourceLadder(town.ctx, police, resource)).limits, limits);
  assert.equal((await chooseLadder(town.ctx, police, resource, { ladder: 'confidential', limits: null })).limits, null);
});

test('given a resource that lets senders write, when a message gets steps of its own before and after it is told, then what was done stays and the rest is planned anew', async () => {
  const resource = await town.resource(['DAGL']);
  await chooseLadder(town.ctx, police, resource, { ladder: 'ordinary', limits });
  const letter = await town.sent(party, resource);
  await town.work();

  await change(letter, { steps: written(notify, step('remind', 'P3D', { who: 'openers', channel: 'preferred', text: 'reminder' }), ask) });
  assert.deepEqual(await toCome(letter), [
    ['remind', 3, 'sender'],
    ['ask-sender', 10, 'sender'],
  ]);
  assert.equal((await town.watch(letter)).nextAction, 'remind');
  await town.pass(3);
  await change(letter, { changes: [{ name: 'ask-sender', after: 'P2D' }] });
  const quiet = await town.resource(['DAGL']);
  await chooseLadder(town.ctx, police, quiet, { ladder: 'ordinary', limits: { ...limits, turnsTo: ['openers'] } });
  const hushed = await town.sent(party, quiet);
  await refused('beyondLimits', () => change(hushed, { changes: [{ name: 'tell-sender', channel: 'event', after: 'P19D' }] }));
  assert.equal((await town.watch(letter)).nextAction, 'ask-sender');
  await town.work();

  assert.deepEqual(
    (await town.evidence(letter)).map((line) => line.replace('LadderStep ', '')),
    ['notify', 'change-ladder', 'remind', 'change-ladder', 'ask-sender'],
  );
  assert.equal((await town.notices(letter)).length, 2);
  const [taken] = (await listEvidence(town.db, [letter.about])).filter(({ core }) => core.step === 'remind');
  assert.equal(taken!.core.source, 'sender');
  await town.invariantsHold();
});

test('given a letter that is not published yet, when its ladder is changed, then it begins with that, and other letters with theirs', async () => {
  const resource = await town.resource(['DAGL']);
  await putLadder(town.ctx, police, 'politiet-alene', written(step('tell', 'P1D')));
  await chooseLadder(town.ctx, police, resource, { ladder: 'ordinary', limits: { ...limits, own: false, ladders: ['politiet-alene'] } });
  const [letter, other] = [await town.begun(party, resource), await town.begun(party, resource)];

  await change(letter, { ladder: 'politiet-alene' });
  await town.publish(letter);
  await town.publish(other);

  assert.equal((await town.watch(letter)).nextAction, 'tell');
  assert.equal((await town.watch(other)).nextAction, 'notify');
  await refused('beyondLimits', () => change(other, { steps: written(step('tell', 'P1D')) }));
  await refused('beyondLimits', () => change(other, { ladder: 'confidential' }));
  await town.invariantsHold();
});

test('given a ladder of which every step is behind, when a message changes to it, then what was not done is due at once, and the sender is asked in a week where nothing is left', async () => {
  const resource = await town.resource(['DAGL']);
  await chooseLadder(town.ctx, police, resource, { ladder: 'ordinary', limits: { ...limits, notBefore: null, within: null } });
  const [late, empty] = [await town.sent(party, resource), await town.sent(party, resource)];
  await town.work();
  await town.pass(2);
  await change(late, { steps: written(notify, step('tell', 'P1D')) });
  await change(empty, { steps: written(notify) });

  assert.equal((await town.watch(late)).nextAction, 'tell');
  assert.deepEqual(
    (await town.watch(empty)).steps.filter(({ state }) => state === 'due').map(({ name }) => name),
    ['await-decision'],
  );
  await town.work();
  assert.ok((await town.evidence(late)).includes('LadderStep tell'));
  await town.invariantsHold();
});

test('given steps that were passed over, when a message puts some of them off to after that, then those come, and what was passed over by then or done does not come again', async () => {
  const resource = await town.resource(['DAGL']);
  const empty = await town.organization('Tomt hus');
  const remind = (name: string, after: string) => step(name, after, { who: 'openers', channel: 'preferred', text: 'reminder' });
  await putLadder(
    town.ctx,
    police,
    'politiet-purrer',
    written(notify, remind('first', 'P1D'), step('tell', 'P2D'), remind('second', 'P3D'), ask),
  );
  await chooseLadder(town.ctx, police, resource, { ladder: 'politiet-purrer', limits: { ...limits, mostSteps: 5, notBefore: null } });
  const letter = await town.sent(empty, resource, { ladder: 'politiet-purrer' });
  await town.work();
  await town.pass(3);
  const passed = (await town.watch(letter)).steps.filter(({ state }) => state === 'skipped').map(({ name }) => name);
  assert.deepEqual(passed.sort(), ['first', 'notify', 'second']);

  await change(letter, {
    changes: [
      { name: 'notify', after: 'P4D' },
      { name: 'second', after: 'P5D' },
      { name: 'tell', after: 'P6D' },
    ],
  });
  assert.deepEqual(await toCome(letter), [
    ['notify', 4, 'sender'],
    ['second', 5, 'sender'],
    ['ask-sender', 10, 'policy'],
  ]);
  await town.role(await town.person('Ny leder', 'ny-leder@example.no'), 'daglig-leder', empty);
  await town.pass(2);
  const statesOf = async (name: string) => (await town.watch(letter)).steps.filter((each) => each.name === name).map(({ state }) => state);
  assert.deepEqual(await statesOf('first'), ['skipped']);
  assert.deepEqual(await statesOf('second'), ['skipped', 'done']);
  await town.invariantsHold();
});

test('given the limits of a resource, when a message would go beyond them or is past changing, then it is refused', async () => {
  const resource = await town.resource(['DAGL']);
  const letter = await town.sent(party, resource);
  await refused('beyondLimits', () => change(letter, { changes: [{ name: 'remind', after: 'P3D' }] }));
  await chooseLadder(town.ctx, police, resource, { ladder: 'ordinary', limits });
  await refused('oneOf', () => change(letter, {}));
  await refused('oneOf', () => change(letter, { ladder: 'ordinary', steps: written(ask) }));
  await refused('beyondLimits', () => change(letter, { changes: [{ name: 'remind', after: 'PT1H' }] }));
  await refused('beyondLimits', () => change(letter, { changes: [{ name: 'remind', after: 'P21D' }] }));
  await refused('beyondLimits', () =>
    change(letter, { steps: written(step('tell', 'P2D'), step('lead', 'P2D', { who: 'key-roles', channel: 'email', text: 'key-roles' })) }),
  );
  await refused('beyondLimits', () =>
    change(letter, { steps: written(step('a', 'P2D'), step('b', 'P3D'), step('c', 'P4D'), step('d', 'P5D')) }),
  );
  await refused('ladderMisfit', () => change(letter, { steps: written(step('a', 'P2D'), step('a', 'P3D')) }));
  await refused('ladderMisfit', () =>
    change(letter, {
      changes: ['notify', 'notify-grantors', 'remind', 'tell-sender', 'ask-sender'].map((name) => ({ name, leaveOut: true })),
    }),
  );
  await refused('stepUnknown', () => change(letter, { changes: [{ name: 'no-such', after: 'P2D' }] }));
  await refused('ladderNotFound', () => change(letter, { ladder: 'no-such' }));
  await refused('ladderIsDraft', () => change(letter, { ladder: 'ks-paper' }));
  await town.db.transaction((tx) => noteOpened(tx, [{ ...letter, at: town.ctx.now(), by: null, kind: 'person' }]));
  await refused('tooLate', () => change(letter, { ladder: 'ordinary' }));
  await refused('tooLate', () => change({ ...letter, about: newId() }, { ladder: 'ordinary' }));
});

test('given two changes of one ladder at once, when both are made, then the steps of the second stand, each once', async () => {
  const resource = await town.resource(['DAGL']);
  await chooseLadder(town.ctx, police, resource, { ladder: 'ordinary', limits });
  const letter = await town.sent(party, resource);
  await town.work();
  await Promise.all(['P2D', 'P3D', 'P4D'].map((after) => change(letter, { changes: [{ name: 'remind', after }] })));
  assert.equal((await toCome(letter)).filter(([name]) => name === 'remind').length, 1);
  await town.pass(14);
  const steps = (await town.evidence(letter)).filter((line) => !line.includes('change-ladder'));
  assert.deepEqual(steps, ['LadderStep notify', 'LadderStep remind', 'LadderStep tell-sender', 'LadderStep ask-sender']);
  await town.invariantsHold();
});

const asking = { ...town.ctx, publicUrl: 'https://post.example.no' };
const asked = () =>
  town.db.all<{ address: string; body: string }>(
    sql`select address, body from notifications.notice where purpose = 'confirm-address' order by id`,
  );

test('given a sender that names a stranger as second contact, when it is put, then that is asked once and hears of nothing until it has pressed the button', async () => {
  const name = (email: string | null, sms: string | null) => putSecondContact(asking, stranger, { email, sms });
  const isTold = async () => (await findSecondContacts(town.db, [stranger.consumer!])).get(stranger.consumer!);
  assert.deepEqual(await showSecondContact(town.ctx, stranger), { email: null, sms: null, emailConfirmed: false, smsConfirmed: false });
  const put = await name('Fremmed@annen.example', '+4790000000');
  assert.deepEqual(put, { email: 'fremmed@annen.example', sms: '+4790000000', emailConfirmed: false, smsConfirmed: false });
  assert.equal(await isTold(), undefined);
  for (let n = 0; n < 3; n += 1) {
    await name(null, null);
    await name('fremmed@annen.example', '+4790000000');
  }
  const mails = await asked();
  assert.deepEqual(mails.map(({ address }) => address).sort(), ['+4790000000', 'fremmed@annen.example'], 'once each');

  const token = /addresses\/([\w-]{43})/.exec(mails.find(({ address }) => address.includes('@'))!.body)![1]!;
  await askSecondContact(town.ctx, token);
  assert.equal(await isTold(), undefined, 'looking is no answer');
  await confirmSecondContact(town.ctx, token);
  const language = await confirmSecondContact(town.ctx, token);
  assert.equal(language, 'nb');
  for (const [spoken, words] of [
    [language, 'Bekreft adressen'],
    ['nn', 'Stadfest adressa'],
    ['en', 'Confirm the address'],
  ] as const)
    assert.match(askPage(spoken), new RegExp(`<html lang="${spoken}">.*${words}`, 's'), 'in the language of who has named it');
  assert.deepEqual(await isTold(), { email: 'fremmed@annen.example', sms: null });
  assert.equal((await showSecondContact(town.ctx, stranger)).emailConfirmed, true);
  await refused('linkInvalid', () => confirmSecondContact(town.ctx, 'x'.repeat(43)));

  await town.pass(8);
  await name('fremmed@annen.example', '+4790000000');
  assert.equal((await asked()).length, 3, 'who has not answered within a week is asked again, and who has is not');
  await name(null, null);
  assert.equal(await isTold(), undefined);
});

test('given addresses of its own, none at all or too many, when a sender names them, then they count at once and as long as the register has them, or are refused', async () => {
  const before = (await asked()).length;
  assert.equal((await putSecondContact(asking, police, { email: 'post@politiet.example', sms: null })).emailConfirmed, true);
  assert.equal((await asked()).length, before);
  const isTold = async () => (await findSecondContacts(town.db, [police.consumer!])).get(police.consumer!);
  assert.deepEqual(await isTold(), { email: 'post@politiet.example', sms: null });
  const register = (address: string) =>
    town.db.transaction(async (tx) =>
      saveContactPoints(tx, [{ party: police.consumer!, points: [{ channel: 'email' as const, address }] }]),
    );
  await register('ny@politiet.example');
  assert.deepEqual([await isTold(), (await showSecondContact(town.ctx, police)).emailConfirmed], [undefined, false]);
  await putSecondContact(asking, police, { email: 'post@politiet.example', sms: null });
  assert.equal((await asked()).length, before + 1, 'it is asked like any other');
  await register('post@politiet.example');
  assert.deepEqual(
    [await isTold(), (await showSecondContact(town.ctx, police)).emailConfirmed],
    [{ email: 'post@politiet.example', sms: null }, true],
  );
  await refused('addressInvalid', () => putSecondContact(asking, stranger, { email: 'no address', sms: null }));
  await refused('addressInvalid', () => putSecondContact(asking, stranger, { email: null, sms: '99999999' }));
  await refused('notOrganization', () => putSecondContact(asking, ownerCaller(null), { email: null, sms: null }));
  const eager = ownerCaller(await town.organization('Ivrig etat'));
  for (let n = 0; n < 10; n += 1) await putSecondContact(asking, eager, { email: `en-${n}@annen.example`, sms: null });
  await refused('tooManyAsked', () => putSecondContact(asking, eager, { email: 'en-til@annen.example', sms: null }));
});

test('given a ladder in the table that no owner could have written, when its name is used, then its first step is planned all the same', async () => {
  await saveSteps(town.db, 'sealed-only', [step('notify-grantors', 'PT0S', { who: 'grantors', text: 'sealed', when: ['grant-needed'] })]);
  const letter = await town.sent(party, await town.resource(['DAGL']), { ladder: 'sealed-only' });
  assert.deepEqual(
    await toCome(letter),
    [
      ['await-decision', 7, 'policy'],
      ['notify-grantors', 0, 'policy'],
    ].reverse(),
  );
  await town.invariantsHold();
});

test('given a letter that must be followed up within two weeks, when its sender counts fourteen working days, then it is refused as twenty calendar days are', async () => {
  const resource = await town.resource(['DAGL']);
  await chooseLadder(town.ctx, police, resource, { ladder: 'ordinary', limits: { ...limits, notBefore: null, within: 'P14D' } });
  const fourteen = { ...step('late', 'P14D'), workingDays: true };
  for (const letter of [await town.sent(party, resource), await town.begun(party, resource)])
    await refused('beyondLimits', () => change(letter, { steps: written(notify, ask, fourteen) }));
  await change(await town.sent(party, resource), { steps: written(notify, { ...step('tell', 'P5D'), workingDays: true }) });
});

test('given a change that names one step twice, when it is made, then it is refused and neither is dropped in silence', async () => {
  const resource = await town.resource(['DAGL']);
  await chooseLadder(town.ctx, police, resource, { ladder: 'ordinary', limits });
  const letter = await town.sent(party, resource);
  await refused('ladderMisfit', () =>
    change(letter, {
      changes: [
        { name: 'remind', after: 'P9D' },
        { name: 'remind', after: 'P3D' },
      ],
    }),
  );
});

test('given limits on what a sender may do, when it leaves out the steps that tell the reader and the sender, then it is refused', async () => {
  const resource = await town.resource(['DAGL']);
  const choose = (over: Partial<LadderLimits>) =>
    chooseLadder(town.ctx, police, resource, { ladder: 'ordinary', limits: { ...limits, notBefore: null, within: null, ...over } });
  await choose({ turnsTo: ['openers'] });
  const letter = await town.sent(party, resource);
  const out = (...names: string[]) => change(letter, { changes: names.map((name) => ({ name, leaveOut: true })) });
  await refused('beyondLimits', () => out('tell-sender'));
  await refused('ladderMisfit', () => out('notify', 'remind'));
  await choose({});
  await refused('ladderMisfit', () => change(letter, { steps: written(ask) }));
  await choose({ turnsTo: ['openers', 'sender', 'grantors'], within: 'P14D' });
  await refused('beyondLimits', () => change(letter, { steps: written(notify, ask) })); // those who could let somebody in would hear no more
  await choose({ turnsTo: ['openers'], within: 'P14D' });
  await refused('beyondLimits', () => out('remind'));
  await choose({ turnsTo: ['openers', 'sender'], mostSteps: 1 });
  await refused('beyondLimits', () => out('remind', 'tell-sender'));
  await out('remind');
  await choose({ turnsTo: ['openers'] });
  await change(letter, { steps: written(notify) });
  const named = (await town.watch(letter)).steps.map(({ name }) => name);
  assert.ok(named.includes('tell-sender') && named.includes('ask-sender'), named.join());
});

test('given a letter that is days old, when its sender sends ladder after ladder of overdue reminders, then the reader gets one in a day, and the ladder is changed no more than twenty times', async () => {
  const resource = await town.resource(['DAGL']);
  await chooseLadder(town.ctx, police, resource, {
    ladder: 'ordinary',
    limits: { ...limits, mostSteps: 20, notBefore: null, within: null },
  });
  const letter = await town.sent(party, resource);
  await town.pass(5);
  assert.equal((await town.notices(letter)).length, 1);
  const remind = (name: string, after: string) => step(name, after, { who: 'openers', channel: 'preferred', text: 'reminder' });
  const wish = (n: number) => ({
    steps: written({ ...notify, name: `notify${n}` }, remind(`x${n}`, 'P1D'), remind(`y${n}`, 'P2D'), remind(`z${n}`, 'P3D'), ask),
  });
  for (let n = 1; n <= 3; n += 1) {
    await change(letter, wish(n));
    await town.work();
  }
  assert.equal((await town.notices(letter)).length, 2);
  assert.ok((await town.watch(letter)).steps.some(({ reason }) => reason === 'told-already'));
  await nothingWritten(town.db, () => change(letter, wish(3)));
  for (let n = 4; n <= 20; n += 1) await change(letter, wish(n));
  await refused('tooManyChanges', () => change(letter, wish(21)));
  await town.work();
  assert.equal((await town.notices(letter)).length, 2);
  await town.invariantsHold();
});

test('given an owner with nearly as many ladders as it may have, when twenty systems write new ones at once, then the bound holds', async () => {
  const many = ownerCaller(await town.organization('Nesten full'));
  await town.db.pool.query(
    `insert into watch.ladder (id, version, owner_id, steps) select 'nesten-' || n, 1, $1::uuid, $2::jsonb from generate_series(1, 195) n`,
    [many.consumer, JSON.stringify([notify, ask])],
  );
  const done = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => putLadder(town.ctx, many, `race-${n}`, written(notify, ask))));
  assert.equal(done.filter(({ status }) => status === 'fulfilled').length, 5);
});

test('given an instant outside the calendar, when a ladder is previewed, then it is refused', async () => {
  for (const publishedAt of ['9999-12-31T23:59:59Z', '0001-01-01T00:00:00Z'])
    await refused('outsideCalendar', () => previewLadder(town.ctx, police, { publishedAt, ladder: 'ordinary' }));
});

test('given an owner that is gone, when it writes or chooses a ladder or names a second contact, then it is refused, and sees what it has chosen', async () => {
  const closing = await town.organization('Gammel etat');
  const gone = ownerCaller(closing);
  const { number, name } = (await findParty(town.db, closing))!;
  await putLadder(town.ctx, gone, 'gammel-rask', written(notify, ask));
  await town.db.transaction(async (tx) => saveParties(tx, [{ kind: 'organization', number, name, deletedAt: '2026-01-01T00:00:00Z' }]));
  await refused('notOrganization', () => putLadder(town.ctx, gone, 'gammel-rask', written(notify)));
  await refused('notOrganization', () => chooseLadder(town.ctx, gone, 'hva-som-helst' as ResourceId, { ladder: 'gammel-rask' }));
  await refused('notOrganization', () =>
    putSecondContact({ ...town.ctx, publicUrl: 'https://x.example' }, gone, { email: 'en@annen.example', sms: null }),
  );
  assert.equal((await showLadder(town.ctx, gone, 'gammel-rask')).versions.length, 1);
});
