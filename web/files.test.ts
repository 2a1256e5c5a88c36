import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { startBrowser, type TestBrowser } from './testing/browser.ts';
import { assertAccessible, type Complaints, openListened, tabTo } from './testing/looks.ts';
import { logIn, numberOf, type Stage, setStage } from './testing/stage.ts';

/** A sender whose connection drops, whose server dies and whose session ends in the middle of a file; and who receives it whole. */
let stage: Stage;
let browser: TestBrowser;
let folder: string;
const complaints: Complaints[] = [];
const name = 'måledata høst.bin';
const bytes = randomBytes(24_000_000);
const sha256 = createHash('sha256').update(bytes).digest('hex');
/** What is to be uploaded takes long enough to be cut off, whatever the machine. */
const bytesEachSecond = 400_000;

before(async () => {
  browser = await startBrowser();
  folder = await mkdtemp(join(tmpdir(), 'budstikke-web-files-'));
  await Promise.all([writeFile(join(folder, name), bytes), writeFile(join(folder, 'en annen.bin'), randomBytes(1000))]);
  stage = await setStage('web-files');
});
afterEach(() => browser?.closeWindows());
after(async () => {
  await Promise.all([browser?.close(), stage?.stop(), folder && rm(folder, { recursive: true, force: true })]);
});

const openPage = (options?: BrowserContextOptions): Promise<Page> => openListened(browser, complaints, options);

type Network = 'slow' | 'gone' | 'fast';

/** What the network of this page is like. */
async function networkOf(page: Page): Promise<(now: Network) => Promise<unknown>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  return (now) =>
    session.send('Network.emulateNetworkConditions', {
      ...{ offline: now === 'gone', latency: 0, downloadThroughput: -1 },
      uploadThroughput: now === 'slow' ? bytesEachSecond : -1,
    });
}

/** Waits until so many bytes are shown as uploaded. */
async function untilPast(page: Page, least: number): Promise<void> {
  await page.waitForFunction((past) => ((document.querySelector('progress') as HTMLProgressElement | null)?.value ?? 0) > past, least);
}
const far = (page: Page): Promise<number> => page.locator('progress').evaluate((bar: HTMLProgressElement) => bar.value);

test('given a file and a pasted list, when somebody sends for an agency by keyboard, then they see what is missing, and who can fetch it, before it goes', async () => {
  const page = await openPage();
  await logIn(page, stage.url, 'Sigrid Skar', '/console/files');
  await page.getByText('Ingen filer er sendt ennå').waitFor();
  await page.getByRole('searchbox', { name: 'Søk i sendte filer' }).fill('finnes-ikke');
  await page.keyboard.press('Enter');
  await page.getByText('Ingen fil passer til det du søker etter').waitFor();
  await assertAccessible(page, 'files, none found');
  await page.getByRole('button', { name: 'Vis alle filer' }).press('Enter');
  await page.getByText('Ingen filer er sendt ennå').waitFor();
  await assertAccessible(page, 'no files yet');
  await page.getByRole('link', { name: 'Send en fil' }).press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Send en fil' }).waitFor();
  await page.getByRole('button', { name: 'Se hvem som kan hente' }).press('Enter');
  await page.getByText('Velg filen som skal sendes.').last().waitFor();
  await page.getByText('Skriv minst ett nummer.').last().waitFor();
  await page.getByRole('heading', { name: /felter må rettes/ }).waitFor();
  await assertAccessible(page, 'a file that lacks what it needs');
  await page.getByRole('textbox', { name: 'Mottakere' }).fill(`${numberOf('Ola Nordmann')}`);
  await page
    .getByText(/Filer sendes til virksomheter/)
    .last()
    .waitFor();
  await page.getByRole('textbox', { name: 'Mottakere' }).fill(`${numberOf('Lerkedal kommune')}\n999999999`);
  const dropped = await page.evaluateHandle(() => {
    const held = new DataTransfer();
    held.items.add(new File(['x'], 'sluppet.txt'));
    return held;
  });
  await page.locator('.drop').dispatchEvent('drop', { dataTransfer: dropped });
  await page.getByText(/Valgt: sluppet\.txt/).waitFor();
  await page.locator('input[type=file]').setInputFiles(join(folder, name));
  await page.getByText(/Valgt: måledata høst\.bin/).waitFor();
  await tabTo(page, 'Se hvem som kan hente');
  await page.keyboard.press('Enter');
  await page.getByRole('row', { name: /999999999.*Ingen har dette nummeret.*Får ikke filen/ }).waitFor();
  for (let time = 1; time <= 2; time += 1) {
    await page.waitForFunction(() => document.activeElement?.textContent === 'Hvem kan hente hos mottakerne');
    await page.getByLabel(/referanse/).press('Enter');
  }
  await page.getByRole('button', { name: 'Send filen til 1 mottaker' }).waitFor();
  assert.equal(new URL(page.url()).pathname, '/console/files/new', 'Enter in a field shows who can fetch, and sends nothing');
  await assertAccessible(page, 'who can fetch a file');
});

