import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { newId, type PartyId, type ResourceId } from '#kernel/ids.ts';
import { nothingWritten } from '../../../test/nothing-written.ts';
import { sweepVersions } from '../openers/reevaluate.ts';
import { outcomes } from '../states.ts';
import { claimDueSteps } from '../store/step.ts';
import { Town } from '../testing/town.ts';
import { noteConfirmed, noteOpened } from './note-acts.ts';
import { notePartsGiven } from './note-parts.ts';
import { settleWatch } from './settle-watch.ts';

const town = await Town.open();
const { party, chief } = await town.municipality('Skien kommune');
const resource = await town.resource(['DAGL']);

const open = (about: string, kind: 'person' | 'system' = 'person') =>
  town.db.transaction((tx) => noteOpened(tx, [{ about, party, at: town.ctx.now(), by: chief, kind }]));
const confirm = (about: string) => town.db.transaction((tx) => noteConfirmed(tx, [{ about, party, at: town.ctx.now(), by: chief }]));

for (const [kind, outcome] of [
  ['person', 'opened'],
  ['system', 'handed-over'],
] as const) {
  test(`given an ordinary letter, when a ${kind} opens it, then it is settled as ${outcome} and every step and notice dies with it`, async () => {
    const letter = await town.sent(party, resource);
    await town.work();
    assert.deepEqual(await town.notices(letter), ['Leder i Skien kommune new-mail email due']);

    assert.deepEqual(await open(letter.about, kind), ['settled']);

    const watch = await town.watch(letter);
    assert.deepEqual([watch.state, watch.outcome, watch.nextAction, watch.cause], ['settled', outcome, null, null]);
    assert.ok(watch.steps.every((step) => step.state !== 'due'));
    assert.deepEqual(await town.notices(letter), ['Leder i Skien kommune new-mail email cancelled']);
    await town.pass(15);
    assert.deepEqual(await town.events(letter), ['step-taken']);
    await town.invariantsHold();
  });
}

test('given an opening that is rolled back, when the transaction ends, then the reminder still lives', async () => {
  const letter = await town.sent(party, resource);
  await town.work();
  await nothingWritten(town.db, () =>
    assert.rejects(
      town.db.transaction(async (tx) => {
        await noteOpened(tx, [{ about: letter.about, party, at: town.ctx.now(), by: chief, kind: 'person' }]);
        throw new Error('the answer could not be given');
      }),
    ),
  );
  assert.deepEqual([(await town.watch(letter)).outcome, await town.notices(letter)], [null, ['Leder i Skien kommune new-mail email due']]);
});

test('given a letter that is opened, when opened again, confirmed or settled again, then the first outcome stays', async () => {
  const letter = await town.sent(party, resource);
  await open(letter.about);
  const before = await town.watch(letter);
  assert.deepEqual(await open(letter.about, 'system'), ['was-settled']);
  assert.deepEqual(await confirm(letter.about), ['was-settled']);
  await town.db.transaction(async (tx) => settleWatch(tx, [{ about: letter.about, party, outcome: 'recalled', at: town.ctx.now() }]));
  assert.deepEqual(await town.watch(letter), before);
});

test('given a letter that asks for confirmation, when it is opened, then reminders go on to everybody who can open until someone confirms', async () => {
  const other = await town.reader(party, resource, 'Ola Nordmann');
  const letter = await town.sent(party, resource, { confirmNeeded: true, dueAt: new Date('2027-03-01T12:00:00Z') });
  await town.work();
  assert.deepEqual(await open(letter.about), ['still-open']);
  const opened = await town.watch(letter);
  assert.deepEqual([opened.state, opened.cause, opened.outcome], ['opened', 'opened-not-confirmed', null]);

  await town.pass(7);
  const reminded = (await town.notices(letter)).filter((line) => line.includes('reminder-confirm')).sort();
  assert.deepEqual(reminded, ['Leder i Skien kommune reminder-confirm email due', 'Ola Nordmann reminder-confirm email due']);

  await town.db.transaction((tx) => noteConfirmed(tx, [{ about: letter.about, party, at: town.ctx.now(), by: other }]));
  const watch = await town.watch(letter);
  assert.deepEqual([watch.outcome, watch.openedAt === opened.openedAt], ['confirmed', true]);
  assert.ok((await town.notices(letter)).every((line) => line.endsWith('cancelled')));
  await town.takeAway(party);
  await town.invariantsHold();
});

test('given a letter that is confirmed unseen, when it is opened at last, then it closes as confirmed, and not before', async () => {
  const letter = await town.sent(party, resource, { confirmNeeded: true });
  await town.work();
  assert.deepEqual(await confirm(letter.about), ['still-open']);
  const unseen = await town.watch(letter);
  assert.deepEqual([unseen.state, unseen.openedAt, unseen.outcome], ['published', null, null]);
  assert.ok(unseen.confirmedAt);

  await town.pass(7);
  assert.ok(
    (await town.notices(letter)).some((line) => line.includes('remind')),
    'reminders go on',
  );

  assert.deepEqual(await open(letter.about), ['settled']);
  const watch = await town.watch(letter);
  assert.deepEqual([watch.outcome, watch.confirmedAt === unseen.confirmedAt], ['confirmed', true]);
  await town.invariantsHold();
});

