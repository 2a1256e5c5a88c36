import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startIssuer, type TestIssuer } from '#identity/testing/issuer.ts';
import { type Client, createClient } from '../../demo/client.ts';
import { type MailSink, startMailSink } from '../../demo/sink.ts';
import { until } from '../../demo/wait.ts';
import { createTestDatabase } from '../database.ts';
import { freePort, type Started, startCommand, startProgram } from '../process.ts';
import { makeScratchDirectory } from '../scratch.ts';

/** A newcomer sets up production as docs/operating/install.md says, word for word, with two issuers that are not ours. */

const page = readFileSync(new URL('../../docs/operating/install.md', import.meta.url), 'utf8');
const cli = fileURLToPath(new URL('../../cli/budstikke', import.meta.url));
const folder = makeScratchDirectory();
const letters = '/correspondence/api/v1/correspondence';
const registry = '/resourceregistry/api/v1/resource';

const { url } = await createTestDatabase({ content: 'nothing' });
let env: Record<string, string>;
let machines: TestIssuer;
let people: TestIssuer;
let mails: MailSink;
let server: Started;

before(async () => {
  const port = await freePort();
  [machines, people, mails] = [await startIssuer(), await startIssuer(), await startMailSink()];
  const issuers = [
    { issuer: machines.issuer, kind: 'maskinporten', jwksUri: machines.jwksUrl },
    { issuer: people.issuer, kind: 'altinn', jwksUri: people.jwksUrl },
  ];
  env = {
    BUDSTIKKE_MODE: 'production',
    BUDSTIKKE_HOST: '127.0.0.1',
    BUDSTIKKE_PORT: String(port),
    BUDSTIKKE_PUBLIC_URL: `http://127.0.0.1:${port}`,
    BUDSTIKKE_DATABASE_URL: url,
    BUDSTIKKE_MAX_CONNECTIONS: '8',
    BUDSTIKKE_BLOB_DIR: join(folder, 'blobs'),
    BUDSTIKKE_ISSUERS: JSON.stringify(issuers),
    BUDSTIKKE_SMTP_URL: mails.url,
    BUDSTIKKE_MAIL_FROM: 'post@budstikke.example',
    BUDSTIKKE_SMS_GATEWAY_URL: 'http://127.0.0.1:9/',
    BUDSTIKKE_CLAMD: '127.0.0.1:9',
  };
  server = startProgram(new URL('../../server/main.ts', import.meta.url), [], { env });
  await server.waitFor(/is ready/);
});

