import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { until } from '../demo/wait.ts';
import { startBrowser, type TestBrowser } from './testing/browser.ts';
import { assertAccessible, type Complaints, english, hasFocus, openListened, phone, said, tabTo } from './testing/looks.ts';
import { logIn, numberOf, type Stage, setStage } from './testing/stage.ts';

/** Who administers access lets somebody in, takes it back and looks for what nobody watches, on a real server with a real browser. */
let stage: Stage;
let browser: TestBrowser;
const complaints: Complaints[] = [];

before(async () => {
  browser = await startBrowser(); // first: where the stage fails, it must be closed
  stage = await setStage('web-access');
});
afterEach(() => browser?.closeWindows());
after(async () => {
  await Promise.all([browser?.close(), stage?.stop()]);
});

const openPage = (options?: BrowserContextOptions): Promise<Page> => openListened(browser, complaints, options);

test('given sealed post, when an administrator grants access by keyboard, in English and on a phone, then the colleague reads it and the sender’s envelope is gone', async () => {
  const id = await stage.send({ from: 'Fjordane politidistrikt', to: 'Lerkedal kommune', title: 'Melding om bekymring', confirm: true });
  const asked = await openPage();
  await logIn(asked, stage.url, 'Jonas Lid', `/inbox/${id}`);
  await asked.getByRole('button', { name: 'Bokmål' }).first().press('Enter');
  await asked.getByRole('heading', { level: 1, name: 'Meldingen kan ikke vises' }).waitFor();
  await asked.getByText(/^Har du fått adressen av noen/).waitFor();
  assert.equal(await asked.getByText(/Fjordane|bekymring/).count(), 0, 'that somebody has written in confidence is not told');
  await assertAccessible(asked, 'no right to what is confidential');
  const page = await openPage({ ...english, ...phone });
  await logIn(page, stage.url, 'Kari Berg', '/access');
  await page.getByRole('button', { name: 'English' }).last().press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Sealed mail' }).waitFor();
  await page.getByText('From Fjordane politidistrikt').first().waitFor();
  await assertAccessible(page, 'sealed, on a phone');

  const button = page.getByRole('button', { name: /^Give access/ });
  await button.press('Enter');
  await page.getByText('Choose who shall have access.').first().waitFor();
  const who = page.getByLabel('Who shall have access?');
  assert.equal(await hasFocus(who), true, 'the field that is wrong has the focus');
  await page.keyboard.type('Jonas');
  assert.equal(await who.evaluate((select: HTMLSelectElement) => select.selectedOptions[0]?.textContent), 'Jonas Lid');
  await tabTo(page, /^Give access/);
  await page.keyboard.press('Enter');
  await page.getByText('No sealed mail').waitFor();
  await said(page, 'Jonas Lid has been given access and will be notified.').waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
  await assertAccessible(page, 'nothing sealed');
  await page.getByRole('button', { name: 'Undo' }).press('Enter');
  await said(page, /^Jonas Lid no longer has/).waitFor();
  // A watch that a worker holds just then is looked at anew within a minute.
  await until(
    'it is sealed again',
    async () => {
      await page.reload();
      await page.getByText('From Fjordane politidistrikt').first().waitFor({ timeout: 10_000 });
    },
    { seconds: 300 },
  );
  await who.focus();
  await page.keyboard.type('Jonas');
  await tabTo(page, /^Why/);
  await page.keyboard.type('Covers for Kari in December');
  await tabTo(page, /^Give access/);
  await page.keyboard.press('Enter');
  await page.getByText('No sealed mail').waitFor();

  await page.goto(`${stage.url}/access/requests`);
  await page.getByRole('heading', { level: 1, name: 'Requests' }).waitFor();
  await page.getByText('Nobody has asked for anything').waitFor();
  await assertAccessible(page, 'requests');
  const reader = await openPage(english);
  await logIn(reader, stage.url, 'Jonas Lid');
  await reader.getByRole('button', { name: 'English' }).first().press('Enter');
  await reader.getByRole('button', { name: /You act for/ }).press('Enter');
  await reader.getByRole('button', { name: /^Lerkedal kommune/ }).waitFor();
  await assertAccessible(reader, 'choosing whom to act for');
  await reader.getByRole('button', { name: /^Lerkedal kommune/ }).press('Enter');
  await reader.getByText('Melding om bekymring').waitFor();
  await reader.locator('.letter-link').first().press('Enter');
  await reader.getByRole('button', { name: 'Confirm receipt' }).press('Enter');
  await reader.getByText('Receipt is confirmed.').first().waitFor();
});

