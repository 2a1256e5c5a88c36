import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { startBrowser, type TestBrowser } from './testing/browser.ts';
import { assertAccessible, type Complaints, english, hasFocus, openListened, phone, tabTo } from './testing/looks.ts';
import { shownSoon } from './testing/shown-soon.ts';
import { logIn, numberOf, type Stage, setStage } from './testing/stage.ts';

/** A sender's services, ladders and notices, its letters to many, and one in two languages, by keyboard. */
let stage: Stage;
let browser: TestBrowser;
const complaints: Complaints[] = [];

before(async () => {
  browser = await startBrowser();
  stage = await setStage('web-services');
});
afterEach(() => browser?.closeWindows());
after(async () => {
  await Promise.all([browser?.close(), stage?.stop()]);
});

const openPage = (options?: BrowserContextOptions): Promise<Page> => openListened(browser, complaints, options);

test('given a letter that is written in two languages, when its sender lacks one and its reader has the app in English, then the fields are named, and it opens in English and is read in Norwegian too', async () => {
  const page = await openPage();
  await logIn(page, stage.url, 'Sigrid Skar', '/console/new');
  await page.getByRole('textbox', { name: 'Mottakere' }).fill(numberOf('Ola Nordmann'));
  await page.getByLabel('Tittel').fill('Møte på torsdag');
  await page.getByLabel('Tekst').fill('Hei.\n\nVelkommen til **møte**.');
  const add = page.getByRole('button', { name: 'Legg til et språk' });
  await add.press('Enter');
  const language = page.getByLabel('Et annet språk');
  assert.equal(await hasFocus(language), true, 'what was added has the focus');
  await page.getByRole('button', { name: 'Fjern Nynorsk' }).press('Enter');
  assert.equal(await hasFocus(add), true, 'what was taken away leaves it to the button');
  await add.press('Enter');
  await language.selectOption('nb');
  await page.getByRole('button', { name: 'Se hvem som kan åpne' }).press('Enter');
  await page.getByRole('heading', { name: '3 felter må rettes' }).waitFor();
  await assertAccessible(page, 'a letter whose other language lacks its words');
  await page.getByRole('link', { name: /Brevet er på dette språket allerede/ }).press('Enter');
  assert.equal(await hasFocus(language), true);
  await language.selectOption('en');
  await page.getByLabel('Tittel (Engelsk)').fill('Meeting on Thursday');
  await page.getByLabel('Tekst (Engelsk)').fill('Hello.\n\nWelcome to a **meeting**.');
  await page.getByRole('button', { name: 'Se meldingen slik mottakeren ser den' }).press('Enter');
  await page.locator('article[lang=en] .body strong', { hasText: 'meeting' }).waitFor();
  await page.locator('article[lang=nb] .body strong', { hasText: 'møte' }).waitFor();
  await page.getByRole('button', { name: 'Se hvem som kan åpne' }).press('Enter');
  await page.getByRole('button', { name: 'Send til 1 mottaker' }).press('Enter');
  await page.waitForURL((url) => url.pathname === '/console');

  const reader = await openPage({ ...phone, ...english });
  await logIn(reader, stage.url, 'Ola Nordmann');
  await reader.getByRole('button', { name: 'English' }).last().press('Enter');
  const letter = reader.locator('.letter-link', { hasText: 'Møte på torsdag' });
  await shownSoon(letter);
  await letter.press('Enter');
  await reader.getByRole('heading', { level: 1, name: 'Meeting on Thursday' }).waitFor();
  await reader.locator('article[lang=en] .body strong', { hasText: 'meeting' }).waitFor();
  await assertAccessible(reader, 'a letter in two languages');
  await tabTo(reader, 'English');
  await reader.keyboard.press('ArrowUp');
  await reader.getByRole('heading', { level: 1, name: 'Møte på torsdag' }).waitFor();
  await reader.locator('article[lang=nb] .body strong', { hasText: 'møte' }).waitFor();
  assert.equal(await reader.getByRole('radio', { name: 'Norwegian (Bokmål)' }).isChecked(), true);
  await reader.emulateMedia({ media: 'print' });
  assert.equal(await reader.getByRole('radio').first().isVisible(), false);
  assert.equal(await reader.getByText('Velkommen til').isVisible(), true, 'what is shown is printed');
});

