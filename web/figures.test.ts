import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { enterpriseToken, organizationUrn, personalToken, personUrn } from '../demo/client.ts';
import { until } from '../demo/wait.ts';
import { startBrowser, type TestBrowser } from './testing/browser.ts';
import { assertAccessible, assertNothingBeside, type Complaints, openListened, phone, tabTo } from './testing/looks.ts';
import { logIn, numberOf, type Stage, setStage } from './testing/stage.ts';

/** A sender's figures, statements and connections, by keyboard, in three languages, on a real server with a real browser. */
let stage: Stage;
let browser: TestBrowser;
let endpoint: Endpoint;
const complaints: Complaints[] = [];

before(async () => {
  browser = await startBrowser(); // first: where the stage fails, it must be closed
  endpoint = await startEndpoint();
  stage = await setStage('web-figures');
});
afterEach(() => browser?.closeWindows());
after(async () => {
  await Promise.all([browser?.close(), stage?.stop(), endpoint?.stop()]);
});

interface Endpoint {
  readonly url: string;
  /** What it answers to events; that it wants them it always says. */
  status: number;
  readonly numbers: string[];
  stop(): Promise<void>;
}

/** A system that listens, on loopback. */
async function startEndpoint(): Promise<Endpoint> {
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { type } = JSON.parse(Buffer.concat(chunks).toString()) as { type: string };
    if (type === 'platform.events.validatesubscription') return void response.writeHead(200).end();
    endpoint.numbers.push(String(request.headers['budstikke-number']));
    response.writeHead(endpoint.status).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    status: 200,
    numbers: [],
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const openPage = (options?: BrowserContextOptions): Promise<Page> => openListened(browser, complaints, options);

async function speak(page: Page, language: 'Nynorsk' | 'English'): Promise<void> {
  await page.getByRole('button', { name: language }).first().waitFor({ state: 'attached' });
  for (const button of await page.getByRole('button', { name: language }).all()) if (await button.isVisible()) return button.press('Enter');
}

/** The text of what was downloaded by pressing this. */
async function downloaded(page: Page, name: string | RegExp): Promise<{ name: string; text: string }> {
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name }).press('Enter');
  const download = await coming;
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
}

