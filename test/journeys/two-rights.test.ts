import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { type Client, enterpriseToken, organizationUrn, personalToken, personUrn } from '../../demo/client.ts';
import { advanceClock, sealedTo, timelineOf, watchOf } from '../../demo/own-api.ts';
import { until } from '../../demo/wait.ts';
import { untold } from '../untold.ts';
import { type OwnServer, startOwnServer } from '../wire/server.ts';

/** What happened in 2023: post of the police that took two rights which nobody at the municipality had, or knew of. */
const api = '/correspondence/api/v1';
const numbers = { police: '315001358', municipality: '315001498', leader: '16847520543', clerk: '18867721912' } as const;
const [message, file] = ['two-rights-message', 'two-rights-file'];
const text = (nb: string): object => ({ nb, nn: nb, en: nb });
const person = (number: string, name: string, address: string): object => ({
  ...{ kind: 'person', number, name, contactPoints: [{ channel: 'email', address }], lastLogin: new Date().toISOString().slice(0, 10) },
});
const resource = (id: string, title: string): object => ({
  ...{ id, type: 'CorrespondenceService', owner: numbers.police, title: text(title), readers: ['package:eksplisitt'] },
});
const leaderAddress = 'leder@tworights.example';
const town = {
  version: 1,
  parties: [
    { kind: 'organization', number: numbers.police, name: 'Politidistriktet', orgCode: 'tworights', unitType: 'ORGL' },
    { kind: 'organization', number: numbers.municipality, name: 'Bygda kommune', unitType: 'KOMM' },
    person(numbers.leader, 'Lise Leder', leaderAddress),
    person(numbers.clerk, 'Knut Kontakt', 'kontakt@tworights.example'),
  ],
  roles: [{ holder: numbers.leader, role: 'DAGL', at: numbers.municipality }],
  resources: [resource(message, 'Straffesak, forsendelse'), resource(file, 'Straffesak, filvedlegg')],
};

let server: OwnServer;
let [police, leader, clerk]: Client[] = [];
before(async () => {
  server = await startOwnServer('two-rights', town);
  const { client } = server;
  police = client.with(await enterpriseToken(client, numbers.police, ['altinn:serviceowner', 'altinn:correspondence.write']));
  const reader = async (number: string) =>
    client.with(await personalToken(client, number, ['altinn:correspondence.read', 'altinn:portal/enduser']));
  [leader, clerk] = [await reader(numbers.leader), await reader(numbers.clerk)];
});
after(() => server?.stop());

/** A confidential message, and a file that takes a right of its own. */
async function send(more: object = {}): Promise<{ id: string; attachment: string }> {
  const made = await police!.post(`${api}/attachment`, {
    resourceId: file,
    fileName: 'sak.txt',
    sendersReference: '1',
    isEncrypted: false,
  });
  assert.equal(made.status, 200, made.text);
  const attachment = made.json<string>();
  const bytes = Buffer.from('Det som gjelder barnet.');
  const uploaded = await police!.post(`${api}/attachment/${attachment}/upload`, { mediaType: 'application/octet-stream', bytes });
  assert.equal(uploaded.status, 200, uploaded.text);
  await until('the scan', async () => {
    assert.equal((await police!.get(`${api}/attachment/${attachment}`)).json<{ status: string }>().status, 'Published');
  });
  const answer = await police!.post(`${api}/correspondence`, {
    recipients: [organizationUrn(numbers.municipality)],
    existingAttachments: [attachment],
    correspondence: {
      ...{ resourceId: message, sendersReference: randomUUID(), isConfidential: true },
      content: { language: 'nb', messageTitle: 'Bekymring', messageBody: 'Se vedlegget.' },
      ...more,
    },
  });
  assert.equal(answer.status, 200, answer.text);
  const id = answer.json<{ correspondences: { correspondenceId: string }[] }>().correspondences[0]!.correspondenceId;
  await until('publication', async () => {
    assert.ok((await police!.get(`${api}/correspondence/${id}`)).json<{ published: string | null }>().published);
  });
  return { id, attachment };
}

async function give(resourceId: string): Promise<string> {
  const given = { at: organizationUrn(numbers.municipality), to: personUrn(numbers.clerk), lastName: 'Kontakt', resource: resourceId };
  const answer = await leader!.post('/budstikke/v1/grants', given);
  assert.equal(answer.status, 201, answer.text);
  return answer.json<{ id: string }>().id;
}

const mailsToClerk = (): string[] =>
  server.mails.mails.filter(({ to }) => to.includes('kontakt@tworights.example')).map(({ subject }) => subject ?? '');