after(async () => {
  server?.child.kill('SIGTERM');
  await server?.ended;
  for (const one of [machines, people, mails]) await one?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function budstikke(...args: string[]): Promise<{ code: unknown; said: string }> {
  const started = startCommand(cli, args, { env: { PATH: '/usr/bin:/bin', ...env } });
  return { code: await started.ended, said: started.said() };
}

/** What stands on the page between two texts. */
function onPage(pattern: RegExp): string {
  const found = pattern.exec(page)?.[1];
  assert.ok(found, `the page has no ${pattern}`);
  return found;
}

/** The words of the command that the page gives after `npx budstikke`. */
function commandOnPage(name: string): string[] {
  const line = onPage(new RegExp(`^npx budstikke (${name}(?:[^\\n]*\\\\\\n)*[^\\n]*)`, 'm')).replaceAll('\\\n', ' ');
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);
}

const consumer = (number: string) => ({ authority: 'iso6523-actorid-upis', ID: `0192:${number}` });

async function system(number: string, scope: string): Promise<Client> {
  const token = await machines.sign({ consumer: consumer(number), scope, client_id: `system-of-${number}` });
  return createClient(env.BUDSTIKKE_PUBLIC_URL!, token);
}

async function person(pid: string): Promise<Client> {
  const token = await people.sign({ pid, scope: 'altinn:correspondence.read altinn:portal/enduser', 'urn:altinn:authlevel': 4 });
  return createClient(env.BUDSTIKKE_PUBLIC_URL!, token);
}

async function send(sender: Client, body: object): Promise<string[]> {
  const answer = await sender.post(letters, body);
  assert.equal(answer.status, 200, answer.text);
  return answer.json<{ correspondences: { correspondenceId: string }[] }>().correspondences.map((one) => one.correspondenceId);
}

const letter = (): { correspondence: object; recipients: string[] } => JSON.parse(onPage(/--json '(\{\n[\s\S]*?\n\})'/));

test('given an empty database, when every command of the page is given in its order, then a letter is sent, and read by both who received it', async () => {
  const init = await budstikke(...commandOnPage('admin init'));
  assert.equal(init.code, 0, init.said);
  assert.doesNotMatch(init.said, /http/, 'a link for a key that nobody would look at');

  const town = join(folder, 'town.json');
  writeFileSync(town, onPage(/```json\n([\s\S]*?)```/));
  const [imported, again] = [await budstikke('import', town), await budstikke('import', town)];
  assert.equal(imported.code, 0, imported.said);
  assert.match(imported.said, /^parties +2 +0 +0$/m);
  assert.match(again.said, /^parties +0 +0 +2$/m);

  const sender = await system('991825827', 'altinn:serviceowner altinn:correspondence.write');
  const [toMunicipality, toCitizen] = await send(sender, letter());
  await until('publication', async () => {
    for (const id of [toMunicipality, toCitizen]) assert.ok((await sender.get(`${letters}/${id}`)).json<{ published: string }>().published);
  });
  const municipality = await system('974761076', 'altinn:correspondence.read');
  const citizen = await person('10906916350');
  const contents = [await municipality.get(`${letters}/${toMunicipality}/content`), await citizen.get(`${letters}/${toCitizen}/content`)];

  for (const { status, text } of contents) assert.deepEqual([status, /Dette er det første brevet/.test(text)], [200, true], text);
  await until('the opening to be recorded', async () => {
    const watch = await sender.get(`/budstikke/v1/correspondence/${toCitizen}/watch`);
    assert.deepEqual([watch.status, watch.json<{ outcome: string }>().outcome], [200, 'opened'], watch.text);
  });
});

test('given an owner, when its own system registers a service with the policy of another, then what is sent on it can be read', async () => {
  const owner = await system('991825827', 'altinn:resourceregistry/resource.write');
  const text = { nb: 'Vedtak', nn: 'Vedtak', en: 'Decisions' };
  const made = await owner.post(registry, {
    identifier: 'own-decisions',
    title: text,
    description: text,
    rightDescription: text,
    resourceType: 'CorrespondenceService',
    hasCompetentAuthority: { organization: '991825827', orgcode: 'digdir', name: text },
    contactPoints: [{ category: 'Support', email: 'post@digdir.example', telephone: null, contactPage: null }],
  });
  assert.equal(made.status, 201, made.text);
  const policy = (await owner.get(`${registry}/first-letters/policy`)).text.replaceAll('first-letters', 'own-decisions');
  const form = new FormData();
  form.append('policyFile', new Blob([policy], { type: 'application/xml' }), 'policy.xml');
  const uploaded = await owner.post(`${registry}/own-decisions/policy`, form);
  assert.equal(uploaded.status, 201, uploaded.text);

  const body = letter();
  const sender = await system('991825827', 'altinn:serviceowner altinn:correspondence.write');
  const [id] = await send(sender, {
    recipients: [body.recipients[1]],
    correspondence: { ...body.correspondence, resourceId: 'own-decisions' },
  });

  const citizen = await person('10906916350');
  await until('publication', async () => assert.equal((await citizen.get(`${letters}/${id}/content`)).status, 200));
});

test('given what has no use in production or cannot be read, when it is set up or imported, then that is said and nothing is written', async () => {
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const clients = [{ clientId: 'x', organization: '991825827', scopes: [] }];
  const party = { kind: 'organization', number: '315001285', name: 'Ny' };
  const refused = [
    [await budstikke(...commandOnPage('admin init'), '--another', '--client', 'x'), /clients are registered with the issuers/],
    [await budstikke('import', file('clients.json', JSON.stringify({ version: 1, parties: [party], clients }))), /Take "clients" out/],
    [
      await budstikke('import', file('strange.json', JSON.stringify({ version: 1, parties: [party], people: [] }))),
      /people[\s\S]*Nothing was written/,
    ],
    [await budstikke('import', file('broken.json', '{')), /broken\.json is not JSON/],
    [await budstikke('import', join(folder, 'nowhere.json')), /There is no file .*nowhere\.json/],
  ] as const;

  for (const [{ code, said }, reason] of refused) {
    assert.equal(code, 1, said);
    assert.match(said, reason);
    assert.doesNotMatch(said, / at .*\.ts:/);
  }
  const sender = await system('991825827', 'altinn:serviceowner altinn:correspondence.write');
  const answer = await sender.post(letters, { ...letter(), recipients: ['urn:altinn:organization:identifier-no:315001285'] });
  assert.ok(answer.status >= 400, 'a party of a document that was refused is there');
  const link = await createClient(env.BUDSTIKKE_PUBLIC_URL!).post(`/budstikke/v1/setup/${'f'.repeat(64)}`, {});
  assert.deepEqual([link.status, link.json<{ errorCode?: number }>().errorCode], [404, undefined], 'keys are taken that nobody looks at');
});