test('given access that was granted, when the administrator takes it back, then it is asked once more and gone', async () => {
  const page = await openPage();
  await logIn(page, stage.url, 'Kari Berg', '/access/granted');
  await page.getByRole('list', { name: 'Du styrer også tilgang hos' }).getByRole('link', { name: 'Lerkedal kommune' }).press('Enter');
  const row = page.getByRole('row', { name: /Jonas Lid.*taushetsbelagt.*Covers for Kari in December/ });
  await row.getByRole('button', { name: 'Ta tilgangen fra Jonas Lid' }).press('Enter');
  assert.equal(await hasFocus(row.getByRole('button', { name: 'Ja, ta den tilbake' })), true, 'the focus goes with the question');
  await assertAccessible(page, 'who has access');
  await row.getByRole('button', { name: 'Nei, la den stå' }).press('Enter');
  const take = row.getByRole('button', { name: 'Ta tilgangen fra Jonas Lid' });
  await take.and(page.locator(':focus')).waitFor();
  await take.press('Enter');
  await row.getByRole('button', { name: 'Ja, ta den tilbake' }).press('Enter');
  await row.waitFor({ state: 'detached' });
  await page.getByRole('row', { name: /Jonas Lid/ }).waitFor();
  await page.waitForFunction(() => document.activeElement !== document.body);
});

test('given units that nobody watches, when who administers them looks, by keyboard, then it lets somebody in from there, takes it back and undoes that; in English it says the same', async () => {
  const page = await openPage();
  await logIn(page, stage.url, 'Kari Berg', '/access/coverage');
  await page.getByText('Velg en virksomhet').first().waitFor();
  await assertAccessible(page, 'coverage of a person');
  await page.getByRole('button', { name: /Du representerer/ }).press('Enter');
  await page.getByRole('button', { name: /^Lerkedal kommune/ }).press('Enter');
  const below = page.getByRole('rowheader', { name: 'Lerkedal barneverntjeneste under Lerkedal kommune' });
  await below.waitFor();
  const sealed = page.getByRole('row', { name: /^Post til virksomheten med taushetsbelagt innhold/ });
  assert.match((await sealed.first().textContent())!, /Ingen/);
  await assertAccessible(page, 'coverage');

  await tabTo(page, 'Vis bare det ingen kan åpne');
  await page.keyboard.press('Space');
  await page.waitForURL(/only=unwatched/);
  await below.waitFor();
  await tabTo(page, 'Gi tilgang til Post til virksomheten med taushetsbelagt innhold hos Lerkedal kommune');
  await page.keyboard.press('Enter');
  await page.getByText('Disse kan gi tilgang').waitFor();
  await assertAccessible(page, 'coverage with names and the way to give access');
  await tabTo(page, 'Hvem skal få tilgang?');
  await page.keyboard.type('Jonas');
  await tabTo(page, /^Gi tilgang/);
  await page.keyboard.press('Enter');
  await sealed.first().getByText('1 person').waitFor();
  await page.getByText('Jonas Lid har fått tilgang og blir varslet.').waitFor({ state: 'attached' });

  await page.getByRole('link', { name: 'Hvem har tilgang' }).press('Enter');
  await page.getByRole('searchbox', { name: 'Søk etter navn eller tilgang' }).fill('jonas taushetsbelagt');
  await page.keyboard.press('Enter');
  const given = page.getByRole('row', { name: /Jonas Lid.*taushetsbelagt.*Gitt av Kari Berg/ });
  await given.waitFor();
  await given.getByRole('button', { name: 'Ta tilgangen fra Jonas Lid' }).press('Enter');
  await given.getByRole('button', { name: 'Ja, ta den tilbake' }).press('Enter');
  await page.getByText('Ingen tilgang passer til det du søker etter').waitFor();
  await assertAccessible(page, 'access that was taken, and the way back');
  await tabTo(page, 'Angre: gi Jonas Lid tilgangen tilbake');
  await page.keyboard.press('Enter');
  // The row may be read anew in between, and asks nothing then.
  await until('it is taken back once more', async () => {
    if (await given.getByRole('button', { name: 'Ta tilgangen fra Jonas Lid' }).isVisible())
      await given.getByRole('button', { name: 'Ta tilgangen fra Jonas Lid' }).press('Enter', { timeout: 2000 });
    await given.getByRole('button', { name: 'Ja, ta den tilbake' }).press('Enter', { timeout: 2000 });
  });
  await given.waitFor({ state: 'detached' });

  const other = await openPage({ ...english, ...phone });
  await logIn(other, stage.url, 'Kari Berg', '/access/coverage');
  await other.getByRole('button', { name: 'English' }).last().press('Enter');
  await other.getByRole('button', { name: /You act for/ }).press('Enter');
  await other.getByRole('button', { name: /^Lerkedal kommune/ }).press('Enter');
  await other.getByRole('rowheader', { name: 'Lerkedal barneverntjeneste under Lerkedal kommune' }).waitFor();
  await other
    .getByRole('button', { name: /^See who can open .* at Lerkedal barneverntjeneste/ })
    .first()
    .press('Enter');
  await other.getByText('These can give access').waitFor();
  await assertAccessible(other, 'coverage, on a phone, in English');
});

