import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Client, enterpriseToken, personalToken } from '../../demo/client.ts';
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

before(async () => {
  target = await startOwnServer('inbox', { ...town, resources: [...town.resources, fileResource] });
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
  assert.ok((await page.get<{ entries: object[] }>(`${inbox}/${id}/seen-by`)).body.entries.length > 0);

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

test('given an open page, when post comes, then it is told of it without asking', {
  timeout: 60_000,
}, async () => {
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
