import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { until } from '../demo/wait.ts';
import { startBrowser, type TestBrowser } from './testing/browser.ts';
import { assertAccessible, type Complaints, english, hasFocus, openListened, phone, said, tabTo } from './testing/looks.ts';
import { shownSoon } from './testing/shown-soon.ts';
import { logIn, numberOf, type Stage, setStage } from './testing/stage.ts';

/** What people do in the app, by keyboard, on a real server with a real browser. */
let stage: Stage;
let browser: TestBrowser;
const complaints: Complaints[] = [];

before(async () => {
  browser = await startBrowser(); // first: where the stage fails, it must be closed
  stage = await setStage('web-journeys');
});
afterEach(() => browser?.closeWindows());
after(async () => {
  await Promise.all([browser?.close(), stage?.stop()]);
});

const openPage = (options?: BrowserContextOptions): Promise<Page> => openListened(browser, complaints, options);

/** As whoever has the address reads it. */
async function codeFor(address: string): Promise<string> {
  return until(`a code for ${address}`, async () => {
    const sent = stage.server.mails.mails.filter(({ to }) => JSON.stringify(to).includes(address));
    const [code] = sent.flatMap(({ text }) => /\d{6}/.exec(text ?? '') ?? []);
    assert.ok(code);
    return code;
  });
}

/** How somebody is named in a list to choose from, with how much lies with them. */
async function labelOf(page: Page, name: string): Promise<string> {
  const option = page.getByRole('option', { name: new RegExp(`^${name} \\(\\d+\\)$`), includeHidden: true });
  return (await option.first().textContent())!;
}

