import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import {
  type DeliveryContext,
  deliverDueNotices,
  onCalledOff,
  onDeliveryFailed,
  onShipments,
  whichArePointless,
} from '#notifications/index.ts';
import { type Party, saveContactPoints } from '#register/index.ts';
import { noteCalledOff, noteDeliveryFailed, takeDueSteps, type WatchContext } from '#watch/index.ts';
import { scopes } from '../../../test/world.ts';
import { toTheHour, toTheMorning } from '../../notifications/testing/morning.ts';
import { confirmMessage } from '../read/confirm-message.ts';
import { getDetails, getOverview } from '../read/look-at-message.ts';
import { markAsRead } from '../read/mark-as-read.ts';
import { openMessage } from '../read/open-message.ts';
import type { InitializeCorrespondences } from '../send/wire.ts';
import { createTown, eventsOf, letter, send } from '../testing/town.ts';
import { checkNotification, findPointlessNotices } from './notification-condition.ts';
import { tellOfNotifications } from './tell-of-notifications.ts';

const town = await createTown();
const { world, citizen, municipality, leading, reading, sender } = town;
onShipments.fill(tellOfNotifications);
whichArePointless.fill(findPointlessNotices);
onDeliveryFailed.fill(noteDeliveryFailed);
onCalledOff.fill(noteCalledOff);
const day = 24 * 3600;
const advance = (seconds: number) => world.advance(seconds);

const went: string[] = [];
const keep = (to: string, text: string) => {
  went.push(`${to}: ${text}`);
  return Promise.resolve({ kind: 'handed-over', answer: 'ok' } as const);
};
const ctx: DeliveryContext & WatchContext = {
  ...world.ctx,
  mail: { send: ({ to, subject }) => keep(to, subject) },
  sms: { send: ({ to, text }) => keep(to, text) },
  mailFrom: 'Budstikke <post@budstikke.example>',
  addresses: { inbox: 'https://post.example/inbox', console: 'https://post.example/console' },
};
await toTheMorning(ctx.now, advance);

async function work(): Promise<void> {
  for (let n = -1; n !== 0; ) n = (await takeDueSteps(ctx)) + (await deliverDueNotices(ctx));
}

/** What went out to this address since last asked. */
const sentTo = (address: string) => went.splice(0).filter((each) => each.startsWith(`${address}: `));

async function withMobile(name: string, number: string): Promise<Party> {
  const person = await world.person(name);
  const points = [{ channel: 'sms' as const, address: number }];
  await world.db.transaction(async (tx) => saveContactPoints(tx, [{ party: person.id, points }]));
  return person;
}

type Notification = NonNullable<InitializeCorrespondences['correspondence']['notification']>;
const reminding: Notification = {
  notificationChannel: 'Email',
  emailSubject: 'Brev',
  emailBody: 'Brev',
  sendReminder: true,
  reminderEmailSubject: 'Ulest',
  reminderEmailBody: 'Du har et ulest brev',
};

const statusesOf = async (id: CorrespondenceId) =>
  (await getDetails(world.ctx, sender, id)).notifications.map(({ processingStatus, notificationStatusDetails }) => [
    processingStatus.status,
    notificationStatusDetails.email?.sendStatus.status ?? null,
  ]);

/** Of each step that reminds: how many it told, or why it told nobody after all. */
const remindersRecorded = async (id: CorrespondenceId): Promise<(string | number)[]> => {
  const steps = await world.db.all<{ told: number | null; why: string | null }>(sql`
    select (core::jsonb ->> 'told')::integer as told, core::jsonb ->> 'passedOver' as why from evidence.evidence
     where about = ${id} and event = (select code from evidence.event where name = 'LadderStep') and core::jsonb ->> 'step' = 'remind' order by id`);
  return steps.map(({ told, why }) => why ?? told!);
};

const asksReminder = async (id: CorrespondenceId) => (await checkNotification(world.ctx, id, 'reminder')).sendNotification;

