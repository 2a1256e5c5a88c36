import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { type Answer, type Client, enterpriseToken, personalToken, personUrn } from '../../demo/client.ts';
import { invariantsOf, timelineOf, watchOf } from '../../demo/own-api.ts';
import { type OwnServer, startOwnServer } from '../wire/server.ts';

/** What the sandbox's clock passes happens as it would have, at its time and once. */

const api = '/correspondence/api/v1/correspondence';
const clockPath = '/budstikke/v1/sandbox/clock';
const agency = '315001285';
const resourceId = 'clock-letters';
const citizens = { byMail: '10906916350', bySms: '11917017052' } as const;
const addresses = { agency: 'post@clock.example', citizen: 'borger@clock.example', sms: '+4799999999' } as const;
const town = {
  version: 1,
  parties: [
    {
      kind: 'organization',
      number: agency,
      name: 'Klokketilsynet',
      orgCode: 'clock',
      unitType: 'ORGL',
      contactPoints: [{ channel: 'email', address: addresses.agency }],
    },
    {
      kind: 'person',
      number: citizens.byMail,
      name: 'Berit Borger',
      contactPoints: [{ channel: 'email', address: addresses.citizen }],
    },
    { kind: 'person', number: citizens.bySms, name: 'Simen Sms', contactPoints: [{ channel: 'sms', address: addresses.sms }] },
  ],
  resources: [{ id: resourceId, type: 'CorrespondenceService', owner: agency, title: { nb: 'Brev', nn: 'Brev', en: 'Letters' } }],
};
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

let server: OwnServer;
let nobody: Client;
let sender: Client;
before(async () => {
  server = await startOwnServer('clock', town);
  nobody = server.client;
  sender = nobody.with(await enterpriseToken(nobody, agency, ['altinn:serviceowner', 'altinn:correspondence.write']));
});
after(() => server?.stop());
afterEach(async () => {
  const { invariants } = await invariantsOf(sender);
  assert.deepEqual(
    invariants.filter((one) => !one.holds),
    [],
  );
});

interface Clock {
  readonly now: string;
  readonly shift: string;
}
interface Advanced extends Clock {
  readonly stops: readonly { readonly at: string; readonly due: 'publication' | 'step' | 'notice' }[];
}

async function tell(): Promise<Clock> {
  const answer = await nobody.get(clockPath);
  assert.equal(answer.status, 200, answer.text);
  return answer.json<Clock>();
}

const ask = (duration: unknown): Promise<Answer> => nobody.post(clockPath, { advance: duration });

async function advance(duration: string): Promise<Advanced> {
  const answer = await ask(duration);
  assert.equal(answer.status, 200, answer.text);
  return answer.json<Advanced>();
}

async function send(to: string, more: object = {}): Promise<string> {
  const answer = await sender.post(api, {
    recipients: [personUrn(to)],
    correspondence: {
      resourceId,
      sendersReference: randomUUID(),
      content: { language: 'nb', messageTitle: 'Tiden går', messageBody: 'Et brev som venter.' },
      ...more,
    },
  });
  assert.equal(answer.status, 200, answer.text);
  return answer.json<{ correspondences: { correspondenceId: string }[] }>().correspondences[0]!.correspondenceId;
}

async function open(citizen: string, id: string): Promise<void> {
  const reader = nobody.with(await personalToken(nobody, citizen, ['altinn:correspondence.read', 'altinn:portal/enduser']));
  assert.equal((await reader.get(`${api}/${id}/content`)).status, 200);
}

const publishedAt = async (id: string): Promise<number> =>
  Date.parse((await sender.get(`${api}/${id}`)).json<{ published: string }>().published);

const millisOf = (shift: string): number => {
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(shift)!;
  return Number(days) * day + Number(hours) * hour + Number(minutes) * minute + Number(seconds) * 1000;
};

const mailsTo = (address: string): number => server.mails.mails.filter(({ to }) => to.includes(address)).length;

/** Something happens at its due time: not before, and after it no longer than a busy machine takes. */
function assertAt(happened: string | number, due: number, what: string): void {
  const late = new Date(happened).getTime() - due;
  assert.ok(late >= 0 && late < 10_000, `${what} came ${late} ms after its time`);
}

