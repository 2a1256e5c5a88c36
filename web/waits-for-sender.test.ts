import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { advanceClock } from '../demo/own-api.ts';
import { until } from '../demo/wait.ts';
import { startBrowser, type TestBrowser } from './testing/browser.ts';
import { assertAccessible, type Complaints, openListened, phone, tabTo } from './testing/looks.ts';
import { logIn, type Stage, setStage } from './testing/stage.ts';

/** A sender is asked by mail to decide: it follows the link, and finds what waits for it. */
let stage: Stage;
let browser: TestBrowser;
const complaints: Complaints[] = [];

before(async () => {
  browser = await startBrowser(); // first: where the stage fails, it must be closed
  stage = await setStage('web-waits-for-sender');
  await stage.send({ from: 'Skatteetaten', to: 'Ola Nordmann', title: 'Gammelt brev' });
  await stage.sendFile('Lerkedal bakeri AS', 'regnskap.csv', 'en;to');
  await advanceClock(stage.server.client, 'P32D');
  await stage.send({ from: 'Skatteetaten', to: 'Ola Nordmann', title: 'Nytt brev' });
});
afterEach(() => browser?.closeWindows());
after(async () => {
  await Promise.all([browser?.close(), stage?.stop()]);
});

const openPage = (options?: BrowserContextOptions): Promise<Page> => openListened(browser, complaints, options);

test('given post about which its sender is asked to decide, when its caseworker follows the link of the mail and logs in, then that post is marked and stands alone, and all of it is a press away, by keyboard and on a phone', async () => {
  const link = await until('the sender is asked', async () => {
    const mails = stage.server.mails.mails.filter(({ to }) => to.includes('utsending@skatteetaten.example'));
    const found = mails.map(({ text }) => /https?:\S+asked=true/.exec(text)?.[0]).find((address) => address !== undefined);
    return new URL(found!);
  });
  const page = await openPage();
  await page.goto(`${stage.url}${link.pathname}${link.search}`);
  await page.getByRole('main').getByRole('link', { name: 'Logg inn' }).press('Enter');
  await page.getByRole('button', { name: /Sigrid Skar/ }).press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Ulest post' }).waitFor();
  await page.getByText('Post som Skatteetaten har sendt').waitFor();
  const old = page.getByRole('row', { name: /Gammelt brev/ });
  await old.getByText('Venter på deres beslutning').waitFor();
  await old.getByText(/Dere blir spurt igjen, .*20\d\d/).waitFor();
  const filter = page.getByRole('button', { name: /^Venter på deres beslutning \d+$/ });
  assert.equal(await filter.getAttribute('aria-pressed'), 'true');
  assert.equal(await page.getByRole('row', { name: /Nytt brev/ }).count(), 0);
  await assertAccessible(page, 'what waits for a decision');

  await tabTo(page, /^Venter på deres beslutning \d+$/);
  await page.keyboard.press('Enter');
  const fresh = page.getByRole('row', { name: /Nytt brev/ });
  await fresh.waitFor();
  assert.equal(await fresh.getByText('Venter på deres beslutning').count(), 0);
  assert.ok(!page.url().includes('asked='), page.url());
  await old.getByText('Venter på deres beslutning').waitFor();
  await page.setViewportSize(phone.viewport!);
  await assertAccessible(page, 'the board with marks, on a phone');
  for (const [language, mark, next] of [
    ['Nynorsk', 'Ventar på avgjerda dykkar', /De blir spurde igjen/],
    ['English', 'Waits for your decision', /You are asked again/],
  ] as const) {
    await page.getByRole('button', { name: language }).last().press('Enter');
    await old.getByText(mark).waitFor();
    await old.getByText(next).waitFor();
  }
});

test('given a file whose time is over while its bytes are kept, when its sender looks at its files, then they are told that its time is over and when it is deleted, and not that it is', async () => {
  const page = await openPage();
  await logIn(page, stage.url, 'Sigrid Skar', '/console/files');
  const row = page.getByRole('row', { name: /regnskap\.csv/ });
  await row.getByText(/^Tiden er over\. Slettes \d+\. \S+ 20\d\d$/).waitFor();
  await assertAccessible(page, 'a file whose time is over');
  await row.getByRole('link', { name: 'regnskap.csv' }).press('Enter');
  await page
    .getByRole('status')
    .filter({ hasText: /^Tiden er over\. Slettes / })
    .waitFor();
  assert.equal(await page.getByText('Slettet', { exact: true }).count(), 0);
});

test('given all that was shown here, when the browser is asked, then no script failed and our policy stopped nothing', () => {
  assert.deepEqual(
    complaints.flatMap(({ all }) => all),
    [],
  );
});
