import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Answer, type Client, enterpriseToken, organizationUrn, personalToken } from '../../demo/client.ts';
import { until } from '../../demo/wait.ts';
import { type Browser, openBrowser } from './browser.ts';
import { api, citizenUrn, enterpriseTokenOf, people, resources, town } from './login-town.ts';
import { type OwnServer, startOwnServer } from './server.ts';

/** The inbox as the pages of the web app see it: by cookie. */
let target: OwnServer;
let server: string;
let sender: Client;

const text = (nb: string) => ({ nb, nn: nb, en: nb });
const fileResource = {
  id: 'wire-inbox-files',
  type: 'BrokerService',
  owner: people.directorate,
  title: text('Filer'),
  senders: 'any',
  broker: {},
};

/** Two organizations alike, with the same people: who reads what is confidential, and who has the ordinary post and nothing else. */
const twins = { with: '315100003', without: '315100011' } as const;
const [trusted, colleague] = ['11866460045', '11866460126'];
const packages = { ordinary: 'ordinaer-post-til-virksomheten', confidential: 'post-til-virksomheten-med-taushetsbelagt-innhold' };
const twinTown = {
  parties: [
    { kind: 'organization', number: twins.with, name: 'Tvilling A', unitType: 'AS' },
    { kind: 'organization', number: twins.without, name: 'Tvilling B', unitType: 'AS' },
    { kind: 'person', number: trusted, name: 'Tora Betrodd' },
    { kind: 'person', number: colleague, name: 'Kolla Kollega' },
  ],
  grants: Object.values(twins).flatMap((at) => [
    { to: trusted, at, package: packages.confidential },
    { to: trusted, at, package: packages.ordinary },
    { to: colleague, at, package: packages.ordinary },
  ]),
};

before(async () => {
  target = await startOwnServer('inbox', {
    ...town,
    parties: [...town.parties, ...twinTown.parties],
    grants: [...town.grants, ...twinTown.grants],
    resources: [...town.resources, fileResource],
  });
  server = target.client.baseUrl;
  sender = target.client.with(await enterpriseTokenOf(target.client));
});
after(() => target?.stop());

async function post(title: string, to = citizenUrn, body = 'Hei.'): Promise<string> {
  const sent = await sender.post(`${api}/correspondence`, {
    correspondence: {
      resourceId: resources.letters,
      sendersReference: title,
      content: { language: 'nb', messageTitle: title, messageSummary: 'Et brev', messageBody: body },
    },
    recipients: [to],
  });
  assert.equal(sent.status, 200, sent.text);
  return sent.json<{ correspondences: { correspondenceId: string }[] }>().correspondences[0]!.correspondenceId;
}

interface Page {
  get<T>(path: string): Promise<{ status: number; body: T; headers: Headers }>;
  post<T>(path: string, body?: object, headers?: Record<string, string>): Promise<{ status: number; body: T; headers: Headers }>;
  readonly cookie: string;
}

/** A page of somebody who has logged in. */
async function logIn(name: string): Promise<Page> {
  const browser: Browser = openBrowser(server);
  await browser.press(await browser.open(`${server}/login`), { name: 'person', text: name });
  const cookie = `budstikke=${[...browser.cookies.values()].find((one) => one.name === 'budstikke')!.value}`;
  const ask = async (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) => {
    const answer = await fetch(server + path, { ...init, redirect: 'manual', headers: { cookie, ...init.headers } });
    const text = await answer.text();
    return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text, headers: answer.headers };
  };
  const { csrfToken } = (await ask('/budstikke/v1/session')).body as { csrfToken: string };
  const json = { 'content-type': 'application/json', 'x-csrf-token': csrfToken };
  return {
    cookie,
    get: (path) => ask(path),
    post: (path, body, headers = {}) =>
      ask(path, { method: 'POST', headers: { ...json, ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }),
  };
}

interface Item {
  readonly id: string;
  readonly kind: string;
  readonly title: string | null;
  readonly unread: boolean;
  readonly labels: string[];
  readonly attachmentCount: number;
}
const inbox = '/budstikke/v1/inbox';
const titlesIn = async (page: Page, query = ''): Promise<(string | null)[]> =>
  (await page.get<{ items: Item[] }>(`${inbox}${query}`)).body.items.map(({ title }) => title);

