import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { type Client, enterpriseToken, organizationUrn, personalToken } from '../../demo/client.ts';
import { advanceClock, invariantsOf, timelineOf, watchOf } from '../../demo/own-api.ts';
import { until } from '../../demo/wait.ts';
import { type OwnServer, startOwnServer } from '../wire/server.ts';

/** Post that comes at night, to people who are told in the morning and have got another number meanwhile. */
const api = '/correspondence/api/v1/correspondence';
const numbers = { agency: '315001358', council: '315001498', company: '315001285' } as const;
const people = { aud: '16847520543', birk: '18867721912', cato: '10906916350' } as const;
const resource = 'moved-address-brev';
type Point = readonly [channel: 'email' | 'sms', address: string];
const points = (given: readonly Point[]) => given.map(([channel, address]) => ({ channel, address }));
const person = (number: string, name: string, ...given: Point[]) => ({ kind: 'person', number, name, contactPoints: points(given) });
const organization = (number: string, name: string, ...given: Point[]) => ({
  ...{ kind: 'organization', number, name, unitType: number === numbers.agency ? 'ORGL' : 'KOMM', contactPoints: points(given) },
  ...(number === numbers.agency ? { orgCode: 'movedaddress' } : {}),
});
const old = { aud: '+4799111111', birk: '+4799222222', cato: '+4799444444', agency: 'post@etatnatt.example' } as const;
const everybody = [
  organization(numbers.agency, 'Etat Natt', ['email', old.agency]),
  organization(numbers.council, 'Kommune Natt'),
  organization(numbers.company, 'Bedrift Natt'),
  person(people.aud, 'Aud', ['sms', old.aud]),
  person(people.birk, 'Birk', ['sms', old.birk]),
  person(people.cato, 'Cato', ['sms', old.cato]),
];
const town = {
  version: 1,
  parties: everybody,
  roles: [
    { holder: people.aud, role: 'DAGL', at: numbers.council },
    { holder: people.birk, role: 'DAGL', at: numbers.council },
    { holder: people.cato, role: 'DAGL', at: numbers.company },
  ],
  resources: [
    {
      ...{ id: resource, type: 'CorrespondenceService', owner: numbers.agency, readers: ['DAGL'] },
      title: { nb: 'Brev', nn: 'Brev', en: 'Letters' },
    },
  ],
};

let server: OwnServer;
let agency: Client;
before(async () => {
  server = await startOwnServer('moved-address', town);
  agency = server.client.with(await enterpriseToken(server.client, numbers.agency, ['altinn:serviceowner', 'altinn:correspondence.write']));
});
after(() => server?.stop());
afterEach(async () => {
  await register(...everybody);
  const { invariants } = await invariantsOf(agency);
  assert.deepEqual(
    invariants.filter(({ holds }) => !holds),
    [],
  );
});

/** What the register says of these from now on. */
async function register(...parties: readonly object[]): Promise<void> {
  const answer = await server.client.post('/budstikke/v1/sandbox/seed', { version: 1, parties });
  assert.ok(answer.status < 300, answer.text);
}

/** Lets time pass until it is this hour in Norway. */
async function toTheHour(hour: number): Promise<void> {
  const { now } = (await server.client.get('/budstikke/v1/sandbox/clock')).json<{ now: string }>();
  const [h, m] = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Oslo', hour: '2-digit', minute: '2-digit' })
    .format(new Date(now))
    .split(':')
    .map(Number);
  const minutes = (((hour * 60 - (h! * 60 + m!)) % 1440) + 1440) % 1440;
  await advanceClock(server.client, `PT${minutes === 0 ? 1440 : minutes}M`);
}

async function send(to: string, more: object = {}): Promise<string> {
  const answer = await agency.post(api, {
    recipients: [organizationUrn(to)],
    correspondence: {
      ...{ resourceId: resource, sendersReference: randomUUID(), isConfidential: false },
      content: { language: 'nb', messageTitle: 'Om natten', messageBody: 'Se her.' },
      ...more,
    },
  });
  assert.equal(answer.status, 200, answer.text);
  const id = answer.json<{ correspondences: { correspondenceId: string }[] }>().correspondences[0]!.correspondenceId;
  await until('notices are planned', async () => assert.ok((await noticesOf(id)).length > 0));
  return id;
}

