import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { sql } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import {
  createGatewaySms,
  createSmtpMail,
  type DeliveryContext,
  deliverDueNotices,
  onDeliveryFailed,
  onShipments,
  whichArePointless,
} from '#notifications/index.ts';
import { saveContactPoints } from '#register/index.ts';
import { noteDeliveryFailed, sweepVersions, takeDueSteps, type WatchContext } from '#watch/index.ts';
import { organizationCaller, scopes } from '../../../test/world.ts';
import { settleReports } from '../../notifications/reports/settle-reports.ts';
import { smtpError, startGatewaySink, startSmtpSink } from '../../notifications/testing/sinks.ts';
import { getDetails, getOverview } from '../read/look-at-message.ts';
import { openMessage } from '../read/open-message.ts';
import type { InitializeCorrespondences } from '../send/wire.ts';
import { createTown, eventsOf, letter, rows, send } from '../testing/town.ts';
import { findPointlessNotices } from './notification-condition.ts';
import { nameOf, tellOfNotifications } from './tell-of-notifications.ts';

const town = await createTown();
const { world, municipality, citizen, sender, leading, reading } = town;
onShipments.fill(tellOfNotifications);
whichArePointless.fill(findPointlessNotices);
onDeliveryFailed.fill(noteDeliveryFailed);
const sink = await startSmtpSink({
  recipient: (address) => (address.startsWith('borte') ? smtpError(550, '5.1.1 no such user') : undefined),
});
const gateway = await startGatewaySink((_n, response) => response.writeHead(202).end());
const mail = createSmtpMail({ url: sink.url });
const ctx: DeliveryContext & WatchContext = {
  ...world.ctx,
  mail,
  sms: createGatewaySms({ url: gateway.url }),
  mailFrom: 'Budstikke <post@budstikke.example>',
  addresses: { inbox: 'https://post.example/inbox', console: 'https://post.example/console' },
};
after(async () => {
  mail.close();
  await Promise.all([sink.close(), gateway.close()]);
});

type Notification = NonNullable<InitializeCorrespondences['correspondence']['notification']>;
const texts: Notification = {
  emailSubject: 'Brev',
  emailBody: 'Til $correspondenceRecipientName$',
  smsBody: 'Brev',
  notificationChannel: 'EmailPreferred',
};

async function work(): Promise<void> {
  for (let n = -1; n !== 0; ) n = (await takeDueSteps(ctx)) + (await deliverDueNotices(ctx));
}

/** To the next ten o'clock in Norway, when SMS may go too. */
async function toTheMorning(): Promise<void> {
  const hour = Number(
    new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Oslo', hour: 'numeric', hourCycle: 'h23' }).format(world.ctx.now()),
  );
  await world.advance(((34 - hour) % 24) * 3600);
}
await toTheMorning();

/** What was sent since last asked: `address: subject or text`. */
function sent(): string[] {
  const mails = sink.mails.splice(0).map((each) => `${[each.to].flat()[0]!.text}: ${each.subject}`);
  return [...mails, ...gateway.received.splice(0).map(({ body }) => `${body.to}: ${body.text}`)].sort();
}

const notificationEvents = async (id: CorrespondenceId) =>
  (
    await rows<{ type: string }>(
      town,
      sql`select type from events.outbox where (resource_instance = ${id} or resource_instance in (select s.id::text from notifications.shipment s where s.about = ${id}))
           and type like '%notification%' order by id`,
    )
  ).map(({ type }) => type.replace('no.altinn.correspondence.', ''));

async function points(party: typeof municipality, ...list: ['email' | 'sms', string][]): Promise<void> {
  await world.db.transaction(async (tx) =>
    saveContactPoints(tx, [{ party: party.id, points: list.map(([channel, address]) => ({ channel, address })) }]),
  );
}

const bergen = await world.organization('BERGEN KOMMUNE', { email: 'post@bergen.example' });
const kari = await world.person('KARI HANSEN', { email: 'kari@hansen.example' });