test('given a person who is logged in, when post comes, then it shows, is found, opened, archived and counted by cookie, and nothing of it is kept by caches', async () => {
  const page = await logIn('Ola Borger');
  const id = await post('Skattemelding', citizenUrn, 'Fradragene dine.');
  await until('the letter shows', async () => assert.ok((await titlesIn(page)).includes('Skattemelding')));

  const listed = await page.get<{ items: Item[] }>(inbox);
  assert.equal(listed.headers.get('cache-control'), 'no-store');
  assert.deepEqual(await titlesIn(page, '?q=fradrag'), ['Skattemelding']);
  assert.deepEqual(await titlesIn(page, '?unread=true&sort=oldest&limit=1'), ['Skattemelding']);
  const [me] = (await page.get<{ parties: { id: string; name: string; unread: number }[] }>('/budstikke/v1/session/parties')).body.parties;
  assert.deepEqual([me!.name, me!.unread], ['Ola Borger', 1]);
  assert.equal((await page.get<{ unread: number }>(`${inbox}/counts?party=${me!.id}`)).body.unread, 1);

  assert.equal((await page.get(`${api}/correspondence/${id}/content`)).status, 200);
  assert.equal((await page.get<{ items: Item[] }>(inbox)).body.items[0]!.unread, false, 'at once');
  assert.equal((await page.get<{ decision: string }>(`${inbox}/${id}/why`)).body.decision, 'Permit');
  await until('it is known who has seen it', async () =>
    assert.ok((await page.get<{ entries: object[] }>(`${inbox}/${id}/seen-by`)).body.entries.length > 0),
  );

  assert.equal((await page.post(`${inbox}/${id}/labels`, { add: ['archive'] }, { 'x-csrf-token': 'x' })).status, 403);
  assert.deepEqual((await page.post(`${inbox}/${id}/labels`, { add: ['archive', 'skatt'] })).body, { labels: ['skatt'] });
  await until('it lies in the archive', async () => assert.ok((await titlesIn(page, '?folder=archive')).includes('Skattemelding')));
  assert.deepEqual(await titlesIn(page), []);
});

test('given what a stranger asks for, or what does not fit, when it is asked for, then it is refused by code, and nothing is told', async () => {
  const id = await post('Ikke for andre');
  const [mine, other] = [await logIn('Ola Borger'), await logIn('Kari Leder')];
  await until('the letter shows', async () => assert.ok((await titlesIn(mine)).includes('Ikke for andre')));
  const [me] = (await mine.get<{ parties: { id: string }[] }>('/budstikke/v1/session/parties')).body.parties;
  const code = async (answer: Promise<{ status: number; body: unknown }>) => {
    const { status, body } = await answer;
    return [status, (body as { errorCode?: number }).errorCode];
  };
  assert.deepEqual(await code(other.get(`${inbox}?party=${me!.id}`)), [404, 9551]);
  assert.deepEqual(await code(other.get(`${inbox}/counts?party=${me!.id}`)), [404, 9551]);
  assert.deepEqual(await code(other.get(`${inbox}/changes?party=${me!.id}`)), [404, 9551]);
  for (const path of ['why', 'seen-by']) assert.deepEqual(await code(other.get(`${inbox}/${id}/${path}`)), [404, 9552]);
  assert.deepEqual(await code(other.post(`${inbox}/${id}/labels`, { add: ['bin'] })), [404, 9552]);
  const share = { nationalIdentityNumber: people.citizen, lastName: 'Borger' };
  assert.deepEqual(await code(other.post(`${inbox}/${id}/share`, share)), [404, 9552]);
  assert.deepEqual(await code(mine.get(`${inbox}?after=x`)), [400, 9550]);
  for (const query of ['?limit=0', '?limit=101', '?folder=sent', '?sort=x', '?party=x', `?q=${'a'.repeat(201)}`])
    assert.equal((await mine.get(inbox + query)).status, 400, query);
  assert.equal((await mine.post(`${inbox}/${id}/labels`, { add: ['x'.repeat(41)] })).status, 400);
  const machine = target.client.with(await enterpriseToken(target.client, people.municipality, ['altinn:correspondence.read']));
  assert.deepEqual(await code(machine.get(inbox).then((answer) => ({ status: answer.status, body: answer.json() }))), [403, 9555]);
});