test('given post sealed at an organization, when who can give access follows the link of the mail, or stands in their own inbox, then both lead there, by keyboard, in three languages', async () => {
  const before = stage.server.mails.mails.length;
  await stage.send({ from: 'Fjordane politidistrikt', to: 'Lerkedal kommune', title: 'Melding om bekymring' });
  const link = await until('Kari Berg is told', async () => {
    const mine = stage.server.mails.mails.slice(before).find(({ to }) => to.includes('kari.berg@lerkedal.example'));
    return new URL(/https?:\S+/.exec(mine!.text)![0]);
  });
  const page = await openPage(phone);
  await page.goto(`${stage.url}${link.pathname}${link.search}`);
  await page.getByRole('heading', { level: 1, name: 'Logg inn for å se siden' }).waitFor();
  assert.equal(await page.getByText(/Fjordane|Lerkedal/).count(), 0, 'before the login nothing is told');
  await page.getByRole('main').getByRole('link', { name: 'Logg inn' }).press('Enter');
  await page.getByRole('button', { name: /Kari Berg/ }).press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Forseglet post' }).waitFor();
  await page.getByText('Fra Fjordane politidistrikt').first().waitFor();
  await page.getByRole('button', { name: /Du representerer Lerkedal kommune/ }).waitFor();

  await page.goto(`${stage.url}/inbox`);
  await page.getByText('Post til Kari Berg').waitFor();
  const at = page.getByRole('region', { name: 'Forseglet post venter på at noen gir tilgang.' });
  await at.getByRole('link', { name: /^\d+ forsegle(t|de) hos Lerkedal kommune$/ }).waitFor();
  await page
    .getByRole('navigation', { name: 'Sider' })
    .getByRole('link', { name: /^Tilgang \d+ forsegle(t|de)$/ })
    .waitFor();
  await assertAccessible(page, 'what is sealed elsewhere, on a phone');
  await page.getByRole('button', { name: 'English' }).last().press('Enter');
  await page.getByRole('link', { name: /^\d+ sealed at Lerkedal kommune$/ }).waitFor();
  await page.getByRole('button', { name: 'Nynorsk' }).last().press('Enter');
  await page.getByRole('link', { name: /^\d+ forsegla hos Lerkedal kommune$/ }).waitFor();
  await tabTo(page, /^\d+ forsegla hos Lerkedal kommune$/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Forsegla post' }).waitFor();
  await page.getByText('Frå Fjordane politidistrikt').first().waitFor();
});

test('given post sealed at a subunit, when the manager of its main unit looks, by keyboard, then they may choose themselves first and those of the main unit, and themselves open it', async () => {
  await stage.send({ from: 'Fjordane politidistrikt', to: 'Lerkedal barneverntjeneste', title: 'Melding om bekymring' });
  const page = await openPage(phone);
  await logIn(page, stage.url, 'Kari Berg', `/access?party=${numberOf('Lerkedal barneverntjeneste')}`);
  const sealed = page.getByRole('region', { name: /^Til Lerkedal barneverntjeneste/ });
  const who = sealed.getByLabel('Hvem skal få tilgang?');
  await who.waitFor();
  const offered = await who.evaluate((select: HTMLSelectElement) => [...select.options].map(({ text }) => text));
  assert.deepEqual(offered, ['Velg en person', 'Meg selv', 'Jonas Lid', 'En annen, med fødselsnummer']);
  await assertAccessible(page, 'giving access at a subunit, on a phone');
  await who.focus();
  await page.keyboard.type('Meg');
  await sealed.getByRole('button', { name: /^Gi tilgang/ }).press('Enter');
  await said(page, 'Kari Berg har fått tilgang og blir varslet.').waitFor();
  await sealed.waitFor({ state: 'detached' });
});

test('given all that was shown here, when the browser is asked, then no script failed and our policy stopped nothing', () => {
  assert.deepEqual(
    complaints.flatMap(({ all }) => all),
    [],
  );
});
