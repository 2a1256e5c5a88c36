import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { type Client, enterpriseToken, organizationUrn, personUrn } from '../../demo/client.ts';
import { advanceClock, invariantsOf, timelineOf, watchOf } from '../../demo/own-api.ts';
import { until } from '../../demo/wait.ts';
import { type OwnServer, startOwnServer } from '../wire/server.ts';

/** A file that is there for two hours, and letters that are ended while a print house has them: a whole server, with a directory of a house. */
const numbers = { agency: '315001358', municipality: '315001498', leader: '16847520543', citizen: '18867721912' } as const;
const [files, letters] = ['kort-filer', 'kort-brev'];
const [sender, leaderAddress] = ['etaten@kort.example', 'leder@kort.example'];
const key = await generateKeyPair('ES256', { extractable: true });
const carrierScopes = ['budstikke:relay.report', 'budstikke:relay.addresses'];
const title = { nb: 'Post', nn: 'Post', en: 'Post' };
const person = (number: string, name: string, address: string): object => ({
  ...{ kind: 'person', number, name, contactPoints: [{ channel: 'email', address }], lastLogin: new Date().toISOString().slice(0, 10) },
});
const town = {
  version: 1,
  parties: [
    {
      ...{ kind: 'organization', number: numbers.agency, name: 'Etaten', orgCode: 'kort', unitType: 'ORGL' },
      contactPoints: [{ channel: 'email', address: sender }],
    },
    { kind: 'organization', number: numbers.municipality, name: 'Bygda kommune', unitType: 'KOMM' },
    person(numbers.leader, 'Lise Leder', leaderAddress),
    person(numbers.citizen, 'Berit Borger', 'borger@kort.example'),
  ],
  roles: [{ holder: numbers.leader, role: 'DAGL', at: numbers.municipality }],
  resources: [
    {
      ...{ id: files, type: 'BrokerService', owner: numbers.agency, title, senders: 'any', readers: ['DAGL', 'organization'] },
      broker: { fileTransferTimeToLive: 'PT2H' },
    },
    { id: letters, type: 'CorrespondenceService', owner: numbers.agency, title },
  ],
  clients: [{ clientId: 'trykkeriet', organization: numbers.agency, jwk: await exportJWK(key.publicKey), scopes: carrierScopes }],
};
/** Who reports of paper and keeps addresses asks for its tokens as a client of Maskinporten does. */
async function carrierToken(): Promise<string> {
  const assertion = await new SignJWT({ scope: carrierScopes.join(' ') })
    .setProtectedHeader({ alg: 'ES256', kid: 'any' })
    .setIssuer('trykkeriet')
    .setAudience('https://test.maskinporten.no/')
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime('60s')
    .sign(key.privateKey);
  const body = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
  const answer = await fetch(`${server.client.baseUrl}/maskinporten/token`, { method: 'POST', body });
  assert.equal(answer.status, 200, await answer.clone().text());
  return ((await answer.json()) as { access_token: string }).access_token;
}

const step = (name: string, after: string, who: string, text: string) => ({ name, after, when: [], who, channel: 'event', text });

let server: OwnServer;
let house: string;
let agency: Client;
before(async () => {
  house = await mkdtemp(join(tmpdir(), 'budstikke-house-'));
  server = await startOwnServer('short-and-on-paper', town, 'clone', { BUDSTIKKE_RELAY_DIR: house });
  const { client } = server;
  const scopes = ['altinn:serviceowner', 'altinn:correspondence.write', 'altinn:broker.write', 'altinn:broker.read'];
  agency = client.with(await enterpriseToken(client, numbers.agency, scopes));
  const ladder = { steps: [step('print', 'P1D', 'print', 'print'), step('tell', 'P5D', 'sender', 'sender-unread')] };
  const made = await agency.put('/budstikke/v1/ladders/kort-papir', ladder);
  assert.equal(made.status, 200, made.text);
  assert.equal((await agency.put(`/budstikke/v1/resources/${letters}/ladder`, { ladder: 'kort-papir', limits: null })).status, 200);
  const lines = ['Storgata 1', '3717 SKIEN'];
  const known = await client
    .with(await carrierToken())
    .put('/budstikke/v1/relay/addresses', { addresses: [{ number: numbers.citizen, lines }] });
  assert.equal(known.status, 200, known.text);
});
after(async () => {
  await server?.stop();
  await rm(house, { recursive: true, force: true });
});

const mailsTo = (address: string) => server.mails.mails.filter(({ to }) => to.includes(address)).map(({ subject }) => subject ?? '');