test('given a system that listens, when an administrator makes a webhook by keyboard, then its secret is shown once; what the system fails to take is seen, and delivered again when it is asked for', async () => {
  const page = await openPage({ permissions: ['clipboard-read', 'clipboard-write'] });
  await logIn(page, stage.url, 'Sigrid Skar', '/console');
  await page.getByRole('navigation', { name: 'Avsenderens sider' }).getByRole('link', { name: 'Koblinger' }).press('Enter');
  await page.getByText('Ingen systemer får beskjed ennå').waitFor();
  await assertAccessible(page, 'no webhooks');
  await page.getByRole('button', { name: 'Lag webhook' }).press('Enter');
  await page.getByText('Adressen kan ikke brukes.').last().waitFor();
  await page.getByText('Velg hvilken tjeneste det gjelder.').last().waitFor();
  await assertAccessible(page, 'a webhook that lacks what it needs');
  await page.getByLabel('Adressen systemet lytter på').fill('http://10.0.0.1/x');
  await page.getByLabel('Tjeneste').selectOption('skatt-varsel');
  await page.getByRole('button', { name: 'Lag webhook' }).press('Enter');
  await page.getByText('til en tjener som kan nås fra internett').last().waitFor();
  await page.getByLabel('Adressen systemet lytter på').fill(endpoint.url);
  await tabTo(page, 'Lag webhook');
  await page.keyboard.press('Enter');
  const secret = await page.getByRole('textbox', { name: 'Hemmelighet' }).inputValue();
  assert.match(secret, /^whsec_/);
  await page.getByRole('button', { name: 'Kopier' }).press('Enter');
  await page.getByText('Kopiert').first().waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secret);
  await page.getByRole('row', { name: /127\.0\.0\.1.*I gang.*Alt som skjer.*Sigrid Skar/ }).waitFor();
  await assertAccessible(page, 'a webhook and its secret');

  endpoint.status = 500;
  await stage.send({ from: 'Skatteetaten', to: 'Ola Nordmann', title: 'Et brev å høre om' });
  await page
    .getByRole('row', { name: /127\.0\.0\.1/ })
    .getByRole('link')
    .press('Enter');
  await page.getByRole('heading', { level: 1, name: 'En webhook' }).waitFor();
  assert.equal(await page.getByText(secret).count(), 0, 'the secret is not shown again');
  const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: '1', exact: true }) });
  await row.filter({ hasText: '500' }).filter({ hasText: 'Venter' }).waitFor();
  await page.getByText(/forsøk på rad har feilet/).waitFor();
  await assertAccessible(page, 'a webhook that fails');
  endpoint.status = 200;
  await row.getByRole('button', { name: 'Lever nummer 1 på nytt' }).press('Enter');
  await row.filter({ hasText: 'Levert' }).filter({ hasText: '200' }).waitFor();
  assert.ok(endpoint.numbers.filter((number) => number === '1').length >= 2);

  await page.getByRole('button', { name: 'Send en prøve nå' }).press('Enter');
  await page.getByText(/Prøven kom fram: systemet svarte 200 etter \d+ ms/).waitFor();

  await page.getByRole('button', { name: 'Stans', exact: true }).press('Enter');
  await page.getByText(/Stanset av dere/).waitFor();
  await assertAccessible(page, 'a webhook that rests');
  await page.getByRole('button', { name: 'Start igjen' }).press('Enter');
  await page.getByRole('button', { name: 'Stans', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Lever på nytt', exact: true }).press('Enter');
  await page.getByText('Velg når det skal begynne.').waitFor();
  await page.getByLabel('Fra', { exact: true }).fill('2020-01-01T00:00');
  await page.getByRole('button', { name: 'Lever på nytt', exact: true }).press('Enter');
  await page
    .getByText(/blir levert på nytt, og 0 for første gang/)
    .first()
    .waitFor();
  await page.locator('h1').focus();
  await tabTo(page, 'Lag ny hemmelighet');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter'); // the focus is on the yes
  const renewed = await page.getByRole('textbox', { name: 'Hemmelighet' }).inputValue();
  assert.notEqual(renewed, secret);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await assertAccessible(page, 'a webhook on a phone in the dark');
  await assertNothingBeside(page, 'the log of a webhook');
});

test('given a vendor that asks for its system, when an administrator says yes and later takes it back, on a phone and in nynorsk, then it may act in between', async () => {
  await askForSystem();
  const page = await openPage(phone);
  await logIn(page, stage.url, 'Sigrid Skar', '/console/connections/systems');
  await speak(page, 'Nynorsk');
  await page.getByRole('heading', { level: 1, name: 'System' }).waitFor();
  await page.getByText(/Etatenes fellestjenester ber om at systemet «Fagsystem» får handle for dykk/).waitFor();
  await page.getByText('Tilgangspakken «Ordinær post til verksemda»').waitFor();
  await assertAccessible(page, 'a system that is asked for');

  await page.locator('h1').focus();
  await tabTo(page, 'La Fagsystem handle for oss');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Ta frå Fagsystem alt det kan' }).waitFor();
  await page.getByText('Tilgangspakken «Ordinær post til verksemda»').waitFor();
  await assertAccessible(page, 'systems');
  await page.getByRole('navigation', { name: 'Om koplingar' }).getByRole('link', { name: 'Nøklar' }).press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Nøklar' }).waitFor();
  await page.getByRole('row', { name: /Fagsystem.*Etatenes fellestjenester.*fagsystem.*Ikkje brukt enno/ }).waitFor();
  await page.getByRole('heading', { level: 2, name: 'Klientane dykkar' }).waitFor();
  await page.getByText('Ingen sertifikat har vore viste her.').waitFor();
  await assertAccessible(page, 'keys, on a phone');
  await assertNothingBeside(page, 'keys');
  await page.getByRole('link', { name: 'Sjå kva dei kan, og ta det frå dei' }).press('Enter');
  await page.getByRole('button', { name: 'Ta frå Fagsystem alt det kan' }).press('Enter');
  await page.getByText(/kan då ikkje gjere noko meir/).waitFor();
  await page.keyboard.press('Enter'); // the focus is on the yes
  await page.getByText('Ingen system kan handle for dykk').waitFor();
  await assertAccessible(page, 'no systems');
});