interface Notice {
  readonly channel: string;
  readonly address: string;
  readonly state: string;
  readonly failure: string | null;
}

async function noticesOf(id: string): Promise<string[]> {
  const answer = await agency.get(`/budstikke/v1/correspondence/${id}/notices`);
  assert.equal(answer.status, 200, answer.text);
  const shown = ({ channel, address, state, failure }: Notice) => [channel, address.slice(-2), state, failure ?? ''].join(' ').trim();
  return answer.json<{ notices: Notice[] }>().notices.map(shown).sort();
}

/** The SMS that went to these numbers since the last test. */
async function texts(...to: readonly string[]): Promise<string[]> {
  const { items } = (await server.client.get('/budstikke/v1/sandbox/outbox?limit=100')).json<{
    items: { channel: string; to: string }[];
  }>();
  return items.filter((item) => item.channel === 'sms' && to.includes(item.to)).map((item) => item.to);
}

const mailsTo = (address: string) => server.mails.mails.filter(({ to }) => to.includes(address));

const changesOf = async (id: string) =>
  (await timelineOf(agency, id))
    .filter(({ event }) => event.startsWith('ConsignmentNotification'))
    .map(({ event, core }) => `${event} ${core.reason ?? ''}`.trim())
    .sort();

test('given two who are to be told in the morning, when the number of one is replaced at night, then the new one is told and the old one is not, and the sender sees it', async () => {
  await toTheHour(22);
  const id = await send(numbers.council);
  await register(person(people.birk, 'Birk', ['sms', '+4799333333']));
  await toTheHour(10);

  await until('both are told', async () =>
    assert.deepEqual(await noticesOf(id), ['sms 11 handed-over', 'sms 22 cancelled address-gone', 'sms 33 handed-over']),
  );
  assert.deepEqual((await texts(old.birk, old.aud, '+4799333333')).sort(), [old.aud, '+4799333333']);
  assert.deepEqual(await changesOf(id), [
    'ConsignmentNotification',
    'ConsignmentNotification',
    'ConsignmentNotificationFailure urn:budstikke:reason:address-gone',
  ]);
  await advanceClock(server.client, 'P2D');
  assert.equal((await watchOf(agency, id)).cause, 'notified-not-opened');
  assert.equal((await texts(old.birk, '+4799333333')).length, 1);
});

test('given two who are to be told in the morning, when one has an e-mail address instead of the number, then that is told at once and the other not again', async () => {
  const before = (await texts(old.aud)).length;
  await toTheHour(22);
  const id = await send(numbers.council);
  await register(person(people.birk, 'Birk', ['email', 'birk@natt.example']));
  await toTheHour(10);

  await until('the mail', async () => assert.equal(mailsTo('birk@natt.example').length, 1));
  await until('it is noted', async () => assert.ok((await noticesOf(id)).some((line) => /^email .* handed-over$/.test(line))));
  assert.ok((await noticesOf(id)).includes('sms 22 failed address-gone'));
  await advanceClock(server.client, 'PT2H');
  assert.equal((await texts(old.aud)).length, before + 1);
  assert.equal(mailsTo('birk@natt.example').length, 1);
});

test('given one reader whose number is gone in the morning, when it has another a moment later, then the sender has heard that nobody was told, and the new number is told', async () => {
  await toTheHour(22);
  const id = await send(numbers.company);
  await register(person(people.cato, 'Cato'));
  await toTheHour(10);
  await until('it fails', async () => assert.deepEqual(await noticesOf(id), ['sms 44 failed address-gone']));
  await until('the sender hears', async () => assert.ok(mailsTo(old.agency).length > 0));

  await register(person(people.cato, 'Cato', ['sms', '+4799555555']));
  await advanceClock(server.client, 'PT2M');
  await until('the new one is told', async () => assert.ok((await noticesOf(id)).includes('sms 55 handed-over')));
  assert.deepEqual(await texts(old.cato, '+4799555555'), ['+4799555555']);
});