test('given a letter that nobody opens, when three weeks pass in one go, then the reminder, the word to the sender and the question come on days 7, 8 and 14, each once', async () => {
  const id = await send(citizens.byMail);
  await advance('PT1S');
  const published = await publishedAt(id);
  const [before, sendersBefore] = [mailsTo(addresses.citizen), mailsTo(addresses.agency)];
  assert.equal(before, 1);

  const { stops } = await advance('P20D');

  const days = [7, 8, 14].map((n) => published + n * day);
  assert.deepEqual(
    stops.map(({ at, due }) => [Date.parse(at), due]),
    days.map((at) => [at, 'step']),
  );
  const steps = (await timelineOf(sender, id)).filter(({ event }) => event === 'LadderStep').slice(-3);
  assert.deepEqual(
    steps.map(({ core }) => core.step),
    ['remind', 'tell-sender', 'ask-sender'],
  );
  for (const [i, { at, core }] of steps.entries()) assertAt(at, days[i]!, String(core.step));
  assert.equal(mailsTo(addresses.citizen) - before, 1, 'one reminder');
  assert.equal(mailsTo(addresses.agency) - sendersBefore, 2, 'told, and asked');

  await open(citizens.byMail, id);
});

test('given a letter that is opened on day 3, when the weeks after it pass, then nobody is reminded or told', async () => {
  const id = await send(citizens.byMail);
  await advance('P3D');
  await open(citizens.byMail, id);
  const before = server.mails.mails.length;

  const { stops } = await advance('P30D');

  assert.deepEqual(stops, []);
  assert.equal(server.mails.mails.length, before);
  const { outcome, nextAction } = await watchOf(sender, id);
  assert.deepEqual([outcome, nextAction], ['opened', null]);
  assert.deepEqual(
    (await timelineOf(sender, id)).filter(({ core }) => core.step === 'remind'),
    [],
  );
});

test('given a letter to be published late in the evening to one who has a telephone only, when two days pass, then it is published at its time and the SMS goes at nine', async () => {
  const evening = new Date(Date.parse((await tell()).now) + day);
  evening.setUTCHours(21, 0, 0, 0); // 22 or 23 in Norway
  const id = await send(citizens.bySms, { requestedPublishTime: evening.toISOString() });
  assert.equal((await sender.get(`${api}/${id}`)).json<{ published: string | null }>().published, null);

  const { stops } = await advance('P2DT12H');

  assertAt(await publishedAt(id), evening.getTime(), 'the letter');
  assert.deepEqual(
    stops.map(({ due }) => due),
    ['publication', 'notice'],
  );
  assert.equal(Date.parse(stops[0]!.at), evening.getTime());
  const { items } = (await nobody.get('/budstikke/v1/sandbox/outbox')).json<{
    items: { channel: string; to: string; caughtAt: string }[];
  }>();
  assert.deepEqual(
    items.map(({ channel, to }) => [channel, to]),
    [['sms', addresses.sms]],
  );
  const inNorway = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Oslo', hour: '2-digit', minute: '2-digit' });
  assert.equal(inNorway.format(new Date(stops[1]!.at)), '09:00');
  assertAt(items[0]!.caughtAt, Date.parse(stops[1]!.at), 'the SMS');

  await open(citizens.bySms, id);
});

test('given two who advance at once, when both are answered, then the clock has gone as far as both together', async () => {
  const before = millisOf((await tell()).shift);

  const answers = await Promise.all([advance('P2D'), advance('PT90M'), advance('PT0.25S')]);

  const moved = answers.map(({ shift }) => millisOf(shift) - before).sort((a, b) => a - b);
  assert.equal(millisOf((await tell()).shift) - before, 2 * day + 90 * minute + 250);
  assert.equal(new Set(moved).size, 3, 'each was answered at its own time');
});

test('given durations that are none, go back, have no length of their own or go too far, when they are asked for, then each is refused by its code and nothing has moved', async () => {
  const { shift } = await tell();
  const refused = {
    'BUD-09230': ['', 'P', 'PT', 'P7', '7D', 'P7DT', 'P1D2W', 'p7d', ' P7D', 'P7D; select 1', 'PT1.1234567S', 'P1.5D', 'tomorrow'],
    'BUD-09231': ['P1M', 'P1Y', 'P1Y2M3D', 'P1MT1H'],
    'BUD-09232': ['-P1D', 'P0D', 'PT0S', '-PT0S'],
    'BUD-09233': ['P732D', 'P731DT1S', 'P105W', `P${'9'.repeat(400)}D`],
  };
  for (const [code, durations] of Object.entries(refused)) {
    for (const duration of durations) {
      const answer = await ask(duration);
      assert.deepEqual([answer.status, answer.json<{ code: string }>().code], [400, code], JSON.stringify(duration));
    }
  }
  for (const duration of [null, [], {}, true]) assert.equal((await ask(duration)).status, 400, JSON.stringify(duration));
  assert.equal((await nobody.post(clockPath)).status, 400);
  assert.equal((await tell()).shift, shift);
});