test('given custom recipients of all four kinds beside the recipient, when a letter is published, then each is told once, and the sender sees every order', async () => {
  const id = await send(
    town,
    letter([municipality], {
      notification: {
        ...texts,
        customRecipients: [
          { emailAddress: 'revisor@example.no' },
          { emailAddress: 'Revisor@example.no' },
          { emailAddress: 'POST@skien.example' },
          { mobileNumber: '004799999999' },
          { organizationNumber: bergen.number! },
          { nationalIdentityNumber: kari.number! },
        ],
      },
    }),
  );
  await work();
  assert.deepEqual(sent(), [
    '+4799999999: Brev',
    'kari@hansen.example: Brev',
    'kari@skien.example: Brev',
    'post@bergen.example: Brev',
    'post@skien.example: Brev',
    'revisor@example.no: Brev',
  ]);
  const { notifications } = await getDetails(world.ctx, sender, id);
  assert.deepEqual(
    notifications.map(({ processingStatus: { status }, notificationStatusDetails: { emails, smses } }) => [
      status,
      ...[...(emails ?? []), ...(smses ?? [])].map(({ sendStatus, succeeded, recipient }) =>
        [sendStatus.status, succeeded, ...Object.values(recipient).filter((value) => value !== null)].join(' '),
      ),
    ]),
    [
      ['Order_Completed', 'Email_Succeeded true', 'Email_Succeeded true'],
      ['Order_Completed', 'Email_Succeeded true revisor@example.no'],
      ['Order_Completed', 'SMS_Accepted true +4799999999'],
      ['Order_Completed', `Email_Succeeded true ${bergen.number}`],
      ['Order_Completed', `Email_Succeeded true ${kari.number}`],
    ],
  );
  const overview = await getOverview(world.ctx, sender, id);
  const shown = new Set(overview.notifications.map(({ notificationOrderId }) => notificationOrderId));
  assert.ok(notifications.every((each) => shown.has(each.id)));
  assert.deepEqual((await notificationEvents(id)).sort(), [
    ...Array(5).fill('correspondencenotificationdelivered'),
    ...Array(5).fill('notificationcreated'),
  ]);
  const [created] = await rows<{ source: string; subject: string; resource_instance: string }>(
    town,
    sql`select source, subject, resource_instance from events.outbox where type like '%notificationcreated' and resource_instance = ${notifications[0]!.id}`,
  );
  assert.deepEqual(created, {
    source: '/correspondence/api/v1/notification',
    subject: `urn:altinn:organization:identifier-no:${town.agency.number}`,
    resource_instance: notifications[0]!.id,
  });
});

test('given confidential post that nobody can open, when its notification goes, then the organization and whom the sender named hear of it once, in the words of the sender', async () => {
  const body = letter([municipality], {
    resourceId: 'taushetsbelagt',
    isConfidential: true,
    notification: { ...texts, customRecipients: [{ emailAddress: 'tillitsvalgt@example.no' }] },
  });
  const id = await send(town, body);
  await work();
  const told = sent();
  assert.deepEqual(
    told.filter((each) => each.endsWith(': Brev')),
    ['post@skien.example: Brev', 'tillitsvalgt@example.no: Brev'],
  );
  assert.ok(told.some((each) => each.startsWith('kari@skien.example: Post til SKIEN KOMMUNE fra ETATEN venter')));
  await world.grant(town.leader, municipality, { package: 'post-til-virksomheten-med-taushetsbelagt-innhold' });
  await sweepVersions(ctx);
  await work();
  const late = sent().filter((each) => each.endsWith(': Brev'));
  assert.deepEqual(late, ['kari@skien.example: Brev'], 'the late reader alone');
  const { notifications } = await getDetails(world.ctx, sender, id);
  assert.equal(notifications.length, 2);
  assert.deepEqual((await notificationEvents(id)).sort(), [
    'correspondencenotificationdelivered',
    'correspondencenotificationdelivered',
    'notificationcreated',
    'notificationcreated',
  ]);
  const asRecipient = await getDetails(world.ctx, leading, id);
  assert.doesNotMatch(JSON.stringify(asRecipient.notifications), /tillitsvalgt/);
  assert.match(JSON.stringify(notifications), /tillitsvalgt/);
});