test('given a number that is replaced and comes back while its notice waits once more, then it is told, once', async () => {
  await toTheHour(22);
  const id = await send(numbers.company);
  const cato = server.client.with(await personalToken(server.client, people.cato, ['altinn:portal/enduser']));
  const { parties } = (await cato.get('/budstikke/v1/session/parties')).json<{ parties: { id: string; kind: string }[] }>();
  const party = parties.find(({ kind }) => kind === 'person')!;
  const quietHours = (hours: object | null) =>
    cato.put('/budstikke/v1/contact-addresses/quiet-hours', { party: party.id, quietHours: hours });
  const quiet = await quietHours({ from: '00:00', to: '15:00' });
  assert.equal(quiet.status, 200, quiet.text);
  await register(person(people.cato, 'Cato', ['sms', '+4799666666']));
  await toTheHour(14);
  await register(person(people.cato, 'Cato', ['sms', old.cato]));
  await toTheHour(16);
  await until('it is told', async () =>
    assert.deepEqual(await noticesOf(id), ['sms 44 cancelled address-gone', 'sms 44 handed-over', 'sms 66 cancelled address-gone']),
  );
  assert.equal((await texts('+4799666666')).length, 0);
  assert.equal((await quietHours(null)).status, 200);
});

test('given a number that the sender gave for one message, then no register is asked about it', async () => {
  await toTheHour(22);
  const id = await send(numbers.company, {
    notification: {
      ...{ notificationTemplate: 'GenericAltinnMessage', notificationChannel: 'Sms' },
      customRecipients: [{ mobileNumber: '+4799777777' }],
      overrideRegisteredContactInformation: false,
    },
  });
  await register(person(people.cato, 'Cato', ['sms', '+4799888888']));
  await toTheHour(10);
  await until('both are told', async () =>
    assert.deepEqual(await noticesOf(id), ['sms 44 cancelled address-gone', 'sms 77 handed-over', 'sms 88 handed-over']),
  );
  const { notifications } = (await agency.get(`${api}/${id}/details`)).json<{
    notifications: { notificationStatusDetails: { smses: { sendStatus: { status: string } }[] } }[];
  }>();
  assert.deepEqual(
    notifications.flatMap(({ notificationStatusDetails: { smses } }) => smses.map(({ sendStatus }) => sendStatus.status)).sort(),
    ['SMS_Accepted', 'SMS_Accepted', 'SMS_Failed_RecipientNotIdentified'],
  );
});

test('given a mail to a sender that waits for the morning, when its address is replaced at night, then the new one has it and the old one does not', async () => {
  const fresh = 'post@nyetatnatt.example';
  await advanceClock(server.client, 'P30D'); // what was sent above is told of by then
  await toTheHour(18);
  await send(numbers.company);
  await advanceClock(server.client, 'PT1H');
  await send(numbers.company);
  await advanceClock(server.client, 'P8D');
  const waiting = (await mailsToSender()).filter(({ state }) => state === 'due');
  assert.deepEqual(
    waiting.map(({ failure }) => failure),
    [null],
  );
  const before = mailsTo(old.agency).length;
  await register(organization(numbers.agency, 'Etat Natt', ['email', fresh]));
  await toTheHour(9);

  await until('the new one has it', async () => assert.equal(mailsTo(fresh).length, 1));
  assert.equal(mailsTo(old.agency).length, before);
  const [gone] = (await mailsToSender()).filter(({ failure }) => failure !== null);
  assert.deepEqual(gone, { state: 'cancelled', failure: 'address-gone' });
});

async function mailsToSender(): Promise<{ state: string; failure: string | null }[]> {
  const answer = await agency.get('/budstikke/v1/unread/mails');
  assert.equal(answer.status, 200, answer.text);
  return answer.json<{ mails: { state: string; failure: string | null }[] }>().mails.map(({ state, failure }) => ({ state, failure }));
}