test('given a letter that was opened while its file was locked, when the right to the file is given a moment later, then that is told at once, and after a week the file is reminded of and not the letter', async () => {
  const { id, attachment } = await send();
  const given = [await give(message)];
  await until('the letter is told of', async () => assert.deepEqual(mailsToClerk(), ['Ny post til Bygda kommune fra Politidistriktet']));
  await until('the file is known to be locked', async () => assert.equal((await watchOf(police!, id)).cause, 'attachment-locked'));
  assert.equal((await clerk!.get(`${api}/correspondence/${id}/content`)).text, 'Se vedlegget.');
  await until('the opening to be recorded', async () => assert.ok((await watchOf(police!, id)).openedAt));

  given.push(await give(file));
  const news = 'Et vedlegg til Bygda kommune fra Politidistriktet kan nå åpnes';
  await until('the file is told of', async () => assert.equal(mailsToClerk().at(-1), news));
  await until('the cause is known', async () => assert.equal((await watchOf(police!, id)).cause, 'file-not-fetched'));

  await advanceClock(server.client, 'P8D');
  const reminders = mailsToClerk().filter((subject) => subject.startsWith('Påminnelse'));
  assert.deepEqual(reminders, ['Påminnelse: et vedlegg til Bygda kommune fra Politidistriktet er ikke åpnet']);
  const reminded = (await timelineOf(police!, id)).filter(({ event, core }) => event === 'LadderStep' && core.step === 'remind');
  assert.deepEqual(
    reminded.map(({ core }) => core.told),
    [1],
  );
  const db = new pg.Client({ connectionString: server.databaseUrl });
  await db.connect();
  assert.deepEqual((await db.query(untold)).rows, [], 'nobody is said to have been told who was not');
  await db.end();

  assert.equal((await clerk!.get(`${api}/correspondence/${id}/attachment/${attachment}/download`)).text, 'Det som gjelder barnet.');
  await until('the outcome', async () => assert.equal((await watchOf(police!, id)).outcome, 'opened'));
  for (const grant of given) assert.equal((await leader!.delete(`/budstikke/v1/grants/${grant}`)).status, 204);
});

test('given a letter that was opened and confirmed while its file was locked, when the file can be opened, then the file is what is missing and is reminded of, and no confirmation; it ends as confirmed when the file is fetched', async () => {
  const dueDateTime = new Date(Date.now() + 180 * 86_400_000).toISOString();
  const { id, attachment } = await send({ isConfirmationNeeded: true, dueDateTime });
  const given = [await give(message)];
  await until('the file is known to be locked', async () => assert.equal((await watchOf(police!, id)).cause, 'attachment-locked'));
  assert.equal((await clerk!.get(`${api}/correspondence/${id}/content`)).text, 'Se vedlegget.');
  await until('the opening to be recorded', async () => assert.ok((await watchOf(police!, id)).openedAt));
  assert.equal((await clerk!.post(`${api}/correspondence/${id}/confirm`)).status, 200);

  given.push(await give(file));
  await until('the cause is known', async () => assert.equal((await watchOf(police!, id)).cause, 'file-not-fetched'));
  const told = mailsToClerk().length;
  await advanceClock(server.client, 'P8D');
  const since = mailsToClerk().slice(told);
  assert.deepEqual(
    since.filter((subject) => subject.startsWith('Påminnelse')),
    ['Påminnelse: et vedlegg til Bygda kommune fra Politidistriktet er ikke åpnet'],
  );
  assert.equal((await clerk!.get(`${api}/correspondence/${id}/attachment/${attachment}/download`)).text, 'Det som gjelder barnet.');
  await until('the outcome', async () => assert.equal((await watchOf(police!, id)).outcome, 'confirmed'));
  for (const grant of given) assert.equal((await leader!.delete(`/budstikke/v1/grants/${grant}`)).status, 204);
});

test('given a message and a file that take two rights which nobody has, when they are sent, then sender and leader know at once, one right alone is known not to be enough, after 31 days it is still there to be opened, and it ends when the file is fetched too', async () => {
  const { id, attachment } = await send();
  const download = `${api}/correspondence/${id}/attachment/${attachment}/download`;

  const sealed = await watchOf(police!, id);
  assert.deepEqual([sealed.class, sealed.cause, sealed.outcome], ['GRANTABLE', 'grant-needed', null]);
  const consignment = (await timelineOf(police!, id)).find(({ event }) => event === 'ContentConsignment')!;
  assert.deepEqual([consignment.proves, consignment.core.reason], ['deposited', 'urn:budstikke:reason:grant-needed']);
  await until('mail to the leader', async () => {
    assert.ok(server.mails.mails.some(({ to }) => to.includes(leaderAddress)));
  });
  assert.equal((await sealedTo(leader!)).envelopes.length, 1);
  assert.equal((await clerk!.get(`${api}/correspondence/${id}/content`)).status, 401);

  await advanceClock(server.client, 'P31D');
  const waiting = await watchOf(police!, id);
  assert.equal(waiting.outcome, null);
  const steps = (await timelineOf(police!, id)).filter(({ event }) => event === 'LadderStep').map(({ core }) => core.step);
  for (const step of ['notify-grantors', 'remind', 'tell-sender', 'ask-sender']) assert.ok(steps.includes(step), `${step} of ${steps}`);

  await give(message);
  // A watch that a worker holds just then is passed over, and looked at anew a moment later: what is opened before that does not end it.
  await until('the file is known to be locked', async () => {
    const locked = await watchOf(police!, id);
    assert.deepEqual([locked.cause, locked.outcome], ['attachment-locked', null]);
  });
  assert.equal((await clerk!.get(`${api}/correspondence/${id}/content`)).text, 'Se vedlegget.');
  await until('the opening to be recorded', async () => assert.ok((await watchOf(police!, id)).openedAt));
  assert.equal((await clerk!.get(download)).status, 401);
  assert.equal((await watchOf(police!, id)).outcome, null, 'what is opened without its file is not done with');

  await give(file);
  await until('the right to the file is known', async () => assert.notEqual((await watchOf(police!, id)).cause, 'attachment-locked'));
  assert.equal((await watchOf(police!, id)).outcome, null, 'a right to it is not the file');
  assert.equal((await clerk!.get(download)).text, 'Det som gjelder barnet.');
  await until('the outcome', async () => assert.equal((await watchOf(police!, id)).outcome, 'opened'));
});