test('given a file that is there for two hours, when nobody fetches it, then people hear after one, and its sender alone when it is over', async () => {
  const made = await agency.post('/broker/api/v1/filetransfer', {
    ...{
      fileName: 'a.txt',
      resourceId: files,
      sendersFileTransferReference: '1',
      sender: organizationUrn(numbers.agency).replace(/.*:/, '0192:'),
    },
    ...{ recipients: [`0192:${numbers.municipality}`], propertyList: {}, disableVirusScan: true },
  });
  assert.equal(made.status, 200, made.text);
  const { fileTransferId: id } = made.json<{ fileTransferId: string }>();
  const bytes = Buffer.from('innhold');
  const uploaded = await agency.post(`/broker/api/v1/filetransfer/${id}/upload`, { mediaType: 'application/octet-stream', bytes });
  assert.equal(uploaded.status, 200, uploaded.text);
  await until('it is published', async () => {
    const { fileTransferStatus } = (await agency.get(`/broker/api/v1/filetransfer/${id}`)).json<{ fileTransferStatus: string }>();
    assert.equal(fileTransferStatus, 'Published');
  });
  await advanceClock(server.client, 'PT50M');
  assert.deepEqual(mailsTo(leaderAddress), []);
  await advanceClock(server.client, 'PT20M');
  await until('people hear of it', async () => assert.deepEqual(mailsTo(leaderAddress), ['Ny fil til Bygda kommune fra Etaten']));
  await advanceClock(server.client, 'PT60M');
  const { fileTransferStatus } = (await agency.get(`/broker/api/v1/filetransfer/${id}`)).json<{ fileTransferStatus: string }>();
  assert.equal(fileTransferStatus, 'Purged');
  await until('its sender hears', async () => assert.ok(mailsTo(sender).some((subject) => /slettes/.test(subject))));
  await advanceClock(server.client, 'P20D');
  assert.equal(mailsTo(leaderAddress).length, 1, 'nobody is asked to fetch what is gone');
  assert.ok(mailsTo(sender).length > 1, 'its sender is asked to decide');
});

async function onPaper(): Promise<{ id: string; shipment: string }> {
  const answer = await agency.post('/correspondence/api/v1/correspondence', {
    recipients: [personUrn(numbers.citizen)],
    correspondence: {
      ...{ resourceId: letters, sendersReference: randomUUID() },
      content: { language: 'nb', messageTitle: 'Vedtak', messageBody: '# Vedtak\n\nHei **Berit**.' },
    },
  });
  assert.equal(answer.status, 200, answer.text);
  const { correspondenceId: id } = answer.json<{ correspondences: { correspondenceId: string }[] }>().correspondences[0]!;
  await until('publication', async () => assert.ok((await watchOf(agency, id)).publishedAt));
  await advanceClock(server.client, 'P1DT2H');
  let shipment = '';
  await until('it lies at the house', async () => {
    const { shipments } = (await agency.get(`/budstikke/v1/relay/messages/${id}`)).json<{ shipments: { id: string; state: string }[] }>();
    assert.equal(shipments[0]?.state, 'dropped');
    shipment = shipments[0]!.id;
  });
  return { id, shipment };
}
const recall = async (id: string) => {
  const body = { decision: 'recall', name: 'Ola Saksbehandler', reason: 'Feil mottaker' };
  const answer = await agency.post(`/budstikke/v1/correspondence/${id}/decision`, body);
  assert.equal(answer.status, 200, answer.text);
  return answer.json<{ onPaper: string | null; outcome: string }>();
};
const shipmentOf = async (id: string) =>
  (await agency.get(`/budstikke/v1/relay/messages/${id}`)).json<{ shipments: { state: string; notStoppedAt: string | null }[] }>()
    .shipments[0]!;

test('given letters at the print house, when their sender takes them back, then one that lies there yet is taken from there, and of one that the house has its sender hears at once', async () => {
  const [lies, fetched] = [await onPaper(), await onPaper()];
  await rename(join(house, fetched.shipment), join(house, `.mine-${fetched.shipment}`));
  for (const { id } of [lies, fetched])
    assert.deepEqual((({ onPaper: on, outcome }) => [on, outcome])(await recall(id)), ['dropped', 'recalled']);

  await until('the one is taken back', async () => assert.equal((await shipmentOf(lies.id)).state, 'cancelled'));
  assert.ok(!(await readdir(house)).includes(lies.shipment));
  await until('the other is said to be with the house', async () => assert.ok((await shipmentOf(fetched.id)).notStoppedAt));
  await until('its sender hears', async () => assert.ok(mailsTo(sender).includes('Et brev går på papir likevel')));
  const reports = [{ shipment: fetched.shipment, status: 'posted' }];
  const told = await server.client.with(await carrierToken()).post('/budstikke/v1/relay/status', { reports });
  assert.equal(told.status, 200, told.text);
  assert.deepEqual([(await shipmentOf(fetched.id)).state, (await watchOf(agency, fetched.id)).outcome], ['posted', 'recalled']);
  assert.ok((await timelineOf(agency, fetched.id)).some(({ event }) => event === 'RelayToNonERDS'));
});

test('given all this, when the rules are asked, then each holds', async () => {
  const { holds, invariants } = await invariantsOf(agency);
  assert.ok(holds, JSON.stringify(invariants.filter((each) => !each.holds)));
});