async function askForSystem(): Promise<void> {
  const { client } = stage.server;
  const vendorNumber = numberOf('Etatenes fellestjenester');
  const scopes = ['altinn:authentication/systemregister.write', 'altinn:authentication/systemuser.request.write'];
  const vendor = client.with(await enterpriseToken(client, vendorNumber, scopes));
  const [systemId, texts] = [`${vendorNumber}_fagsystem`, { nb: 'Fagsystem', nn: 'Fagsystem', en: 'System' }];
  const accessPackages = [{ urn: 'urn:altinn:accesspackage:ordinaer-post-til-virksomheten' }];
  const made = await vendor.post('/authentication/api/v1/systemregister/vendor', {
    ...{ id: systemId, vendor: { authority: 'iso6523-actorid-upis', ID: `0192:${vendorNumber}` }, name: texts, description: texts },
    ...{ isVisible: true, rights: [], accessPackages, clientId: ['fagsystem'], allowedRedirectUrls: ['https://a.example/'] },
  });
  assert.equal(made.status, 200, made.text);
  const asked = { systemId, partyOrgNo: numberOf('Skatteetaten'), accessPackages, integrationTitle: 'Fagsystem' };
  const answer = await vendor.post('/authentication/api/v1/systemuser/request/vendor', asked);
  assert.equal(answer.status, 201, answer.text);
}

test('given post that is opened and post that lies, when an administrator looks at the figures, on a phone, in nynorsk, then each chart has its table and its file, and what lies can be downloaded', async () => {
  await stage.send({ from: 'Skatteetaten', to: 'Lerkedal bakeri AS', title: 'Til et bakeri' });
  const id = await stage.send({ from: 'Skatteetaten', to: 'Ola Nordmann', title: 'Åpnet' });
  const reader = await openPage();
  await logIn(reader, stage.url, 'Ola Nordmann', `/inbox/${id}`);
  await reader.getByRole('heading', { level: 1, name: 'Åpnet' }).waitFor();
  const page = await openPage(phone);
  await logIn(page, stage.url, 'Sigrid Skar', '/console/figures');
  await speak(page, 'Nynorsk');
  await page.getByRole('heading', { level: 1, name: 'Tal', exact: true }).waitFor();
  await page.getByText('1 av 3 er opna (33').waitFor();
  const kinds = page.getByRole('table', { name: 'Personar og verksemder' });
  await kinds.getByRole('row', { name: /^Personar Sendt 2 Del ikkje opna 50/ }).waitFor();
  await kinds.getByRole('row', { name: /^Verksemder Sendt 1 Del ikkje opna 100/ }).waitFor();
  await page.getByRole('table', { name: 'Det som ligg ulese no' }).getByRole('row').nth(1).waitFor();
  await assertAccessible(page, 'figures on a phone');
  await assertNothingBeside(page, 'figures');
  const file = await downloaded(page, 'Last ned «Kva det vart av posten, veke for veke»');
  assert.equal(file.name, 'ulest-per-uke.csv');
  assert.match(
    file.text,
    /^\uFEFFVeka som byrja;Sendt;Opna;Avslutta på annan måte;Ikkje opna;Del ikkje opna \(%\)\r\n\d{4}-\d\d-\d\d;3;1;0;2;66,7\r\n$/,
  );
  const extract = await downloaded(page, 'Last ned alt som ligg ulese');
  assert.match(extract.text, /Lerkedal bakeri AS/);
  assert.ok(!extract.text.includes(numberOf('Ola Nordmann')), 'no national identity numbers');

  await page.getByRole('button', { name: '52 veker' }).press('Enter');
  await page.waitForURL(/weeks=52/);
  await page.getByText('1 av 3 er opna').waitFor();
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 1280, height: 900 });
  await assertAccessible(page, 'figures in the dark');
});