test('given an upload, when the connection drops, the server is killed, it is paused and the session ends, then nothing that came is lost, and the recipient has the same bytes and confirms them', async () => {
  const page = await openPage();
  await logIn(page, stage.url, 'Sigrid Skar', '/console/files/new');
  const network = await networkOf(page);
  await network('slow');
  await page.getByRole('textbox', { name: 'Mottakere' }).fill(numberOf('Lerkedal kommune'));
  await page.locator('input[type=file]').setInputFiles(join(folder, name));
  await page.getByRole('button', { name: 'Se hvem som kan hente' }).press('Enter');
  await page.getByRole('button', { name: 'Send filen til 1 mottaker' }).press('Enter');
  await page.waitForURL(/\/console\/files\/[0-9a-f-]{36}/);
  await page.getByRole('heading', { level: 1, name }).waitFor();
  const address = page.url();
  const id = new URL(address).pathname.split('/').at(-1)!;
  await untilPast(page, 200_000);
  await assertAccessible(page, 'an upload under way');

  await network('gone');
  await page.getByText('Forbindelsen er borte.').first().waitFor();
  await assertAccessible(page, 'an upload without a connection');
  await network('slow');
  await page.getByText('Forbindelsen er borte.', { exact: true }).first().waitFor({ state: 'detached' });
  await untilPast(page, 500_000);

  await stage.server.process().kill();
  await page.getByText(/Ingenting er gått tapt/).waitFor();
  await stage.server.restart();
  await page.getByText(/Ingenting er gått tapt/).waitFor({ state: 'detached' });
  await untilPast(page, 1_000_000);

  await page.getByRole('button', { name: 'Sett på pause' }).press('Enter');
  await page.getByText(/Opplastingen står på pause. Det som/).waitFor();
  const paused = await far(page);
  await page.getByRole('button', { name: 'Fortsett opplastingen' }).press('Enter');
  await untilPast(page, paused);
  await page.getByRole('button', { name: 'Sett på pause' }).press('Enter');

  await page.context().clearCookies({ name: /budstikke$/ });
  const loggedOut = page.getByRole('heading', { name: 'Du er logget ut' });
  // The page may find it out by itself, and then the button is gone.
  await Promise.any([loggedOut.waitFor(), page.getByRole('button', { name: 'Fortsett opplastingen' }).press('Enter')]);
  await loggedOut.waitFor();
  await logIn(page, stage.url, 'Sigrid Skar', new URL(address).pathname);
  await page.getByText(/Opplastingen stoppet ved \d+ prosent/).waitFor();
  await assertAccessible(page, 'an upload to go on with');
  const again = page.locator('input[type=file]');
  await again.setInputFiles(join(folder, 'en annen.bin'));
  await page.getByText(/Dette er ikke den samme filen/).waitFor();
  const asked: number[] = [];
  page.on('request', (request) => {
    if (request.method() === 'PATCH') asked.push(Number(request.headers()['upload-offset']));
  });
  await network('fast');
  await again.setInputFiles(join(folder, name));
  await page.getByText('Klar til å hentes').first().waitFor();
  assert.ok(asked[0]! > 500_000, `it went on from ${asked[0]}, not from the beginning`);
  await page.getByText(`${sha256} Lik den som ble regnet ut hos dere.`).waitFor();
  await assertAccessible(page, 'a file that was sent');

  const reader = await openPage({ locale: 'en-GB', viewport: { width: 390, height: 844 }, hasTouch: true, acceptDownloads: true });
  await logIn(reader, stage.url, 'Kari Berg');
  await reader.getByRole('button', { name: 'English' }).last().press('Enter');
  await reader.getByRole('button', { name: /You act for/ }).press('Enter');
  await reader.getByRole('button', { name: /^Lerkedal kommune/ }).press('Enter');
  await reader.locator('.letter-link', { hasText: name }).press('Enter');
  await reader.getByText('Ready to be fetched').waitFor();
  await assertAccessible(reader, 'a file, on a phone');
  const coming = reader.waitForEvent('download');
  await tabTo(reader, `Download ${name}`);
  await reader.keyboard.press('Enter');
  const download = await coming;
  assert.equal(download.suggestedFilename(), name);
  const fetched = join(folder, 'fetched.bin');
  await download.saveAs(fetched);
  assert.equal(
    createHash('sha256')
      .update(await readFile(fetched))
      .digest('hex'),
    sha256,
  );
  await reader.reload();
  await reader.getByRole('heading', { level: 1, name }).waitFor();
  await reader.getByText('Check that the file is whole').press('Enter');
  await reader.locator('input[type=file]').setInputFiles(join(folder, 'en annen.bin'));
  await reader.getByText(/The file that you have is not the same as was sent, so nothing is confirmed/).waitFor();
  await reader.locator('input[type=file]').setInputFiles(fetched);
  await reader.getByText('The file that you have is the same as was sent.').waitFor();
  await reader.getByText('The file is confirmed as fetched.').first().waitFor();
  await assertAccessible(reader, 'a file that is confirmed, on a phone');

  await page.goto(`${stage.url}/console/files/${id}`);
  await page.getByRole('row', { name: /Lerkedal kommune.*Mottakeren har vist at filen er hel/ }).waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await assertAccessible(page, 'a file that has come, on a phone in the dark');
  await page.getByRole('link', { name: 'Alle sendte filer' }).press('Enter');
  await page.getByRole('row', { name: /måledata høst\.bin.*Alle har bekreftet.*Lerkedal kommune/ }).waitFor();
  await assertAccessible(page, 'files that were sent, on a phone in the dark');
});