test('given an attachment that nobody may open, when the message is opened and confirmed, then it stays open until the attachment can be', async () => {
  const locked = await town.resource(['package:eksplisitt']);
  const about = newId();
  const letter = await town.sent(party, resource, {
    about,
    confirmNeeded: true,
    needs: [
      { resource, action: 'read', instance: about, policyVersion: await town.policyVersion(resource) },
      { resource: locked, action: 'read', instance: newId(), policyVersion: await town.policyVersion(locked) },
    ],
  });
  assert.deepEqual([(await town.watch(letter)).attachmentLocked, (await town.watch(letter)).cause], [true, 'attachment-locked']);
  assert.deepEqual(await open(about), ['still-open']);
  assert.deepEqual(await confirm(about), ['still-open']);
  assert.equal((await town.watch(letter)).outcome, null);

  await town.give(chief, party, { resource: locked });
  await town.work();
  await sweepVersions(town.ctx);
  assert.equal((await town.watch(letter)).attachmentLocked, false);
  assert.deepEqual(await open(about), ['settled']);
  assert.equal((await town.watch(letter)).outcome, 'confirmed');
  await town.takeAway(party);
});

/** A letter with files that each ask a right of their own. */
async function withFiles(resources: readonly ResourceId[], more: { readonly confirmNeeded?: boolean } = {}) {
  const about = newId();
  const files = resources.map((own) => ({ resource: own, instance: newId() }));
  const needs = await Promise.all(
    [{ resource, instance: about }, ...files].map(async (need) => ({
      ...need,
      action: 'read',
      policyVersion: await town.policyVersion(need.resource),
    })),
  );
  return { letter: await town.sent(party, resource, { about, needs, ...more }), files: files.map(({ instance }) => instance) };
}

const give = (about: string, parts: readonly string[], kind: 'person' | 'system' = 'person') =>
  town.db.transaction((tx) => notePartsGiven(tx, { about, party, parts, at: town.ctx.now(), by: chief, kind }));
const outcome = async (letter: { readonly about: string; readonly party: PartyId }) => (await town.watch(letter)).outcome;

test('given a letter that was opened while two of its files were locked, when the locks go and the last of the two is fetched, then it ends, and nothing of it is due; a file that was open needs no fetching', async () => {
  const [one, two] = [await town.resource(['package:eksplisitt']), await town.resource(['package:eksplisitt'])];
  const { letter, files } = await withFiles([one, two, await town.resource(['DAGL'])]);
  await give(letter.about, files.slice(1));
  assert.deepEqual(await open(letter.about), ['still-open']);
  await town.give(chief, party, { resource: one });
  await give(letter.about, [files[0]!]);
  assert.equal(await outcome(letter), null, 'the other is locked');
  await town.give(chief, party, { resource: two });
  await town.work();
  await sweepVersions(town.ctx);
  const unlocked = await town.watch(letter);
  assert.deepEqual([unlocked.attachmentLocked, unlocked.outcome], [false, null], 'nobody has it yet, but before the letter was opened');
  await give(letter.about, [files[1]!], 'system');
  await give(letter.about, files);
  const watch = await town.watch(letter);
  assert.deepEqual([watch.outcome, watch.steps.some((step) => step.state === 'due')], ['handed-over', false]);
  await town.takeAway(party);
  await town.invariantsHold();
});

test('given a letter that was opened while its file was locked, when it is to be confirmed, then the file alone does not end it, and the confirmation does', async () => {
  const own = await town.resource(['package:eksplisitt']);
  const { letter, files } = await withFiles([own], { confirmNeeded: true });
  await open(letter.about);
  await town.give(chief, party, { resource: own });
  await give(letter.about, files);
  assert.equal(await outcome(letter), null);
  assert.deepEqual(await confirm(letter.about), ['settled']);
  await town.takeAway(party);
});

test('given a letter that was opened, locked and confirmed, when the lock goes while a step of it is due, then it ends as confirmed and the step is not taken', async () => {
  const own = await town.resource(['package:eksplisitt']);
  await town.give(chief, party, { resource: own });
  const { letter } = await withFiles([own], { confirmNeeded: true });
  await town.work();
  assert.deepEqual(await open(letter.about), ['still-open']);
  await town.takeAway(party);
  await sweepVersions(town.ctx);
  assert.equal((await town.watch(letter)).attachmentLocked, true);
  assert.deepEqual(await confirm(letter.about), ['still-open']);
  await town.db.transaction(async (tx) => {
    await tx.one(sql`select 1 from watch.item where about = ${letter.about} for update`);
    await town.give(chief, party, { resource: own });
  });
  await town.pass(8);
  const watch = await town.watch(letter);
  assert.deepEqual([watch.outcome, watch.steps.filter(({ state }) => state === 'due')], ['confirmed', []]);
  await town.takeAway(party);
  await town.invariantsHold();
});

