import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import pg from 'pg';
import type { BrowserContext, Page } from 'playwright-core';
import { startBrowser, type TestBrowser } from './testing/browser.ts';
import { assertAccessible, type Complaints, listenedTab, tabTo } from './testing/looks.ts';
import { shownSoon } from './testing/shown-soon.ts';
import { logIn, numberOf, type Stage, setStage } from './testing/stage.ts';

/** Bad letters, lost networks, sessions that end: what the app shows then, and what it keeps. */
let stage: Stage;
let browser: TestBrowser;
let letter: string;
const complaints: Complaints[] = [];

before(async () => {
  [stage, browser] = await Promise.all([setStage('web-hard-times'), startBrowser()]);
  letter = await stage.send({ from: 'Skatteetaten', to: 'Ola Nordmann', title: 'Et brev', confirm: true, forwarding: true });
});
afterEach(() => browser?.closeWindows());
after(async () => {
  await Promise.all([browser?.close(), stage?.stop()]);
});

const openContext = (): Promise<BrowserContext> => browser.open();
const newTab = (context: BrowserContext): Promise<Page> => listenedTab(context, complaints);

/** The letter's page, with this body in place of what was sent: whatever an old system once let through. */
async function openWithBody(context: BrowserContext, body: string): Promise<Page> {
  const page = await newTab(context);
  await page.route('**/content', (route) => route.fulfill({ body, contentType: 'text/plain; charset=utf-8' }));
  await logIn(page, stage.url, 'Ola Nordmann', `/inbox/${letter}`);
  await page.locator('.body').waitFor();
  return page;
}

test('given a body with script, styles, images and odd links, when it is opened, then only text and safe links are left', async () => {
  const page = await openWithBody(
    await openContext(),
    [
      '# Overskrift',
      '<script>window.hacked = 1</script><img src="https://spy.example/x.png" onerror="window.hacked = 1"><svg onload="window.hacked = 1"></svg>',
      '[god](https://skatt.example/a) [post](mailto:a@b.example) [ring](tel:+4799999999)',
      '[ond](javascript:window.hacked=1) [data](data:text/html,<b>x</b>) [fil](file:///etc/passwd) [uten](http://skatt.example) ![bilde](https://spy.example/y.png)',
      '<a href="https://skatt.example" style="position:fixed;inset:0" onclick="window.hacked=1">dekker alt</a> <iframe src="https://spy.example"></iframe><form action="https://spy.example"><input name="pin"></form>',
      'faktura \u202Efdp.exe, faktura &#x202e;fdp.exe, faktura &#8238;fdp.exe',
      '[skatt.example](https://ond.example/x) [https://www.skatt.example/a](https://skatt.example/b) [skatt.example](https://min.skatt.example)',
    ].join('\n\n'),
  );
  const shown = page.locator('.body');

  const hrefs = await shown
    .locator('a[href]')
    .evaluateAll((links) => links.map((link) => [link.getAttribute('href'), link.getAttribute('rel')]));
  const rel = 'noopener noreferrer nofollow';
  const safe = [
    ...['https://skatt.example/a', 'mailto:a@b.example', 'tel:+4799999999'],
    ...['https://ond.example/x', 'https://skatt.example/b', 'https://min.skatt.example'],
  ];
  assert.deepEqual(
    hrefs,
    safe.map((href) => [href, rel]),
  );
  assert.equal(await shown.locator('script, img, svg, iframe, form, input, style, [style], [onclick]').count(), 0);
  assert.doesNotMatch((await shown.textContent()) ?? '', /[\u202A-\u202E]/);
  assert.match((await shown.textContent()) ?? '', /dekker alt/);
  const links = (await shown.locator('p').last().textContent()) ?? '';
  assert.equal(
    links,
    'skatt.example (ond.example) https://www.skatt.example/a skatt.example (min.skatt.example)',
    'a link whose text is not where it leads says where that is',
  );
  assert.equal(await shown.locator('h1').count(), 0, 'the page has one heading of the first order');
  assert.equal(await page.evaluate(() => (globalThis as { hacked?: number }).hacked), undefined);
  await assertAccessible(page, 'a hostile letter');
});

test('given a megabyte of one letter, when it is opened, then it is shown, nothing is wider than the window, and the page answers', async () => {
  const page = await openWithBody(await openContext(), 'a'.repeat(1_000_000));

  assert.equal((await page.locator('.piece').allTextContents()).join('').length, 1_000_000);
  await page.getByText('Meldingen vises som den er skrevet').waitFor();
  await page.getByRole('button', { name: 'Arkiver' }).focus();
  await assertAccessible(page, 'a megabyte');
});

