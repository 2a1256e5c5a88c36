import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { brokerInvariants } from '../invariants.ts';
import { downloadsInHistory } from '../store/recipient.ts';
import {
  assertRefused,
  createTown,
  eventsOf,
  evidenceOf,
  fetchWhole,
  historyOf,
  octets,
  openWire,
  organizationId,
  outcomesOf,
  rows,
  transferOf,
} from '../testing/town.ts';
import type { CustodyView } from './wire.ts';

/** From the sender's hash to ours to the recipient's: what agrees is shown, and what does not is refused, recorded and told. */
const town = await createTown();
const { world, first, second } = town;
const wire = await openWire(town);
const own = `http://127.0.0.1:${wire.port}/budstikke/v1/filetransfer`;

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const digest = (text: string) => `sha-256=:${createHash('sha256').update(text).digest('base64')}:`;
const custodyOf = (id: string, by = 'sender') => fetch(`${own}/${id}/custody`, { headers: { authorization: by } });
const seen = async (id: string, by = 'sender') => (await (await custodyOf(id, by)).json()) as CustodyView;
const confirm = (id: string, by: string, body: object | null = null, headers: Record<string, string> = {}) =>
  fetch(`${own}/${id}/confirm`, {
    method: 'POST',
    headers: { authorization: by, 'content-type': 'application/json', ...headers },
    ...(body === null ? {} : { body: JSON.stringify(body) }),
  });
const download = async (id: string, by: string) => String(await fetchWhole(wire, id, by));
const announced = async (differs = {}) =>
  ((await (await wire.json('POST', '/filetransfer', 'sender', transferOf(town, differs))).json()) as { fileTransferId: string })
    .fileTransferId;
const upload = (id: string, body: string, headers: Record<string, string> = {}) =>
  wire.request('POST', `/filetransfer/${id}/upload`, 'sender', { body, headers: { ...octets, ...headers } });
const whatsOf = (id: string) =>
  rows<{ event: string; declared: string | null; stored: string | null; received: string | null }>(
    town,
    sql`select v.name as event, e.what::jsonb #>> '{declared,sha256}' as declared, e.what::jsonb #>> '{parts,0,sha256}' as stored,
               e.what::jsonb #>> '{received,sha256}' as received
          from evidence.evidence e join evidence.event v on v.code = e.event where e.about = ${id} order by e.at, e.id`,
  );
const alarms = async () =>
  (await world.db.all(brokerInvariants.find(({ name }) => name.startsWith('no recipient has said that it holds other'))!.find)).length;

test('given a SHA-256 beside the MD5, when the bytes are those, and when they are not, then the one is published and the other has failed as with an MD5', async () => {
  const good = await announced({ checksumSha256: sha256('innhold').toUpperCase(), checksum: null });
  assert.equal((await upload(good, 'innhold')).status, 200);
  const bad = await announced({ checksumSha256: sha256('noe annet') });
  await assertRefused(await upload(bad, 'innhold'), 9);
  assert.deepEqual([(await historyOf(town, good)).at(-1), (await historyOf(town, bad)).at(-1)], ['Published', 'Failed']);
  assert.equal((await eventsOf(town, bad)).at(-1), 'uploadfailed Sender');
  assert.deepEqual(await outcomesOf(town, bad), ['failed']);
  const shape = await world.nothingWritten(() => wire.json('POST', '/filetransfer', 'sender', transferOf(town, { checksumSha256: 'abc' })));
  assert.equal(shape.status, 400);
  assert.match(await shape.text(), /must be a SHA-256 hash/);
});

for (const name of ['repr-digest', 'content-digest'])
  test(`given ${name} with the bytes, when they are those, others, or not what was announced, then they are taken, fail, or are refused before they come`, async () => {
    const good = await announced();
    assert.equal((await upload(good, 'innhold', { [name]: `md5=:x:, ${digest('innhold')}` })).status, 200);
    assert.deepEqual((await seen(good)).declared, { md5: null, sha256: sha256('innhold') });
    const bad = await announced();
    await assertRefused(await upload(bad, 'innhold', { [name]: digest('annet') }), 9);
    assert.equal((await historyOf(town, bad)).at(-1), 'Failed');
    const torn = await announced({ checksumSha256: sha256('innhold') });
    await assertRefused(await world.nothingWritten(() => upload(torn, 'annet', { [name]: digest('annet') })), 9);
    await assertRefused(await world.nothingWritten(() => upload(torn, 'innhold', { [name]: 'sha-256=:bm90IGEgaGFzaA==:' })), 9951);
    assert.equal((await upload(torn, 'innhold', { [name]: 'sha-512=:x:' })).status, 200, 'what is not SHA-256 says nothing');
  });

