import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { type Client, enterpriseToken, personalToken } from '../../demo/client.ts';
import { invariantsOf } from '../../demo/own-api.ts';
import { until } from '../../demo/wait.ts';
import { type OwnServer, startOwnServer } from '../wire/server.ts';

/** A letter to ten thousand, over the wire: a connection that is cut, a server that is killed, and each gets one. */
const mailings = '/budstikke/v1/mailings';
const letters = '/correspondence/api/v1/correspondence';
const directorate = '315001781';
const otherAgency = '315001854';
const resourceId = 'journey-mailing';
const citizens = personNumbers(10_000);
const senderScopes = ['altinn:serviceowner', 'altinn:correspondence.write'];
const ndjson = 'application/x-ndjson';

/** Numbers of invented persons, month plus 80. Source: Skatteetaten, the control digits of an identity number. */
function personNumbers(count: number): string[] {
  const control = (digits: string, weights: readonly number[]): number =>
    (11 - (weights.reduce((sum, weight, i) => sum + weight * Number(digits[i]), 0) % 11)) % 11;
  const found: string[] = [];
  for (let i = 0; found.length < count; i++) {
    const date = `${String(1 + (i % 28)).padStart(2, '0')}${String(81 + (Math.floor(i / 28) % 12)).padStart(2, '0')}${String(40 + (Math.floor(i / 336) % 60)).padStart(2, '0')}`;
    const stem = `${date}${String(Math.floor(i / 20_160)).padStart(3, '0')}`;
    const first = control(stem, [3, 7, 6, 1, 8, 9, 4, 5, 2]);
    const second = control(`${stem}${first}`, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    if (first < 10 && second < 10) found.push(`${stem}${first}${second}`);
  }
  return found;
}

const town = {
  version: 1,
  parties: [
    {
      kind: 'organization',
      number: directorate,
      name: 'Utsendingsdirektoratet',
      orgCode: 'journeymail',
      unitType: 'ORGL',
      contactPoints: [{ channel: 'email', address: 'post@utsending.example' }],
    },
    { kind: 'organization', number: otherAgency, name: 'Et annet tilsyn', orgCode: 'journeyother', unitType: 'ORGL' },
    ...citizens.map((number, i) => ({ kind: 'person', number, name: `Borger ${i}` })),
  ],
  resources: [{ id: resourceId, type: 'CorrespondenceService', owner: directorate, title: { nb: 'Post', nn: 'Post', en: 'Post' } }],
};

let server: OwnServer;
let nobody: Client;
let sender: Client;
let sendersToken: string;
before(async () => {
  server = await startOwnServer('mailing', town);
  nobody = server.client;
  sendersToken = await enterpriseToken(nobody, directorate, senderScopes);
  sender = nobody.with(sendersToken);
});
after(() => server?.stop());

interface View {
  readonly mailingId: string;
  readonly state: string;
  readonly nextLine: number;
  readonly counts: Readonly<Record<'received' | 'staged' | 'refused' | 'sent' | 'published' | 'unsent', number>>;
  readonly openability: Readonly<Record<string, number>>;
}

async function begin(): Promise<string> {
  const answer = await sender.post(mailings, {
    idempotencyKey: randomUUID(),
    correspondence: {
      resourceId,
      sendersReference: 'til-alle',
      content: { language: 'nb', messageTitle: 'Vedtak', messageBody: 'Hei {{recipientName}}. Ditt nummer er {{nummer}}.' },
    },
  });
  assert.equal(answer.status, 201, answer.text);
  return answer.json<View>().mailingId;
}

const look = async (id: string): Promise<View> => (await sender.get(`${mailings}/${id}`)).json<View>();
const lineTo = (number: string, i: number): string =>
  `${JSON.stringify({ recipient: number, sendersReference: `sak-${i}`, fields: { nummer: String(i) } })}\n`;

/** Sends lines and cuts the connection before the last of them has ended. */
async function cutOff(id: string, from: number, text: string): Promise<void> {
  const sending = request(`${server.process().url}${mailings}/${id}/recipients?from=${from}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sendersToken}`, 'content-type': ndjson },
  });
  sending.on('error', () => {});
  const closed = new Promise((resolve) => sending.on('close', resolve));
  sending.write(text);
  await until('some lines to be taken', async () => assert.ok((await look(id)).nextLine > from));
  sending.destroy();
  await closed;
}