test('given bodies that would break the layout of text or keep the browser busy, when they are opened, then every word is there to be read', async () => {
  const page = await openWithBody(await openContext(), 'Hei.');
  for (const piece of ['1) ', '>', '- ', '* ', '_a']) {
    const body = `${piece.repeat(29_000 / piece.length)}Frist 1. desember: betal 1000 kr.`;
    await page.unroute('**/content');
    await page.route('**/content', (route) => route.fulfill({ body, contentType: 'text/plain; charset=utf-8' }));
    await page.reload();
    await page.getByText('Meldingen vises som den er skrevet').waitFor();
    assert.equal((await page.locator('.piece').allTextContents()).join(''), body, piece);
    await page.getByRole('button', { name: 'Logg ut' }).waitFor();
  }
});

test('given ten thousand letters, when one goes to the end, a letter comes and one goes back, then a few rows are in the page, screen readers are told how many there are, and only the beginning is asked for again', async () => {
  const page = await newTab(await openContext());
  const asked: string[] = [];
  let first = 0;
  await page.route(/\/budstikke\/v1\/inbox\?/, (route) => {
    const after = new URL(route.request().url()).searchParams.get('after');
    asked.push(after ?? 'the beginning');
    const from = after === null ? first : Number(after);
    const items = Array.from({ length: 100 }, (_, i) => lineOf(from + i));
    return route.fulfill({ json: { items, next: from + 100 < 10_000 ? String(from + 100) : null } });
  });
  await logIn(page, stage.url, 'Ola Nordmann');
  await page.locator('.letter-link').first().focus();

  let last = '';
  for (let press = 0; press < 400 && last !== '10000'; press += 1) {
    await page.keyboard.press('End');
    // What does not come by this press comes by the next: pages are read while one goes.
    await page.waitForFunction(lastPlaceIsNot, last, { timeout: 5000 }).catch(() => undefined);
    last = await page.evaluate(lastPlace);
  }
  assert.equal(last, '10000');
  await page.keyboard.press('End');
  await page.waitForFunction(() => document.activeElement?.closest('.letter')?.getAttribute('aria-posinset') === '10000');
  assert.equal(await page.locator('.letter').last().getAttribute('aria-setsize'), '10000');
  assert.ok((await page.locator('.letter').count()) < 60);
  assert.ok(new Set(asked).size === 100, `each page is asked for: ${new Set(asked).size}`);

  asked.length = 0;
  first = -1;
  const again = page.waitForResponse((answer) => answer.url().includes('/budstikke/v1/inbox?') && !answer.url().includes('after='));
  await stage.send({ from: 'Skatteetaten', to: 'Ola Nordmann', title: 'Nok et brev' });
  await again;
  await page.waitForFunction(() => document.querySelector('.letter')?.getAttribute('aria-setsize') === '10001');
  assert.deepEqual([...new Set(asked)], ['the beginning']);
  await page.keyboard.press('Home');
  await page.waitForFunction(() => document.activeElement?.closest('.letter')?.getAttribute('aria-posinset') === '1');
  await page.getByText('Brev -1', { exact: true }).waitFor();
});

/** Runs in the page. */
function lastPlace(): string {
  return document.querySelector('.letter:last-child')?.getAttribute('aria-posinset') ?? '';
}

/** Runs in the page. */
function lastPlaceIsNot(was: string): boolean {
  return (document.querySelector('.letter:last-child')?.getAttribute('aria-posinset') ?? '') !== was;
}

function lineOf(number: number) {
  return {
    id: `00000000-0000-7000-8000-${String(number + 1).padStart(12, '0')}`,
    ...{ kind: 'message', title: `Brev ${number}`, titleLanguage: 'nb', sender: { name: 'Skatteetaten' } },
    ...{ recipient: { id: '1', name: 'Ola Nordmann' }, publishedAt: '2026-11-29T10:00:00.000Z', dueAt: null, unread: number % 3 === 0 },
    ...{ openedAt: null, confirmNeeded: false, confirmedAt: null, confidential: false, attachmentCount: 0, labels: [], folder: 'inbox' },
    ...{ archived: false, canOpen: true, levelNeeded: null },
  };
}

test('given a form that is being filled in, when the session ends in the middle, then nothing of the letter is left on the screen, and the text is there after the next login', async () => {
  const context = await openContext();
  const page = await newTab(context);
  await logIn(page, stage.url, 'Ola Nordmann', `/inbox/${letter}`);
  await page.getByText('Send videre på e-post').press('Enter');
  await page.getByLabel('E-postadresse').fill('kollega@firma.example');
  await page.getByLabel(/Melding til den som får den/).fill('Kan du se på denne?');

  const before = await context.cookies();
  await context.clearCookies({ name: /budstikke$/ });
  const isOut = page.getByRole('heading', { name: 'Du er logget ut' }).waitFor();
  // The page may have noticed by itself, and taken the form away, before the key is down.
  await Promise.race([isOut, page.getByRole('button', { name: 'Send videre' }).press('Enter')]);
  await isOut;
  assert.ok(before.some(({ name, httpOnly }) => name.endsWith('budstikke') && httpOnly));
  assert.equal(await page.getByText('Et brev').count(), 0);
  await assertAccessible(page, 'session ended');
  await page.getByRole('link', { name: 'Logg inn' }).press('Enter');
  const choose = page.getByRole('button', { name: /Ola Nordmann/ });
  const text = page.getByLabel(/Melding til den som får den/);
  await choose.or(text).first().waitFor();
  if (await choose.isVisible()) await choose.press('Enter');
  await text.waitFor();
  assert.equal(await text.inputValue(), 'Kan du se på denne?');
  assert.equal(await page.getByLabel('E-postadresse').inputValue(), 'kollega@firma.example');
});