test('given metadata and a file in one form with a SHA-256, when the file is another, then the transfer has failed', async () => {
  const form = (content: string) => {
    const data = new FormData();
    for (const [key, value] of Object.entries({ FileName: 'a', ResourceId: 'filer', Sender: organizationId(town.sending) }))
      data.set(`Metadata.${key}`, value);
    data.set('Metadata.Recipients[0]', organizationId(first));
    data.set('Metadata.DisableVirusScan', 'true');
    data.set('Metadata.ChecksumSha256', sha256('innhold'));
    data.set('FileTransfer', new Blob([content]), 'x');
    return wire.request('POST', '/filetransfer/upload', 'sender', { body: data });
  };
  assert.equal((await form('innhold')).status, 200);
  await assertRefused(await form('annet'), 9);
});

test('given two recipients, when one confirms with its hash and one without, then the sender sees all three hashes and a recipient its own', async () => {
  const id = await announced({ checksumSha256: sha256('innhold'), recipients: [organizationId(first), organizationId(second)] });
  await upload(id, 'innhold');
  for (const by of ['first', 'second']) assert.equal(await download(id, by), 'innhold');
  assert.equal((await confirm(id, 'first', { sha256: sha256('innhold') })).status, 204);
  assert.equal((await wire.request('POST', `/filetransfer/${id}/confirmdownload`, 'second')).status, 204);

  const view = await seen(id);
  assert.deepEqual(
    [view.declared.sha256, view.stored?.sha256, view.stored?.sizeBytes, view.fileTransferStatus],
    [sha256('innhold'), sha256('innhold'), 7, 'AllConfirmedDownloaded'],
  );
  assert.deepEqual(
    view.recipients.map(({ recipient, sha256: held, custody, downloads }) => [recipient, held, custody, downloads]),
    [
      [organizationId(first), sha256('innhold'), 'whole', 1],
      [organizationId(second), null, 'confirmed-without-hash', 1],
    ],
  );
  assert.ok(view.recipients.every(({ confirmedAt }) => confirmedAt));
  assert.deepEqual(
    (await seen(id, 'second')).recipients.map(({ recipient }) => recipient),
    [organizationId(second)],
  );
  const acceptances = (await whatsOf(id)).filter(({ event }) => event === 'ConsignmentAcceptance');
  assert.deepEqual(
    acceptances.map(({ declared, stored, received }) => [declared, stored, received]),
    [
      [sha256('innhold'), sha256('innhold'), sha256('innhold')],
      [sha256('innhold'), sha256('innhold'), null],
    ],
  );
  for (const by of ['stranger', 'owner']) await assertRefused(await world.nothingWritten(() => custodyOf(id, by)), 6);
});

test('given a recipient that holds something else, when it confirms, then nothing is confirmed, both sides and whoever runs this hear of it once, and a right hash mends it', async () => {
  const id = await wire.send('sender', transferOf(town), 'innhold');
  await assertRefused(await world.nothingWritten(() => confirm(id, 'first', { sha256: sha256('annet') })), 19);
  await download(id, 'first');
  assert.equal(await alarms(), 0);

  const wrong = { 'repr-digest': digest('annet') };
  await assertRefused(await wire.request('POST', `/filetransfer/${id}/confirmdownload`, 'first', { headers: wrong }), 9952);
  for (const again of [() => confirm(id, 'first', { sha256: sha256('annet') }), () => confirm(id, 'first', null, wrong)])
    await assertRefused(await world.nothingWritten(again), 9952);

  assert.deepEqual(await outcomesOf(town, id), [null]);
  assert.equal((await historyOf(town, id)).at(-1), 'Published');
  assert.deepEqual((await eventsOf(town, id)).slice(-2), [
    'no.budstikke.broker.hash-disputed Sender',
    'no.budstikke.broker.hash-disputed Recipient',
  ]);
  assert.equal((await evidenceOf(town, id)).at(-1), 'ConsignmentRejection failed');
  const told = (await whatsOf(id)).at(-1)!;
  assert.deepEqual([told.stored, told.received], [sha256('innhold'), sha256('annet')]);
  assert.equal(await alarms(), 1);
  const [before] = (await seen(id, 'first')).recipients;
  assert.deepEqual([before?.custody, before?.disputed?.sha256, before?.sha256], ['broken', sha256('annet'), null]);

  assert.equal((await confirm(id, 'first', { sha256: sha256('innhold') })).status, 204);
  const [after] = (await seen(id)).recipients;
  assert.deepEqual([after?.custody, after?.disputed?.sha256], ['whole', sha256('annet')], 'what was disputed is still to be seen');
  assert.equal(await alarms(), 0);
  assert.deepEqual(await outcomesOf(town, id), ['confirmed']);
});

