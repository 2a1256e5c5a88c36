import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { deliverDueNotices, onDeliveryFailed, onHandedOver, whatIsToldTogether, whichArePointless } from '#notifications/index.ts';
import { type ContactPoint, saveContactPoints, saveParties } from '#register/index.ts';
import { saveSecondContact } from '../store/second-contact.ts';
import { listToldTogether } from '../store/step.ts';
import { saveSteps, step } from '../testing/ladders.ts';
import { Town } from '../testing/town.ts';
import type { WatchBegin } from '../types.ts';
import { findMoved } from './find-moved.ts';
import { noteDeliveryFailed } from './note-delivery-failed.ts';
import { noteHandedOver } from './note-handed-over.ts';

const town = await Town.open();
onDeliveryFailed.fill(noteDeliveryFailed);
onHandedOver.fill(noteHandedOver);
whatIsToldTogether.fill(listToldTogether);
whichArePointless.fill(findMoved);
after(() => whichArePointless.fill(async () => new Map()));
afterEach(() => town.invariantsHold());
const resource = await town.resource(['DAGL']);

const went: string[] = [];
const take = async ({ to }: { readonly to: string }) => {
  went.push(to);
  return { kind: 'handed-over' as const, answer: 'ok' };
};
/** What workers do, until nothing is due. */
async function settleDown(): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await town.work();
    await deliverDueNotices({ ...town.ctx, mail: { send: take }, sms: { send: take }, mailFrom: 'post@budstikke.example' });
  }
  await town.work();
}

/** The next time that it is this hour by UTC, with what has fallen due since. */
async function until(hour: number): Promise<void> {
  const now = town.ctx.now();
  const then = new Date(now);
  then.setUTCHours(hour, 0, 0, 0);
  if (then <= now) then.setUTCDate(then.getUTCDate() + 1);
  await town.advance((then.getTime() - now.getTime()) / 1000);
  await settleDown();
}

const has = (party: PartyId, ...points: ContactPoint[]) => town.db.transaction(async (tx) => saveContactPoints(tx, [{ party, points }]));
const sms = (address: string): ContactPoint => ({ channel: 'sms', address });
const email = (address: string): ContactPoint => ({ channel: 'email', address });

async function reader(at: PartyId, name: string, ...points: ContactPoint[]): Promise<PartyId> {
  const person = await town.person(name, null);
  await has(person, ...points);
  await town.role(person, 'daglig-leder', at);
  return person;
}

const failures = (letter: WatchBegin) =>
  town.db.all<{ to: string; reason: string; together: boolean | null }>(sql`
    select p.name as "to", e.core::jsonb ->> 'reason' as reason, (e.core::jsonb ->> 'together')::boolean as together
      from evidence.evidence e join evidence.event v on v.code = e.event
      left join register.party p on p.id = (e.who::jsonb ->> 'to')::uuid
     where e.about = ${letter.about} and v.name = 'ConsignmentNotificationFailure' order by e.id`);
const gone = 'urn:budstikke:reason:address-gone';
const night = [
  step('notify', 'PT0S', { who: 'openers', channel: 'preferred', text: 'new-mail' }),
  step('tell', 'P8D', { channel: 'preferred' }),
];
const ladder = `natt-${newId().slice(-12)}`;
await saveSteps(town.db, ladder, night);

test('given a notice of two files that waits for the morning, when the number of one reader is replaced and that of another gives way to an e-mail address, then both are told of both there, once, and each file has the evidence of it', async () => {
  const party = await town.organization('Bedrift med filer');
  await reader(party, 'Blir', sms('+4740000001'));
  const [moves, mails] = [await reader(party, 'Flytter', sms('+4740000002')), await reader(party, 'Vil ha post', sms('+4740000003'))];
  await until(21);
  const files = [await town.sent(party, resource, { isFile: true, ladder }), await town.sent(party, resource, { isFile: true, ladder })];
  await settleDown();
  await has(moves, sms('+4740000004'));
  await has(mails, email('vil@ha.example'));
  await until(10);
  assert.deepEqual(went.splice(0).sort(), ['+4740000001', '+4740000004', 'vil@ha.example']);
  for (const file of files)
    assert.deepEqual(
      (await failures(file)).sort((a, b) => (a.to < b.to ? -1 : 1)),
      [
        { to: 'Flytter', reason: gone, together: true },
        { to: 'Vil ha post', reason: gone, together: true },
      ],
    );
  await until(12);
  assert.deepEqual(went, []);
});

