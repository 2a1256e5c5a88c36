import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import pg from 'pg';
import { type Answer, type Client, enterpriseToken, letterForm, personalToken, personUrn } from '../../demo/client.ts';
import { invariantsOf, timelineOf, watchOf } from '../../demo/own-api.ts';
import { until } from '../../demo/wait.ts';
import { type OwnServer, startOwnServer } from '../wire/server.ts';

/** What lies unread comes back to its sender: told on day 8, asked on day 14, and ended by its word. What fails is told at once. */

const api = '/correspondence/api/v1/correspondence';
const agency = '315001285';
const citizen = '10906916350';
const addresses = { agency: 'post@beslutning.example', citizen: 'borger@beslutning.example' } as const;
const resourceId = 'decision-letters';
const town = {
  version: 1,
  parties: [
    {
      kind: 'organization',
      number: agency,
      name: 'Beslutningstilsynet',
      orgCode: 'decision',
      unitType: 'ORGL',
      contactPoints: [{ channel: 'email', address: addresses.agency }],
    },
    { kind: 'person', number: citizen, name: 'Berit Borger', contactPoints: [{ channel: 'email', address: addresses.citizen }] },
  ],
  resources: [{ id: resourceId, type: 'CorrespondenceService', owner: agency, title: { nb: 'Brev', nn: 'Brev', en: 'Letters' } }],
};
const senderScopes = ['altinn:serviceowner', 'altinn:correspondence.write'] as const;
const readerScopes = ['altinn:correspondence.read', 'altinn:portal/enduser'] as const;

let server: OwnServer;
let sender: Client;
let reader: Client;
let database: pg.Client;
before(async () => {
  server = await startOwnServer('decision', town, 'embedded');
  sender = server.client.with(await enterpriseToken(server.client, agency, senderScopes));
  reader = server.client.with(await personalToken(server.client, citizen, readerScopes));
  database = await openDatabase();
});
after(async () => {
  await database?.end();
  await server?.stop();
});
afterEach(async () => {
  const { invariants } = await invariantsOf(sender);
  assert.deepEqual(
    invariants.filter((one) => !one.holds),
    [],
  );
});