test('given a sender’s service, when who administers it looks, previews a ladder, makes one of its own and assigns it, then the service climbs that, day by day as it was shown', async () => {
  const page = await openPage();
  await logIn(page, stage.url, 'Sigrid Skar', '/console');
  await page.getByRole('navigation', { name: 'Avsenderens sider' }).getByRole('link', { name: 'Tjenester' }).press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Tjenester' }).waitFor();
  await page.getByRole('row', { name: /Brev om skatt.*Daglig leder.*Posten tas imot.*vanlig post/ }).waitFor();
  await page.getByRole('row', { name: /Filer.*mottakerens eget system/ }).waitFor();
  await assertAccessible(page, 'services');
  await page.getByRole('link', { name: 'Brev om skatt' }).press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Brev om skatt' }).waitFor();
  await page.getByText('vanlig post (versjon').first().waitFor();
  const days = page.getByRole('table').first().locator('tbody tr');
  await days.first().waitFor();
  assert.match((await days.first().textContent()) ?? '', /De som kan åpne.*E-post, ellers SMS/);
  assert.match((await days.last().textContent()) ?? '', /hver uke til det er bestemt/);
  await assertAccessible(page, 'a service with its ladder');

  const look = page.getByLabel('Se på en stige');
  await look.focus();
  await look.selectOption('ks-paper');
  await page.getByRole('row', { name: /Brevet sendes på papir/ }).waitFor();
  await tabTo(page, 'Lag deres egen ut fra KS: papir etter to virkedager');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Lag en egen stige' }).waitFor();
  await page.getByRole('button', { name: 'Lagre stigen' }).press('Enter');
  await page.getByText('Skriv et navn med små bokstaver').last().waitFor();
  const steps = page.getByRole('group', { name: /^Steg \d/ });
  const before = await steps.count();
  await page.getByRole('button', { name: 'Fjern steg 3' }).press('Enter');
  assert.equal(await steps.count(), before - 1);
  await page.getByRole('button', { name: 'Legg til et steg' }).press('Enter');
  const last = steps.last();
  await last.getByLabel('Hvem får beskjed').selectOption('key-roles');
  await last.getByLabel('Etter publisering').fill('5');
  await last.getByLabel('Regnet i').selectOption('working-days');
  await page
    .getByRole('form', { name: 'Lag en egen stige' })
    .getByRole('row', { name: /De som leder virksomheten/ })
    .waitFor();
  await assertAccessible(page, 'a ladder that is being written');
  await page.getByLabel('Navn på stigen').fill('skatt-stige');
  await page.getByRole('button', { name: 'Lagre stigen' }).press('Enter');
  await page.getByText('skatt-stige er lagret som versjon 1.').waitFor({ state: 'attached' });
  await page.getByRole('row', { name: /De som leder virksomheten/ }).waitFor();
  await page.getByRole('button', { name: 'Bruk skatt-stige på tjenesten' }).press('Enter');
  await page.getByText('Tjenesten bruker nå skatt-stige.').waitFor({ state: 'attached' });
  await page.getByText('Tjenesten bruker nå skatt-stige (versjon 1)').waitFor();
  await page.getByText('Alle versjoner').press('Enter');
  await page.getByText(/^Versjon 1, .*, av Sigrid Skar: /).waitFor();
  await page.getByText('Hvem som har endret').press('Enter');
  await page.getByText(/: Sigrid Skar valgte skatt-stige\. Avsendere får ikke velge noe/).waitFor();
  await page.getByText('Hva en avsender kan velge for én melding').press('Enter');
  await page.getByRole('checkbox', { name: 'De kan lage egne steg' }).waitFor();
  await page.getByRole('checkbox', { name: 'De kan lage egne steg' }).press('Space');
  await page.getByRole('button', { name: 'Lagre hva de kan velge' }).press('Enter');
  await page.getByText('Det avsendere kan velge, er lagret.').waitFor({ state: 'attached' });
  await page.getByText('Nå kan avsendere velge innenfor dette:').waitFor();
  await page.getByText(/: Sigrid Skar valgte skatt-stige\. Avsendere får velge for en enkelt melding/).waitFor();
  await assertAccessible(page, 'a service with a ladder of its own');
});

