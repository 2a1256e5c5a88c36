import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import type { AttachmentId, CorrespondenceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import type { Scanner } from '#scanning/index.ts';
import { downloadAttachment } from '../../download/download-attachment.ts';
import { holdMessage } from '../../read/recall-message.ts';
import { renewAttachments } from '../../send/renew-attachments.ts';
import { createTown, eventsOf, evidenceOf, failureOf, historyOf, letter, rows, scan, send, sendAll, stateOf } from '../../testing/town.ts';
import { assertRefused, openWire } from '../../testing/wire.ts';
import { expireAttachments } from '../expiry/expire-attachments.ts';
import { noteGoing } from '../expiry/note-going.ts';
import { initializeAttachment } from '../initialize-attachment.ts';
import { getAttachmentDetails } from '../read-attachment.ts';
import { scanAndSettle } from '../settle-scan.ts';
import { scanResultRoutes } from './routes.ts';

const town = await createTown();
const { world, citizen, municipality, sender } = town;
const secret = 'a-secret-of-at-least-thirty-two-letters';
const open = await openWire(town, {}, world.ctx, scanResultRoutes(undefined));
const guarded = await openWire(town, {}, world.ctx, scanResultRoutes(secret));
const path = '/webhooks/malwarescanresults';

/** As Event Grid sends it. */
function scanResult(attachment: string, scanResultType: string, more: object = {}) {
  return {
    id: randomUUID(),
    subject: `storageAccounts/files/attachments/${attachment}`,
    eventType: 'Microsoft.Security.MalwareScanningResult',
    eventTime: '2026-11-01T12:00:00.000Z',
    dataVersion: '1.0',
    metadataVersion: '1',
    data: { correlationId: randomUUID(), blobUri: `https://files.example/attachments/${attachment}`, scanResultType, ...more },
  };
}

/** A letter to two with one file that waits for its scan. */
async function sendFile(fileName = 'vedtak.pdf', expirationInDays: number | null = null) {
  const body = letter([citizen, municipality], { content: { attachments: [{ fileName, sendersReference: 'a', expirationInDays }] } });
  const { correspondences, attachmentIds } = await sendAll(town, body, [await world.file(fileName, `fil ${randomUUID()}`)]);
  return { attachment: attachmentIds[0]!, messages: correspondences.map(({ correspondenceId }) => correspondenceId) };
}

const post = (body: unknown) => open.json('POST', path, '', body);
const statesOf = (messages: readonly string[]) => Promise.all(messages.map((id) => stateOf(town, id)));
const carry = (id: string) => send(town, letter([citizen], {}, { existingAttachments: [id as AttachmentId] }));
const refusal = (code: number) => (error: unknown) => error instanceof Refusal && error.row.code === code;
const attachmentOf = (id: string) => getAttachmentDetails(world.ctx, sender, id as never);

test('given Event Grid that asks whether we listen, when it does, alone or in a list, then it gets its code back', async () => {
  const asked = {
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    data: { validationCode: 'C0DE', validationUrl: 'https://x' },
  };
  for (const body of [asked, [asked], { EventType: asked.eventType.toUpperCase(), Data: { ValidationCode: 'C0DE' } }]) {
    const answer = await world.nothingWritten(() => post(body));
    assert.deepEqual([answer.status, await answer.json()], [200, { validationResponse: 'C0DE' }]);
  }
});

test('given a file that waits, when it is said to be clean, then it and what waited for it are published; said again, nothing happens', async () => {
  const { attachment, messages } = await sendFile();

  const answer = await post([scanResult(attachment, 'no threats FOUND')]);

  assert.deepEqual([answer.status, await answer.text()], [200, '']);
  assert.deepEqual(await statesOf(messages), ['Published', 'Published']);
  assert.equal((await attachmentOf(attachment)).status, 'Published');
  assert.equal((await eventsOf(town, attachment)).at(-1), 'attachmentpublished');
  assert.ok((await evidenceOf(town, attachment)).includes('Scanned recorded'));
  const replay = await world.nothingWritten(() => post(scanResult(attachment, 'No threats found')));
  assert.equal(replay.status, 200);
  assert.deepEqual(await statesOf(messages), ['Published', 'Published']);
});

test('given a file that waits, when malware is said to be in it, then every letter with it fails and its sender is told', async () => {
  const { attachment, messages } = await sendFile();

  assert.equal((await post(scanResult(attachment, 'Malicious'))).status, 200);

  const { status, statusText } = await attachmentOf(attachment);
  assert.deepEqual([status, statusText], ['Failed', 'Malware scan failed: Malicious']);
  assert.equal((await eventsOf(town, attachment)).at(-1), 'attachmentuploadfailed');
  assert.deepEqual(await statesOf(messages), ['Failed', 'Failed']);
  for (const id of messages) {
    assert.equal((await historyOf(town, id)).at(-1), 'Failed');
    assert.ok((await eventsOf(town, id)).includes('correspondencepublishfailed'));
    assert.equal(await failureOf(town, id), 'malware');
  }
  const late = await world.nothingWritten(() => post(scanResult(attachment, 'No threats found')));
  assert.equal(late.status, 200);
  assert.deepEqual(await statesOf(messages), ['Failed', 'Failed']);
});

test('given a file that one scanner has called clean, when our own finds malware in it, then nobody can fetch it, letters with it that wait fail, and its owner and whoever runs this are told, once', async () => {
  const { attachment, messages } = await sendFile();
  await post(scanResult(attachment, 'No threats found'));
  const later = new Date(world.ctx.now().getTime() + 3_600_000).toISOString();
  const waiting = await send(town, letter([citizen], { requestedPublishTime: later }, { existingAttachments: [attachment] }));
  const told: string[] = [];
  const log = { ...world.ctx.log, error: (_: unknown, what: string) => void told.push(what) };
  const scanner: Scanner = { name: 'clamd', scan: async () => ({ malware: 'Win.Test' }) };
  const again = () => scanAndSettle({ ...world.ctx, log, scanner } as never, attachment as AttachmentId);

  await again();

  const { status, statusText } = await attachmentOf(attachment);
  assert.deepEqual([status, statusText], ['Expired', 'Malware scan failed: Win.Test']);
  assert.deepEqual((await eventsOf(town, attachment)).slice(-2), ['attachmentexpired', 'no.budstikke.correspondence.malware-found']);
  assert.deepEqual((await evidenceOf(town, attachment)).slice(-2), ['Scanned recorded', 'ContentPurged recorded']);
  assert.deepEqual(told, ['malware is in a file that was called clean before; it was taken back']);
  assert.deepEqual(await statesOf([...messages, waiting]), ['Published', 'Published', 'Failed']);
  assert.equal(await failureOf(town, waiting), 'malware');
  const wanted = { correspondenceId: messages[0] as never, attachmentId: attachment as AttachmentId };
  await assert.rejects(downloadAttachment(world.ctx, town.reading, wanted), refusal(2020));
  await assert.rejects(carry(attachment), refusal(1018));
  await world.nothingWritten(again);
  assert.equal((await world.nothingWritten(() => post(scanResult(attachment, 'Malicious')))).status, 200);
});

test('given a file that has expired and is kept for who has not opened it, when malware is found in it, then it is never sent anew, and what was sent anew of it goes with it', async () => {
  const expired = async () => {
    const { attachment, messages } = await sendFile('vedtak.pdf', 1);
    await post(scanResult(attachment, 'No threats found'));
    await world.advance(86_400 + 60);
    await expireAttachments(world.ctx);
    return { attachment, message: messages[0] as CorrespondenceId };
  };
  const renew = (message: CorrespondenceId) =>
    world.db.transaction(async (tx) => {
      const held = (await holdMessage(tx, message))!;
      return renewAttachments(tx, held.attachments, { caller: sender, now: world.ctx.now() });
    });
  const bytesOf = async (id: string) =>
    (
      await rows<{ state: string; until: Date | null }>(
        town,
        sql`select b.state, a.kept_until as until from correspondence.attachment a join blobs.blob b on b.key = a.blob_key where a.id = ${id}`,
      )
    )[0];

  const { attachment, message } = await expired();
  assert.equal((await bytesOf(attachment))?.state, 'bound');
  assert.equal((await post(scanResult(attachment, 'Malicious'))).status, 200);
  assert.deepEqual(await bytesOf(attachment), { state: 'released', until: null });
  assert.deepEqual((await eventsOf(town, attachment)).at(-1), 'no.budstikke.correspondence.malware-found');
  assert.deepEqual(await renew(message), [attachment], 'what is gone stays gone');
  await assert.rejects(carry(attachment), refusal(1018));
  await noteGoing(world.ctx);
  const [watched] = await rows<{ isOver: boolean }>(
    town,
    sql`select bytes_until <= clock.now() as "isOver" from watch.item where about = ${message}`,
  );
  assert.deepEqual(watched, { isOver: true });

  const other = await expired();
  const [copy] = await renew(other.message);
  await carry(copy!);
  await post(scanResult(other.attachment, 'Malicious'));
  assert.equal((await attachmentOf(copy!)).status, 'Expired');
  assert.equal((await bytesOf(copy!))?.state, 'released');
  await assert.rejects(carry(copy!), refusal(1018));
});

test('given our own scanner and one outside, when both tell at once, then the file is settled once', async () => {
  for (let round = 0; round < 5; round++) {
    const { attachment, messages } = await sendFile();

    await Promise.all([
      post(scanResult(attachment, 'Malicious')),
      scan(town, [attachment]),
      post(scanResult(attachment, 'No threats found')),
    ]);

    const { status, statusHistory } = await attachmentOf(attachment);
    assert.equal(statusHistory.filter((row) => row.status === 'Published' || row.status === 'Failed').length, 1);
    assert.deepEqual(await statesOf(messages), status === 'Failed' ? ['Failed', 'Failed'] : ['Published', 'Published']);
  }
});

test('given a file that nobody has, whose bytes have not come or are others, when it is said to be clean, then it is not found', async () => {
  const { attachment } = await sendFile();
  const empty = await initializeAttachment(world.ctx, sender, { resourceId: 'brev', fileName: 'a.pdf', sendersReference: 'x' });
  for (const body of [
    scanResult(randomUUID(), 'No threats found'),
    scanResult('not-an-id', 'No threats found'),
    scanResult(empty, 'No threats found'),
    scanResult(attachment, 'No threats found', { scanResultDetails: { sha256: 'A'.repeat(64) } }),
  ]) {
    await assertRefused(await world.nothingWritten(() => post(body)), 2001);
  }
});

test('given what is no event, when it comes, then it is 400 in words', async () => {
  for (const body of [
    [],
    'x',
    null,
    {},
    [scanResult(randomUUID(), 'x'), scanResult(randomUUID(), 'x')],
    { eventType: 'Microsoft.Storage.BlobCreated', data: {} },
    { eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent', data: {} },
    { eventType: 'Microsoft.Security.MalwareScanningResult' },
    { eventType: 'Microsoft.Security.MalwareScanningResult', data: { blobUri: 7, scanResultType: 'No threats found' } },
    { eventType: 'Microsoft.Security.MalwareScanningResult', data: { blobUri: 'https://x/', scanResultType: 'No threats found' } },
  ]) {
    const answer = await world.nothingWritten(() => post(body));
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [400, 'text/plain; charset=utf-8'], JSON.stringify(body));
  }
  for (const body of ['', '{bad', '\ufeff', Buffer.from([0x22, 0xff, 0x22])]) {
    const answer = await open.request('POST', path, '', { body, headers: { 'content-type': 'application/json; charset=utf-8' } });
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [400, 'text/plain; charset=utf-8'], String(body));
    const guess = await guarded.request('POST', path, '', { body, headers: { 'content-type': 'application/json' } });
    assert.deepEqual([guess.status, await guess.text()], [401, ''], 'the secret is asked for first');
  }
  const large = await open.request('POST', path, '', { body: ' '.repeat(65_537), headers: { 'content-type': 'application/json' } });
  assert.equal(large.status, 413);
});

test('given a secret, when a stranger tells, then nothing happens, and whoever shows it is heard', async () => {
  const { attachment, messages } = await sendFile();
  const tell = (more: string, headers: Record<string, string> = {}) =>
    guarded.request('POST', path + more, '', {
      body: JSON.stringify(scanResult(attachment, 'No threats found')),
      headers: { 'content-type': 'application/json', ...headers },
    });

  for (const [more, headers] of [
    ['', {}],
    ['?code=', {}],
    [`?code=${secret}x`, {}],
    ['', { 'x-scan-results-secret': secret.toUpperCase() }],
    [`?code=${secret}`, { 'x-scan-results-secret': 'wrong' }],
  ] as const) {
    const answer = await world.nothingWritten(() => tell(more, headers));
    assert.deepEqual([answer.status, await answer.text()], [401, '']);
  }
  assert.equal((await tell(`?code=${secret}`)).status, 200);
  assert.deepEqual(await statesOf(messages), ['Published', 'Published']);
  assert.equal((await tell('', { 'x-scan-results-secret': secret })).status, 200);
});