/** A day goes by, with all that falls due in it. */
async function toTomorrow(): Promise<void> {
  const moved = await fetch(`${stage.url}/budstikke/v1/sandbox/clock`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ advance: 'PT25H' }) },
    signal: AbortSignal.timeout(150_000),
  });
  assert.equal(moved.status, 200, await moved.text());
}

test('given a day that is over, when an administrator reads its statement in English, then its parts add up in words and numbers, and it can be kept as text', async () => {
  const page = await openPage();
  await logIn(page, stage.url, 'Sigrid Skar', '/console/figures/statements');
  await speak(page, 'English');
  await page.getByText(/^No statements for/).waitFor();
  await assertAccessible(page, 'no statements');
  await toTomorrow();
  await until(
    'the statement',
    async () => {
      await page.reload();
      await page.getByText('Adds up', { exact: true }).first().waitFor({ timeout: 10_000 });
    },
    { seconds: 300 },
  );
  await assertAccessible(page, 'statements');
  const month = await downloaded(page, /^Download the statements for/);
  assert.match(month.text, /Delene går opp i helheten/);

  await tabTo(page, /^\d+ \w+ \d{4}$/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: /^Statement for/ }).waitFor();
  await page.getByText('All parts add up to the whole.').waitFor();
  const [before, accepted, closed, left] = (await page.locator('.sum').textContent())!.match(/\d+/g)!.map(Number);
  assert.equal(before! + accepted! - closed!, left);
  assert.ok(left! > 0);
  for (const name of [
    'Why those that are open are not read',
    'How long those that are open have lain',
    'Who can open them',
    'Open, service by service',
  ]) {
    const rows = await page.getByRole('table', { name }).locator('tbody tr td').allTextContents();
    assert.equal(
      rows.reduce((sum, text) => sum + Number(text), 0),
      left,
      name,
    );
    assert.equal(Number(await page.getByRole('table', { name }).locator('tfoot td').textContent()), left, name);
  }
  assert.equal(await page.getByText('It does not add up').count(), 0);
  await assertAccessible(page, 'a statement');
  await page.setViewportSize({ width: 390, height: 844 });
  await assertAccessible(page, 'a statement on a phone');
  await assertNothingBeside(page, 'a statement');
  assert.match((await downloaded(page, /^Download the statement as text/)).name, /^oppgjor-\d{4}-\d\d-\d\d\.txt$/);

  await page.goto(`${stage.url}/console/figures/statements`);
  await page.getByText('Adds up', { exact: true }).first().waitFor();
  await assertNothingBeside(page, 'statements');
  await page.goto(`${stage.url}/console/figures/statements/2020-02-30`);
  await page.getByText('There is no statement for this day').waitFor();
  await assertAccessible(page, 'no statement');
});