test('given a person who says no to digital post after publication, when the reminder is due, then it fails for that reason, and who is ignored is told', async () => {
  const rita = await world.person('RITA HANSEN', { email: 'rita@example.no' });
  const said = await send(town, letter([rita], { notification: reminding }));
  const ignored = await send(town, letter([rita], { notification: reminding, ignoreReservation: true }));
  await work();
  assert.deepEqual(sentTo('rita@example.no'), ['rita@example.no: Brev', 'rita@example.no: Brev']);
  await world.reserve(rita);
  await world.advance(8 * day);
  await work();
  assert.deepEqual(sentTo('rita@example.no'), ['rita@example.no: Ulest']);
  assert.deepEqual(await statusesOf(ignored), [
    ['Order_Completed', 'Email_Succeeded'],
    ['Order_Completed', 'Email_Succeeded'],
  ]);
  assert.deepEqual((await statusesOf(said)).slice(0, 2), [
    ['Order_Completed', 'Email_Succeeded'],
    ['Order_Completed', 'Email_Failed_RecipientReserved'],
  ]);
  const told = await eventsOf(town, said);
  assert.ok(told.includes('correspondencenotificationallfailed'), told.join(' '));
  assert.ok(!told.includes('correspondencenotificationreminderdelivered'));
});

test('given a person whom the sender named, and an opener of an organization, when both say no overnight, then the person is not told, and the organization is', async () => {
  const named = await withMobile('NINA NAVNGITT', '+4790000077');
  await toTheHour(20, ctx.now, advance);
  const customRecipients = [{ nationalIdentityNumber: named.number! }];
  await send(town, letter([municipality], { notification: { notificationChannel: 'Sms', smsBody: 'Brev', customRecipients } }));
  await takeDueSteps(ctx);
  await world.reserve(named);
  await world.reserve(town.leader);
  await toTheMorning(ctx.now, advance);
  await work();
  const all = [...went];
  assert.deepEqual(sentTo('+4790000077'), []);
  assert.ok(
    all.some((each) => each.startsWith('kari@skien.example')),
    all.join(', '),
  );
  await world.reserve(town.leader, false);
});

test('given a letter that was opened and waits to be confirmed, when the reminder is due, then our words ask for it, not those for who has not read', async () => {
  const id = await send(town, letter([citizen], { notification: reminding, isConfirmationNeeded: true, dueDateTime: inDays(30) }));
  await work();
  assert.deepEqual(sentTo('ola@example.no'), ['ola@example.no: Brev']);
  await openMessage(world.ctx, reading, id);
  assert.equal(await asksReminder(id), false);
  await world.advance(8 * day);
  await work();
  const [reminder, ...others] = sentTo('ola@example.no');
  assert.match(reminder!, /^ola@example\.no: Påminnelse: .* er ikke bekreftet$/);
  assert.deepEqual(others, []);
  assert.deepEqual(
    (await statusesOf(id)).map(([status]) => status),
    ['Order_Completed', 'Order_SendConditionNotMet'],
  );
  assert.ok(!(await eventsOf(town, id)).includes('correspondencenotificationreminderdelivered'));
});

test('given a reminder that waits for the morning, when the letter is read meanwhile and not confirmed, then it does not go', async () => {
  const person = await withMobile('SMS HANSEN', '+4790000088');
  const caller = { ...reading, subject: person.id, party: person.id };
  await toTheHour(20, ctx.now, advance);
  const bySms: Notification = { notificationChannel: 'Sms', smsBody: 'Brev', sendReminder: true, reminderSmsBody: 'Ulest' };
  const id = await send(town, letter([person], { notification: bySms, isConfirmationNeeded: true, dueDateTime: inDays(30) }));
  await toTheMorning(ctx.now, advance);
  await work();
  assert.deepEqual(sentTo('+4790000088'), ['+4790000088: Brev']);
  await world.advance(7 * day);
  await toTheHour(20, ctx.now, advance);
  await takeDueSteps(ctx);
  await openMessage(world.ctx, caller, id);
  await toTheMorning(ctx.now, advance);
  await work();
  assert.deepEqual(sentTo('+4790000088'), []);
  assert.deepEqual(await remindersRecorded(id), [1, 'opened']);
});