test('given custom recipients instead of the registered ones, when published and reminded, then they alone are told, both times', async () => {
  const id = await send(
    town,
    letter([citizen], {
      notification: {
        ...texts,
        sendReminder: true,
        reminderEmailSubject: 'Purring',
        reminderEmailBody: 'Purring',
        reminderSmsBody: 'Purring',
        customRecipients: [{ emailAddress: 'verge@example.no' }],
        overrideRegisteredContactInformation: true,
      },
    }),
  );
  await work();
  assert.deepEqual(sent(), ['verge@example.no: Brev']);
  const before = await getDetails(world.ctx, sender, id);
  assert.deepEqual(
    before.notifications.map(({ isReminder, processingStatus }) => [isReminder, processingStatus.status]),
    [
      [false, 'Order_Completed'],
      [true, 'Order_Registered'],
    ],
  );
  await world.advance(7 * 24 * 3600);
  await work();
  assert.deepEqual(
    sent().filter((each) => !each.includes('@skien.')),
    ['verge@example.no: Purring'],
  );
  const after = await getDetails(world.ctx, sender, id);
  assert.deepEqual(
    after.notifications.map(({ id: order }) => order),
    before.notifications.map(({ id: order }) => order),
  );
  assert.deepEqual(await notificationEvents(id), [
    'notificationcreated',
    'correspondencenotificationdelivered',
    'correspondencenotificationreminderdelivered',
  ]);
});

test('given custom recipients that the register does not know or who have no address, when published, then the sender is told of each, and the letter stays published', async () => {
  const mute = await world.organization('UTEN ADRESSE AS');
  const no = await world.person('RITA HANSEN', { email: 'rita@hansen.example', reserved: true });
  const id = await send(
    town,
    letter([citizen], {
      notification: {
        ...texts,
        customRecipients: [
          { organizationNumber: '999999999' },
          { organizationNumber: mute.number! },
          { nationalIdentityNumber: no.number! },
        ],
      },
    }),
  );
  await work();
  assert.deepEqual(sent(), ['ola@example.no: Brev']);
  assert.deepEqual((await notificationEvents(id)).sort(), [
    ...Array(3).fill('correspondencenotificationcreationfailed'),
    'correspondencenotificationdelivered',
    'notificationcreated',
  ]);
  assert.equal((await getDetails(world.ctx, sender, id)).notifications.length, 1);
});

test('given a person whose e-mail bounces, when notified, then the telephone is tried, and the sender sees both', async () => {
  const person = await world.person('BORTE VEKK');
  await points(person, ['email', 'borte@example.no'], ['sms', '+4791111111']);
  await toTheMorning();
  const id = await send(town, letter([person], { notification: texts }));
  await work();
  assert.deepEqual(sent(), ['+4791111111: Brev']);
  const { notifications } = await getDetails(world.ctx, sender, id);
  assert.deepEqual(
    notifications.map(({ notificationStatusDetails: { email, sms } }) => [email?.sendStatus.status, sms?.sendStatus.status]),
    [
      ['Email_Failed_Bounced', undefined],
      [undefined, 'SMS_Accepted'],
    ],
  );
  assert.deepEqual(await notificationEvents(id), [
    'notificationcreated',
    'correspondencenotificationallfailed',
    'correspondencenotificationdelivered',
  ]);
});

test('given an e-mail that was taken and bounces later, when the bounce is handed in, then the telephone is tried, and the sender sees all three', async () => {
  const person = await world.person('SENERE VEKK');
  await points(person, ['email', 'senere@example.no'], ['sms', '+4794444444']);
  await toTheMorning();
  const id = await send(town, letter([person], { notification: texts }));
  await work();
  assert.deepEqual(sent(), ['senere@example.no: Brev']);
  const [{ message_id: messageId }] = (await rows<{ message_id: string }>(
    town,
    sql`select message_id from notifications.notice where about = ${id}`,
  )) as [{ message_id: string }];
  await settleReports(ctx, [{ notice: null, messageId, outcome: 'failed', reason: 'mailbox-full', answer: '552 full' }]);
  await work();
  assert.deepEqual(sent(), ['+4794444444: Brev']);
  const { notifications } = await getDetails(world.ctx, sender, id);
  assert.deepEqual(
    notifications.map(({ notificationStatusDetails: { email, sms } }) => [email?.sendStatus.status, sms?.sendStatus.status]),
    [
      ['Email_Failed_TransientError', undefined],
      [undefined, 'SMS_Accepted'],
    ],
  );
  assert.deepEqual(await notificationEvents(id), [
    'notificationcreated',
    'correspondencenotificationdelivered',
    'correspondencenotificationallfailed',
    'correspondencenotificationdelivered',
  ]);
});

