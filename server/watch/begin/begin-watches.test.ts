import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql, type Tx } from '#kernel/database.ts';
import { newId } from '#kernel/ids.ts';
import { nothingWritten } from '../../../test/nothing-written.ts';
import { outcomes } from '../states.ts';
import { Town } from '../testing/town.ts';
import type { WatchBegin } from '../types.ts';
import { beginWatches } from './begin-watches.ts';
import { publishWatches } from './publish-watches.ts';

const town = await Town.open();
const { party, chief } = await town.municipality('Skien kommune');
const resource = await town.resource(['DAGL']);
const day = 24 * 3_600_000;

const stepsOf = async (about: string) => (await town.watch({ about })).steps.map((s) => `${s.name} ${s.source} ${s.state}`);

test('given a letter that is accepted and published at once, when the watch is read, then the ladder counts from publication and notifying is next', async () => {
  const letter = await town.sent(party, resource);
  const watch = await town.watch(letter);
  assert.deepEqual(
    [watch.state, watch.class, watch.openers, watch.nextAction, watch.outcome],
    ['published', 'REACHABLE', 1, 'notify', null],
  );
  assert.equal(watch.nextActionAt, letter.at.toISOString());
  assert.deepEqual(
    watch.steps.filter((s) => s.state === 'due').map((s) => [s.name, (new Date(s.dueAt).getTime() - letter.at.getTime()) / day]),
    [
      ['notify', 0],
      ['remind', 7],
      ['tell-sender', 8],
      ['ask-sender', 14],
    ],
  );
  await town.invariantsHold();
});

test('given a letter with its time of publication, when accepted, then it is the same as beginning and publishing', async () => {
  const letter = await town.letter(party, resource);
  await town.db.transaction(async (tx) => beginWatches(tx, [{ ...letter, publishedAt: letter.at }]));
  const once = await town.watch(letter);
  const twice = await town.watch(await town.sent(party, resource, { at: letter.at }));
  const { about: _, steps, ...rest } = twice;
  assert.deepEqual(
    { ...once, about: '', steps: once.steps.map((s) => s.name).sort() },
    {
      ...rest,
      about: '',
      steps: steps
        .filter((s) => s.name !== 'check-publication')
        .map((s) => s.name)
        .sort(),
    },
  );
});

test('given a letter for later, when accepted, then publishing is next, a quarter of an hour after it somebody looks, and the sender hears daily', async () => {
  const at = town.ctx.now();
  const letter = await town.letter(party, resource, { at, expectedPublishAt: new Date(at.getTime() + 2 * day) });
  await town.db.transaction(async (tx) => beginWatches(tx, [letter]));
  const before = await town.watch(letter);
  assert.deepEqual([before.state, before.cause, before.nextAction], ['begun', 'not-published', 'publish']);
  assert.equal(before.nextActionAt, letter.expectedPublishAt.toISOString());
  await town.invariantsHold();

  await town.pass(2);
  assert.deepEqual(await town.events(letter), []);
  await town.advance(16 * 60);
  await town.work();
  const hung = await town.watch(letter);
  assert.equal(hung.nextAction, 'check-publication');
  assert.ok(Math.abs(new Date(hung.nextActionAt!).getTime() - town.ctx.now().getTime() - day) < 5000);
  await town.pass(2);
  assert.deepEqual(await town.events(letter), ['unread', 'unread', 'unread']);
  assert.deepEqual(await town.evidence(letter), Array(3).fill('LadderStep check-publication'));
  await town.invariantsHold();

  await town.db.transaction(async (tx) => publishWatches(tx, [{ ...letter, at: town.ctx.now() }]));
  assert.deepEqual((await town.watch(letter)).nextAction, 'notify');
  await town.work();
  await town.pass(2);
  assert.deepEqual(await town.events(letter), ['unread', 'unread', 'unread', 'step-taken']);
  await town.invariantsHold();
});

test('given a published letter, when published again, then nothing changes', async () => {
  const letter = await town.sent(party, resource);
  const before = await town.watch(letter);
  await nothingWritten(town.db, () =>
    town.db.transaction(async (tx) => publishWatches(tx, [{ ...letter, at: new Date(letter.at.getTime() + day) }])),
  );
  assert.deepEqual(await town.watch(letter), before);
});

test('given a sender that ordered a notification and a reminder, when published, then they take the place of the policy and nobody is told twice', async () => {
  const [notifyId, remindId] = [newId(), newId()];
  const letter = await town.sent(party, resource, {
    senderSteps: [
      { name: 'notify', orderId: notifyId, channel: 'EmailAndSms' },
      { name: 'remind', orderId: remindId, channel: 'Sms' },
    ],
  });
  const steps = await stepsOf(letter.about);
  assert.deepEqual(steps.filter((s) => /^(notify|remind) /.test(s)).sort(), ['notify sender due', 'remind sender due']);
  await town.work();
  const rows = await town.db.all(sql`
    select name, order_id as "orderId", spec ->> 'channel' as channel from watch.step where about = ${letter.about} and order_id is not null order by due_at`);
  assert.deepEqual(rows, [
    { name: 'notify', orderId: notifyId, channel: 'EmailAndSms' },
    { name: 'remind', orderId: remindId, channel: 'Sms' },
  ]);
});