test('given the notices of a service, when they are looked at in English and on a phone, then e-mail and SMS say what the recipient will read, in each language', async () => {
  const page = await openPage({ ...phone, locale: 'en-GB', colorScheme: 'dark' });
  await logIn(page, stage.url, 'Sigrid Skar', '/console/services/skatt-varsel');
  await page.getByRole('button', { name: 'English' }).last().press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Letter about tax' }).waitFor();
  await page.getByText('New mail for Eksempel AS from Skatteetaten').waitFor();
  await page.getByLabel('Language of the notice').selectOption('nn');
  await page.getByText('Ny post til Eksempel AS frå Skatteetaten').waitFor();
  await page.getByRole('radio', { name: 'a private person' }).press('Space');
  await page.getByText('Ny post til Kari Nordmann frå Skatteetaten').waitFor();
  await page.getByLabel('Which notice').selectOption('reminder');
  await page.getByText(/Påminning: .*Kari Nordmann/).waitFor();
  await assertAccessible(page, 'the notices of a service, on a phone in the dark');

  await page.goto(`${stage.url}/console/services/no-such`);
  await page.getByText('You do not see this service').waitFor();
  await assertAccessible(page, 'a service of another');
});

test('given a letter and a pasted list with a bad line, with an attachment and one for whom nobody opens, when it is made a mailing, let go later without that one, paused and resumed, then each line is accounted for and the rest arrive', async () => {
  const page = await openPage({ locale: 'en-GB' });
  await logIn(page, stage.url, 'Sigrid Skar', '/console/mailings');
  await page.getByText('No mailings yet').waitFor(); // as the browser speaks, whatever the register says
  await assertAccessible(page, 'no mailings');
  await page.getByRole('link', { name: 'Make a mailing' }).press('Enter');
  const create = page.getByRole('button', { name: 'Make the mailing and see who can open' });
  await create.press('Enter');
  await page.getByText('Paste at least one line, or choose a file.').last().waitFor();
  await assertAccessible(page, 'a mailing that lacks what it needs');
  await page.getByLabel('Title').fill('Skatteoppgjør');
  await page.getByText('{{name}}').waitFor();
  await page.getByLabel('Text').fill('Hei {{recipientName}}. Du har {{kroner}} kroner til gode.');
  const lines = [`${numberOf('Ola Nordmann')};Ola`, 'ingen;Ingen', `${numberOf('Lerkedal bakeri AS')};Bakeriet`];
  const list = ['number;navn', ...lines, `${numberOf('Fjordane politidistrikt')};Politiet`].join('\n');
  await page.getByRole('textbox', { name: 'Recipients' }).fill(list);
  await page.getByText('4 lines were read. The first line is a heading.').waitFor();
  await create.press('Enter');
  await page.getByText('The text uses columns that the list does not have: kroner.').last().waitFor();
  await page.getByRole('textbox', { name: 'Recipients' }).fill(list.replace('navn', 'kroner'));
  await page.getByLabel('Your reference (if you have one)').fill('oppgjør-2026');
  for (const [name, text] of [
    ['utregning.txt', '1 + 1'],
    ['feil.exe', '1 + 1'],
    ['tom.txt', ''],
  ] as const) {
    await page.getByLabel('Attachments').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
    await page.getByText(`${name} (`).waitFor();
  }
  await create.press('Enter');
  await page.getByText('feil.exe is of a kind that cannot be sent. Take it out').last().waitFor();
  await page.getByText('tom.txt is empty. Take it out').last().waitFor();
  assert.equal(await hasFocus(page.getByLabel('Attachments')), true, 'what cannot go is named, and nothing is sent');
  await assertAccessible(page, 'attachments that cannot go');
  await page.getByRole('button', { name: 'Take out tom.txt' }).press('Enter');
  await page.getByRole('button', { name: 'Take out feil.exe' }).press('Enter');
  await page.getByText('feil.exe (').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Add another language' }).press('Enter');
  await page.getByLabel('Another language').selectOption('en');
  await page.getByLabel('Title (English)').fill('Tax settlement');
  await page.getByLabel('Text (English)').fill('Hello. You get {{money}} kroner back.');
  await create.press('Enter');
  await page.getByText('The text uses columns that the list does not have: money.').last().waitFor();
  await page.getByLabel('Text (English)').fill('Hello. You get {{kroner}} kroner back.');
  await create.press('Enter');

  await page.getByRole('heading', { level: 1, name: 'Mailing: oppgjør-2026' }).waitFor();
  await page.getByRole('heading', { name: '1 line is not sent' }).waitFor();
  await page.getByRole('row', { name: /^2 This is not a valid number/ }).waitFor();
  const letter = page.getByRole('region', { name: 'What is sent' });
  await letter.getByText('Skatteoppgjør').waitFor();
  await letter.getByText('Letter about tax').waitFor();
  await letter.getByText(/kroner til gode/).waitFor();
  await letter.getByText('1 attachment').waitFor();
  await letter.locator('summary', { hasText: 'English' }).press('Enter');
  await letter.getByText('You get {{kroner}} kroner back.').waitFor();
  await assertAccessible(page, 'a mailing before it is sent');
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download the lines as a table (CSV)' }).press('Enter');
  const saved = await readFile(await (await coming).path(), 'utf8');
  assert.deepEqual(saved.split('\r\n').slice(0, 2), ['\ufeff"Line";"Code";"Why"', '"2";"BUD-09653";"This is not a valid number"']);
  await page.getByRole('button', { name: 'Compute anew' }).press('Enter');
  await page.getByText('The numbers are computed anew.').waitFor();

  await page.getByRole('button', { name: 'Send to 3 recipients' }).waitFor();
  await page.getByRole('checkbox', { name: 'Send to the one where nobody can open, and nobody can grant access' }).press('Space');
  await page.getByRole('radio', { name: 'At a time' }).press('Space');
  const later = page.getByRole('button', { name: 'Send to 2 recipients then' });
  await later.press('Enter');
  await page.getByText('Choose when the sending shall begin.').last().waitFor();
  await page.getByLabel('Date and time').fill('2001-01-01T08:00');
  await page.getByText('Write a date and a time that are to come.').last().waitFor();
  await later.press('Enter');
  await page.getByLabel('Date and time').fill(`${new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)}T08:00`);
  await later.press('Enter');
  await page.getByText('The mailing is on its way.').waitFor({ state: 'attached' });
  await page.getByText(/^Begins /).waitFor();
  await page.getByRole('button', { name: 'Pause', exact: true }).press('Enter');
  await page.getByText('Nothing is sent until you let it go on.').waitFor();
  await assertAccessible(page, 'a mailing that is paused');
  await page.getByRole('button', { name: 'Cancel the mailing' }).press('Enter');
  await page.getByText('0 are sent and stay so. The 3 that are left are never sent.').waitFor();
  await page.getByRole('button', { name: 'No, leave it' }).press('Enter');
  await page.getByRole('button', { name: 'Go on' }).press('Enter');
  await page.getByText('It is sent by itself. You can leave the page.').waitFor();
  const moved = await stage.server.client.post('/budstikke/v1/sandbox/clock', { advance: 'P2D' });
  assert.equal(moved.status, 200, moved.text);
  await page.getByText('All is sent.').waitFor();
  await page.locator('.said').waitFor({ state: 'detached' }); // that it goes on is no longer said
  await page.getByText('2 of 2 are sent (100%).').first().waitFor();
  assert.equal(await page.getByRole('progressbar', { name: 'How much is sent' }).getAttribute('value'), '2');
  await page.getByRole('heading', { name: '2 messages are sent: where each stands' }).waitFor();
  await page.getByRole('row', { name: /^4 You chose not to send here/ }).waitFor();
  await page.getByRole('row', { name: /^1 Ola Nordmann \S/ }).waitFor();
  await assertAccessible(page, 'a mailing that is sent');

  const reader = await openPage();
  await logIn(reader, stage.url, 'Ola Nordmann');
  await reader.locator('.letter-link', { hasText: 'Skatteoppgjør' }).press('Enter');
  await reader.getByText('Du har Ola kroner til gode.').waitFor();
  await reader.getByText('utregning.txt').first().waitFor();
  await reader.getByRole('radio', { name: 'Engelsk' }).press('Space');
  await reader.getByText('You get Ola kroner back.').waitFor();
  await page.getByRole('link', { name: 'To all mailings' }).press('Enter');
  await page.getByRole('row', { name: /oppgjør-2026.*Sent.*4.*Letter about tax/ }).waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  await assertAccessible(page, 'mailings on a phone');
});