test('given two tabs, when a letter is confirmed in one, then the other shows it; and when one logs out, then both are, and the back button brings nothing back', async () => {
  const context = await openContext();
  const [one, two] = [await newTab(context), await newTab(context)];
  await logIn(one, stage.url, 'Ola Nordmann', `/inbox/${letter}`);
  await two.goto(`${stage.url}/inbox/${letter}`);
  await two.getByRole('button', { name: 'Bekreft at du har mottatt' }).waitFor();

  await one.getByRole('button', { name: 'Bekreft at du har mottatt' }).press('Enter');
  await two.getByText('Mottak er bekreftet.').waitFor();
  await one.getByRole('button', { name: 'Logg ut' }).press('Enter');
  await two.getByRole('heading', { name: 'Velkommen til Budstikke' }).waitFor();
  await one.waitForURL((url) => !url.pathname.startsWith('/inbox'));
  assert.ok(!(await context.cookies()).some(({ name, value }) => name.endsWith('budstikke') && value !== ''));
  for (const page of [one, two]) {
    await page.goBack();
    await page.waitForLoadState();
    assert.equal(await page.getByRole('heading', { name: 'Et brev' }).count(), 0);
  }
});

test('given a half-written form, when somebody else logs in with the same browser, then nothing of the first one’s is left in any tab', async () => {
  const context = await openContext();
  const [one, two] = [await newTab(context), await newTab(context)];
  await logIn(one, stage.url, 'Ola Nordmann', `/inbox/${letter}`);
  await one.getByRole('heading', { name: 'Et brev' }).waitFor();
  await one.getByText('Send videre på e-post').press('Enter');
  await one.getByLabel('E-postadresse').fill('hemmelig@kladd.example');

  await two.goto(`${stage.url}/login?${new URLSearchParams({ returnTo: '/inbox', who: numberOf('Kari Berg') })}`);
  await two.getByRole('button', { name: /Kari Berg/ }).press('Enter');
  await two.getByText('Logget inn: Kari Berg').waitFor();

  await one.getByText('Logget inn: Kari Berg').waitFor();
  await one.getByText('Vi finner ikke dette').waitFor();
  assert.equal(await one.getByText('Et brev').count(), 0);
  assert.doesNotMatch(await one.evaluate(() => JSON.stringify({ ...sessionStorage })), /hemmelig/);
});

test('given a session that is over on the server, when its person logs out, then the drafts are gone and the provider asks the next one who they are', async () => {
  const context = await openContext();
  const page = await newTab(context);
  await logIn(page, stage.url, 'Ola Nordmann', `/inbox/${letter}`);
  await page.getByText('Send videre på e-post').press('Enter');
  await page.getByLabel('E-postadresse').fill('hemmelig@kladd.example');
  await context.clearCookies({ name: /budstikke$/ });
  await page.getByRole('button', { name: 'Logg ut' }).press('Enter');

  await page.waitForURL(/\/idporten\/logout/); // its button has the same name as ours
  await page.getByRole('button', { name: 'Logg ut' }).press('Enter');
  await page.getByRole('heading', { name: 'Velkommen til Budstikke' }).waitFor();
  assert.doesNotMatch(await page.evaluate(() => JSON.stringify({ ...sessionStorage })), /hemmelig/);
  await page.goto(`${stage.url}/login?returnTo=/inbox`);
  await page.getByRole('button', { name: /Kari Berg/ }).waitFor();
});

test('given a login provider that is away, when a browser comes back from there, then the page says so with a reference and how to try again', async () => {
  const page = await newTab(await openContext());
  await page.goto(`${stage.url}/?login=away&reference=ref-17&returnTo=%2Finbox%2F7`);
  await page.getByText('Vi når ikke innloggingstjenesten akkurat nå').waitFor();
  await page.getByText('Referanse: ref-17').waitFor();
  assert.match((await page.getByRole('link', { name: 'Logg inn på nytt' }).getAttribute('href')) ?? '', /returnTo=%2Finbox%2F7/);
  await assertAccessible(page, 'a provider that is away');
});