test('given a citizen with a letter to confirm, when they have only a keyboard, then they log in, find it, open it and confirm it', async () => {
  await stage.send({ from: 'Skatteetaten', to: 'Ola Nordmann', title: 'Et eldre brev' });
  await stage.send({
    from: 'Skatteetaten',
    to: 'Ola Nordmann',
    title: 'Svar på klagen din',
    confirm: true,
    files: [
      { name: 'kart.txt', text: 'Et kart.' },
      { name: 'regning.txt', text: 'En regning.' },
    ],
    replies: [
      { linkURL: 'https://skatt.example/svar', linkText: 'Svar her' },
      { linkURL: 'https://skatt.example/2', linkText: '‮gpj.ereh' },
    ],
  });
  const page = await openPage();

  await page.goto(stage.url);
  await page.getByRole('heading', { name: 'Velkommen til Budstikke' }).waitFor();
  await assertAccessible(page, 'first visit');
  await tabTo(page, 'Logg inn som Ola Nordmann');
  await page.keyboard.press('Enter');
  await page.waitForURL(/idporten/);
  await tabTo(page, /Ola Nordmann/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Innboks' }).waitFor();
  await page.getByText('Svar på klagen din').waitFor();
  await assertAccessible(page, 'inbox');
  await tabTo(page, /Hopp til innholdet|Svar på klagen/);
  await tabTo(page, /Skatteetaten/);
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('k');
  const rows = page.locator('.letter-link');
  const index = await rows.evaluateAll((links) => links.findIndex((link) => link.textContent?.includes('Svar på klagen')));
  for (let step = 0; step < index; step += 1) await page.keyboard.press('j');
  await page.keyboard.press('Enter');

  const heading = page.getByRole('heading', { level: 1, name: 'Svar på klagen din' });
  await heading.waitFor();
  assert.equal(await heading.evaluate((it) => it === document.activeElement), true, 'the heading has the focus');
  await page.getByRole('link', { name: 'Last ned alle 2 som én ZIP-fil' }).waitFor();
  await assertAccessible(page, 'letter');
  const confirm = page.getByRole('button', { name: 'Bekreft at du har mottatt' });
  await confirm.waitFor();
  await tabTo(page, 'Bekreft at du har mottatt');
  await page.keyboard.press('Enter');
  await page.getByText('Mottak er bekreftet.').first().waitFor();
  await confirm.waitFor({ state: 'detached' });
  await said(page, 'Mottak er bekreftet.').waitFor();
  await page.waitForFunction(() => document.activeElement?.textContent?.startsWith('Mottak er bekreftet.'));
  await assertAccessible(page, 'confirmed letter');
  await tabTo(page, 'Merkelapper');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Legg til' }).press('Enter');
  await page.getByText('Skriv merkelappen først.').waitFor();
  const word = page.getByLabel('Ny merkelapp');
  assert.equal(await hasFocus(word), true, 'the field that is wrong has the focus');
  await word.fill('bil');
  await page.keyboard.press('Enter');
  await said(page, 'Merkelappen «bil» er lagt til.').waitFor();
  await page.getByRole('button', { name: 'Fjern «bil»' }).press('Enter');
  await said(page, 'Merkelappen «bil» er fjernet.').waitFor();
  assert.equal(await hasFocus(word), true, 'what was pressed is gone, and the focus is beside it');
  await page.getByRole('button', { name: 'Angre' }).press('Enter');
  await page.getByRole('button', { name: 'Fjern «bil»' }).waitFor();
  await page.getByRole('button', { name: 'Lukk beskjeden' }).press('Enter');
  await said(page, /./).waitFor({ state: 'detached' });

  await tabTo(page, 'Hvorfor ser jeg denne?');
  await page.keyboard.press('Enter');
  await page.getByText('Du ser den på egne vegne.').waitFor();
  await tabTo(page, 'Hvem har sett denne?');
  await page.keyboard.press('Enter');
  await page
    .getByText(/^Du: Åpnet/)
    .first()
    .waitFor();
  await assertAccessible(page, 'why and seen by');
});

test('given a page of the inbox, when new post comes, then it appears without reloading', async () => {
  const page = await openPage(phone);
  await logIn(page, stage.url, 'Ola Nordmann');
  await page.locator('.letter').first().waitFor();

  await stage.send({ from: 'Skatteetaten', to: 'Ola Nordmann', title: 'Helt nytt brev' });

  await page.getByText('Helt nytt brev').waitFor();
  await page.getByText('Det har kommet ny post.').waitFor({ state: 'attached' });
  await assertAccessible(page, 'inbox on a phone');
});

test('given a letter, when it is archived, searched for and put back, then it is where its reader put it', async () => {
  const id = await stage.send({ from: 'Skatteetaten', to: 'Ola Nordmann', title: 'Om hagesaksen', confirm: true });
  const page = await openPage();
  await logIn(page, stage.url, 'Ola Nordmann', '/inbox?folder=archive');
  await page.getByText('Arkivet er tomt').waitFor();
  await assertAccessible(page, 'empty archive');
  await page
    .getByRole('navigation', { name: 'Mapper' })
    .getByRole('link', { name: /Innboks/ })
    .press('Enter');
  await page.getByText('Om hagesaksen').waitFor();

  await page.getByRole('searchbox', { name: 'Søk i posten' }).fill('hagesaksen');
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=hagesaksen/);
  await page.waitForFunction(() => document.querySelectorAll('.letter').length === 1);
  await page.locator('p.quiet', { hasText: '1 treff' }).waitFor();
  await page.locator('[role=status]', { hasText: '1 treff' }).waitFor({ state: 'attached' });
  await page.locator('.letter-link').press('Enter');
  await page.getByRole('button', { name: 'Arkiver' }).press('Enter');
  await page.waitForURL((url) => url.pathname === '/inbox');
  await said(page, 'Meldingen er arkivert.').waitFor();
  await assertAccessible(page, 'a message about what was done');
  await page.getByRole('button', { name: 'Angre' }).press('Enter');
  await said(page, 'Det er gjort om. Alt er som før.').waitFor();
  await page.locator('.letter-link', { hasText: 'Om hagesaksen' }).press('Enter');
  await page.getByRole('button', { name: 'Arkiver' }).press('Enter');
  await page.waitForURL((url) => url.pathname === '/inbox');
  await page.goto(`${stage.url}/inbox?folder=archive`);
  await page.getByText('Om hagesaksen').waitFor();
  await page.locator('.letter-link').press('Enter');
  await page.getByText(/^Del med /).press('Enter');
  const share = async (): Promise<void> => {
    await page.getByLabel('Fødselsnummer eller D-nummer').fill(numberOf('Jonas Lid'));
    await page.getByLabel('Etternavn').fill('Lid');
    await page.getByRole('button', { name: 'Del meldingen' }).press('Enter');
  };
  await page.getByLabel('Hvorfor (valgfritt)').fill('Vi deler hagen');
  await share();
  await said(page, 'Meldingen er delt med Jonas Lid.').waitFor();
  await page.getByText('Hvorfor: Vi deler hagen').waitFor();
  const stop = page.getByRole('button', { name: 'Slutt å dele med Jonas Lid' });
  await stop.press('Enter');
  await said(page, 'Jonas Lid har ikke lenger tilgang til meldingen.').waitFor();
  await page.getByRole('button', { name: 'Angre' }).press('Enter');
  await said(page, 'Meldingen er delt med Jonas Lid.').waitFor();
  await assertAccessible(page, 'with whom a letter is shared');
  const inFiveDays = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel('Til og med (valgfritt)').fill(inFiveDays);
  await share();
  await page.getByText('Personen har denne tilgangen fra før').waitFor();
  await said(page, /./).waitFor({ state: 'detached' }); // what was done before is not said beside what was refused
  const other = await openPage();
  await logIn(other, stage.url, 'Jonas Lid', `/inbox/${id}`);
  await other.getByText('Denne eine meldinga er delt med deg, så du kan lese ho.').waitFor();
  await other.getByText('Kvifor ser eg denne?').press('Enter');
  await other.getByText(/gjennom tilgang til denne eine meldinga på .*, gjeven av Ola Nordmann\.$/).waitFor();
  await assertAccessible(other, 'a letter that was shared with one');
  const buttons = await other.locator('main button, main summary').allTextContents();
  assert.deepEqual(buttons, ['Skriv ut', 'Kvifor ser eg denne?', 'Kven har sett denne?']);
  await stop.press('Enter');
  await stop.waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.activeElement !== document.body);
  await page.getByText('Merkelapper', { exact: true }).press('Enter');
  await page.getByRole('textbox', { name: 'Ny merkelapp' }).fill('Hage');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /hage/ }).waitFor();
  await page.getByRole('link', { name: 'Tilbake til innboksen' }).press('Enter');
  await page.waitForURL(/folder=archive/);
  await page.getByRole('list', { name: 'Merkelapper' }).getByRole('link', { name: /^hage/ }).press('Enter');
  await page.waitForURL(/label=hage/);
  await page.locator('.letter-link', { hasText: 'Om hagesaksen' }).press('Enter');
  await page.getByRole('button', { name: 'Legg tilbake i innboksen' }).press('Enter');
  await page.waitForURL((url) => url.pathname === '/inbox');
  await page.goto(`${stage.url}/inbox`);
  await page.waitForURL((url) => url.pathname === '/inbox');
  await page.getByText('Om hagesaksen').waitFor();

  await page.getByRole('searchbox', { name: 'Søk i posten' }).fill('finnes-ikke-noe-sted');
  await page.keyboard.press('Enter');
  await page.getByText('Ingenting passer til det du søker etter').waitFor();
  await page.locator('[role=status]', { hasText: 'Ingen treff' }).waitFor({ state: 'attached' });
  await assertAccessible(page, 'nothing found');
  await page.getByRole('button', { name: 'Vis alt' }).press('Enter');
  await page.locator('.letter').nth(1).waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
});