test('given a file that lies unfetched and one whose bytes never came, when their sender decides and cancels, in English, then each is settled by their name', async () => {
  await stage.sendFile('Lerkedal bakeri AS', 'lies.csv', 'a;b\n');
  const page = await openPage({ locale: 'en-GB' });
  await logIn(page, stage.url, 'Sigrid Skar', '/console/files');
  await page.getByRole('button', { name: 'English' }).first().press('Enter');
  await page.goto(`${stage.url}/unread`);
  await page
    .getByRole('row', { name: /Lerkedal bakeri AS lies\.csv/ })
    .getByRole('checkbox')
    .press('Space');
  await page.getByRole('button', { name: 'Decide about 1 chosen' }).press('Enter');
  const asked = page.getByRole('dialog');
  await asked.getByRole('group', { name: 'What shall become of the file?' }).waitFor();
  await asked.getByRole('radio', { name: /^The file will not be fetched/ }).waitFor();
  assert.doesNotMatch((await asked.textContent())!, /message/i, 'a file is not a message');
  await assertAccessible(page, 'a decision about a file on the board');
  await page.keyboard.press('Escape');
  await page.goto(`${stage.url}/console/files`);
  await page.getByRole('link', { name: 'lies.csv' }).press('Enter');
  await page.getByRole('button', { name: /^Decide.*Lerkedal bakeri AS/ }).press('Enter');
  await page.getByRole('radio', { name: /^The recipient has the content already/ }).press('Space');
  await page.getByLabel('Where was it read?').fill('By e-mail');
  await page.getByLabel('Why?').first().fill('They have it.');
  await assertAccessible(page, 'a decision about a file');
  await page.getByRole('button', { name: 'Record as read' }).press('Enter');
  await page.getByRole('row', { name: /Lerkedal bakeri AS.*Read elsewhere/ }).waitFor();

  await page.route('**/upload/tus/**', (route) => route.abort());
  await page.goto(`${stage.url}/console/files/new`);
  await page.getByRole('textbox', { name: 'Recipients' }).fill(numberOf('Lerkedal bakeri AS'));
  await page.locator('input[type=file]').setInputFiles({ name: 'never.txt', mimeType: 'text/plain', buffer: Buffer.from('x') });
  await page.getByRole('button', { name: 'See who can fetch it' }).press('Enter');
  await page.getByRole('button', { name: 'Send the file to 1 recipient' }).press('Enter');
  await page.getByText('The connection is gone.').first().waitFor();
  await page.getByText('Cancel the transfer').first().press('Enter');
  await page.getByRole('button', { name: 'Cancel the transfer' }).press('Enter');
  await page.getByText('Write a short reason.').waitFor();
  await page.getByLabel('Why?').fill('The wrong file.');
  await page.getByRole('button', { name: 'Cancel the transfer' }).press('Enter');
  await page.getByText('Recalled by the sender').first().waitFor();
  await page.getByText('The connection is gone.').first().waitFor({ state: 'detached' });
  await assertAccessible(page, 'a transfer that was cancelled');
});

test('given a session, when resumable upload is asked for without its token or for nobody, then nothing is begun', async () => {
  const page = await openPage();
  await logIn(page, stage.url, 'Sigrid Skar', '/console/files');
  await page.getByText('lies.csv').waitFor();
  const session = await (await page.request.get(`${stage.url}/budstikke/v1/session`)).json();
  const parties = await (await page.request.get(`${stage.url}/budstikke/v1/session/parties`)).json();
  const sender = (parties.parties as { id: string; sends: boolean }[]).find(({ sends }) => sends)!.id;
  const address = `${stage.url}/broker/api/v1/filetransfer/upload/tus/0198f0a0-0000-7000-8000-000000000000`;
  const tus = { 'tus-resumable': '1.0.0', 'upload-length': '3' };
  const [token, acting] = [{ 'x-csrf-token': session.csrfToken as string }, { 'x-acting-for': sender }];
  const statusOf = async (method: string, headers: Record<string, string>) =>
    (await page.request.fetch(address, { method, headers: { ...tus, ...headers } })).status();
  for (const method of ['POST', 'PATCH', 'DELETE']) assert.equal(await statusOf(method, acting), 403, `${method} without its token`);
  for (const method of ['POST', 'HEAD']) assert.equal(await statusOf(method, token), 403, `${method} for nobody`);
  assert.deepEqual(
    [await statusOf('POST', { ...token, ...acting }), await statusOf('HEAD', acting)],
    [404, 404],
    'with both it is looked for',
  );
});

test('given all that was shown here, when the browser is asked, then no script failed and our policy stopped nothing', () => {
  assert.deepEqual(
    complaints.flatMap(({ all }) => all),
    [],
  );
});