test('given a file of more lines than go at once, when the network is lost between them, then it goes on where it broke off, and every line is accounted for', async () => {
  const page = await openPage();
  await logIn(page, stage.url, 'Sigrid Skar', '/console/mailings/new');
  await page.getByLabel('Tittel').fill('Til mange');
  await page.getByLabel('Tekst').fill('Hei.');
  const text = `orgnr\n${Array.from({ length: 5001 }, (_, i) => `x${i}`).join('\n')}`;
  const file = page.getByLabel('Eller velg en fil (CSV)');
  await file.setInputFiles({ name: 'liste.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  await page.getByText('5001 linjer er lest. Første linje er overskrift.').waitFor();
  await page.route(/\/recipients\?from=5001$/, (route) => route.abort(), { times: 1 });
  await page.getByRole('button', { name: 'Lag utsendingen og se hvem som kan åpne' }).press('Enter');
  await page.getByText('5000 av 5001 linjer er kommet inn.').waitFor();
  await assertAccessible(page, 'a list that broke off');
  await page.getByRole('button', { name: 'Fortsett' }).press('Enter');
  await page.getByRole('heading', { name: '5001 linjer sendes ikke' }).waitFor();
  await page.getByText('Ingen linjer kan sendes.').waitFor();
  await page.getByRole('row', { name: /^1000 / }).waitFor();
  await page.getByRole('button', { name: 'Vis flere' }).press('Enter');
  await page.getByRole('row', { name: /^2000 / }).waitFor();
  await page.getByRole('button', { name: 'Avbryt utsendingen' }).press('Enter');
  await page.getByRole('button', { name: 'Ja, avbryt' }).press('Enter');
  await page.getByText('Ingenting mer sendes.').waitFor();
});

test('given a mailing with an attachment that broke off, when the page is loaded anew and it is made again, then its writer is told what to do, and that makes it', async () => {
  const page = await openPage();
  await logIn(page, stage.url, 'Sigrid Skar', '/console/mailings/new');
  await page.getByLabel('Tittel').fill('Med vedlegg');
  await page.getByLabel('Tekst').fill('Hei.');
  await page.getByRole('textbox', { name: 'Mottakere' }).fill(numberOf('Ola Nordmann'));
  await page.getByLabel('Vedlegg').setInputFiles({ name: 'kart.txt', mimeType: 'text/plain', buffer: Buffer.from('Et kart.') });
  await page.route(/\/recipients\?from=1$/, (route) => route.abort(), { times: 1 });
  const create = page.getByRole('button', { name: 'Lag utsendingen og se hvem som kan åpne' });
  await create.press('Enter');
  await page.getByText('Vi fikk ikke svar').waitFor();
  await page.reload();
  await create.press('Enter');
  await page.getByText(/Utsendingen ble begynt før.*Trykk så én gang til/).waitFor();
  await create.press('Enter');
  await page.getByText('Med vedlegg').waitFor();
  await page.waitForURL(/\/console\/mailings\/[0-9a-f-]{36}/);
});

test('given recipients whom nobody can open for, when a letter is written to them, then they are named, the sender chooses whom to leave out, and no person is named', async () => {
  const page = await openPage();
  await logIn(page, stage.url, 'Sigrid Skar', '/console/new');
  const numbers = ['Ola Nordmann', 'Lerkedal bakeri AS', 'Fjordane politidistrikt'].map(numberOf);
  await page.getByRole('textbox', { name: 'Mottakere' }).fill(numbers.join('\n'));
  await page.getByLabel('Tittel').fill('Med valg');
  await page.getByLabel('Tekst').fill('Hei.');
  await page.getByRole('button', { name: 'Se varselet mottakeren får' }).press('Enter');
  await page.getByText('Ny post til Eksempel AS fra Skatteetaten').waitFor();
  const sent: string[] = [];
  page.on('request', (request) => request.url().endsWith('/correspondence/upload') && sent.push(request.method()));
  const answer = page.getByRole('heading', { name: 'Hvem kan åpne hos mottakerne' });
  for (let time = 1; time <= 3; time += 1) {
    await page.getByLabel('Tittel').press('Enter');
    await page.waitForFunction(() => document.activeElement?.textContent === 'Hvem kan åpne hos mottakerne');
  }
  await answer.press('Enter');
  assert.deepEqual(sent, [], 'Enter shows who can open, and sends nothing');
  const police = page.getByRole('row', { name: new RegExp(`Fjordane politidistrikt.*${numbers[2]}.*Ingen kan åpne`) });
  await police.waitFor();
  await page.getByRole('row', { name: new RegExp(`Privatperson.*${numbers[0]}`) }).waitFor();
  assert.equal(await page.getByText('Ola Nordmann').count(), 0, 'a person is named by no number');
  await page.getByText(/1 mottaker: ingen kan åpne, og ingen kan gi tilgang\./).waitFor();
  await assertAccessible(page, 'who can open, and the choice');
  await page.getByRole('button', { name: 'Send til 3 mottakere' }).waitFor();
  await police.getByRole('checkbox').press('Space');
  await page.getByRole('button', { name: 'Send til 2 mottakere' }).press('Enter');
  await page.waitForURL((url) => url.pathname === '/console');
  await page.getByRole('row', { name: /Lerkedal bakeri AS.*Med valg/ }).waitFor();
  assert.equal(await page.getByRole('row', { name: /Fjordane politidistrikt.*Med valg/ }).count(), 0);
});

test('given a service of another that lets anybody send, when a letter is written on it in nynorsk, now and for later, then its owner and the time are said, and the recipient sees who wrote', async () => {
  const title = { nb: 'Felles brev', nn: 'Felles brev', en: 'Shared letters' };
  const shared = {
    id: 'felles-brev',
    type: 'CorrespondenceService',
    owner: numberOf('Fjordane politidistrikt'),
    senders: 'any',
    readers: ['self'],
    title,
  };
  const seeded = await stage.server.client.post('/budstikke/v1/sandbox/seed', { version: 1, resources: [shared] });
  assert.equal(seeded.status, 200, seeded.text);
  const page = await openPage(phone);
  await logIn(page, stage.url, 'Sigrid Skar', '/console/new');
  await page.getByRole('button', { name: 'Nynorsk' }).last().press('Enter');
  const choice = page.getByLabel('Teneste');
  await choice.focus();
  await choice.selectOption('felles-brev');
  await page.getByText('Tenesta høyrer til Fjordane politidistrikt. Mottakaren ser Skatteetaten som avsendar').waitFor();
  await assertAccessible(page, 'a letter on a service of another');
  await page.getByRole('textbox', { name: 'Mottakarar' }).fill(numberOf('Ola Nordmann'));
  await page.getByLabel('Tittel').fill('Frå skatten, hos politiet');
  await page.getByLabel('Tekst').fill('Hei.');
  await page.getByRole('button', { name: 'Sjå kven som kan opne' }).press('Enter');
  await page.getByRole('button', { name: 'Send til 1 mottakar' }).press('Enter');
  await page.waitForURL((url) => url.pathname === '/console');
  await page
    .getByRole('row', { name: /Ola Nordmann.*Frå skatten, hos politiet/ })
    .filter({ hasText: 'Felles brev' })
    .waitFor();

  await page.getByRole('link', { name: 'Skriv ny melding' }).press('Enter');
  await choice.selectOption('felles-brev');
  await page.getByRole('textbox', { name: 'Mottakarar' }).fill(numberOf('Ola Nordmann'));
  await page.getByLabel('Tittel').fill('Kjem seinare');
  await page.getByLabel('Tekst').fill('Hei.');
  const day = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel(/^Når ho skal i innboksen/).fill(`${day}T08:00`);
  await page.getByRole('button', { name: 'Sjå kven som kan opne' }).press('Enter');
  await page.getByRole('button', { name: /^Legg i innboksen til 1 mottakar .*08:00$/ }).press('Enter');
  await page.locator('.said', { hasText: /^Meldinga blir lagd i innboksen til 1 mottakar .*08:00\./ }).waitFor();
  const later = page.getByRole('row', { name: /Kjem seinare/ });
  await later.filter({ hasText: /Blir lagt i innboksen .*08:00.*Ikkje enno/ }).waitFor();
  await later.getByRole('link').press('Enter');
  const now = page.getByRole('region', { name: 'Kvar ho er no' });
  await now.locator('strong', { hasText: /^Blir lagt i innboksen .*08:00$/ }).waitFor();
  await now.getByText(/^Blir lagt i innboksen, .*08:00$/).waitFor();
  await page.locator('.notch-to-come', { hasText: /Blir lagt i innboksen.*08:00/ }).waitFor();
  await page
    .getByRole('definition')
    .filter({ hasText: /^Felles brev$/ })
    .waitFor();
  await assertAccessible(page, 'a letter that is laid in the inbox later');
  const reader = await openPage();
  await logIn(reader, stage.url, 'Ola Nordmann');
  await reader.getByRole('listitem').filter({ hasText: 'Frå skatten, hos politiet' }).filter({ hasText: 'Skatteetaten' }).waitFor();
});

test('given who sends nothing, a server that fails, and who loses the right, when they look, then each is said in words', async () => {
  const other = await openPage();
  for (const path of ['services', 'mailings', 'mailings/new']) {
    await logIn(other, stage.url, 'Jonas Lid', `/console/${path}`);
    await other.getByText('Du representerer ingen som sender post').waitFor();
    await assertAccessible(other, `${path}, for who sends nothing`);
  }
  const problem = { title: 'x', status: 500, traceId: '00-abc-02' };
  await other.route(/sends=true/, (route) => route.fulfill({ status: 500, contentType: 'application/problem+json', json: problem }));
  for (const path of ['console', 'console/new']) {
    await other.goto(`${stage.url}/${path}`);
    await other.getByText('Referanse: 00-abc-02').waitFor();
    assert.equal(await other.getByText('Du representerer ingen som sender post').count(), 0, 'not known is not nobody');
  }
  const page = await openPage();
  await page.route(/\/budstikke\/v1\/(services|mailings)(\?|$)/, (route) =>
    route.fulfill({ status: 500, contentType: 'application/problem+json', json: problem }),
  );
  for (const path of ['services', 'mailings']) {
    await logIn(page, stage.url, 'Sigrid Skar', `/console/${path}`);
    await page.getByText('Referanse: 00-abc-02').waitFor();
  }
  await assertAccessible(page, 'a fault');
  await page.goto(`${stage.url}/console/mailings/0198f0a0-0000-7000-8000-000000000000`);
  await page.getByText('Vi finner ikke dette').waitFor();
});

test('given all that was shown here, when the browser is asked, then no script failed and our policy stopped nothing', () => {
  assert.deepEqual(
    complaints.flatMap(({ all }) => all),
    [],
  );
});