test('given sealed post that takes what nobody can be given, when who could let somebody in looks, then its right is named, and one message or the service is given instead', async () => {
  const ids = [];
  for (const title of ['Regnskapet for mai', 'Regnskapet for juni'])
    ids.push(await stage.send({ from: 'Fjordane politidistrikt', to: 'Lerkedal kommune', title, toAccountants: true }));
  const colleague = await openPage();
  await logIn(colleague, stage.url, 'Jonas Lid', `/inbox/${ids[0]}`);
  await colleague.getByRole('heading', { level: 1, name: 'Du har ikkje tilgang til denne meldinga' }).waitFor();
  await colleague.getByText(/^Fjordane politidistrikt sende .*Lerkedal kommune/).waitFor();
  await colleague.getByText(/^Spør den som kan gi deg tilgang: Kari Berg\./).waitFor();
  assert.equal(await colleague.getByText('Regnskapet for mai').count(), 0);
  await assertAccessible(colleague, 'a letter that a colleague may not open');
  const page = await openPage(phone);
  await logIn(page, stage.url, 'Kari Berg', `/inbox/${ids[0]}`);
  await page.getByRole('heading', { level: 1, name: 'Du har ikke tilgang til denne meldingen' }).waitFor();
  await page.getByText(/^Ingen kan åpne den ennå, og du kan gi tilgang/).waitFor();
  await assertAccessible(page, 'a letter that its reader may let somebody open');
  await page.getByRole('link', { name: 'Se forseglet post og hvem som kan få tilgang' }).press('Enter');
  const group = page.getByRole('region', { name: 'Til Lerkedal kommune' }).filter({ hasText: 'Regnskapskontroll' });
  await group.getByText(/^Du kan ikke gi «Regnskapsfører lønn»/).waitFor();
  assert.ok(!(await group.textContent())!.includes('regnskapsforer-lonn'), 'in words, and not by its code');
  const alone = group.getByRole('radio', { name: /^Bare denne meldingen/ });
  const names = await alone.evaluateAll((all) => all.map((radio) => (radio as HTMLInputElement).labels![0]!.textContent));
  assert.equal(new Set(names).size, 2, `two of one sender are told apart, also in one minute: ${names.join('; ')}`);
  await alone.first().press('Space');
  await group.getByText('Personen kan da åpne denne ene meldingen').waitFor();
  await assertAccessible(page, 'how much of what is sealed is opened');
  await group.getByLabel('Hvem skal få tilgang?').selectOption({ label: 'Jonas Lid' });
  await group.getByRole('button', { name: 'Gi tilgang' }).press('Enter');
  await page.getByText('Jonas Lid har fått tilgang og blir varslet.').first().waitFor({ state: 'attached' });
  await group.getByRole('button', { name: 'Gi tilgang', exact: true }).waitFor();
  await group.getByLabel('Hvem skal få tilgang?').selectOption({ label: 'Jonas Lid' });
  await group.getByRole('radio', { name: 'All post fra tjenesten «Regnskapskontroll»' }).press('Space');
  await group.getByRole('button', { name: 'Gi tilgang' }).press('Enter');
  await group.waitFor({ state: 'detached' });
});