test('given a recipient that confirms right and wrong at once, when both are through, then it has confirmed and the dispute is recorded', async () => {
  const id = await wire.send('sender', transferOf(town, { recipients: [organizationId(first), organizationId(second)] }), 'kappløp');
  await download(id, 'first');
  const statuses = await Promise.all(
    ['kappløp', 'annet'].map(async (text) => (await confirm(id, 'first', { sha256: sha256(text) })).status),
  );
  assert.deepEqual(statuses, [204, 409]);
  const [mine] = (await seen(id)).recipients;
  assert.deepEqual([mine?.sha256, mine?.disputed?.sha256], [sha256('kappløp'), sha256('annet')]);
});

for (const [given, recipients] of [
  ['while another has not', () => [organizationId(first), organizationId(second)]],
  ['as the last', () => [organizationId(first)]],
] as const)
  test(`given a recipient that has confirmed without a hash, ${given}, when it says which bytes it holds, then the last that it said counts`, async () => {
    const id = await wire.send('sender', transferOf(town, { recipients: recipients() }), 'innhold');
    await download(id, 'first');
    const say = (text: string) =>
      wire.request('POST', `/filetransfer/${id}/confirmdownload`, 'first', text === '' ? {} : { headers: { 'repr-digest': digest(text) } });
    const before = await alarms();
    assert.equal((await say('')).status, 204);
    const states: unknown[] = [];
    for (const text of ['innhold', 'annet', 'innhold', 'annet', 'innhold']) {
      const answer = await say(text);
      if (text === 'annet') await assertRefused(answer, 9953);
      else assert.equal(answer.status, 204);
      const [mine] = (await seen(id)).recipients;
      states.push([mine?.sha256, mine?.disputed?.sha256 ?? null, mine?.custody, (await alarms()) - before]);
      await world.nothingWritten(() => say(text));
    }
    const [whole, other] = [sha256('innhold'), sha256('annet')];
    assert.deepEqual(states, [
      [whole, null, 'whole', 0],
      [whole, other, 'broken', 1],
      [whole, other, 'whole', 0],
      [whole, other, 'broken', 1],
      [whole, other, 'whole', 0],
    ]);
    assert.deepEqual((await outcomesOf(town, id))[0], 'confirmed');
    const said = (await whatsOf(id)).filter(({ event }) => event.startsWith('Consignment')).map(({ event, received }) => [event, received]);
    assert.deepEqual(said.slice(0, 3), [
      ['ConsignmentAcceptance', null],
      ['ConsignmentAcceptance', whole],
      ['ConsignmentRejection', other],
    ]);
  });

test('given a recipient that downloads without end, when the history is read, then it holds the first downloads and the newest, and the count and the evidence hold all', async () => {
  const id = await wire.send('sender', transferOf(town), 'igjen');
  const times = downloadsInHistory + 5;
  for (let n = 0; n < times; n++) {
    await world.advance(1);
    await download(id, 'first');
  }
  assert.equal((await evidenceOf(town, id)).filter((one) => one === 'ContentHandover handed-over').length, times);
  const details = (await (await wire.json('GET', `/filetransfer/${id}/details`, 'sender')).json()) as {
    recipientFileTransferStatusHistory: { recipientFileTransferStatusCode: string; recipientFileTransferStatusChanged: string }[];
    recipients: { currentRecipientFileTransferStatusChanged: string }[];
  };
  const history = details.recipientFileTransferStatusHistory;
  assert.equal(history.filter((one) => one.recipientFileTransferStatusCode === 'DownloadStarted').length, downloadsInHistory);
  assert.equal(history.at(-1)!.recipientFileTransferStatusChanged, details.recipients[0]!.currentRecipientFileTransferStatusChanged);
  assert.equal((await seen(id)).recipients[0]!.downloads, times);
});

test('given a client that signs its messages, when Content-Digest is that of the request itself, then it confirms, and says nothing of the file', async () => {
  const id = await announced({ recipients: [organizationId(first), organizationId(second)] });
  await upload(id, 'innhold');
  for (const by of ['first', 'second']) await download(id, by);

  const empty = await wire.request('POST', `/filetransfer/${id}/confirmdownload`, 'first', { headers: { 'content-digest': digest('') } });
  const body = await confirm(id, 'second', {}, { 'content-digest': digest('{}') });

  assert.deepEqual([empty.status, body.status], [204, 204]);
  assert.deepEqual(
    (await seen(id)).recipients.map(({ sha256: held, custody }) => [held, custody]),
    Array(2).fill([null, 'confirmed-without-hash']),
  );
});