test('given a letter that was merely marked as read, when the reminder is due, then the endpoint and delivery say the same of what the sender ordered, and our own goes in its place', async () => {
  const id = await send(town, letter([citizen], { notification: reminding }));
  await work();
  assert.deepEqual(sentTo('ola@example.no'), ['ola@example.no: Brev']);
  await getOverview(world.ctx, reading, id);
  await markAsRead(world.ctx, reading, id);
  assert.equal(await asksReminder(id), false);
  await world.advance(8 * day);
  await work();
  const [reminder, ...others] = sentTo('ola@example.no');
  assert.match(reminder!, /^ola@example\.no: Påminnelse: .* er ikke åpnet$/);
  assert.deepEqual(others, [], 'once, however often workers come by');
  assert.deepEqual(
    (await statusesOf(id)).map(([status]) => status),
    ['Order_Completed', 'Order_SendConditionNotMet'],
  );
  assert.deepEqual(await remindersRecorded(id), [1, 'marked-as-read', 1], 'what was recorded as told, and told nobody, is said');
  assert.ok(!(await eventsOf(town, id)).includes('correspondencenotificationreminderdelivered'));
});

test('given an ordered reminder that waits for the morning, when the letter is marked as read at night, then our own goes instead; opened, or told to whom the sender named alone, none does', async () => {
  await toTheHour(20, ctx.now, advance);
  const bySms: Notification = { notificationChannel: 'Sms', smsBody: 'Brev', sendReminder: true, reminderSmsBody: 'Ulest' };
  const people = await Promise.all([1, 2, 3, 4].map((n) => withMobile(`NATT ${n} HANSEN`, `+479000011${n}`)));
  const [marked, opened, ward, guardian] = people.map((person) => ({ ...reading, subject: person.id, party: person.id, person }));
  const toGuardian = {
    customRecipients: [{ nationalIdentityNumber: guardian!.person.number! }],
    overrideRegisteredContactInformation: true,
  };
  const ids = [
    await send(town, letter([marked!.person], { notification: bySms })),
    await send(town, letter([opened!.person], { notification: bySms })),
    await send(town, letter([ward!.person], { notification: { ...bySms, ...toGuardian } })),
  ] as const;
  await toTheMorning(ctx.now, advance);
  await work();
  await world.advance(7 * day);
  await toTheHour(20, ctx.now, advance);
  await work();
  went.length = 0;
  await getOverview(world.ctx, marked!, ids[0]);
  await markAsRead(world.ctx, marked!, ids[0]);
  await openMessage(world.ctx, opened!, ids[1]);
  await getOverview(world.ctx, ward!, ids[2]);
  await markAsRead(world.ctx, ward!, ids[2]);
  await toTheMorning(ctx.now, advance);
  await work();
  const all = went.splice(0).filter((each) => each.startsWith('+479000011'));
  assert.equal(all.length, 1, all.join(', '));
  assert.match(all[0]!, /^\+4790000111: (?!Ulest)/);
});

test('given a caller with both scopes that opened a letter, when a reminder is asked about, then there is no point, though clients see no Read', async () => {
  const id = await send(town, letter([municipality]));
  await openMessage(world.ctx, { ...leading, scopes: new Set(scopes.both) }, id);
  assert.equal((await getOverview(world.ctx, sender, id)).status, 'Published');
  assert.equal(await asksReminder(id), false);
});

test('given a letter of which nobody ordered a notice, when it was marked as read, confirmed or opened, then the ladder goes by what was opened', async () => {
  const asking = (person: typeof citizen) => send(town, letter([person], { isConfirmationNeeded: true, dueDateTime: inDays(30) }));
  const people = await Promise.all(
    ['marked', 'opened', 'done'].map((name) => world.person(`${name.toUpperCase()} NORDMANN`, { email: `${name}@example.no` })),
  );
  const [marked, opened, done] = [await asking(people[0]!), await asking(people[1]!), await asking(people[2]!)];
  const as = (i: number) => ({ ...reading, subject: people[i]!.id, party: people[i]!.id });
  await work();
  went.length = 0;
  await getOverview(world.ctx, as(0), marked);
  await markAsRead(world.ctx, as(0), marked);
  await openMessage(world.ctx, as(1), opened);
  await openMessage(world.ctx, as(2), done);
  await confirmMessage(world.ctx, as(2), done);
  await world.advance(8 * day);
  await work();
  const reminders = went.splice(0).filter((each) => /^(?:marked|opened|done)@/.test(each));
  assert.deepEqual(reminders.map((each) => each.replace(/: Påminnelse: .* er ikke/, ' ikke')).sort(), [
    'marked@example.no ikke åpnet',
    'opened@example.no ikke bekreftet',
  ]);
});

function inDays(days: number): string {
  return new Date(ctx.now().getTime() + days * day * 1000).toISOString();
}