test('given post that waits, when somebody who administers the sender looks, then they see with whom it lies and why, and the stick of one message', async () => {
  const id = await stage.send({ from: 'Skatteetaten', to: 'Ola Nordmann', title: 'Brev å følge', confirm: true });
  const reader = await openPage();
  await logIn(reader, stage.url, 'Ola Nordmann', `/inbox/${id}`);
  await reader.getByRole('button', { name: 'Bekreft at du har mottatt' }).waitFor();
  const page = await openPage();
  await logIn(page, stage.url, 'Sigrid Skar');
  await page.getByRole('navigation', { name: 'Sider' }).getByRole('link', { name: 'Ulest post' }).press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Ulest post' }).waitFor();
  await page
    .getByRole('row', { name: /Ola Nordmann/ })
    .first()
    .waitFor();
  await assertAccessible(page, 'the unread board');
  await page.getByRole('columnheader', { name: 'Alder' }).and(page.locator('[aria-sort=descending]')).waitFor();
  await page.getByRole('button', { name: 'Neste steg' }).press('Enter');
  await page.waitForURL(/sort=next/);
  await page.getByRole('columnheader', { name: 'Neste steg' }).and(page.locator('[aria-sort=ascending]')).waitFor();
  assert.ok(await page.getByRole('button', { name: 'Neste steg' }).evaluate((button) => button === document.activeElement));
  await assertAccessible(page, 'the unread board by what is next');
  await page.setViewportSize({ width: 360, height: 740 });
  const board = page.locator('.board');
  assert.ok(
    await board.evaluate((table) => table.scrollWidth <= table.parentElement!.clientWidth),
    'nothing of a line lies beside a phone',
  );
  await page
    .getByRole('row', { name: /Ola Nordmann.*Dere får beskjed|Ola Nordmann.*De som kan åpne/ })
    .first()
    .waitFor();
  await page.getByRole('columnheader', { name: 'Alder' }).getByRole('button').waitFor();
  await assertAccessible(page, 'the unread board on a phone');
  await page.route(/\/budstikke\/v1\/unread\?/, async (route) => {
    const answer = await route.fetch();
    const { items, ...rest } = (await answer.json()) as { items: object[] };
    await route.fulfill({
      response: answer,
      json: { ...rest, items: items.map((item) => ({ ...item, bytesUntil: '2031-03-01T12:00:00Z' })) },
    });
  });
  await page.route(/\/budstikke\/v1\/unread\/summary/, async (route) => {
    const answer = await route.fetch();
    const { total, groups, ...rest } = (await answer.json()) as { total: number; groups: object[] };
    const early = { cause: 'not-published', age: '0-1', resource: 'x', count: 2, oldest: '2031-02-01T12:00:00Z' };
    await route.fulfill({ response: answer, json: { ...rest, total: total + 2, groups: [...groups, early] } });
  });
  const lying = await page.getByText(/^\d+ ligger ulest\.$/).textContent();
  await page.reload();
  await page.getByText(`${lying} 2 er ikke klare ennå, og regnes ikke som ulest.`).waitFor();
  await page
    .getByText(/^(Filen|Vedlegg) slettes 1\. mars 2031$/)
    .first()
    .waitFor();
  await assertAccessible(page, 'a board with bytes that are past their time');
  await page.unroute(/\/budstikke\/v1\/unread\?/);
  await page.unroute(/\/budstikke\/v1\/unread\/summary/);
  await page.reload();
  await page.setViewportSize({ width: 1280, height: 900 });

  await page.getByRole('button', { name: /^Åpnet, ikke bekreftet/ }).press('Enter');
  await page.waitForURL(/cause=opened-not-confirmed/);
  const row = page.locator(`a[href*="${id}"]`);
  const line = page.getByRole('row', { name: /Brev å følge.*web-test/ }).filter({ has: row });
  await line.getByText(/^(De som kan åpne|Dere får beskjed).*20\d\d/).waitFor();
  await line.locator('svg.stick-lying').waitFor();
  await page.getByLabel('Mottaker', { exact: true }).selectOption({ label: await labelOf(page, 'Ola Nordmann') });
  await page.waitForURL(/to=/);
  await line.waitFor();
  await page.getByLabel('Nummeret til en mottaker').fill(numberOf('Jonas Lid'));
  await page.keyboard.press('Enter');
  await page.getByText('Ingenting av dette ligger ulest').waitFor();
  await assertAccessible(page, 'nothing of what is looked for lies unread');
  await page.getByRole('button', { name: 'Vis alt som ligger ulest' }).press('Enter');
  await row.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Brev å følge – til Ola Nordmann' }).waitFor();
  assert.match(await page.title(), /^Brev å følge – til Ola Nordmann/);
  await page.getByText('Mottakeren kan finne den i innboksen sin.').waitFor();
  await tabTo(page, 'Ta stilling');
  await page.keyboard.press('Enter');
  await page.getByRole('radio', { name: 'La den være som den er' }).waitFor();
  assert.equal(await page.getByRole('radio').count(), 1, 'what was opened is not taken back');
  assert.equal(await page.getByText('At mottakeren finnes, er ikke sagt.').isVisible(), false, 'what is proven is for those who ask');
  const steps = page.getByRole('list', { name: 'Meldingens vei' }).getByRole('listitem');
  await steps.first().waitFor();
  const titles = (await steps.locator('strong').allTextContents()).map((text) => text.trim());
  assert.equal(titles[0], 'Noen bekrefter');
  assert.equal(titles.at(-1), 'Tatt imot fra avsenderen');
  assert.ok(titles.includes('Åpnet') && titles.includes('Lagt i innboksen'), titles.join(', '));
  assert.equal(await page.locator('[aria-current=step]').count(), 1);
  await assertAccessible(page, 'the stick of a message');
  for (const [scheme, width] of [
    ['dark', 390],
    ['light', 390],
  ] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 844 });
    await assertAccessible(page, `the stick, ${scheme}, ${width} wide`);
  }

  const other = await openPage();
  await logIn(other, stage.url, 'Jonas Lid', `/console/${id}`);
  await other.goto(`${stage.url}/unread`);
  await other.getByText('Du representerer ingen som sender post').waitFor();
  await assertAccessible(other, 'not a sender');
});

