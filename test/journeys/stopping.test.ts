import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { type Client, enterpriseToken } from '../../demo/client.ts';
import { type OwnServer, startOwnServer } from '../wire/server.ts';

/** A server is stopped by its operator while somebody is in the middle of something. */

const mailings = '/budstikke/v1/mailings';
const agency = '315001285';
const recipients = ['315001781', '315001854', '315001854'];
const town = {
  version: 1,
  parties: [...new Set([agency, ...recipients])].map((number) => ({ kind: 'organization', number, name: `Etat ${number}` })),
  resources: [{ id: 'stopping-post', type: 'CorrespondenceService', owner: agency, title: { nb: 'Post', nn: 'Post', en: 'Post' } }],
};

let server: OwnServer;
let sender: Client;
let token: string;
before(async () => {
  server = await startOwnServer('stopping', town, 'embedded');
  token = await enterpriseToken(server.client, agency, ['altinn:serviceowner', 'altinn:correspondence.write']);
  sender = server.client.with(token);
});
after(() => server?.stop());

async function beginMailing(): Promise<string> {
  const content = { language: 'nb', messageTitle: 'Vedtak', messageBody: 'Du har fått et vedtak.' };
  const correspondence = { resourceId: 'stopping-post', sendersReference: 'til-alle', content };
  const answer = await sender.post(mailings, { idempotencyKey: randomUUID(), correspondence });
  assert.equal(answer.status, 201, answer.text);
  return answer.json<{ mailingId: string }>().mailingId;
}

test('given a list of recipients that is still coming, when the server is stopped, then it stops well, what came whole is kept, and it can be continued', async () => {
  const id = await beginMailing();
  const sending = request(`${server.process().url}${mailings}/${id}/recipients?from=1`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson', expect: '100-continue' },
  });
  const broken = new Promise((resolve) => sending.on('close', resolve));
  sending.on('error', () => {});
  sending.flushHeaders();
  await once(sending, 'continue');
  sending.write(`${recipients.map((recipient) => `${JSON.stringify({ recipient })}\n`).join('')}{"recip`);

  const code = await server.process().stop();
  await broken;

  assert.equal(code, 0);
  assert.doesNotMatch(readFileSync(server.process().folder.log, 'utf8'), /"level":(40|50)/);
  await server.restart();
  const { nextLine, counts } = (await sender.get(`${mailings}/${id}`)).json<{ nextLine: number; counts: object }>();
  assert.equal(nextLine, 4);
  assert.deepEqual(counts, { received: 3, staged: 2, refused: 1, sent: 0, published: 0, unsent: 2 });
});