test('given an organization with several addresses of which one bounces, when notified by e-mail and SMS, then all are tried, and the sender is told that some failed', async () => {
  const company = await world.organization('MANGE ADRESSER AS');
  await world.role(town.leader, 'DAGL', company);
  await points(town.leader);
  await points(company, ['email', 'en@mange.example'], ['email', 'borte@mange.example'], ['sms', '+4792222222']);
  await toTheMorning();
  const id = await send(town, letter([company], { notification: { ...texts, notificationChannel: 'EmailAndSms' } }));
  await work();
  assert.deepEqual(sent(), ['+4792222222: Brev', 'en@mange.example: Brev']);
  assert.deepEqual((await notificationEvents(id)).sort(), [
    'correspondencenotificationdelivered',
    'correspondencenotificationfailed',
    'notificationcreated',
  ]);
});

test('given a subunit without an address, when notified, then its main unit is', async () => {
  const unit = await world.organization('SKIEN SKOLE', { unitType: 'BEDR', parentNumber: municipality.number });
  await send(town, letter([unit], { notification: texts }));
  await work();
  assert.ok(sent().includes('post@skien.example: Brev'));
});

test('given an SMS ordered in the evening, when the letter is opened at night, then none is sent, and its order met no condition', async () => {
  const person = await world.person('SMS NORDMANN');
  await points(person, ['sms', '+4793333333']);
  await toTheMorning();
  await world.advance(10 * 3600);
  const id = await send(town, letter([person], { notification: { ...texts, notificationChannel: 'Sms' } }));
  await work();
  assert.deepEqual(sent(), []);
  await openMessage(world.ctx, { ...reading, subject: person.id, party: person.id }, id);
  await toTheMorning();
  await work();
  assert.deepEqual(sent(), []);
  const { notifications } = await getDetails(world.ctx, sender, id);
  assert.deepEqual(
    notifications.map(({ processingStatus }) => processingStatus.status),
    ['Order_SendConditionNotMet'],
  );
});

test('given a notice whose message has been taken away behind its back, when it is due, then delivery asks and does not send it', async () => {
  const id = await send(town, letter([citizen], { notification: texts }));
  await takeDueSteps(ctx);
  await world.db.transaction(async (tx) => {
    await tx.run(sql`alter table correspondence.message disable trigger all`);
    await tx.run(sql`update correspondence.message set state = 'PurgedByRecipient' where id = ${id}`);
    await tx.run(sql`alter table correspondence.message enable trigger all`);
  });
  await deliverDueNotices(ctx);
  assert.deepEqual(sent(), []);
  const [notice] = await rows<object>(town, sql`select state, attempts, message_id from notifications.notice where about = ${id}`);
  assert.deepEqual(notice, { state: 'cancelled', attempts: 0, message_id: null });
});

test('given a reader that both may open and has been reminded of nothing, when the letter was opened, then its reminder met no condition', async () => {
  const id = await send(
    town,
    letter([municipality], {
      notification: { ...texts, sendReminder: true, reminderEmailSubject: 'P', reminderEmailBody: 'P', reminderSmsBody: 'P' },
    }),
  );
  await work();
  await openMessage(world.ctx, leading, id);
  await world.advance(8 * 24 * 3600);
  await work();
  assert.ok(!sent().some((each) => each.endsWith(': P')));
  const { notifications } = await getDetails(world.ctx, organizationCaller(town.agency, scopes.sender), id);
  assert.deepEqual(
    notifications.map(({ isReminder, processingStatus }) => [isReminder, processingStatus.status]),
    [
      [false, 'Order_Completed'],
      [true, 'Order_SendConditionNotMet'],
    ],
  );
  assert.ok((await eventsOf(town, id)).includes('correspondencereceiverread'));
});

test('given what became of an order, when it is told, then by the name that clients know', () => {
  const main = { isReminder: false, otherwise: false, custom: null };
  assert.equal(nameOf({ ...main, became: 'ordered' }), 'notificationcreated');
  assert.equal(nameOf({ ...main, became: 'ordered', isReminder: true }), undefined);
  assert.equal(nameOf({ ...main, became: 'ordered', otherwise: true }), undefined);
  assert.equal(nameOf({ ...main, became: 'missing' }), 'correspondencenotificationcreationfailed');
  assert.equal(nameOf({ ...main, became: 'missing', isReminder: true }), 'correspondencenotificationallfailed');
  assert.equal(nameOf({ ...main, became: 'all-failed', custom: 0 }), 'correspondencenotificationfailed');
});