test('given unread post, when who administers the sender decides about one and about several, by keyboard, then each is settled by their name', async () => {
  const [one, two, three] = [
    await stage.send({ from: 'Skatteetaten', to: 'Ola Nordmann', title: 'Sendt ved en feil' }),
    await stage.send({ from: 'Skatteetaten', to: 'Ola Nordmann', title: 'Lest i et møte' }),
    await stage.send({ from: 'Skatteetaten', to: 'Lerkedal bakeri AS', title: 'Lest i samme møte' }),
  ];
  const page = await openPage();
  await logIn(page, stage.url, 'Sigrid Skar', `/console/${one}`);
  await tabTo(page, 'Ta stilling');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Bestem' }).press('Enter');
  await page.getByText('Velg hva som skal skje.').waitFor();
  await page.getByText('Skriv en kort begrunnelse.').waitFor();
  assert.equal(await hasFocus(page.getByRole('radio').first()), true, 'the first that is wrong has the focus');
  await assertAccessible(page, 'a decision that lacks what it needs');
  await page.getByRole('radio', { name: /^Trekk meldingen tilbake/ }).press('Space');
  await page.getByText('Beslutningen føres på Sigrid Skar.').waitFor();
  await tabTo(page, 'Hvorfor?');
  await page.keyboard.type('Sendt til feil person.');
  await tabTo(page, 'Trekk meldingen tilbake');
  await page.keyboard.press('Enter');
  await page.getByText('Trukket tilbake av avsender').waitFor();
  await page.getByText(/Sigrid Skar.*Sendt til feil person\./).waitFor();
  await page.waitForFunction(() => document.activeElement !== document.body);
  const reader = await openPage();
  await logIn(reader, stage.url, 'Ola Nordmann', `/inbox/${one}`);
  await reader.getByRole('heading', { level: 1, name: 'Avsenderen har trukket tilbake denne meldingen' }).waitFor();
  await reader.getByText(/^Skatteetaten sendte den til Ola Nordmann .*, og trakk den tilbake/).waitFor();
  await assertAccessible(reader, 'what was recalled');
  const stranger = await openPage();
  await logIn(stranger, stage.url, 'Jonas Lid', `/inbox/${one}`);
  await stranger.getByText(/^Vi finn/).waitFor(); // in the language of his login

  await page.goto(`${stage.url}/unread`);
  for (const id of [two, three])
    await page
      .getByRole('row')
      .filter({ has: page.locator(`a[href*="${id}"]`) })
      .getByRole('checkbox')
      .press('Space');
  await page.getByText('2 valgte. Knappen for å ta stilling').waitFor({ state: 'attached' });
  await tabTo(page, 'Ta stilling til 2 valgte', 6);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('heading', { name: 'Ta stilling til 2 valgte' }).waitFor();
  await page.getByRole('radio', { name: /^Lest et annet sted/ }).press('Space');
  await page.getByLabel('Hvor er den lest?').fill('Møte på rådhuset');
  await page.getByLabel('Hvorfor?').fill('Begge bekreftet muntlig.');
  await assertAccessible(page, 'a decision about two');
  await page.getByRole('button', { name: 'Registrer 2 som lest' }).press('Enter');
  await page.getByText('2 beslutninger er ført.').waitFor({ state: 'attached' });
  await page.locator(`a[href*="${three}"]`).waitFor({ state: 'detached' });
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
  await page.goto(`${stage.url}/console/${three}`);
  await page.getByRole('heading', { level: 1, name: 'Lest i samme møte – til Lerkedal bakeri AS' }).waitFor();
  await page.getByText('Lest et annet sted').first().waitFor();
  await assertAccessible(page, 'the stick of what was read elsewhere');

  await page.getByRole('navigation', { name: 'Sider' }).getByRole('link', { name: 'Sendt' }).press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Sendt' }).waitFor();
  await page.getByRole('searchbox', { name: 'Søk i sendt post' }).fill('samme møte');
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=samme/);
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1); // the row is in the list of all too, which stands until then
  await page.getByRole('row', { name: /Lerkedal bakeri AS.*Lest et annet sted/ }).waitFor();
  await assertAccessible(page, 'what was sent');
  await page.getByLabel('Hvor den står').selectOption({ label: 'Ikke åpnet' });
  await page.getByText('Ingenting sendt passer til det du søker etter').waitFor();
  await page.getByLabel('Hvor den står').selectOption({ label: 'Lest, hentet eller bekreftet' });
  await page.waitForURL(/standing=read/);
  await page.getByRole('row', { name: /Lerkedal bakeri AS.*Lest et annet sted/ }).waitFor();
  await page.getByLabel('Sendt til og med').fill('2020-01-01');
  await page.getByText('Ingenting sendt passer til det du søker etter').waitFor();
  await assertAccessible(page, 'what was sent, narrowed to nothing');
  await page.getByRole('button', { name: 'Vis alt som er sendt' }).press('Enter');
  // Emptying the field comes with the page that follows: what is written into it before would be taken away.
  await page.waitForFunction(() => document.querySelector<HTMLInputElement>('input[type=search]')?.value === '');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('searchbox', { name: 'Søk i sendt post' }).fill('finnes-ikke-noe-sted');
  await page.keyboard.press('Enter');
  await page.getByText('Ingenting sendt passer til det du søker etter').waitFor();
  await page.getByRole('button', { name: 'Vis alt som er sendt' }).press('Enter');
  await page.locator('tbody tr').nth(2).waitFor();
  const sent = page.locator('.table-scroll');
  assert.ok(await sent.evaluate((box) => box.scrollWidth <= box.clientWidth), 'nothing of what was sent lies beside a phone');
  await assertAccessible(page, 'what was sent, on a phone in the dark');
});

