import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { ensureWebBuilt } from '../build.ts';
import { startBrowser } from './browser.ts';
import { logIn, numberOf, type Stage, setStage } from './stage.ts';

/** `npm run screenshots`: every page and state as people see it, into web/screenshots, to be looked at; and the README's three pictures, into docs/pictures. */

const folder = fileURLToPath(new URL('../screenshots/', import.meta.url));
const pictures = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));

/** Pages of a sender that are shown as they are when they are opened. */
const senderPages = [
  ['figures', 'figures'],
  ['statements', 'figures/statements'],
  ['overview-by-mail', 'figures/routine'],
  ['mails-to-the-sender', 'figures/mails'],
  ['webhooks', 'connections'],
  ['systems', 'connections/systems'],
  ['keys', 'connections/keys'],
] as const;

interface View {
  readonly name: string;
  readonly options: BrowserContextOptions;
  readonly language: 'Bokmål' | 'Nynorsk' | 'English';
}

const views: readonly View[] = [
  { name: 'wide', options: { viewport: { width: 1280, height: 900 } }, language: 'Bokmål' },
  { name: 'phone-dark', options: { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }, language: 'Nynorsk' },
  { name: 'wide-english', options: { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' }, language: 'English' },
];

await ensureWebBuilt();
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
await mkdir(pictures, { recursive: true });
const [stage, browser] = await Promise.all([setStage('web-screenshots'), startBrowser()]);
try {
  const letter = await sendLetters(stage);
  await takePictures();
  if (!process.argv.includes('--readme')) for (const view of views) await tour(view, letter);
  console.log(folder);
} finally {
  await browser.close();
  await stage.stop();
}

async function sendLetters({ send, sendFile }: Stage): Promise<string> {
  await sendFile('Lerkedal kommune', 'Oversikt over eiendommer 2026 kart.pdf', 'Et kart. '.repeat(5000));
  await send({ from: 'Fjordane politidistrikt', to: 'Lerkedal kommune', title: 'Bekymringsmelding', confirm: true });
  await send({ from: 'Skatteetaten', to: 'Lerkedal bakeri AS', title: 'Skattemelding for selskapet', confirm: true });
  await send({ from: 'Skatteetaten', to: 'Ola Nordmann', title: 'Skattekortet ditt for neste år er klart' });
  return send({
    from: 'Skatteetaten',
    to: 'Ola Nordmann',
    title: 'Varsel om endring av skatten: fradrag for reise mellom hjem og arbeid i 2025',
    confirm: true,
    body: 'Hei.\n\nVi vurderer å endre fradraget for reise.\n\n## Hva vi har sett\n\n| Hva | Oppgitt | Kartet |\n|---|---|---|\n| Avstand | 48 km | 31 km |\n\n1. Er du enig, trenger du ikke svare.\n2. Er du uenig, [skriv til oss](https://skatt.example/svar).',
    files: [
      { name: 'kart.txt', text: 'Et kart.'.repeat(400) },
      { name: 'regning.txt', text: 'En regning.' },
    ],
    replies: [{ linkURL: 'https://skatt.example/svar', linkText: 'Svar på varselet' }],
  });
}

/** What the README shows: the inbox, the unread board, and a sealed envelope; small enough to lie in the repository. */
async function takePictures(): Promise<void> {
  const take = async (person: string, path: string, { name, ready }: { name: string; ready: string }): Promise<void> => {
    const context = await browser.open({ viewport: { width: 1120, height: 880 }, locale: 'en-GB', reducedMotion: 'reduce' });
    const page = await context.newPage();
    await logIn(page, stage.url, person, path);
    await speak(page, 'English');
    await page.locator(ready).first().waitFor();
    await page.waitForLoadState('networkidle', { timeout: 3000 }).catch(() => undefined); // as in a tour
    await page.evaluate(async () => {
      (document.activeElement as HTMLElement | null)?.blur();
      await document.fonts.ready;
    });
    await page.screenshot({ path: join(pictures, `${name}.png`) });
    await context.close();
  };
  await take('Ola Nordmann', '/inbox', { name: 'inbox', ready: '.letter' });
  await take('Sigrid Skar', '/unread', { name: 'unread-board', ready: '.filter' });
  await take('Kari Berg', '/access', { name: 'sealed-envelope', ready: '.must-act' });
}

async function tour({ name: view, options, language }: View, letter: string): Promise<void> {
  const open = async (person: string, path: string): Promise<Page> => {
    const page = await (await browser.open(options)).newPage();
    await logIn(page, stage.url, person, path);
    await speak(page, language);
    return page;
  };
  const shoot = async (page: Page, name: string): Promise<void> => {
    await page.waitForLoadState('networkidle', { timeout: 3000 }).catch(() => undefined); // the stream of new post stays open
    await page.screenshot({ path: join(folder, `${name}-${view}.png`), fullPage: true });
  };
  const first = await (await browser.open(options)).newPage();
  await first.goto(stage.url);
  await speak(first, language);
  await shoot(first, 'first-visit');
  await first.goto(`${stage.url}/inbox`);
  await shoot(first, 'not-logged-in');
  await first.goto(`${stage.url}/finnesikke`);
  await first.locator('h1').waitFor();
  await shoot(first, 'no-page');

  const citizen = await open('Ola Nordmann', '/inbox');
  await citizen.locator('.letter').first().waitFor();
  await shoot(citizen, 'inbox');
  await citizen.goto(`${stage.url}/inbox?folder=bin`);
  await shoot(citizen, 'empty');
  await citizen.goto(`${stage.url}/inbox?q=finnesikke`);
  await shoot(citizen, 'nothing-found');
  await citizen.goto(`${stage.url}/inbox/${letter}`);
  await citizen.locator('.body').waitFor();
  await shoot(citizen, 'letter');
  for (const summary of await citizen.locator('summary').all()) await summary.press('Enter');
  const share = citizen.locator('form', { has: citizen.locator('input[inputmode=numeric]') });
  await share.locator('input').nth(0).fill(numberOf('Jonas Lid'));
  await share.locator('input').nth(1).fill('Lid');
  await share.locator('button[type=submit]').press('Enter');
  await citizen.locator('.said').waitFor();
  await shoot(citizen, 'letter-all-open');
  await citizen.emulateMedia({ media: 'print' });
  await shoot(citizen, 'letter-print');
  await citizen.emulateMedia({ media: 'screen' });
  await citizen.goto(`${stage.url}/inbox/0198f0a0-0000-7000-8000-000000000000`);
  await shoot(citizen, 'no-such-letter');
  await citizen.route(/\/budstikke\/v1\/inbox\?/, (route) =>
    route.fulfill({ status: 500, json: { status: 500, traceId: '00-4bf92f3577b34da6-01' } }),
  );
  await citizen.goto(`${stage.url}/inbox`);
  await citizen.getByRole('alert').waitFor();
  await shoot(citizen, 'fault');
  await takeAbsences(citizen, shoot);
  await citizen.unroute(/\/budstikke\/v1\/inbox\?/);
  await citizen.route(/\/budstikke\/v1\/inbox\?/, async (route) => {
    const answer = await route.fetch();
    const { items, ...rest } = (await answer.json()) as { items: object[] };
    const strict = { ...items[0], title: null, titleLanguage: null, canOpen: false, levelNeeded: 4 };
    await route.fulfill({ response: answer, json: { ...rest, items: [strict, ...items.slice(1)] } });
  });
  await citizen.goto(`${stage.url}/inbox`);
  await citizen.locator('.letter').first().waitFor();
  await shoot(citizen, 'stronger-login-line');
  await citizen.unroute(/\/budstikke\/v1\/inbox\?/);
  await citizen.route(`**/budstikke/v1/inbox/${letter}`, (route) => route.fulfill({ json: { kind: 'message', canOpen: false } }));
  await citizen.goto(`${stage.url}/inbox/${letter}`);
  await citizen.getByRole('alert').waitFor();
  await shoot(citizen, 'page-broke');
  await citizen.context().setOffline(true);
  await shoot(citizen, 'offline');

  const administrator = await open('Kari Berg', '/access');
  await administrator.locator('.must-act').first().waitFor();
  await shoot(administrator, 'sealed');
  await administrator.locator('.frame-who button').first().press('Enter');
  await administrator.locator('dialog[open]').waitFor();
  await shoot(administrator, 'parties');
  await administrator.keyboard.press('Escape');
  const municipality = await partyOf(administrator, 'Lerkedal kommune');
  for (const path of ['coverage', 'granted', 'requests', 'addresses']) {
    await administrator.goto(`${stage.url}/access/${path}?party=${municipality}`);
    await shoot(administrator, path);
  }
  await administrator.goto(`${stage.url}/inbox?party=${municipality}`);
  await administrator.locator('.letter-link', { hasText: 'kart.pdf' }).press('Enter');
  await administrator.locator('.facts code').waitFor();
  await shoot(administrator, 'file-received');
  await administrator.locator('a[download]').first().press('Enter');
  await administrator.locator('.notches').waitFor();
  await shoot(administrator, 'file-fetched');
  const sender = await open('Sigrid Skar', '/unread');
  await sender.locator('tbody tr').first().waitFor();
  await shoot(sender, 'unread');
  await sender.locator('tbody input').first().press('Space');
  await shoot(sender, 'unread-picked');
  await sender.locator('tbody td[colspan] button').first().press('Enter');
  await sender.locator('#decide-together').waitFor();
  await shoot(sender, 'unread-decide');
  await sender.goto(`${stage.url}/console`);
  await sender.locator('tbody tr').first().waitFor();
  await shoot(sender, 'sent');
  await sender.goto(`${stage.url}/console/files`);
  await sender.locator('tbody tr').first().waitFor();
  await shoot(sender, 'files');
  await sender.locator('tbody a').first().press('Enter');
  await sender.locator('tbody tr').first().waitFor();
  await shoot(sender, 'file-sent');
  await sender.goto(`${stage.url}/console/files/new`);
  await sender.locator('textarea').first().fill(numberOf('Lerkedal kommune'));
  await sender.locator('input[type=file]').setInputFiles({ name: 'grunnlag.csv', mimeType: 'text/csv', buffer: Buffer.from('a;b') });
  await sender.locator('main form button[type=submit]').press('Enter');
  await sender.locator('tbody tr').first().waitFor();
  await shoot(sender, 'file-new');
  await sender.route('**/upload/tus/**', (route) => route.abort());
  await sender.locator('main form button[value=send]').press('Enter');
  await sender.locator('.upload-bar').waitFor();
  await shoot(sender, 'file-waiting');
  await sender.unroute('**/upload/tus/**');
  await sender.reload();
  await sender.locator('input[type=file]').waitFor({ state: 'attached' });
  await shoot(sender, 'file-again');
  await sender.goto(`${stage.url}/console/new`);
  await sender.locator('textarea').first().waitFor();
  await shoot(sender, 'write');
  await takeWriting(sender, shoot);
  await takeServices(sender, shoot);
  await takeMailing(sender, shoot);
  await sender.goto(`${stage.url}/console/${letter}`);
  await sender.locator('.notches').waitFor();
  await shoot(sender, 'stick');
  for (const [name, path] of senderPages) {
    await sender.goto(`${stage.url}/console/${path}`);
    await shoot(sender, name);
  }
  await takeConnected(sender, shoot);
  for (const path of ['operator', 'sandbox', 'sandbox/people', 'sandbox/clock', 'sandbox/town']) {
    await administrator.goto(`${stage.url}/${path}`);
    await shoot(administrator, path.replace('/', '-'));
  }
  for (const page of [first, citizen, administrator, sender]) await page.context().close();
}

async function partyOf(page: Page, name: string): Promise<string> {
  const { parties } = (await (await page.request.get(`${stage.url}/budstikke/v1/session/parties`)).json()) as {
    parties: { id: string; name: string }[];
  };
  return parties.find((one) => one.name.toLowerCase() === name.toLowerCase())!.id;
}

type Shoot = (page: Page, name: string) => Promise<void>;

/** Letters that are not there any more and why, a long wait, and too many tries. */
async function takeAbsences(citizen: Page, shoot: Shoot): Promise<void> {
  const missing = '0198f0a0-0000-7000-8000-000000000001';
  const about = { sender: 'Skatteetaten', recipient: { id: missing, name: 'Ola Nordmann' }, mayGive: false, ask: ['Kari Berg'] };
  const times = { publishedAt: '2026-01-01T08:00:00.000Z', goneAt: '2026-02-01T08:00:00.000Z' };
  for (const why of ['expired', 'deleted', 'recalled', 'no-right']) {
    await citizen.route('**/absence', (route) => route.fulfill({ json: { why, ...about, ...times } }));
    await citizen.goto(`${stage.url}/inbox/${missing}`);
    await citizen.locator('h1').waitFor();
    await shoot(citizen, why);
    await citizen.unroute('**/absence');
  }
  const answered = Promise.withResolvers<void>();
  await citizen.route(/\/budstikke\/v1\/inbox\?/, async (route) => {
    await answered.promise;
    await route.fulfill({ status: 429, json: { status: 429, traceId: '00-4bf92f3577b34da6-01' } });
  });
  await citizen.goto(`${stage.url}/inbox`);
  await citizen.locator('.skeleton-lines').waitFor();
  await citizen.waitForTimeout(5000); // then it says that it goes slowly
  await shoot(citizen, 'slow');
  answered.resolve();
  await citizen.getByRole('alert').waitFor();
  await shoot(citizen, 'too-many-tries');
}

/** A letter that lacks what it needs, with a file that cannot go, and one whose recipients are asked about. */
async function takeWriting(sender: Page, shoot: Shoot): Promise<void> {
  const check = sender.locator('main form button[type=submit]').first();
  await sender.locator('input[type=file]').setInputFiles({ name: 'tom.txt', mimeType: 'text/plain', buffer: Buffer.from('') });
  await check.press('Enter');
  await sender.locator('.ds-error-summary').waitFor();
  await shoot(sender, 'write-wrong');
  await sender.reload();
  await sender.locator('textarea').nth(0).fill(['Ola Nordmann', 'Fjordane politidistrikt'].map(numberOf).join('\n'));
  await sender.locator('main form input[type=text], main form input:not([type])').first().fill('Møte på torsdag');
  await sender.locator('textarea').nth(1).fill('Hei.\n\nVelkommen til **møte**.');
  await check.press('Enter');
  await sender.locator('button[value=send]').waitFor();
  await shoot(sender, 'write-reach');
}

/** A webhook and its log, keys of every kind, and a month of statements: what a stage of one day has none of. */
async function takeConnected(sender: Page, shoot: Shoot): Promise<void> {
  const at = '2026-11-03T09:15:00.000Z';
  const webhook = {
    ...{ id: 1, endPoint: 'https://fagsystem.skatteetaten.example/hendelser/altinn', resourceFilter: 'urn:altinn:resource:skatt-varsel' },
    ...{ typeFilter: null, subjectFilter: null, alternativeSubjectFilter: null, sourceFilter: null, consumer: '/org/skatt', created: at },
    ...{
      state: 'Active',
      lastNumber: 3,
      pending: 1,
      failures: 2,
      failingSince: at,
      nextAttemptAt: at,
      pausedAt: null,
      madeBy: 'Sigrid Skar',
    },
  };
  const delivery = { eventId: 'x', type: 'no.altinn.correspondence.correspondencepublished', resourceInstance: 'x', at, changedAt: at };
  const deliveries = [
    { ...delivery, number: 3, state: 'Pending', attempts: 2, lastAnswer: '503 Service Unavailable', nextAttemptAt: at },
    { ...delivery, number: 2, state: 'GivenUp', attempts: 12, lastAnswer: 'no answer within 15 seconds', nextAttemptAt: null },
    { ...delivery, number: 1, state: 'Delivered', attempts: 1, lastAnswer: '204', nextAttemptAt: null },
  ];
  const client = {
    clientId: '0b6c1c9e-6a44-4e5c-9c62-6ab1c0d3cf11',
    isRegistered: true,
    keyId: 'skatt-2026',
    keyType: 'RS256',
    lastSeenAt: at,
  };
  const keys = {
    clients: [{ ...client, scopes: ['altinn:correspondence.write', 'altinn:broker.write'] }],
    systems: [
      {
        ...{ id: 's', title: 'Regnskap i skyen', kind: 'standard', vendorName: 'Leverandøren AS', systemId: 'regnskap' },
        clients: ['a71c', 'b82d'].map((name) => ({ clientId: `${name}-6a44-4e5c-9c62`, lastSeenAt: at })),
      },
    ],
    certificates: [{ thumbprint: '6F'.repeat(20), validTo: '2027-06-01T00:00:00.000Z', firstSeenAt: at, lastSeenAt: at }],
    webhooks: [{ id: 1, endPoint: webhook.endPoint, state: 'Active', formerUntil: at }],
    next: { clients: null, systems: null, certificates: null },
  };
  const stock = { openBefore: 1204, accepted: 311, closed: 298, openAfter: 1217 };
  const statements = ['2026-11-02', '2026-11-03'].map((day, i) => ({ day, canonical: JSON.stringify({ stock }), holds: i === 0 }));
  for (const [name, path, asked, json] of [
    ['webhook', 'connections/1', /v1\/subscriptions\/1$/, webhook],
    ['webhooks-some', 'connections', /v1\/subscriptions$/, { subscriptions: [webhook] }],
    ['keys-some', 'connections/keys', /v1\/keys(\?|$)/, keys],
    ['statements-some', 'figures/statements', /v1\/.*statements(\?|$)/, { statements }],
  ] as const) {
    await sender.route(/\/subscriptions\/1\/deliveries/, (route) => route.fulfill({ json: { deliveries, next: null } }));
    await sender.route(asked, (route) => route.fulfill({ json }));
    await sender.goto(`${stage.url}/console/${path}`);
    await sender.locator('tbody tr').first().waitFor();
    await shoot(sender, name);
    await sender.unroute(asked);
  }
}

/** A service with its ladder and notices, and a ladder that is being written. */
async function takeServices(sender: Page, shoot: Shoot): Promise<void> {
  await sender.goto(`${stage.url}/console/services`);
  await sender.locator('tbody tr').first().waitFor();
  await shoot(sender, 'services');
  await sender.locator('tbody a', { hasText: /skatt|tax/ }).press('Enter');
  await sender.locator('.notice').first().waitFor();
  await sender.locator('tbody tr').first().waitFor();
  await shoot(sender, 'service');
  await sender.locator('section[aria-labelledby=ladder] .row > button').last().press('Enter');
  await sender.locator('form fieldset').first().waitFor();
  await shoot(sender, 'ladder');
}

/** A list with lines that cannot be sent, before and after the rest has gone. */
async function takeMailing(sender: Page, shoot: Shoot): Promise<void> {
  await sender.goto(`${stage.url}/console/mailings/new`);
  await sender.getByRole('textbox').first().fill('Skatteoppgjør');
  await sender.locator('textarea').nth(0).fill('Hei {{recipientName}}. Du har {{kroner}} kroner til gode.');
  const known = ['Ola Nordmann', 'Lerkedal bakeri AS', 'Fjordane politidistrikt'].map((name, i) => `${numberOf(name)};${i}00`);
  await sender
    .locator('textarea')
    .nth(1)
    .fill(['orgnr;kroner', ...known, 'ingen;5', '999999999;9'].join('\n'));
  await shoot(sender, 'mailing-new');
  await sender.locator('form button[type=submit]').press('Enter');
  await sender.locator('form input[type=radio]').first().waitFor();
  await shoot(sender, 'mailing-open');
  await sender.locator('form button[type=submit]').press('Enter');
  await sender.locator('progress[value="3"]').waitFor();
  await shoot(sender, 'mailing-sent');
  await sender.goto(`${stage.url}/console/mailings`);
  await sender.locator('tbody tr').first().waitFor();
  await shoot(sender, 'mailings');
}

async function speak(page: Page, language: View['language']): Promise<void> {
  const buttons = page.getByRole('button', { name: language });
  await buttons.first().waitFor();
  await buttons.first().press('Enter');
}