test('given a token of an end user and no cookie, when the inbox is asked for, then it is the same inbox', async () => {
  const client = target.client.with(await personalToken(target.client, people.citizen, ['altinn:portal/enduser']));
  const answer = await client.get(inbox);
  assert.equal(answer.status, 200);
  assert.ok(answer.json<{ items: Item[] }>().items.length > 0);
});

test('given a file that is sent to an organization, when its leader looks, then it stands in the inbox until it is fetched', async () => {
  const broker = target.client.with(
    await enterpriseToken(target.client, people.directorate, ['altinn:serviceowner', 'altinn:broker.write', 'altinn:broker.read']),
  );
  const made = await broker.post('/broker/api/v1/filetransfer', {
    fileName: 'målinger.csv',
    resourceId: fileResource.id,
    sender: `0192:${people.directorate}`,
    recipients: [`0192:${people.municipality}`],
    propertyList: {},
  });
  assert.equal(made.status, 200, made.text);
  const { fileTransferId } = made.json<{ fileTransferId: string }>();
  const uploaded = await broker.post(`/broker/api/v1/filetransfer/${fileTransferId}/upload`, {
    mediaType: 'application/octet-stream',
    bytes: Buffer.from('1;2;3'),
  });
  assert.equal(uploaded.status, 200, uploaded.text);
  const page = await logIn('Kari Leder');
  const find = async (query = '') => (await page.get<{ items: Item[] }>(inbox + query)).body.items.find(({ id }) => id === fileTransferId);
  await until('the file shows', async () => assert.ok((await find()) !== undefined));
  const item = (await find('?q=målinger'))!;
  assert.deepEqual([item.kind, item.title, item.unread, item.attachmentCount], ['file', 'målinger.csv', true, 1]);
  assert.deepEqual((await page.post(`${inbox}/${fileTransferId}/labels`, { add: ['archive', 'tall'] })).body, { labels: ['tall'] });
  assert.equal(await find(), undefined);
  assert.deepEqual((await find('?folder=archive'))!.labels, ['tall']);
});

test('given an open page, when post comes, then it is told of it without asking', async () => {
  const page = await logIn('Ola Borger');
  const answer = await fetch(`${server}${inbox}/changes`, { headers: { cookie: page.cookie } });
  assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'text/event-stream; charset=utf-8']);
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  const id = await post('Kommer nå');
  let text = '';
  while (!text.includes(id)) text += (await reader.read()).value ?? assert.fail(`the stream ended: ${text}`);
  assert.match(text, /event: post\ndata: \{"party":"[0-9a-f-]{36}","id":"/);
  await reader.cancel();
});