test('given nobody who is told by mail, when an administrator sets the overview by keyboard, then the address is asked first, and is told to be confirmed when its mail was answered', async () => {
  const page = await openPage();
  await logIn(page, stage.url, 'Sigrid Skar', '/console/figures/routine');
  await page.getByText('Ingen får oversikten på e-post ennå').waitFor();
  await assertAccessible(page, 'no overview');
  await page.getByRole('checkbox', { name: 'mandag' }).press('Space');
  await page.getByRole('button', { name: 'Lagre' }).press('Enter');
  await page.getByText('Velg minst én dag.').last().waitFor();
  await page.getByText('Skriv minst én adresse.').last().waitFor();
  await page.getByRole('checkbox', { name: 'mandag' }).and(page.locator(':focus')).waitFor(); // the first that is wrong
  await assertAccessible(page, 'an overview that lacks what it needs');
  await page.getByRole('checkbox', { name: 'fredag' }).press('Space');
  await tabTo(page, 'E-postadresser');
  await page.keyboard.type('post@firma.example');
  await tabTo(page, 'Bare post til disse mottakerne');
  await page.keyboard.type('310 000 000');
  await tabTo(page, 'Lagre');
  await page.keyboard.press('Enter');
  await page.getByText('Ingen har ett av numrene. Se etter at de er riktige.').last().waitFor();
  await page.getByLabel('Bare post til disse mottakerne').fill(numberOf('Lerkedal bakeri AS'));
  await tabTo(page, 'Lagre');
  await page.keyboard.press('Enter');
  await page.getByText('Venter på bekreftelse').waitFor();
  await page.getByText(/Neste gang: .*08:00/).waitFor();
  await assertAccessible(page, 'an overview that waits for its address');

  const link = await until('the mail with the link', async () => {
    const mail = stage.server.mails.mails.find(({ to }) => to.includes('post@firma.example'));
    return /http\S+\/routine\/addresses\/\S+/.exec(mail!.text)![0];
  });
  const owner = await openPage();
  await owner.goto(link);
  await owner.getByRole('button', { name: 'Bekreft adressen' }).press('Enter');
  await owner.getByText('Adressen er bekreftet').first().waitFor();
  await page.reload();
  await page.getByText('Bekreftet', { exact: true }).waitFor();
  assert.equal(await page.getByLabel('E-postadresser').inputValue(), 'post@firma.example');
  assert.equal(await page.getByLabel('Bare post til disse mottakerne').inputValue(), numberOf('Lerkedal bakeri AS'));
  assert.equal(await page.getByRole('checkbox', { name: 'mandag' }).isChecked(), false);
  await page.getByLabel('Bare post til disse mottakerne').fill('12345');
  await page.getByRole('button', { name: 'Lagre' }).press('Enter');
  await page.getByText('«12345» er ikke et organisasjonsnummer eller et fødselsnummer.').last().waitFor();
  await assertAccessible(page, 'an overview with a number that is none');
  await page.getByRole('button', { name: 'Nynorsk' }).first().press('Enter');
  for (const day of ['måndag', 'tysdag', 'onsdag', 'torsdag', 'fredag', 'laurdag', 'sundag'])
    await page.getByRole('checkbox', { name: day }).waitFor();
});