test('given somebody who administers nothing where they act, when they look at sealed post, then they are not told that all is well, and the foot says whom to ask', async () => {
  const page = await newTab(await openContext());
  await logIn(page, stage.url, 'Jonas Lid');
  await page.getByText('spør den som har sendt').waitFor();
  await page.getByRole('button', { name: /^Du representerer|^Du representerar/ }).press('Enter');
  await page.getByRole('button', { name: /^Lerkedal kommune/ }).press('Enter');
  await page.getByRole('link', { name: /^Tilgang/ }).press('Enter');
  await page.getByText('Du styrer ikkje tilgang hos Lerkedal kommune').waitFor();
  assert.equal(await page.getByText('Ingen forsegla post').count(), 0);
  await page.getByText('spør den som er administrator i verksemda di').waitFor();

  const id = await stage.send({ from: 'Skatteetaten', to: 'Lerkedal kommune', title: 'Til alle der' });
  await page.goto(`${stage.url}/inbox/${id}`);
  await page.getByRole('heading', { level: 1, name: 'Til alle der' }).waitFor();
  await page.getByText('Del med ein kollega').press('Enter');
  await page.getByText('Du kan lese meldinga, men ikkje dele ho.').waitFor();
  await assertAccessible(page, 'a letter that its reader may not share');
  assert.equal(await page.getByRole('button', { name: 'Del meldinga' }).count(), 0, 'what would be refused is not offered');
});

test('given somebody who leads seventy organizations, when they choose one beyond the first page, then pages and head are about that one, and of one that is not theirs they say so', async () => {
  const seeded = await stage.server.client.post('/budstikke/v1/sandbox/seed', manyLed());
  assert.equal(seeded.status, 200, seeded.text);
  const page = await newTab(await openContext());
  await page.goto(`${stage.url}/login?${new URLSearchParams({ returnTo: '/inbox', who: bossNumber })}`);
  await page.getByRole('button', { name: /Mange Lederud/ }).press('Enter');
  await page.getByRole('link', { name: 'Sendt' }).waitFor(); // number 66 sends

  await page.getByRole('button', { name: /^Du representerer/ }).press('Enter');
  await page.getByLabel('Søk etter navn eller nummer').fill('Borettslaget 65');
  await page.getByRole('button', { name: /^Borettslaget 65/ }).press('Enter');
  await page.getByText('Post til Borettslaget 65').waitFor();
  await page.getByRole('button', { name: 'Du representerer Borettslaget 65' }).waitFor();
  await page.reload();
  await page.getByText('Post til Borettslaget 65').waitFor();

  await page.goto(`${stage.url}/console/new`);
  await page.getByText('Du skriver for Borettslaget 66').waitFor();
  await page.getByRole('button', { name: 'Du representerer Borettslaget 66' }).waitFor();
  await page.goto(`${stage.url}/console/new?party=${new URL(page.url()).searchParams.get('party')}`);
  await page.getByText('Du skriver for Borettslaget 66').waitFor();

  const body = page.getByLabel(/^Tekst/);
  await body.fill(`${'a'.repeat(30_000)}KLAGEFRIST 3 UKER`);
  await page.getByText('Teksten er 17 tegn for lang. Det er plass til 30000.').waitFor();
  await page.getByRole('button', { name: 'Se hvem som kan åpne' }).press('Enter');
  assert.match(await body.inputValue(), /KLAGEFRIST 3 UKER$/, 'nothing of what was pasted is cut off');
  assert.ok(await body.evaluate((field) => field === document.activeElement));
  await body.fill('Hei.');
  await page.getByLabel(/^Frist/).evaluate(typeYear);
  await page.getByRole('button', { name: 'Se varselet mottakeren får' }).press('Enter');
  await page.getByRole('button', { name: 'Se hvem som kan åpne' }).press('Enter');
  await page.getByText('Skriv en dato som finnes').last().waitFor();

  for (const path of ['inbox', 'console/new', 'access/addresses']) {
    await page.goto(`${stage.url}/${path}?party=0198f0a0-0000-7000-8000-000000000000`);
    await page.getByRole('heading', { name: 'Du representerer ikke denne' }).waitFor();
    await page.getByRole('button', { name: 'Hvem vil du representere?' }).waitFor();
  }
  assert.equal(await page.getByText(/^(?:Post til|Du skriver for)/).count(), 0);
  await assertAccessible(page, 'one that is not theirs');
});