test('given two organizations alike, of which one has a confidential letter, when a colleague who may not read it asks for everything in every way, then the answers are alike', async () => {
  const scopes = ['altinn:portal/enduser', 'altinn:correspondence.read', 'digdir:dialogporten', 'altinn:events.subscribe'];
  const asking = async (number: string) => target.client.with(await personalToken(target.client, number, scopes));
  const [reader, curious] = [await asking(trusted), await asking(colleague)];
  for (const to of Object.values(twins)) await post('Vanlig brev', organizationUrn(to));
  const word = 'bekymringsmelding';
  const sent = await sender.post(`${api}/correspondence`, {
    correspondence: {
      ...{ resourceId: resources.sealed, sendersReference: word, isConfidential: true, isConfirmationNeeded: true },
      dueDateTime: new Date(Date.now() + 30 * 86_400_000).toISOString(),
      content: { language: 'nb', messageTitle: `Om en ${word}`, messageSummary: word, messageBody: word },
    },
    recipients: [organizationUrn(twins.with)],
  });
  assert.equal(sent.status, 200, sent.text);
  const id = sent.json<{ correspondences: { correspondenceId: string }[] }>().correspondences[0]!.correspondenceId;
  await until('the letter lies in the inbox of who may read it', async () =>
    assert.ok((await reader.get(`${inbox}?q=${word}`)).text.includes(id)),
  );
  const labelled = await reader.post(`${inbox}/${id}/labels`, { add: ['barnevern'] });
  assert.equal(labelled.status, 200, labelled.text);

  const parties = (await curious.get('/budstikke/v1/session/parties')).json<{ parties: { id: string; number: string }[] }>().parties;
  const idOf = (number: string) => parties.find((one) => one.number === number)!.id;
  const dialogs = '/dialogporten/api/v1/enduser/dialogs';
  const [dialog] = (
    await reader.get(`${dialogs}?party=${organizationUrn(twins.with)}&serviceResource=urn:altinn:resource:${resources.sealed}`)
  ).json<{
    items: { id: string }[];
  }>().items;
  const other = (of: string) => of.slice(0, -4) + (of.endsWith('0000') ? '1111' : '0000');

  // of either organization
  const listed = [
    '',
    '&unread=true',
    '&confidential=true',
    '&confirm=true',
    '&due=true',
    '&sort=due',
    '&folder=archive',
    '&folder=bin',
    '&limit=1',
  ];
  const found = [`&q=${word}`, '&q=om', `&q=${word}&limit=1`, '&label=barnevern', '&label=barnevern&limit=1', `&q=${word}&label=barnevern`];
  const ofParty = (number: string): string[] => [
    ...[...listed, ...found].map((query) => `${inbox}?party=${idOf(number)}${query}`),
    `${inbox}/counts?party=${idOf(number)}`,
    `${inbox}/labels?party=${idOf(number)}`,
    ...['', '&systemLabel=Default', '&status=RequiresAttention', '&isContentSeen=true', `&externalReference=${word}`].map(
      (query) => `${dialogs}?party=${organizationUrn(number)}${query}`,
    ),
    `${dialogs}?party=${organizationUrn(number)}&serviceResource=urn:altinn:resource:${resources.sealed}`,
    ...['Recipient', 'RecipientAndSender'].map(
      (role) => `${api}/correspondence?resourceId=${resources.sealed}&role=${role}&onBehalfOf=${organizationUrn(number)}`,
    ),
    `/budstikke/v1/reachability?party=${organizationUrn(number)}&resource=${resources.sealed}`,
    ...['coverage', 'audit', 'grants'].map((what) => `/budstikke/v1/${what}?party=${idOf(number)}`),
    `/budstikke/v1/unread?recipient=${number}`,
    `/budstikke/v1/unread/summary?recipient=${number}`,
    `/budstikke/v1/sent?q=${number}`,
    `/events/api/v1/events?resource=urn:altinn:resource:${resources.sealed}&subject=${organizationUrn(number)}`,
  ];
  // what is different by nature: which organization it is, and when and under which id its ordinary letter came
  const told = ({ status, headers, text }: Answer) => [
    status,
    headers.get('etag'),
    headers.get('link'),
    text
      .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'id')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z?/g, 'time')
      .replaceAll(/3151000(03|11)|Tvilling [AB]/g, 'twin')
      .replaceAll(/"traceId":"[^"]*"/g, 'trace'),
  ];
  const differing: string[] = [];
  const alike = async (what: string, one: Promise<Answer>, two: Promise<Answer>) => {
    const [a, b] = [told(await one), told(await two)];
    if (JSON.stringify(a) !== JSON.stringify(b)) differing.push(`${what}\n  ${JSON.stringify(a)}\n  ${JSON.stringify(b)}`);
  };
  const without = ofParty(twins.without);
  for (const [i, path] of ofParty(twins.with).entries()) await alike(path, curious.get(path), curious.get(without[i]!));

  // of the letter, and of one that is not there
  const ofLetter = (letter: string, inDialog: string): (() => Promise<Answer>)[] => [
    ...['', '/why', '/seen-by', '/absence'].map((more) => () => curious.get(`${inbox}/${letter}${more}`)),
    () => curious.post(`${inbox}/${letter}/labels`, { add: ['nysgjerrig'] }),
    () => curious.post(`${inbox}/${letter}/share`, { nationalIdentityNumber: colleague, lastName: 'Kollega' }),
    ...['', '/activities', '/seenlog', '/transmissions', '/context/labellog'].map(
      (more) => () => curious.get(`${dialogs}/${inDialog}${more}`),
    ),
    () => curious.put(`${dialogs}/${inDialog}/context/systemlabels`, { addLabels: ['Bin'] }),
    ...[`audit/correspondence/${letter}`, `sealed/${letter}`, `correspondence/${letter}/watch`, `correspondence/${letter}/timeline`].map(
      (path) => () => curious.get(`/budstikke/v1/${path}`),
    ),
  ];
  const [there, nowhere] = [ofLetter(id, dialog!.id), ofLetter(other(id), other(dialog!.id))];
  for (const [i, ask] of there.entries()) await alike(`of the letter, ${i}`, ask(), nowhere[i]!());
  assert.deepEqual(differing, []);
  assert.ok(there.length + without.length >= 40);
});