test('given a ladder without a reminder, when the sender ordered one, then it is a step of its own after seven days', async () => {
  await town.db.transaction((tx) =>
    tx.run(sql`insert into watch.ladder (id, version, steps) values
      ('short', 1, '[{"name":"old","after":"P1D","when":[],"who":"sender","channel":"event","text":"sender-unread"}]'),
      ('short', 2, '[{"name":"tell-sender","after":"P2D","when":[],"who":"sender","channel":"event","text":"sender-unread"}]')`),
  );
  const letter = await town.sent(party, resource, {
    ladder: 'short',
    senderSteps: [{ name: 'remind', orderId: newId(), channel: 'Email' }],
  });
  const watch = await town.watch(letter);
  assert.deepEqual(watch.ladder, { name: 'short', version: 2 });
  assert.deepEqual(
    watch.steps.filter((s) => s.state === 'due').map((s) => [s.name, (new Date(s.dueAt).getTime() - letter.at.getTime()) / day]),
    [
      ['tell-sender', 2],
      ['remind', 7],
    ],
  );
});

test('given a ladder without a step, when stored, then it is refused', async () => {
  await nothingWritten(town.db, () =>
    assert.rejects(
      town.db.transaction((tx) => tx.run(sql`insert into watch.ladder (id, version, steps) values ('wrong', 1, '[]'::jsonb)`)),
      { code: '23514' },
    ),
  );
});

test('given a ladder that nobody knows, when something is accepted with it, then nothing is written', async () => {
  const letter = await town.letter(party, resource, { ladder: 'no-such' });
  await nothingWritten(town.db, () =>
    assert.rejects(
      town.db.transaction(async (tx) => beginWatches(tx, [letter])),
      { code: '23502' },
    ),
  );
});

test('given the same letter twice, when accepted, then the second is refused and nothing is written', async () => {
  const letter = await town.sent(party, resource);
  await nothingWritten(town.db, () =>
    assert.rejects(
      town.db.transaction(async (tx) => beginWatches(tx, [letter])),
      { code: '23505' },
    ),
  );
});

test('given 2000 letters, when accepted and published in one call each, then the number of statements is that of one', async () => {
  const one = await town.letter(party, resource);
  const many: WatchBegin[] = Array.from({ length: 2000 }, () => {
    const about = newId();
    return { ...one, about, needs: one.needs.map((need) => ({ ...need, instance: about })) };
  });
  const count = (rows: readonly WatchBegin[]) =>
    town.db.transaction(async (tx) => {
      let n = 0;
      const send: Tx['send'] = (query) => {
        n += 1;
        tx.send(query);
      };
      beginWatches({ ...tx, send }, rows);
      publishWatches({ ...tx, send }, rows);
      beginWatches({ ...tx, send }, []);
      publishWatches({ ...tx, send }, []);
      return n;
    });
  const statements = await count([one]);
  assert.equal(await count(many), statements);
  const { n } = await town.db.one<{ n: number }>(sql`
    select count(*)::int as n from watch.step where about = any(${many.map((m) => m.about)}::uuid[]) and state = 'due'`);
  assert.equal(n, 2000, 'the first day only; each later one is planned when the former is taken');
});

test('given the outcomes in code, when compared with the database, then it is the same closed list', async () => {
  const { definition } = await town.db.one<{ definition: string }>(sql`
    select pg_get_constraintdef(oid) as definition from pg_constraint where conrelid = 'watch.item'::regclass and conname = 'item_outcome_check'`);
  assert.deepEqual([...definition.matchAll(/'([a-z-]+)'::text/g)].map((m) => m[1]).sort(), [...outcomes].sort());
});

test('given a message without a watch, when it is stored, then the database refuses it (BS001)', async () => {
  const submission = newId();
  await nothingWritten(town.db, () =>
    assert.rejects(
      town.db.transaction(async (tx) => {
        await storeSubmission(tx, submission);
        await storeMessage(tx, submission, newId());
      }),
      { code: 'BS001' },
    ),
  );
});

test('given a watched message, when its state changes without evidence, then the database refuses it (BS003)', async () => {
  const letter = await town.letter(party, resource);
  const submission = newId();
  await town.db.transaction(async (tx) => {
    beginWatches(tx, [letter]);
    await storeSubmission(tx, submission);
    await storeMessage(tx, submission, letter.about);
  });
  await nothingWritten(town.db, () =>
    assert.rejects(
      town.db.transaction((tx) =>
        tx.run(
          sql`insert into correspondence.status (id, message_id, status, text, at) values (${newId()}, ${letter.about}, 'Read', 'Read', clock.now())`,
        ),
      ),
      { code: 'BS003' },
    ),
  );
});

test('given what the watch shows a sender, when read, then no person is in it', async () => {
  const letter = await town.sent(party, resource);
  await town.work();
  const shown = JSON.stringify(await town.watch(letter));
  assert.ok(!shown.includes(chief) && !/Leder|@/.test(shown));
});

function storeSubmission(tx: Tx, id: string) {
  return tx.run(sql`
    insert into correspondence.submission (id, resource_id, owner_id, senders_reference, language, title, body, requested_publish_at, content_sha256, created_by, created_at)
    values (${id}, ${resource}, ${town.police}, 'ref', 'nb', 'Tittel', 'Tekst', clock.now(), ${'0'.repeat(64)}, ${town.police}, clock.now())`);
}

function storeMessage(tx: Tx, submission: string, id: string) {
  return tx.run(sql`
    insert into correspondence.message (id, submission_id, resource_id, owner_id, recipient_id, requested_publish_at, state)
    values (${id}, ${submission}, ${resource}, ${town.police}, ${party}, clock.now(), 'Initialized')`);
}