/** Runs in the page: a year of six figures, as one slip of a finger makes it. */
function typeYear(field: Element): void {
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!.call(field, '20261-01-12');
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

const bossNumber = '14886498226';

/** A town of one who leads seventy, of which number 66 sends. */
function manyLed(): object {
  const weights = [3, 2, 7, 6, 5, 4, 3, 2];
  const numbers: string[] = [];
  for (let i = 31_000_000; numbers.length < 70; i += 1) {
    const rest = [...String(i)].reduce((sum, digit, at) => sum + Number(digit) * weights[at]!, 0) % 11;
    if (rest !== 1) numbers.push(`${i}${rest === 0 ? 0 : 11 - rest}`);
  }
  const nameOf = (at: number): string => `Borettslaget ${String(at).padStart(2, '0')}`;
  const title = { nb: 'Brev', nn: 'Brev', en: 'Letters' };
  return {
    version: 1,
    parties: [
      { kind: 'person', number: bossNumber, name: 'Mange Lederud' },
      ...numbers.map((number, at) => ({ kind: 'organization', number, name: nameOf(at), unitType: 'BRL' })),
    ],
    roles: numbers.map((at) => ({ holder: bossNumber, role: 'DAGL', at })),
    resources: [
      { id: 'borett-brev', type: 'CorrespondenceService', owner: numbers[66], title, senders: 'owner', readers: ['self', 'DAGL'] },
    ],
  };
}

test('given a server that fails, a network that is gone, a page and a letter that are not there, when they are met, then each is said in words', async () => {
  const context = await openContext();
  const page = await newTab(context);
  await logIn(page, stage.url, 'Ola Nordmann');
  await page.goto(`${stage.url}/inbox/0198f0a0-0000-7000-8000-000000000000`);
  await page.getByText('Vi finner ikke dette').waitFor();
  await page.getByText('Det kan være slettet eller trukket tilbake').waitFor();
  await assertAccessible(page, 'no such letter');
  await page.goto(`${stage.url}/inbox/0198f0a0-0000-7000-8000-000000000000/x`);
  await page.getByRole('heading', { name: 'Denne siden finnes ikke' }).waitFor();
  await assertAccessible(page, 'no such page');
  for (const mistyped of ['inbox/abc', 'console/abc', 'console/mailings/abc']) {
    await page.goto(`${stage.url}/${mistyped}`);
    await page.getByRole('heading', { name: 'Denne siden finnes ikke' }).waitFor();
  }

  const problem = { title: 'x', status: 500, traceId: '00-abc-01' };
  await page.route(/\/budstikke\/v1\/inbox\?/, (route) =>
    route.fulfill({ status: 500, contentType: 'application/problem+json', json: problem }),
  );
  await page.goto(`${stage.url}/inbox`);
  await page.getByText('Noe gikk galt hos oss').waitFor();
  await page.getByText('Referanse: 00-abc-01').waitFor();
  await assertAccessible(page, 'a fault');
  await page.unroute(/\/budstikke\/v1\/inbox\?/);
  await breakPage(context);
  await pressIfThere(page, 'Prøv igjen');
  await page.locator('.letter').first().waitFor();

  await context.setOffline(true);
  await page.getByText('Du er uten nett.').waitFor();
  await page.getByRole('button', { name: /^Ulest/ }).press('Enter');
  await page.getByText('Vi fikk ikke svar').waitFor();
  await assertAccessible(page, 'offline');
  await context.setOffline(false);
  await page.getByText('Du er uten nett.').waitFor({ state: 'detached' });
});

/** A page that breaks while it is drawn: the frame stays, with the way out, and there is something to tell who looks after the server. */
async function breakPage(context: BrowserContext): Promise<void> {
  const page = await context.newPage(); // what the browser says of it is wanted here
  await page.route(`**/budstikke/v1/inbox/${letter}`, (route) => route.fulfill({ json: { kind: 'message', canOpen: false } }));
  await page.goto(`${stage.url}/inbox/${letter}`);
  await page.getByRole('heading', { level: 1, name: 'Siden kan ikke vises' }).waitFor();
  await page.getByRole('alert').getByText('Noe gikk galt hos oss', { exact: true }).waitFor();
  await page.getByText(/^Referanse: 20\d\d-.*TypeError/).waitFor();
  await assertAccessible(page, 'a page that broke');
  await page
    .getByRole('navigation')
    .getByRole('link', { name: /^Innboks/ })
    .first()
    .press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Innboks' }).waitFor();
  await page.locator('.letter').first().waitFor();
  await page.close();
}

test('given a letter that has expired, was deleted or recalled, one with an attachment that is gone, a wait that is long and too many tries, when they are met on a phone in the dark, then each is said in words', async () => {
  const page = await newTab(await browser.open({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' }));
  await logIn(page, stage.url, 'Ola Nordmann');
  await page.locator('.letter').first().waitFor();
  const missing = '0198f0a0-0000-7000-8000-000000000001';
  let why = '';
  const absence = { sender: 'Skatteetaten', recipient: { id: missing, name: 'Ola Nordmann' }, mayGive: false, ask: [] };
  const times = { publishedAt: '2026-01-01T08:00:00.000Z', goneAt: '2026-02-01T08:00:00.000Z' };
  await page.route('**/absence', (route) => route.fulfill({ json: { why, ...absence, ...times } }));
  for (const [gone, title] of [
    ['expired', 'Denne meldingen er ikke her lenger'],
    ['deleted', 'Denne meldingen er slettet'],
    ['recalled', 'Avsenderen har trukket tilbake denne meldingen'],
  ] as const) {
    why = gone;
    await page.goto(`${stage.url}/inbox/${missing}`);
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
    await assertAccessible(page, gone);
  }

  await page.route(`**/correspondence/${letter}`, async (route) => {
    const answer = await route.fetch();
    const told = (await answer.json()) as { content: object };
    const file = { id: missing, fileName: 'kart.pdf', name: 'kart.pdf', status: 'Purged', isEncrypted: false, dataType: 'application/pdf' };
    return route.fulfill({ response: answer, json: { ...told, content: { ...told.content, attachments: [file] } } });
  });
  await page.goto(`${stage.url}/inbox/${letter}`);
  await page.getByText('Slettet etter avsenderens frist').waitFor();
  await assertAccessible(page, 'an attachment that is gone');
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  const inks = await page.evaluate(() =>
    ['body', '.sheet', 'h1', 'dd', 'dt', '.ds-tag'].map((each) => {
      const { color, backgroundColor } = getComputedStyle(document.querySelector(each)!);
      return `${each} ${color} ${backgroundColor}`;
    }),
  );
  const [black, white, nothing] = ['rgb(0, 0, 0)', 'rgb(255, 255, 255)', 'rgba(0, 0, 0, 0)'];
  const parts = [
    `body ${black} ${white}`,
    `.sheet ${black} ${white}`,
    ...['h1', 'dd', 'dt', '.ds-tag'].map((each) => `${each} ${black} ${nothing}`),
  ];
  assert.deepEqual(inks, parts, 'paper is white, and what stands on it black, whatever the screen is');
  await page.emulateMedia({ media: 'screen' });

  const answered = Promise.withResolvers<void>();
  await page.route(/\/budstikke\/v1\/inbox\?/, async (route) => {
    await answered.promise;
    const problem = { status: 429, traceId: '00-abc-02' };
    await route.fulfill({ status: 429, contentType: 'application/problem+json', json: problem });
  });
  await page.goto(`${stage.url}/inbox`);
  await page.getByText('Dette tar lengre tid enn vanlig').waitFor();
  await assertAccessible(page, 'a long wait');
  answered.resolve();
  await page.getByText('Referanse: 00-abc-02').waitFor();
  await assertAccessible(page, 'too many tries');
});

test('given a letter that takes a stronger login, and one that the inbox has not come to yet, when their reader opens them, then the first opens after that login, and the second by itself', async () => {
  const title = { nb: 'Krever høyt nivå', nn: 'Krev høgt nivå', en: 'Needs a high level' };
  const service = { id: 'skatt-strengt', type: 'CorrespondenceService', owner: numberOf('Skatteetaten'), title, readers: ['self'] };
  const seeded = await stage.server.client.post('/budstikke/v1/sandbox/seed', { version: 1, resources: [service] });
  assert.equal(seeded.status, 200, seeded.text);
  const database = new pg.Client({ connectionString: stage.server.databaseUrl });
  await database.connect();
  try {
    await database.query('update access.resource set min_level = 4 where id = $1', [service.id]);
    const strict = await stage.send({
      from: 'Skatteetaten',
      to: 'Ola Nordmann',
      title: 'Helsen din',
      service: service.id,
      forwarding: false,
    });
    const page = await newTab(await openContext());
    await page.goto(`${stage.url}/login?returnTo=/inbox`);
    await page.getByRole('radio').first().press('Space');
    await page.getByRole('button', { name: /Ola Nordmann/ }).press('Enter');
    const line = page.getByRole('listitem').filter({ has: page.locator(`a[href*="${strict}"]`) });
    await shownSoon(line.getByText('Post som krever sterkere innlogging', { exact: true }));
    await line.getByText('Skatteetaten').waitFor();
    assert.equal(await page.getByText('Helsen din').count(), 0, 'not even what it is called');
    await assertAccessible(page, 'a line that takes a stronger login');
    await line.getByRole('link').press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Denne meldingen krever sterkere innlogging' }).waitFor();
    await page.getByText('Skatteetaten sendte denne').waitFor();
    assert.equal(await page.getByText('Helsen din').count(), 0);
    await assertAccessible(page, 'a letter that takes a stronger login');
    await page.getByRole('link', { name: 'Logg inn på høyere nivå' }).press('Enter');
    await page.getByRole('button', { name: /Ola Nordmann/ }).press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Helsen din' }).waitFor();

    await database.query('begin');
    await database.query('select from inbox.progress for update'); // inboxes are behind as long as somebody else has this
    const soon = await stage.send({ from: 'Skatteetaten', to: 'Ola Nordmann', title: 'Rett rundt hjørnet' });
    const told = page.waitForResponse(`**/budstikke/v1/inbox/${soon}/absence`);
    await page.goto(`${stage.url}/inbox/${soon}`);
    assert.equal(((await (await told).json()) as { why: string }).why, 'soon');
    await page.getByRole('heading', { level: 1, name: 'Meldingen er her straks' }).waitFor();
    await assertAccessible(page, 'a letter that is about to come');
    await database.query('rollback');
    await page.getByRole('heading', { level: 1, name: 'Rett rundt hjørnet' }).waitFor();
  } finally {
    await database.end();
  }
});

for (const language of ['nn', 'en'] as const) {
  test(`given a server that fails or refuses, a network that is gone and a session that ends, when they are met in ${language}, then each is said in that language`, async () => {
    const say = (key: string, area = 'ui'): string => readTexts(area, language)[key]!.split(/\s*\{\{/)[0]!;
    const context = await browser.open({ locale: language === 'nn' ? 'nn-NO' : 'en-GB' });
    const page = await newTab(context);
    await logIn(page, stage.url, 'Ola Nordmann');
    await page
      .getByRole('button', { name: language === 'nn' ? 'Nynorsk' : 'English' })
      .first()
      .press('Enter');
    await page.getByRole('heading', { level: 1, name: say('folder.inbox') }).waitFor();
    await page.goto(`${stage.url}/inbox/0198f0a0-0000-7000-8000-000000000000`);
    await page.getByText(say('refusal.BUD-09552', 'refusals')).waitFor();
    await page.goto(`${stage.url}/inbox/0198f0a0-0000-7000-8000-000000000000/x`);
    await page.getByRole('heading', { name: say('state.noPage') }).waitFor();

    let problem: object = {};
    let status = 500;
    await page.route(/\/budstikke\/v1\/inbox\?/, (route) =>
      route.fulfill({ status, contentType: 'application/problem+json', json: problem }),
    );
    for (const [refused, code, words] of [
      [500, undefined, say('state.failedNext')],
      [429, undefined, say('state.tooManyNext')],
      [403, 'CORR-04001', say('state.noRightNext')],
      [400, 'BUD-09553', say('refusal.BUD-09553', 'refusals')],
      [422, 'BUD-00000', say('state.refusedNext')],
    ] as const) {
      status = refused;
      problem = { status, traceId: '00-abc-01', detail: 'In words of the server.', ...(code ? { code, errorCode: 1 } : {}) };
      await page.goto(`${stage.url}/inbox`);
      await page.getByText(words).waitFor();
      await page.getByText(`${say('state.reference')} 00-abc-01`).waitFor();
    }
    await page.getByText('BUD-00000').waitFor();
    assert.equal(await page.locator('span[lang=en]', { hasText: 'In words of the server.' }).count(), 1);
    await assertAccessible(page, `refused in ${language}`);
    await page.unroute(/\/budstikke\/v1\/inbox\?/);
    await page.goto(`${stage.url}/inbox?q=finnesikke`);
    await page.getByText(say('empty.search')).waitFor();
    await context.setOffline(true);
    await page.getByText(say('state.offline')).waitFor();
    await page.getByRole('button', { name: new RegExp(`^${say('filter.unread')}`) }).press('Enter');
    await page.getByText(say('state.unreachable')).waitFor();
    await context.setOffline(false);
    await context.clearCookies({ name: /budstikke$/ });
    await pressIfThere(page, say('state.again'));
    await page.getByRole('heading', { name: say('session.ended') }).waitFor();
    await assertAccessible(page, `session ended in ${language}`);
  });
}

/** What is tried again by hand may just have been tried by itself, when something was heard of the inbox: then there is no button any more. */
async function pressIfThere(page: Page, name: string): Promise<void> {
  const button = page.getByRole('button', { name });
  const either = [button.press('Enter'), button.waitFor({ state: 'detached' })];
  await Promise.race(either);
  for (const other of either) other.catch(() => undefined);
}

function readTexts(area: string, language: string): Record<string, string> {
  return JSON.parse(readFileSync(new URL(`${area}/texts/${language}.json`, import.meta.url), 'utf8')) as Record<string, string>;
}

test('given a list that is sorted and scrolled, when one comes back from a letter by the browser or by the link, then one is where one was, on that letter, and nothing is read anew', async () => {
  for (let i = 0; i < 8; i += 1) await stage.send({ from: 'Skatteetaten', to: 'Ola Nordmann', title: `Bunke ${i}` });
  const page = await newTab(await browser.open({ viewport: { width: 390, height: 420 }, hasTouch: true }));
  await logIn(page, stage.url, 'Ola Nordmann', '/inbox?sort=oldest');
  const link = page.locator('.letter-link', { hasText: 'Bunke 1' });
  await page.locator('.letter-link').first().press('End');
  await link.scrollIntoViewIfNeeded();
  for (const back of ['browser', 'link'] as const) {
    await link.focus();
    const before = await page.evaluate(() => window.scrollY);
    assert.ok(before > 300, `the list is long enough to be scrolled: ${before}`);
    await link.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Bunke 1' }).waitFor();
    await page.getByText('Dette er et brev').waitFor();
    const readOn: string[] = [];
    page.on('request', (request) => /v1\/inbox\?.*after=/.test(request.url()) && readOn.push(request.url()));
    if (back === 'browser') await page.goBack();
    else await page.getByRole('link', { name: 'Tilbake til innboksen' }).press('Enter');
    await page.waitForURL(/inbox\?.*sort=oldest/);
    await page.waitForFunction(() => document.activeElement?.textContent?.includes('Bunke 1'));
    const after = await page.evaluate(() => window.scrollY);
    assert.ok(Math.abs(after - before) < 120, `${back}: ${before} before, ${after} after`);
    assert.deepEqual(readOn, []);
  }
  await assertAccessible(page, 'the list that one has come back to');
});

test('given several letters, when their reader archives, bins and deletes them together, then none is opened by it, and for good only after a question', async () => {
  const ids = [];
  for (let n = 0; n < 2; n += 1) ids.push(await stage.send({ from: 'Skatteetaten', to: 'Ola Nordmann', title: 'Samlet' }));
  const page = await newTab(await openContext());
  await logIn(page, stage.url, 'Ola Nordmann');
  const both = page.locator('.letter', { hasText: 'Samlet' });
  await both.nth(1).waitFor();
  const pick = async (): Promise<void> => {
    await tabTo(page, 'Velg flere');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Gjør det samme med flere' }).waitFor(); // it comes a moment later, and takes the focus
    const boxes = page.getByRole('checkbox', { name: /^Velg Samlet, Skatteetaten/ });
    const names = await boxes.evaluateAll((all) => all.map((box) => box.getAttribute('aria-label')));
    assert.equal(new Set(names).size, 2, `letters of one sender and one title are told apart: ${names.join('; ')}`);
    for (const box of await boxes.all()) await box.press('Space');
    await page.getByText('2 valgt').waitFor();
  };
  const inFolder = async (name: string, folder: string): Promise<void> => {
    const answer = Promise.withResolvers<void>();
    await page.route(new RegExp(`/v1/inbox\\?.*folder=${folder}`), async (route) => {
      await answer.promise;
      await route.continue();
    });
    await page.getByRole('navigation', { name: 'Mapper' }).getByRole('link', { name }).press('Enter');
    await page.getByRole('heading', { level: 1, name }).waitFor();
    await page.getByText('Henter').waitFor();
    assert.equal(await page.locator('.letter').count(), 0, 'letters of one folder are not shown, nor chosen, in another');
    answer.resolve();
    await both.nth(1).waitFor();
  };
  await pick();
  await assertAccessible(page, 'several letters that are chosen');
  await page.getByRole('button', { name: 'Arkiver' }).press('Enter');
  await both.first().waitFor({ state: 'detached' });
  await inFolder('Arkiv', 'archive');
  await pick();
  await page.getByRole('button', { name: 'Legg i papirkurven' }).press('Enter');
  await both.first().waitFor({ state: 'detached' });
  await inFolder('Papirkurv', 'bin');
  await pick();
  await page.getByRole('button', { name: 'Slett for godt' }).press('Enter');
  const question = page.getByRole('dialog', { name: 'Vil du slette 2 meldinger for godt?' });
  await question.waitFor();
  await assertAccessible(page, 'a question before what cannot be undone');
  await question.getByRole('button', { name: 'Nei, behold' }).press('Enter');
  // It is closed before the page knows that it is, and one that is there is not opened again.
  await page.locator('dialog', { hasText: 'Vil du slette 2 meldinger for godt?' }).waitFor({ state: 'detached' });
  assert.equal(await both.count(), 2);
  await page.getByRole('button', { name: 'Slett for godt' }).press('Enter');
  await question.getByRole('button', { name: 'Ja, slett for godt' }).press('Enter');
  await both.first().waitFor({ state: 'detached' });

  const sender = await newTab(await openContext());
  await logIn(sender, stage.url, 'Sigrid Skar', `/console/${ids[0]}`);
  await sender.getByText('Slettet av mottaker').first().waitFor();
  const steps = await sender.getByRole('list', { name: 'Meldingens vei' }).textContent();
  assert.ok(!steps!.includes('Åpnet'), 'nobody has opened it');
});

test('given all that was shown here, when the browser is asked, then no script failed and our policy stopped nothing', () => {
  assert.deepEqual(
    complaints.flatMap(({ all }) => all),
    [],
  );
});