test('given somebody who sends for an agency, when they write to a pasted list with a file, then they see first who can open, send to those who exist, and the text outlives the session', async () => {
  const page = await openPage({ ...phone });
  await logIn(page, stage.url, 'Sigrid Skar', '/console');
  await page.getByRole('link', { name: 'Skriv ny melding' }).press('Enter');
  await page.getByRole('button', { name: 'Se hvem som kan åpne' }).press('Enter');
  await page.getByRole('heading', { name: '3 felter må rettes' }).waitFor();
  assert.equal(await hasFocus(page.getByRole('textbox', { name: 'Mottakere' })), true, 'the first that is wrong has the focus');
  await assertAccessible(page, 'a letter that lacks what it needs');
  await page.getByRole('link', { name: 'Tittel: Skriv en tittel.' }).press('Enter');
  assert.equal(await hasFocus(page.getByLabel('Tittel')), true);
  await page.getByLabel('Tekst').fill(`${'x'.repeat(30_000)} Klagefrist`);
  await page
    .getByText(/11 tegn/)
    .last()
    .waitFor();
  assert.equal((await page.getByLabel('Tekst').inputValue()).length, 30_011, 'nothing is cut off');
  const due = page.getByLabel('Frist (hvis det er en)');
  await due.fill('20261-01-12');
  await page.getByRole('link', { name: /Frist/ }).waitFor();
  await due.fill('');
  await page.getByRole('textbox', { name: 'Mottakere' }).fill(`${numberOf('Ola Nordmann')}\n${numberOf('Lerkedal bakeri AS')}; 999999999`);
  await page.getByLabel('Tittel').fill('Innkalling til møte');
  await page.getByLabel('Tekst').fill('Hei.\n\nVelkommen til **møte**.');
  await page.reload();
  assert.equal(await page.getByLabel('Tittel').inputValue(), 'Innkalling til møte');
  await page.getByLabel('Mottakeren kan sende den videre på e-post').press('Space');
  await page.getByLabel(/^Når den skal i innboksen/).fill('2001-01-01T10:00');
  await page.getByRole('button', { name: 'Se meldingen slik mottakeren ser den' }).press('Enter');
  await page.locator('article .body strong', { hasText: 'møte' }).waitFor();
  await page.getByRole('button', { name: 'Se hvem som kan åpne' }).press('Enter');
  await page.getByText('Skriv en dato og et klokkeslett som kommer.').first().waitFor();
  await page.getByLabel(/^Når den skal i innboksen/).fill('');
  await page.getByLabel('Vedlegg').setInputFiles({ name: 'saksliste.txt', mimeType: 'text/plain', buffer: Buffer.from('1. Åpning') });
  await page.getByText(/saksliste.txt \(/).waitFor();
  await page.getByRole('button', { name: 'Se hvem som kan åpne' }).press('Enter');
  await page.getByRole('row', { name: /999999999.*Ingen har dette nummeret.*Får ikke meldingen/ }).waitFor();
  await assertAccessible(page, 'who can open a letter that is not sent');
  await page.getByRole('button', { name: 'Send til 2 mottakere' }).press('Enter');
  await page.waitForURL((url) => url.pathname === '/console');
  await shownSoon(page.getByRole('row', { name: /Ola Nordmann.*Innkalling til møte.*\d{4}-\d\d-\d\d \d\d:\d\d/ })); // a reference of the moment
  await page.getByRole('row', { name: /Lerkedal bakeri AS.*Innkalling til møte/ }).waitFor();

  const reader = await openPage();
  await logIn(reader, stage.url, 'Ola Nordmann');
  await reader.locator('.letter-link', { hasText: 'Innkalling til møte' }).press('Enter');
  await reader.getByRole('link', { name: /saksliste.txt/ }).waitFor();
  await reader.getByText('Send videre på e-post').waitFor();
  assert.equal(
    await reader
      .locator('.body')
      .first()
      .evaluate((it) => it.closest('[lang]')?.getAttribute('lang')),
    'nb',
  );
});

test('given a file to an organization, when it is downloaded and confirmed, then each step is said, and the next comes when it can be taken', async () => {
  await stage.sendFile('Lerkedal kommune', 'grunnlag.csv', 'a;b\n1;2\n');
  const page = await openPage();
  await logIn(page, stage.url, 'Kari Berg');
  await page.getByRole('button', { name: /Du representerer/ }).press('Enter');
  await page.getByRole('button', { name: /^Lerkedal kommune/ }).press('Enter');
  await page.locator('.letter-link', { hasText: 'grunnlag.csv' }).press('Enter');
  const confirm = page.getByRole('button', { name: 'Bekreft at filen er hentet' });
  await page.getByText('Last ned filen først.').waitFor();
  assert.equal(await confirm.count(), 0, 'nothing to press that would be refused');
  await assertAccessible(page, 'a file');

  const coming = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Last ned grunnlag.csv' }).press('Enter');
  const download = await coming;
  assert.equal(download.suggestedFilename(), 'grunnlag.csv');
  await download.path();
  await confirm.press('Enter');
  await page.getByText('Filen er bekreftet hentet.').first().waitFor();
});

test('given an organization whose address is old, when its administrator adds one by a code and sets quiet hours by keyboard, then both stand, on a phone too, and others see none of it', async () => {
  const { client } = stage.server;
  const number = numberOf('Lerkedal kommune');
  const old = { channel: 'email', address: 'postmottak@lerkedal.example', verified: '2024-01-01' };
  const parties = [{ kind: 'organization', number, name: 'Lerkedal kommune', contactPoints: [old] }];
  assert.equal((await client.post('/budstikke/v1/sandbox/seed', { version: 1, parties })).status, 200);
  const page = await openPage();
  await logIn(page, stage.url, 'Kari Berg', '/access/addresses');
  await page.getByRole('heading', { level: 1, name: 'Adresser' }).waitFor();
  await page.getByLabel('Hvilken post gjelder den?').waitFor();
  await assertAccessible(page, 'own addresses');
  await page.getByRole('button', { name: /Du representerer/ }).press('Enter');
  await page.getByRole('button', { name: /^Lerkedal kommune/ }).press('Enter');
  await page.getByText('Ikke bekreftet på lenge').waitFor();

  await page.getByLabel('E-postadresse').fill('varsel@lerkedal.example');
  await page.keyboard.press('Enter');
  const field = page.getByRole('textbox', { name: 'Kode' });
  await field.waitFor();
  assert.equal(await field.evaluate((it) => it === document.activeElement), true, 'the field for the code has the focus');
  await assertAccessible(page, 'a code that was sent');
  await page.keyboard.type('12');
  await page.keyboard.press('Enter');
  await page.getByText('Koden har seks sifre.').waitFor();
  await field.fill(await codeFor('varsel@lerkedal.example'));
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Fjern varsel@lerkedal.example' }).waitFor();
  await tabTo(page, 'Lagre stille tid');
  await page.keyboard.press('Enter');
  await page.getByText('Ingen varsler fra 22:00 til 07:00.').waitFor();
  await page.getByRole('button', { name: 'Fjern postmottak@lerkedal.example' }).press('Enter');
  await page.getByRole('button', { name: 'Ja, fjern' }).press('Enter');
  await page.getByText('postmottak@lerkedal.example er fjernet.').waitFor({ state: 'attached' });
  await page.getByRole('button', { name: 'Fjern varsel@lerkedal.example' }).press('Enter');
  await page.getByRole('button', { name: 'Ja, fjern' }).press('Enter');
  await page.getByText('En virksomhet må ha minst én adresse.').waitFor();
  await assertAccessible(page, 'the last address');

  const other = await openPage({ ...phone, colorScheme: 'dark' });
  await logIn(other, stage.url, 'Jonas Lid', '/access/addresses');
  await other.getByRole('button', { name: 'Nynorsk' }).last().press('Enter');
  await other.getByRole('heading', { name: 'Stille tid' }).waitFor();
  await assertAccessible(other, 'own addresses, on a phone, dark');
  await other.getByRole('button', { name: /Du representerer/ }).press('Enter');
  await other.getByRole('button', { name: /^Lerkedal kommune/ }).press('Enter');
  await other.getByText('Du styrer ikkje adressene til Lerkedal kommune').waitFor();
  await assertAccessible(other, 'addresses of others');
});

test('given a newcomer in a sandbox, when they look around by keyboard, then they see whom they may be, what was sent, the clock and the town', async () => {
  const page = await openPage();
  await page.goto(`${stage.url}/sandbox`);
  await page.getByText('Ingenting er sendt ennå').waitFor();
  await assertAccessible(page, 'an empty outbox');
  const text = 'Hei. Skatteetaten har sendt post til deg.\nLogg inn for å lese.';
  const caught = { id: '0198f0a0-0000-7000-8000-000000000001', from: 'post@budstikke.example', caughtAt: '2026-11-29T10:00:00.000Z' };
  await page.route(/sandbox\/outbox/, (route) =>
    route.fulfill({
      json: {
        items: [
          { ...caught, channel: 'email', to: 'ola@person.example', subject: 'Ny post til Ola Nordmann', text },
          { ...caught, id: caught.id.replace('1', '2'), channel: 'sms', to: '+4799999999', subject: null, text: '<b>Hei</b>' },
        ],
        next: null,
      },
    }),
  );
  await page.getByRole('article', { name: 'Ny post til Ola Nordmann' }).waitFor();
  await page.getByText('<b>Hei</b>').waitFor();
  await assertAccessible(page, 'an outbox');

  await tabTo(page, 'Testpersoner');
  await page.keyboard.press('Enter');
  await page.getByRole('row', { name: /Kari Berg Lerkedal kommune/ }).waitFor();
  await assertAccessible(page, 'test persons');
  await page.getByLabel(/Navn eller begynnelsen/).fill('Finnesikke');
  await page.keyboard.press('Enter');
  await page.getByText('Ingen heter det').waitFor();
  await page.getByLabel(/Navn eller begynnelsen/).fill('kari');
  await page.keyboard.press('Enter');
  await page.getByText('Jonas Lid').waitFor({ state: 'detached' });
  await tabTo(page, 'Logg inn som Kari Berg');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /Kari Berg/ }).press('Enter');
  await page.getByText('Logget inn: Kari Berg').waitFor();

  await page.getByRole('link', { name: 'Prøveplassen' }).press('Enter');
  await page.getByRole('link', { name: 'Klokke' }).press('Enter');
  await page.getByText('Klokken i prøveplassen er').waitFor();
  await page.getByLabel('Antall døgn').fill('en');
  await page.getByText('Skriv et helt tall fra 1 til 366').waitFor();
  await assertAccessible(page, 'the clock');
  await page.getByRole('button', { name: 'En time' }).press('Enter');
  await page
    .getByText(/^Klokken er nå/)
    .first()
    .waitFor();

  await page.getByRole('link', { name: 'Byen' }).press('Enter');
  await page.getByLabel('Bydokument').fill('{');
  await page.getByRole('button', { name: 'Last inn' }).press('Enter');
  await page.getByText('Dette er ikke JSON').waitFor();
  await page.getByRole('button', { name: 'Vis et eksempel' }).press('Enter');
  await page.getByRole('button', { name: 'Last inn' }).press('Enter');
  await page.getByText('1 nye, 0 endret, 0 som før').first().waitFor();
  await assertAccessible(page, 'the town');
});

