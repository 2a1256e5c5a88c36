import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Client, enterpriseToken, organizationUrn, personalToken } from '../../demo/client.ts';
import { advanceClock, invariantsOf, timelineOf, watchOf } from '../../demo/own-api.ts';
import { until } from '../../demo/wait.ts';
import { type OwnServer, startOwnServer } from '../wire/server.ts';

/** A service whose letters a person must open: what a municipality's system fetches lies there all the same. */
const api = '/correspondence/api/v1';
const numbers = { agency: '315001358', municipality: '315001498', empty: '315001412', leader: '16847520543' } as const;
const [demanding, ordinary] = ['person-brev', 'person-vanlig'];
const sender = 'etaten@person.example';
const leaderAddress = 'leder@person.example';
const text = (nb: string): object => ({ nb, nn: nb, en: nb });
const service = (id: string, more: object = {}) => ({
  ...{ id, type: 'CorrespondenceService', owner: numbers.agency, title: text('Vedtak'), readers: ['DAGL', 'organization'] },
  ...more,
});
const organization = (number: string, name: string, more: object = {}) => ({ kind: 'organization', number, name, ...more });
const town = {
  version: 1,
  parties: [
    organization(numbers.agency, 'Etaten', {
      ...{ orgCode: 'person', unitType: 'ORGL' },
      contactPoints: [{ channel: 'email', address: sender }],
    }),
    organization(numbers.municipality, 'Bygda kommune', { unitType: 'KOMM' }),
    organization(numbers.empty, 'Tomme kommune', { unitType: 'KOMM' }),
    {
      ...{ kind: 'person', number: numbers.leader, name: 'Lise Leder', lastLogin: new Date().toISOString().slice(0, 10) },
      contactPoints: [{ channel: 'email', address: leaderAddress }],
    },
  ],
  roles: [{ holder: numbers.leader, role: 'DAGL', at: numbers.municipality }],
  resources: [service(demanding, { demandsPerson: true }), service(ordinary)],
};

let server: OwnServer;
let [agency, system, emptySystem, leader]: Client[] = [];
before(async () => {
  server = await startOwnServer('demands-a-person', town);
  const { client } = server;
  agency = client.with(
    await enterpriseToken(client, numbers.agency, [
      'altinn:serviceowner',
      'altinn:correspondence.write',
      'altinn:resourceregistry/resource.write',
    ]),
  );
  system = client.with(await enterpriseToken(client, numbers.municipality, ['altinn:correspondence.read']));
  emptySystem = client.with(await enterpriseToken(client, numbers.empty, ['altinn:correspondence.read']));
  leader = client.with(await personalToken(client, numbers.leader, ['altinn:correspondence.read', 'altinn:portal/enduser']));
});
after(() => server?.stop());

async function send(resourceId: string, to: string = numbers.municipality, more: object = {}): Promise<string> {
  const answer = await agency!.post(`${api}/correspondence`, {
    recipients: [organizationUrn(to)],
    correspondence: {
      ...{ resourceId, sendersReference: randomUUID() },
      content: { language: 'nb', messageTitle: 'Vedtak', messageBody: 'Se her.' },
      ...more,
    },
  });
  assert.equal(answer.status, 200, answer.text);
  const { correspondenceId: id } = answer.json<{ correspondences: { correspondenceId: string }[] }>().correspondences[0]!;
  await until('publication', async () => assert.ok((await watchOf(agency!, id)).publishedAt));
  return id;
}

const content = (client: Client, id: string) => client.get(`${api}/correspondence/${id}/content`);
interface Seen {
  readonly fetchedBySystemAt: string | null;
  readonly openedAt: string | null;
  readonly outcome: string | null;
}
const seen = async (id: string) => {
  const { fetchedBySystemAt, openedAt, outcome } = (await watchOf(agency!, id)) as unknown as Seen;
  return [fetchedBySystemAt !== null, openedAt !== null, outcome];
};
const board = async (query = ''): Promise<string[][]> => {
  const { text: csv, status } = await agency!.get(`/budstikke/v1/unread/extract${query}`);
  assert.equal(status, 200, csv);
  return csv
    .trim()
    .split('\r\n')
    .map((line) => line.split(','));
};