test('given mails to a sender, some that went and one that came back, when an administrator looks, on a phone and in the dark, then each stands there with its address and what the mail server said; and none yet is said', async () => {
  const page = await openPage();
  await logIn(page, stage.url, 'Sigrid Skar', '/console/figures/mails');
  await page.getByRole('heading', { level: 1, name: 'E-post til dere' }).waitFor();
  await page
    .getByText('Ingen e-post er sendt til dere ennå')
    .or(page.getByRole('table', { name: 'E-post til dere' }))
    .first()
    .waitFor(); // as it is

  const at = '2026-11-30T08:00:00.000Z';
  const mail = { channel: 'email', toOther: null, failure: null, dueAt: null, changedAt: at, answer: null, tries: 0, attempts: [] };
  const id = (n: number) => `0198f0a0-0000-7000-8000-00000000000${n}`;
  const refused = { outcome: 'refused', reason: 'address-rejected', answer: '550 5.1.1 <script>User unknown' };
  const pages: Record<string, object> = {
    '': {
      mails: [
        {
          ...mail,
          ...{
            id: id(3),
            purpose: 'sender-decision',
            address: 'feil@etat.example',
            state: 'failed',
            failure: 'address-rejected',
            tries: 1,
          },
          ...{ answer: refused.answer, attempts: [{ ...refused, at }] },
        },
        { ...mail, id: id(4), purpose: 'subscription-paused', address: 'post@etat.example', state: 'handed-over' },
        { ...mail, id: id(2), purpose: 'sender-unread', address: 'p•••@h•••.example', toOther: 'HOVEDENHETEN', state: 'due', dueAt: at },
      ],
      next: id(2),
    },
    [id(2)]: {
      mails: [
        {
          ...mail,
          ...{ id: id(1), purpose: 'extract', address: 'post@etat.example', state: 'handed-over', tries: 3 },
          attempts: [{ at, outcome: 'handed-over', reason: null, answer: '250 2.0.0 Ok' }],
        },
      ],
      next: null,
    },
  };
  await page.route(/\/unread\/mails/, (route) => {
    const body = pages[new URL(route.request().url()).searchParams.get('before') ?? ''];
    return route.fulfill({ status: 200, contentType: 'application/json', body: JSON.stringify(body) });
  });
  await page.reload();
  const row = (name: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
  await row('Meldinger venter på at dere tar stilling')
    .filter({ hasText: 'feil@etat.example' })
    .filter({ hasText: 'Kom ikke fram.' })
    .waitFor();
  await page.getByText('Svaret var: 550 5.1.1 <script>User unknown').first().waitFor();
  await row('En webhook er stanset').filter({ hasText: 'post@etat.example' }).waitFor();
  await row('Meldinger er ikke åpnet')
    .filter({ hasText: 'Til HOVEDENHETEN, som får den på deres vegne.' })
    .filter({ hasText: 'Prøves' })
    .waitFor();
  await page.getByRole('button', { name: 'Vis flere' }).press('Enter');
  await row('Utdraget av ulest post').filter({ hasText: 'Tatt imot' }).filter({ hasText: '2 forsøk før det' }).waitFor();
  await assertAccessible(page, 'mails to the sender');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await assertAccessible(page, 'mails to the sender, on a phone in the dark');

  pages[''] = { mails: [], next: null };
  await page.reload();
  await page.getByText('Ingen e-post er sendt til dere ennå').waitFor();
  await assertAccessible(page, 'no mails to the sender');
});

test('given somebody who may send and no more, a server that fails, and one who sends for nobody, when they open the pages, then each is told what to do and whom to ask', async () => {
  await letSend('Jonas Lid', 'Lid');
  const clerk = await openPage();
  await logIn(clerk, stage.url, 'Jonas Lid', '/console');
  await clerk.getByRole('button', { name: 'Bokmål' }).first().press('Enter');
  for (const path of [
    'figures',
    'figures/statements',
    'figures/routine',
    'figures/mails',
    'connections',
    'connections/systems',
    'connections/keys',
  ]) {
    await clerk.goto(`${stage.url}/console/${path}`);
    await clerk.getByText(/er for dem som styrer tilgang/).waitFor();
    await clerk.getByText(/Spør den som er administrator der/).waitFor();
    if (path === 'figures' || path === 'connections') await assertAccessible(clerk, `no right to ${path}`);
  }

  const page = await openPage();
  await logIn(page, stage.url, 'Sigrid Skar', '/console');
  const fault = { status: 500, contentType: 'application/problem+json', body: JSON.stringify({ status: 500, traceId: '00-abc-01' }) };
  await page.route(/\/unread\/figures|\/v1\/subscriptions|system-user-requests/, (route) => route.fulfill(fault));
  for (const path of ['figures', 'connections', 'connections/systems']) {
    await page.goto(`${stage.url}/console/${path}`);
    await page.getByText('Referanse: 00-abc-01').waitFor();
    if (path === 'connections/systems') await assertAccessible(page, `a fault at ${path}`);
  }

  const other = await openPage();
  await logIn(other, stage.url, 'Ola Nordmann', '/console/figures');
  await other.getByText('Du representerer ingen som sender post').waitFor();
  await assertAccessible(other, 'no sender');
});

/** Somebody who administers access lets a person send on one service. */
async function letSend(name: string, lastName: string): Promise<void> {
  const { client } = stage.server;
  const administrator = client.with(await personalToken(client, numberOf('Sigrid Skar'), ['altinn:portal/enduser']));
  const given = await administrator.post('/budstikke/v1/grants', {
    ...{
      at: organizationUrn(numberOf('Skatteetaten')),
      to: personUrn(numberOf(name)),
      lastName,
      resource: 'skatt-varsel',
      actions: ['write'],
    },
  });
  assert.ok(given.status < 300, given.text);
}

test('given all that was shown here, when the browser is asked, then no script failed and our policy stopped nothing', () => {
  assert.deepEqual(
    complaints.flatMap(({ all }) => all),
    [],
  );
});
