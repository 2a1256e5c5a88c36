import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type OwnServer, startOwnServer } from '../wire/server.ts';
import { api, type Callers, callersOf, citizenUrn, resources, town } from '../wire/town.ts';

/** A citizen sends a letter on to an accountant, and time passes: mail, links and files on a running server. */
let server: OwnServer;
let callers: Callers;
before(async () => {
  server = await startOwnServer('forward', town);
  callers = await callersOf(server.client);
});
after(() => server?.stop());

const advance = async (by: string): Promise<void> => {
  const answer = await server.client.post('/budstikke/v1/sandbox/clock', { advance: by });
  assert.equal(answer.status, 200, answer.text);
};

async function sendLetter(): Promise<{ id: string; attachment: string }> {
  const form = new FormData();
  for (const [name, value] of Object.entries({
    'recipients[0]': citizenUrn,
    'correspondence.resourceId': resources.letters,
    'correspondence.sendersReference': 'videre',
    'correspondence.allowForwarding': 'true',
    'correspondence.content.messageTitle': 'Skatteoppgjør',
    'correspondence.content.messageBody': 'Du får **penger** igjen.',
    'correspondence.content.attachments[0].fileName': 'oppgjør.pdf',
    'correspondence.content.attachments[0].sendersReference': '1',
    'correspondence.content.attachments[0].expirationInDays': '3',
  })) {
    form.append(name, value);
  }
  form.append('attachments', new Blob(['tallene']), 'oppgjør.pdf');
  const sent = await callers.directorate.post(`${api}/correspondence/upload`, form);
  assert.equal(sent.status, 200, sent.text);
  const { correspondences, attachmentIds } = sent.json<{ correspondences: { correspondenceId: string }[]; attachmentIds: string[] }>();
  const id = correspondences[0]!.correspondenceId;
  for (let tries = 0; (await callers.citizen.get(`${api}/correspondence/${id}`)).status !== 200; tries++) {
    assert.ok(tries < 200, 'the letter is not published');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { id, attachment: attachmentIds[0]! };
}

test('given a letter that may be sent on, when its reader sends it to an accountant, then she gets it by mail and opens the file, and when its time is over nobody does', async () => {
  const { id, attachment } = await sendLetter();
  const to = 'regnskap@kontor.example';
  const forward = (address: string) =>
    callers.citizen.post(`${api}/correspondence/${id}/forward`, { forwardTo: address, forwardingText: 'Se her' });
  assert.equal((await forward(to)).json<{ errorCode: number }>().errorCode, 1065, 'not before it is read');
  assert.equal((await callers.citizen.get(`${api}/correspondence/${id}/content`)).status, 200);

  assert.equal((await forward(to)).status, 200);
  await advance('PT1M');

  const [mail, ...others] = server.mails.mails.filter((one) => one.to.includes(to));
  assert.deepEqual([mail?.subject, others.length], ['Skatteoppgjør', 0]);
  assert.match(mail!.text, /^Se her\n\n---\n\nDu får penger igjen\./);
  const link = /http\S+\/budstikke\/v1\/forwarded\/\S+/.exec(mail!.text)![0];
  assert.ok(link.startsWith(server.client.baseUrl));
  const file = await fetch(link);
  assert.deepEqual([file.status, await file.text()], [200, 'tallene']);
  const status = async () => (await callers.citizen.get(`${api}/correspondence/${id}`)).json<{ status: string }>().status;
  assert.equal(await status(), 'Forwarded');
  assert.equal((await forward(to.toUpperCase())).json<{ errorCode: number }>().errorCode, 1064);

  await advance('P4D');
  assert.equal((await fetch(link)).status, 404, 'the file has expired');
  const gone = await callers.citizen.get(`${api}/correspondence/${id}/attachment/${attachment}/download`);
  assert.equal(gone.json<{ errorCode: number }>().errorCode, 2020);
  const overview = (await callers.directorate.get(`${api}/attachment/${attachment}`)).json<{ status: string; statusText: string }>();
  assert.deepEqual([overview.status, overview.statusText], ['Expired', 'The attachment has expired']);
});