test('given two who share a number, when the one who is told for both has another, then that is told, and the shared one for the other', async () => {
  const party = await town.organization('Kontor med felles telefon');
  const [first] = [await reader(party, 'A', sms('+4741000001')), await reader(party, 'B', sms('+4741000001'))];
  await until(21);
  const letter = await town.sent(party, resource, { ladder });
  await settleDown();
  const { to } = await town.db.one<{ to: PartyId }>(sql`select to_id as "to" from notifications.notice where about = ${letter.about}`);
  await has(to, sms('+4741000002'));
  await until(10);
  assert.deepEqual(went.splice(0).sort(), ['+4741000001', '+4741000002']);
  assert.ok(first);
});

test('given a person whom two notices are for, when one of the two addresses is gone and the other stays, then nobody is told twice', async () => {
  const party = await town.organization('Bedrift med to numre');
  const person = await reader(party, 'To', sms('+4742000001'), sms('+4742000002'));
  await until(21);
  await town.sent(party, resource, { ladder });
  await settleDown();
  await has(person, sms('+4742000002'));
  await until(10);
  assert.deepEqual(went.splice(0), ['+4742000002']);
});

test('given a subunit that is reached at its main unit, when the number there is replaced, then the new one is told', async () => {
  const main = await town.organization('Hovedenhet', [sms('+4743000001')]);
  const unit = await town.organization('Underenhet');
  const { number } = await town.db.one<{ number: string }>(sql`select number from register.party where id = ${unit}`);
  await town.db.transaction(async (tx) =>
    saveParties(tx, [{ kind: 'organization', number, name: 'Underenhet', unitType: 'BEDR', parentId: main }]),
  );
  await reader(unit, 'Uten adresse');
  await until(21);
  await town.sent(unit, resource, { ladder });
  await settleDown();
  await has(main, sms('+4743000002'));
  await until(10);
  assert.deepEqual(went.splice(0), ['+4743000002']);
});

test('given an address that somebody keeps for post to one organization, when that is replaced, then the new one is told and their own is not', async () => {
  const party = await town.organization('Arbeidsplass');
  const person = await reader(party, 'Ansatt', sms('+4744000001'));
  const keep = (address: string) =>
    town.db.transaction(async (tx) => {
      await tx.run(sql`delete from register.contact_point where party_id = ${person} and source = 'own'`);
      await tx.run(sql`insert into register.contact_point (party_id, source, ordinal, channel, address, at_id, fresh_at)
                       values (${person}, 'own', 0, 'sms', ${address}, ${party}, clock.now())`);
    });
  await keep('+4744000002');
  await until(21);
  await town.sent(party, resource, { ladder });
  await settleDown();
  await keep('+4744000003');
  await until(10);
  assert.deepEqual(went.splice(0), ['+4744000003']);
});

test('given a mail to a second contact, when the sender names another before it goes, then that hears, and no address of the sender’s own', async () => {
  const sender = await town.organization('Avsender', [email('post@avsender.example')]);
  const party = await town.organization('Mottaker');
  await reader(party, 'Leser', email('leser@mottaker.example'));
  const names = (address: string) =>
    town.db.transaction(async (tx) => {
      await saveSecondContact(tx, sender, { email: address, sms: null }, town.ctx.now());
      await tx.run(sql`insert into watch.second_address (sender_id, address, asked_at, confirmed_at, token_sha256)
                       values (${sender}, ${address}, clock.now(), clock.now(), ${newId()}) on conflict do nothing`);
    });
  await names('vakt@en.example');
  const second = `vakt-${newId().slice(-12)}`;
  await saveSteps(town.db, second, [step('vakt', 'P1D', { who: 'sender-fallback', channel: 'preferred' }), step('tell', 'P8D')]);
  await until(12);
  const send = () => town.sent(party, resource, { sender, ladder: second });
  const toVakt = () => went.splice(0).filter((to) => to.startsWith('vakt'));
  await send();
  await town.advance(3600);
  await send();
  await town.advance(23 * 3600 + 60);
  await settleDown();
  assert.deepEqual(toVakt(), ['vakt@en.example']);
  await town.advance(3600);
  await settleDown();
  assert.deepEqual(toVakt(), [], 'what comes later waits for the morning');
  await names('vakt@to.example');
  await until(9);
  assert.deepEqual(went.splice(0), ['vakt@to.example']);
});
