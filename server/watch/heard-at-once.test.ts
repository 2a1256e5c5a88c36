import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announceAccessChanges } from '#access/index.ts';
import { sql } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { findParty, saveParties } from '#register/index.ts';
import { unreadInvariants } from '../unread/invariants.ts';
import { sweepVersions } from './reevaluate.ts';
import { confidentialPackage, Town } from './testing/town.ts';

/** Who hears without waiting for a day of the ladder: the sender where nobody can open, and whoever came in the place of those who were told. */
const town = await Town.open();
const reserve = await town.organization('Statsforvalteren', [{ channel: 'email', address: 'reserve@statsforvalteren.example' }]);
const resource = await town.resource(['DAGL']);
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
        sql`update notifications.notice set state = 'handed-over', attempts = 1, message_id = id::text where state = 'due'`,
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

test('given a mail to a sender that comes back, when no other has gone since, then the alarm rings until one has', async () => {
  const bounced = unreadInvariants.find(({ name }) => name.startsWith('no mail to a sender'))!;
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