test('given a letter that a person must open, when a system fetches it, then clients see it as read, it lies there, people are reminded and its sender is told; when a person opens it, it ends', async () => {
  const id = await send(demanding);
  assert.equal((await content(system!, id)).text, 'Se her.');
  await until('the watch hears of it', async () => assert.deepEqual(await seen(id), [true, false, null]));
  const details = await agency!.get(`${api}/correspondence/${id}`);
  assert.equal(details.json<{ status: string }>().status, 'Read', 'the flags of clients are what they were');
  const entry = (await timelineOf(agency!, id)).find(({ event }) => event === 'ContentHandover')!;
  assert.deepEqual([entry.proves, entry.core.awaits], ['handed-over', 'person']);

  await advanceClock(server.client, 'P9D');
  const { cause, outcome } = await watchOf(agency!, id);
  assert.deepEqual([cause, outcome], ['notified-not-opened', null]);
  const reminders = server.mails.mails.filter(({ to, subject }) => to.includes(leaderAddress) && /påminnelse/i.test(subject ?? ''));
  assert.equal(reminders.length, 1);
  await until('its sender is told', async () => assert.ok(server.mails.mails.some(({ to }) => to.includes(sender))));
  const [header, ...lines] = await board();
  assert.equal(header!.at(-1), 'fetched_by_system_at');
  assert.match(lines.find(([of]) => of === id)!.at(-1)!, /^\d{4}-/);

  const isUnread = async () =>
    (await leader!.get('/budstikke/v1/inbox')).json<{ items: { id: string; unread: boolean }[] }>().items.find((each) => each.id === id)
      ?.unread;
  await until('it stands in the inbox', async () => assert.equal(await isUnread(), true, 'no person has read it'));

  assert.equal((await content(leader!, id)).text, 'Se her.');
  await until('it ends', async () => assert.deepEqual(await seen(id), [true, true, 'opened']));
  await until('and is read', async () => assert.equal(await isUnread(), false));
});

test('given a system that confirms what a person must open, when it has confirmed, then the letter ends when a person opens it, and not before', async () => {
  const id = await send(demanding, numbers.municipality, {
    isConfirmationNeeded: true,
    dueDateTime: new Date(Date.now() + 400 * 86_400_000),
  });
  assert.equal((await content(system!, id)).status, 200);
  assert.equal((await system!.post(`${api}/correspondence/${id}/confirm`)).status, 200);
  await until('the watch hears of it', async () => assert.deepEqual(await seen(id), [true, false, null]));
  assert.equal((await content(leader!, id)).status, 200);
  await until('it ends', async () => assert.deepEqual(await seen(id), [true, true, 'confirmed']));
});

test('given a recipient where a system alone may read, when a letter demands a person, then nobody can open it from the first moment; on another service the system opens it', async () => {
  assert.equal((await emptySystem!.get(`${api}/correspondence?resourceId=${ordinary}&role=Recipient`)).status, 200);
  const [closed, open] = [await send(demanding, numbers.empty), await send(ordinary, numbers.empty)];
  assert.equal((await watchOf(agency!, closed)).class, 'UNREACHABLE');
  assert.notEqual((await watchOf(agency!, open)).class, 'UNREACHABLE');
  for (const id of [closed, open]) assert.equal((await content(emptySystem!, id)).status, 200);
  await until('both are heard of', async () => {
    assert.deepEqual(await seen(closed), [true, false, null]);
    assert.deepEqual(await seen(open), [false, true, 'handed-over']);
  });
});

test('given a service that is made to demand a person, when what lies there is looked at, then nobody can open it where there are systems alone; a service of files is refused', async () => {
  const id = await send(ordinary, numbers.empty);
  assert.notEqual((await watchOf(agency!, id)).class, 'UNREACHABLE');
  const document = (more: object) => ({
    ...{ identifier: ordinary, resourceType: 'CorrespondenceService', title: text('Vedtak'), description: text('Vedtak') },
    ...{ rightDescription: text('Lese'), hasCompetentAuthority: { organization: numbers.agency, orgcode: 'person', name: text('Etaten') } },
    contactPoints: [{ category: 'Support', email: sender, telephone: null, contactPage: null }],
    ...more,
  });
  const put = (more: object) => agency!.put(`/resourceregistry/api/v1/resource/${ordinary}`, document(more));
  const refused = await put({ resourceType: 'BrokerService', budstikke: { demandsPerson: true } });
  assert.deepEqual([refused.status, refused.json<{ code: string }>().code], [400, 'BUD-09180']);
  assert.equal((await put({ budstikke: { demandsPerson: true } })).status, 200);
  const shown = await agency!.get(`/resourceregistry/api/v1/resource/${ordinary}`);
  assert.equal(shown.json<{ budstikke: { demandsPerson?: boolean } }>().budstikke.demandsPerson, true);
  await until('it is known', async () => assert.equal((await watchOf(agency!, id)).class, 'UNREACHABLE'));
  assert.equal((await put({})).status, 200);
  await until('and known again', async () => assert.notEqual((await watchOf(agency!, id)).class, 'UNREACHABLE'));
});

test('given all this, when the rules are asked, then each holds', async () => {
  const { holds, invariants } = await invariantsOf(agency!);
  assert.ok(holds, JSON.stringify(invariants.filter((each) => !each.holds)));
});