test('given a newcomer who has come in as one person, when they go on as the next, then the next is who they are', async () => {
  const page = await openPage();
  await page.goto(stage.url);
  await page.getByRole('link', { name: 'Logg inn som Ola Nordmann' }).press('Enter');
  await page.getByRole('button', { name: 'Kari Berg' }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: /Ola Nordmann/ }).press('Enter');
  await page.getByText('Logget inn: Ola Nordmann').waitFor();
  await page.goto(stage.url);
  await page.getByRole('link', { name: 'Logg inn som Sigrid Skar' }).press('Enter');
  await page.getByRole('button', { name: /Sigrid Skar/ }).press('Enter');
  await page.getByText('Logget inn: Sigrid Skar').waitFor();
  await page.getByRole('button', { name: 'Du representerer Skatteetaten' }).waitFor();

  await page.goto(`${stage.url}/docs/`);
  await page.getByText('Budstikke').first().waitFor();
  assert.ok((await page.locator('script:not([src])').count()) > 0, 'its own script ran, by its hash');
});

test('given somebody who looks after the installation, when all is well and when it is not, then the page says so, in nynorsk on a phone too', async () => {
  const page = await openPage();
  await logIn(page, stage.url, 'Kari Berg', '/inbox');
  await page.getByRole('link', { name: 'Drift' }).press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Drift' }).waitFor();
  await page.getByText(/^Alle \d+ holder\.$/).waitFor();
  await page.getByText('Vis alle reglene').press('Enter');
  await assertAccessible(page, 'operations');

  const other = await openPage({ ...phone, colorScheme: 'dark' });
  await other.route(/\/budstikke\/v1\/operator$/, async (route) => {
    const answer = await route.fetch();
    const well = await answer.json();
    const [rule, ...rules] = well.invariants;
    const queues = well.queues.map((each: { name: string }) =>
      each.name === 'mail-notices' ? { ...each, waiting: 1200, oldestSeconds: 7500, late: true } : each,
    );
    const gateways = [{ ...well.gateways[0], state: 'failing', retried: 1200 }, well.gateways[1]];
    const invariants = [{ ...rule, holds: false, violations: 3 }, ...rules];
    await route.fulfill({
      json: { ...well, queues, gateways, invariants, alarms: [{ rule: rule.name, since: '2026-11-29T10:00:00.000Z' }] },
    });
  });
  await logIn(other, stage.url, 'Ola Nordmann', '/operator');
  await other.getByRole('button', { name: 'Nynorsk' }).last().press('Enter');
  await other.getByText('Noko må sjåast på').waitFor();
  await other.getByText('1 regel held ikkje').waitFor();
  await other.getByText('E-postserveren tek ikkje imot varsel').waitFor();
  await other.getByText(/^Varsel på e-post: det eldste har venta i 2 tim/).waitFor();
  await assertAccessible(other, 'operations with troubles');

  const refused = await openPage(english);
  await refused.route(/\/budstikke\/v1\/operator$/, (route) =>
    route.fulfill({
      status: 403,
      json: { status: 403, code: 'BUD-09787', errorCode: 9787, detail: 'no', traceId: '00-4bf92f3577b34da6-01' },
    }),
  );
  await logIn(refused, stage.url, 'Jonas Lid', '/operator');
  await refused.getByRole('alert').waitFor();
  await assertAccessible(refused, 'operations, refused');
});

test('given a letter that somebody was told of, when its sender looks at the notices, then each attempt is there with so much of the address as nobody could write to', async () => {
  const id = await stage.send({ from: 'Skatteetaten', to: 'Ola Nordmann', title: 'Skattekortet ditt' });
  const page = await openPage(phone);
  await logIn(page, stage.url, 'Sigrid Skar', `/console/${id}`);
  // A notice is sent a moment after its letter, and the page shows what was sent when it was asked.
  await until('the notice', async () => {
    await page.reload();
    await page.getByText('Varsler som er sendt').press('Enter');
    await page.getByRole('row', { name: /Mottakeren.* E-post, o•••@/ }).waitFor({ timeout: 10_000 });
  });
  await assertAccessible(page, 'notices that were sent, on a phone');
});

test('given all that was shown here, when the browser is asked, then no script failed and our policy stopped nothing', () => {
  assert.deepEqual(
    complaints.flatMap(({ all }) => all),
    [],
  );
});