test('given ten thousand recipients, a connection that is cut and a server that is killed while it sends, then each gets one message that says what is its own', async () => {
  const id = await begin();
  const lines = citizens.map(lineTo);
  lines[4] = '{"recipient":"urn:altinn:person:identifier-no:00000000001"}\n';
  lines[9_000] = lineTo(citizens[17]!, 9_000);

  await cutOff(id, 1, lines.slice(0, 7_000).join('').slice(0, -5));
  const { nextLine } = await look(id);
  assert.ok(nextLine > 1 && nextLine <= 7_000, `line ${nextLine}`);
  const rest = await sender.post(`${mailings}/${id}/recipients?from=${nextLine}`, {
    mediaType: ndjson,
    bytes: Buffer.from(lines.slice(nextLine - 1).join('')),
  });
  assert.equal(rest.status, 200, rest.text);

  const before = await look(id);
  assert.deepEqual(before.counts, { received: 10_000, staged: 9_998, refused: 2, sent: 0, published: 0, unsent: 9_998 });
  assert.equal(
    Object.values(before.openability).reduce((sum, n) => sum + n),
    9_998,
  );
  const refused = (await sender.get(`${mailings}/${id}/errors`)).json<{ errors: { line: number; code: string }[] }>();
  assert.deepEqual(
    refused.errors.map(({ line, code }) => [line, code]),
    [
      [5, 'BUD-09653'],
      [9_001, 'BUD-09655'],
    ],
  );

  assert.equal((await sender.post(`${mailings}/${id}/release`, { expectedLines: 10_000 })).status, 200);
  await until('sending to begin', async () => assert.ok((await look(id)).counts.sent > 0));
  await server.process().kill();
  await server.restart();
  await until('all to be sent', async () => assert.equal((await look(id)).state, 'Finished'), { seconds: 300 });

  const { counts } = await look(id);
  assert.deepEqual(counts, { received: 10_000, staged: 9_998, refused: 2, sent: 9_998, published: 9_998, unsent: 0 });
  const messages = await messagesOf(id);
  assert.deepEqual([messages.size, new Set(messages.values()).size], [9_998, 9_998]);
  await readsItsOwn(messages.get(8_001)!, 8_000);
  const broken = (await invariantsOf(sender)).invariants.filter(({ holds }) => !holds);
  assert.deepEqual(broken, []);
});

interface Page {
  readonly messages: readonly { readonly line: number; readonly correspondenceId: string }[];
  readonly next: number | null;
}

async function messagesOf(id: string): Promise<Map<number, string>> {
  const messages = new Map<number, string>();
  for (let after: number | null = 0; after !== null; ) {
    const page: Page = (await sender.get(`${mailings}/${id}/messages?after=${after}`)).json<Page>();
    for (const { line, correspondenceId } of page.messages) messages.set(line, correspondenceId);
    after = page.next;
  }
  return messages;
}

async function readsItsOwn(message: string, i: number): Promise<void> {
  const reader = nobody.with(await personalToken(nobody, citizens[i]!, ['altinn:correspondence.read', 'altinn:portal/enduser']));
  const content = await reader.get(`${letters}/${message}/content`);
  assert.match(content.text, new RegExp(`Hei Borger ${i}. Ditt nummer er ${i}.`));
  const shown = (await sender.get(`${letters}/${message}`)).json<{ sendersReference: string }>();
  assert.equal(shown.sendersReference, `sak-${i}`);
}

test('given a mailing under way, when it is paused and then cancelled, then no more is sent and the answer says what was', async () => {
  const id = await begin();
  const sent = await sender.post(`${mailings}/${id}/recipients?from=1`, {
    mediaType: ndjson,
    bytes: Buffer.from(citizens.map(lineTo).join('')),
  });
  assert.equal(sent.status, 200, sent.text);
  await sender.post(`${mailings}/${id}/release`, {});

  const paused = (await sender.post(`${mailings}/${id}/pause`)).json<View>();
  const cancelled = (await sender.post(`${mailings}/${id}/cancel`)).json<View>();

  assert.equal(paused.state, 'Paused');
  assert.deepEqual([cancelled.state, cancelled.counts], ['Cancelled', paused.counts]);
  assert.equal(cancelled.counts.sent + cancelled.counts.unsent, 10_000);
  assert.equal((await messagesOf(id)).size, cancelled.counts.sent);
});

test('given others than its sender, when they ask for a mailing, then they learn nothing', async () => {
  const id = await begin();
  const stranger = nobody.with(await enterpriseToken(nobody, otherAgency, senderScopes));
  const scopeless = nobody.with(await enterpriseToken(nobody, directorate, ['altinn:correspondence.read']));
  const asks: readonly ((client: Client) => Promise<{ status: number; text: string }>)[] = [
    (client) => client.get(`${mailings}/${id}`),
    (client) => client.get(`${mailings}/${id}/errors`),
    (client) => client.get(`${mailings}/${id}/messages`),
    (client) => client.post(`${mailings}/${id}/recipients?from=1`, { mediaType: ndjson, bytes: Buffer.from(lineTo(citizens[0]!, 0)) }),
    ...['check', 'pause', 'resume', 'cancel'].map((move) => (client: Client) => client.post(`${mailings}/${id}/${move}`)),
    (client) => client.post(`${mailings}/${id}/release`, {}),
  ];
  for (const ask of asks) {
    assert.equal((await ask(stranger)).status, 404);
    assert.equal((await ask(scopeless)).status, 403);
    const answer = await ask(nobody);
    assert.deepEqual([answer.status, answer.text], [401, '']);
  }
  assert.deepEqual((await stranger.get(mailings)).json<{ mailings: unknown[] }>().mailings, []);
  assert.equal((await look(id)).counts.received, 0);
  const asJson = await sender.post(`${mailings}/${id}/recipients?from=1`, { recipient: citizens[0]! });
  assert.equal(asJson.status, 415);
});
