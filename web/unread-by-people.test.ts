import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { enterpriseToken } from '../demo/client.ts';
import { watchOf } from '../demo/own-api.ts';
import { until } from '../demo/wait.ts';
import { startBrowser, type TestBrowser } from './testing/browser.ts';
import { assertAccessible, type Complaints, openListened, phone, said, tabTo } from './testing/looks.ts';
import { logIn, numberOf, type Stage, setStage } from './testing/stage.ts';

/** Post that lies for people: what a system has fetched and a person must open, and what is sealed and its sender lets lie. */
let stage: Stage;
let browser: TestBrowser;
const complaints: Complaints[] = [];
const service = 'skatt-ved-person';

before(async () => {
  browser = await startBrowser(); // first: where the stage fails, it must be closed
  stage = await setStage('web-unread-by-people');
  const title = { nb: 'Pålegg', nn: 'Pålegg', en: 'Orders' };
  const loaded = await stage.server.client.post('/budstikke/v1/sandbox/seed', {
    version: 1,
    resources: [
      {
        ...{ id: service, type: 'CorrespondenceService', owner: numberOf('Skatteetaten'), title, readers: ['DAGL', 'organization'] },
        demandsPerson: true,
      },
    ],
  });
  assert.equal(loaded.status, 200, loaded.text);
});
afterEach(() => browser?.closeWindows());
after(async () => {
  await Promise.all([browser?.close(), stage?.stop()]);
});

const openPage = (options?: BrowserContextOptions): Promise<Page> => openListened(browser, complaints, options);
const clientOf = async (name: string, ...scopes: string[]) =>
  stage.server.client.with(await enterpriseToken(stage.server.client, numberOf(name), scopes));

test('given a letter that a person must open and a system has fetched, when its sender looks at its board and at the letter, then both say so', async () => {
  const id = await stage.send({ from: 'Skatteetaten', to: 'Lerkedal kommune', title: 'Pålegg om retting', service });
  const system = await clientOf('Lerkedal kommune', 'altinn:correspondence.read');
  assert.equal((await system.get(`/correspondence/api/v1/correspondence/${id}/content`)).status, 200);
  const agency = await clientOf('Skatteetaten', 'altinn:serviceowner', 'altinn:correspondence.write');
  await until('the watch hears of it', async () =>
    assert.ok(((await watchOf(agency, id)) as unknown as { fetchedBySystemAt: string | null }).fetchedBySystemAt),
  );
  const page = await openPage();
  await logIn(page, stage.url, 'Sigrid Skar', '/unread');
  const row = page.getByRole('row', { name: /Pålegg om retting/ });
  await row.getByText(/^Hentet av system .*, venter på en person$/).waitFor();
  await assertAccessible(page, 'the board with what a system has fetched');
  await row.getByRole('link').press('Enter');
  await page.getByText(/^Hentet det .*Tjenesten krever at en person åpner, og brevet venter på det\.$/).waitFor();
  await page.getByText('Hentet av mottakerens system').first().waitFor();
  await assertAccessible(page, 'a letter that a system has fetched');
  await page.setViewportSize(phone.viewport!);
  await assertAccessible(page, 'a letter that a system has fetched, on a phone');
});

test('given a sealed letter that its sender lets lie, when who could let somebody in looks, then it is marked, and whoever is let in is not said to be notified', async () => {
  const id = await stage.send({ from: 'Fjordane politidistrikt', to: 'Lerkedal kommune', title: 'Melding om bekymring' });
  const police = await clientOf('Fjordane politidistrikt', 'altinn:serviceowner', 'altinn:correspondence.write');
  const decided = await police.post('/budstikke/v1/unread/decisions', {
    ...{ items: [{ id }], decision: 'accept-as-unread', name: 'Per Politi', reason: 'Saken er avsluttet' },
  });
  assert.equal(decided.json<{ decided: number }>().decided, 1, decided.text);
  const page = await openPage();
  await logIn(page, stage.url, 'Kari Berg', '/access');
  await page.getByText(/^Avsenderen har latt det bli ulest\./).waitFor();
  assert.equal(await page.getByText('bekymring').count(), 0);
  await assertAccessible(page, 'sealed post that is let lie');
  await page.getByLabel('Hvem skal få tilgang?').selectOption({ label: 'Jonas Lid' });
  await tabTo(page, /^Gi tilgang/);
  await page.keyboard.press('Enter');
  await said(page, 'Jonas Lid har fått tilgang, men får ikke varsel: si fra selv.').waitFor();
});