/** The server's own database, for what no door tells yet: its events. */
async function openDatabase(): Promise<pg.Client> {
  const [, , , port, host] = readFileSync(join(server.process().folder.data, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
  const client = new pg.Client({ host: host!, port: Number(port), user: 'budstikke', database: 'budstikke' });
  await client.connect();
  return client;
}

/** Our own events about a letter, oldest first, and to whom. */
async function eventsOf(id: string): Promise<{ type: string; to: string }[]> {
  const { rows } = await database.query<{ type: string; to: string }>(
    `select replace(type, 'no.budstikke.watch.', '') as type, alternative_subject as "to" from events.outbox
      where resource_instance = $1 and type like 'no.budstikke.%' order by id`,
    [id],
  );
  return rows;
}

const toAgency = (...types: readonly string[]) => types.map((type) => ({ type, to: `/organisation/${agency}` }));

async function send(more: object = {}): Promise<string> {
  const answer = await sender.post(api, {
    recipients: [personUrn(citizen)],
    correspondence: {
      resourceId,
      sendersReference: randomUUID(),
      content: { language: 'nb', messageTitle: 'Tiden går', messageBody: 'Et brev som venter.' },
      ...more,
    },
  });
  assert.equal(answer.status, 200, answer.text);
  return answer.json<{ correspondences: { correspondenceId: string }[] }>().correspondences[0]!.correspondenceId;
}

async function advance(duration: string): Promise<readonly { due: string }[]> {
  const answer = await server.client.post('/budstikke/v1/sandbox/clock', { advance: duration });
  assert.equal(answer.status, 200, answer.text);
  return answer.json<{ stops: { due: string }[] }>().stops;
}

const decide = (id: string, wish: object, by = sender): Promise<Answer> => by.post(`/budstikke/v1/correspondence/${id}/decision`, wish);

const mailsTo = (address: string) =>
  server.mails.mails.filter(({ to }) => to.includes(address)).map(({ subject, text }) => ({ subject, text }));

/** The page that a mail has a link to. */
function leadsTo(text: string): string {
  const { pathname, search } = new URL(/https?:\S+/.exec(text)![0]);
  return pathname + search;
}

test('given a letter that nobody opens, when days 7, 8 and 14 pass, then its reader is reminded, its sender told and asked, by mail and event, and what the sender decides ends it', async () => {
  const id = await send();
  await advance('PT1S');
  assert.equal(mailsTo(addresses.citizen).length, 1);

  await advance('P6D');
  assert.equal(mailsTo(addresses.citizen).length, 1, 'nobody is reminded before day 7');
  await advance('P1D');
  const [, reminder, ...noMore] = mailsTo(addresses.citizen);
  assert.deepEqual(
    [reminder?.subject, noMore.length, mailsTo(addresses.agency).length],
    ['Påminnelse: post til Berit Borger fra Beslutningstilsynet er ikke åpnet', 0, 0],
  );

  await advance('P1D');
  assert.deepEqual(
    mailsTo(addresses.agency).map(({ subject }) => subject),
    ['1 melding fra Beslutningstilsynet er ikke åpnet eller bekreftet'],
  );
  assert.equal(leadsTo(mailsTo(addresses.agency)[0]!.text), `/unread?party=${agency}`, 'to the board of this sender');
  assert.deepEqual((await eventsOf(id)).at(-1), toAgency('unread')[0]);

  await advance('P6D');
  const asked = mailsTo(addresses.agency).at(-1)!;
  assert.equal(asked.subject, '1 melding fra Beslutningstilsynet venter på din beslutning');
  assert.match(
    asked.text,
    /send den på nytt, registrer den som lest et annet sted, trekk den tilbake, eller godta at den blir liggende ulest\..*POST \/budstikke\/v1\/correspondence\/\(id\)\/decision/s,
  );
  assert.equal(leadsTo(asked.text), `/unread?party=${agency}&asked=true`, 'to what waits for its decision');
  assert.deepEqual(await eventsOf(id), toAgency('step-taken', 'step-taken', 'unread', 'decision-needed'));
  assert.equal((await watchOf(sender, id)).nextAction, 'await-decision');

  const wish = { decision: 'accept-as-unread', name: 'Kari Berg', reason: 'Orientert på telefon' };
  const answer = await decide(id, wish);
  assert.equal(answer.status, 200, answer.text);
  assert.equal((await decide(id, wish)).text, answer.text, 'deciding again is answered the same');
  const { outcome, decision } = answer.json<{ outcome: string; decision: object }>();
  assert.deepEqual([outcome, { ...decision, at: null }], ['accepted-unread', { ...wish, at: null }]);
  const { event, who } = (await timelineOf(sender, id)).at(-1)!;
  assert.deepEqual([event, who.name, who.reason], ['AcceptedUnread', wish.name, wish.reason]);

  const mails = server.mails.mails.length;
  assert.deepEqual(await advance('P60D'), [], 'nothing falls due any more');
  assert.equal(server.mails.mails.length, mails);
});

test('given a letter that is opened and waits to be confirmed, when its ladder is at its end, then its sender is told so each week and never asked to decide', async () => {
  const dueDateTime = new Date(Date.now() + 300 * 86_400_000).toISOString();
  const id = await send({ isConfirmationNeeded: true, dueDateTime });
  await advance('PT1S');
  assert.equal((await reader.get(`${api}/${id}/content`)).status, 200);

  await advance('P15D');
  const { cause, nextAction } = await watchOf(sender, id);
  assert.deepEqual([cause, nextAction], ['opened-not-confirmed', 'tell-sender']);
  await advance('P7D');

  const told = mailsTo(addresses.agency).at(-1)!;
  assert.match(told.text, /1 er åpnet og venter på bekreftelse/);
  assert.equal((await decide(id, { decision: 'recall', name: 'Kari Berg', reason: 'For sent' })).status, 409);
  assert.equal((await reader.post(`${api}/${id}/confirm`)).status, 200);
  assert.deepEqual(await advance('P60D'), []);
});

test('given an unread letter, when its sender recalls it, then the reader finds it no more, and the sender sees what a purge shows', async () => {
  const id = await send();
  await advance('PT1S');

  const answer = await decide(id, { decision: 'recall', name: 'Kari Berg', reason: 'Feil mottaker' });

  assert.equal(answer.status, 200, answer.text);
  for (const path of [`${api}/${id}`, `${api}/${id}/content`]) assert.equal((await reader.get(path)).status, 404, path);
  const details = await sender.get(`${api}/${id}/details`);
  assert.deepEqual([details.status, details.json<{ status: string }>().status], [200, 'PurgedByAltinn'], details.text);
  assert.deepEqual(await advance('P60D'), []);
  assert.deepEqual((await eventsOf(id)).at(-1), toAgency('decided')[0]);
});

test('given decisions without a name, a reason or sense, by the reader or by nobody, when they are sent, then each is refused and the watch goes on', async () => {
  const id = await send();
  const good = { decision: 'recall', name: 'Kari Berg', reason: 'Feil mottaker' };
  for (const bad of [
    { ...good, name: '' },
    { ...good, name: ' \t' },
    { ...good, name: 'Kari\nBerg' },
    { ...good, reason: '  ' },
    { ...good, decision: 'burn' },
    { decision: 'recall' },
  ]) {
    assert.equal((await decide(id, bad)).status, 400, JSON.stringify(bad));
  }
  assert.equal((await decide(id, good, server.client)).status, 401);
  assert.equal((await decide(id, good, reader)).status, 403);
  assert.equal((await decide(randomUUID(), good)).json<{ code: string }>().code, 'BUD-09501');
  assert.equal((await watchOf(sender, id)).outcome, null);

  assert.equal((await reader.get(`${api}/${id}/content`)).status, 200);
  assert.equal((await decide(id, good)).status, 409, 'at once');
  await until('the opening to be recorded', async () => assert.equal((await watchOf(sender, id)).outcome, 'opened'));
  const late = await decide(id, good);
  assert.deepEqual([late.status, late.json<{ code: string }>().code], [409, 'BUD-09404']);
});

test('given a file with malware, when it is sent, then its sender is told by mail and event, and only then the watch is closed as failed', async () => {
  await advance('P1D');
  const fields = {
    'recipients[0]': personUrn(citizen),
    'correspondence.resourceId': resourceId,
    'correspondence.sendersReference': 'virus',
    'correspondence.content.language': 'nb',
    'correspondence.content.messageTitle': 'Se vedlegg',
    'correspondence.content.messageBody': 'Et vedlegg.',
    'correspondence.content.attachments[0].fileName': 'virus.txt',
    'correspondence.content.attachments[0].sendersReference': '1',
  };
  const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');
  const form = letterForm(fields, [{ name: 'virus.txt', mediaType: 'text/plain', bytes: Buffer.from(eicar) }]);
  const answer = await sender.post(`${api}/upload`, form);
  assert.equal(answer.status, 200, answer.text);
  const id = answer.json<{ correspondences: { correspondenceId: string }[] }>().correspondences[0]!.correspondenceId;

  await until('the failure', async () => assert.equal((await watchOf(sender, id)).outcome, 'failed'));

  assert.equal(mailsTo(addresses.agency).at(-1)?.subject, 'Kunne ikke leveres: 1 melding fra Beslutningstilsynet');
  assert.deepEqual(await eventsOf(id), toAgency('failed'));
  assert.equal((await sender.get(`${api}/${id}`)).json<{ status: string }>().status, 'Failed');
  const before = server.mails.mails.length;
  assert.deepEqual(await advance('P30D'), []);
  assert.equal(server.mails.mails.length, before);
});