test('given a watch that was held while the right to its attachment was given, when the letter is opened, then it is settled at once', async () => {
  const locked = await town.resource(['package:eksplisitt']);
  const about = newId();
  const letter = await town.sent(party, resource, {
    about,
    needs: [
      { resource, action: 'read', instance: about, policyVersion: await town.policyVersion(resource) },
      { resource: locked, action: 'read', instance: newId(), policyVersion: await town.policyVersion(locked) },
    ],
  });
  await town.db.transaction(async (tx) => {
    await tx.one(sql`select 1 from watch.item where about = ${about} for update`);
    await town.give(chief, party, { resource: locked });
  });
  assert.equal((await town.watch(letter)).attachmentLocked, true, 'what others hold is passed by');

  assert.deepEqual(await open(about), ['settled']);
  const watch = await town.watch(letter);
  assert.deepEqual([watch.outcome, watch.attachmentLocked, watch.steps.some((step) => step.state === 'due')], ['opened', false, false]);
  await town.work();
  await town.takeAway(party);
  await town.invariantsHold();
});

for (const outcome of outcomes.filter((each) => each !== 'accepted-unread')) {
  test(`given an open letter, when it ends as ${outcome}, then nothing of it is due any more`, async () => {
    const letter = await town.sent(party, resource);
    await town.work();
    await town.db.transaction(async (tx) => settleWatch(tx, [{ about: letter.about, party, outcome, at: town.ctx.now() }]));
    const watch = await town.watch(letter);
    assert.deepEqual([watch.outcome, watch.steps.filter((s) => s.state === 'due').length], [outcome, 0]);
    await town.invariantsHold();
  });
}

test('given a sender that accepts it as unread, when it does not say who and why, then the database refuses and the watch goes on', async () => {
  const letter = await town.sent(party, resource);
  const settle = (reason: string | null) =>
    town.db.transaction(async (tx) =>
      settleWatch(tx, [
        {
          about: letter.about,
          party,
          outcome: 'accepted-unread',
          at: town.ctx.now(),
          by: reason ? chief : null,
          name: reason && 'Kari Berg',
          reason,
        },
      ]),
    );
  await nothingWritten(town.db, () => assert.rejects(settle(null), { code: '23514' }));
  assert.equal((await town.watch(letter)).outcome, null);
  await settle('Mottakeren har flyttet');
  assert.equal((await town.watch(letter)).outcome, 'accepted-unread');

  assert.deepEqual(await open(letter.about), ['was-settled']);
  const later = await town.watch(letter);
  assert.ok(later.openedAt, 'that it was opened after all is known');
  assert.equal(later.outcome, 'accepted-unread', 'as it ended it stays');
});

test('given a thing that nobody watches, when it is said to be opened, then that is a fault, and nothing is written', async () => {
  await nothingWritten(town.db, () => assert.rejects(open(newId()), /there is no watch/));
});

test('given a reminder that a worker is just taking, when somebody opens, then the opening waits and both cannot win unseen', async () => {
  const letter = await town.sent(party, resource);
  const settled = Promise.withResolvers<void>();
  let opening: Promise<unknown> = Promise.resolve();
  await town.db.transaction(async (tx) => {
    const claimed = await claimDueSteps(tx, 100);
    assert.ok(claimed.some((step) => step.about === letter.about));
    opening = open(letter.about).then(() => settled.resolve());
    const first = await Promise.race([settled.promise.then(() => 'opened'), new Promise((r) => setTimeout(() => r('waits'), 200))]);
    assert.equal(first, 'waits');
    await tx.run(sql`update watch.step set state = 'done' where id = any(${claimed.map((c) => c.id)}::uuid[])`);
  });
  await opening;
  assert.equal((await town.watch(letter)).outcome, 'opened');
  assert.ok((await town.watch(letter)).steps.every((step) => step.state !== 'due'));
});

test('given an opening that is not committed yet, when a worker comes for the reminder, then it passes it by and the reminder dies', async () => {
  const letter = await town.sent(party, resource);
  await town.db.transaction(async (tx) => {
    await noteOpened(tx, [{ about: letter.about, party, at: town.ctx.now(), by: chief, kind: 'person' }]);
    await town.work();
  });
  assert.deepEqual(await town.notices(letter), []);
  assert.deepEqual(await town.events(letter), []);
  await town.work();
  assert.deepEqual(await town.notices(letter), []);
});

test('given openings and reminders at the same time, many times over, then no notice is due for a letter that is opened', async () => {
  const letters = await Promise.all(Array.from({ length: 40 }, () => town.sent(party, resource)));
  await Promise.all([
    ...letters.map((letter) => open(letter.about)),
    ...Array.from({ length: 4 }, () => town.work()),
    ...letters.map((letter) =>
      town.db.transaction(async (tx) => settleWatch(tx, [{ ...letter, outcome: 'recalled', at: town.ctx.now() }])),
    ),
  ]);
  for (const letter of letters) {
    const watch = await town.watch(letter);
    assert.ok(watch.outcome === 'opened' || watch.outcome === 'recalled');
    assert.ok((await town.notices(letter)).every((line) => line.endsWith('cancelled')));
    assert.ok((await town.notices(letter)).length <= 1);
  }
  await town.invariantsHold();
});
