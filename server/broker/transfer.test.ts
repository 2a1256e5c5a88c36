import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { allRecorded } from '../../test/all-recorded.ts';
import { watchInvariants } from '../watch/invariants.ts';
import {
  assertRefused,
  createTown,
  eventsOf,
  evidenceOf,
  historyOf,
  octets,
  openWire,
  organizationId,
  outcomesOf,
  rows,
  scan,
  transferOf,
} from './testing/town.ts';

/** The way of a file over the wire, as the clients of the original go it. */
const town = await createTown();
const wire = await openWire(town);
const overviewOf = async (id: string, by = 'sender') =>
  (await wire.json('GET', `/filetransfer/${id}`, by)).json() as Promise<Record<string, unknown>>;
const download = (id: string, by: string, headers: Record<string, string> = {}) =>
  wire.request('GET', `/filetransfer/${id}/download`, by, { headers });
const confirm = (id: string, by: string) => wire.request('POST', `/filetransfer/${id}/confirmdownload`, by);

async function holdsStill(): Promise<void> {
  for (const { name, find } of watchInvariants) assert.deepEqual(await town.world.db.all(find), [], name);
}

test('given a file to two, when it is sent, fetched and confirmed by both, then it is complete, everybody was told and nobody is watched any more', async () => {
  const { first, second } = town;
  const body = transferOf(town, {
    recipients: [organizationId(first), `urn:altinn:organization:identifier-no:${second.number}`, organizationId(first)],
    propertyList: { a: 'b' },
  });
  const id = await wire.send('sender', body, 'innhold');

  const { recipients, ...overview } = await overviewOf(id);
  assert.deepEqual(
    [
      overview.fileTransferStatus,
      overview.fileTransferStatusText,
      overview.fileTransferSize,
      overview.checksum,
      overview.propertyList,
      overview.useVirusScan,
    ],
    ['Published', 'Ready for download', 7, createHash('md5').update('innhold').digest('hex'), { a: 'b' }, false],
  );
  assert.ok(overview.published);
  assert.deepEqual(
    (recipients as { recipient: string; currentRecipientFileTransferStatusCode: string }[]).map((r) => [
      r.recipient,
      r.currentRecipientFileTransferStatusCode,
    ]),
    [
      [organizationId(first), 'Initialized'],
      [organizationId(second), 'Initialized'],
    ],
  );
  await assertRefused(await confirm(id, 'first'), 19);
  for (const by of ['first', 'second']) {
    const answer = await download(id, by);
    assert.equal(await answer.text(), 'innhold');
    assert.equal(answer.headers.get('repr-digest'), `sha-256=:${createHash('sha256').update('innhold').digest('base64')}:`);
    assert.equal(answer.headers.get('content-disposition'), `attachment; filename="sbd.zip"; filename*=UTF-8''sbd.zip`);
    assert.deepEqual(await outcomesOf(town, id), by === 'first' ? [null, null] : ['confirmed', null]);
    assert.equal((await confirm(id, by)).status, 204);
    if (by === 'first') assert.equal((await town.world.nothingWritten(() => confirm(id, by))).status, 204);
  }

  assert.deepEqual(await historyOf(town, id), ['Initialized', 'UploadStarted', 'Published', 'AllConfirmedDownloaded']);
  assert.deepEqual(await outcomesOf(town, id), ['confirmed', 'confirmed']);
  assert.deepEqual(await eventsOf(town, id), [
    'filetransferinitialized Sender',
    'published Sender',
    'published Recipient',
    'published Recipient',
    'downloadconfirmed Sender',
    'downloadconfirmed Recipient',
    'downloadconfirmed Sender',
    'downloadconfirmed Recipient',
    'allconfirmeddownloaded Sender',
  ]);
  const evidence = await evidenceOf(town, id);
  for (const one of [
    'SubmissionOpened recorded',
    'BytesReceived recorded',
    'SubmissionAcceptance accepted',
    'ConsignmentAcceptance confirmed',
  ])
    assert.ok(evidence.includes(one), one);
  await assertRefused(await confirm(id, 'first'), 10);
  await holdsStill();
});

test('given a file that is to be scanned, when its bytes have come, then it waits for the scan, and malware is never published', async () => {
  const clean = await wire.send('sender', transferOf(town, { disableVirusScan: false }), 'ren');
  assert.equal((await overviewOf(clean)).fileTransferStatus, 'UploadProcessing');
  await assertRefused(await download(clean, 'first'), 7);
  await scan(town, clean);
  await scan(town, clean);
  assert.deepEqual(await historyOf(town, clean), ['Initialized', 'UploadStarted', 'UploadProcessing', 'Published']);

  const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');
  const sick = await wire.send('sender', transferOf(town, { disableVirusScan: null }), eicar);
  await scan(town, sick);
  const { fileTransferStatus, fileTransferStatusText } = await overviewOf(sick);
  assert.equal(fileTransferStatus, 'Failed');
  assert.match(String(fileTransferStatusText), /^Malware scan failed: Malicious\. Extra details: \{.*EICAR/);
  assert.deepEqual(await eventsOf(town, sick), ['filetransferinitialized Sender', 'uploadprocessing Sender', 'uploadfailed Sender']);
  assert.deepEqual(await rows(town, sql`select i.failure from watch.item i where i.about = ${sick}`), [{ failure: 'malware' }]);
  assert.deepEqual(
    await rows(town, sql`select b.state from blobs.blob b join broker.file_transfer t on t.blob_key = b.key where t.id = ${sick}`),
    [{ state: 'released' }],
  );
  await holdsStill();
});

test('given a checksum that is not that of the bytes, when they have come, then it is refused, the transfer has failed, and nothing of it stays', async () => {
  const made = await wire.json('POST', '/filetransfer/', 'sender', transferOf(town, { checksum: 'a'.repeat(32) }));
  const { fileTransferId: id } = (await made.json()) as { fileTransferId: string };
  const before = (await town.world.counts()).files;

  await assertRefused(await wire.request('POST', `/filetransfer/${id}/upload`, 'sender', { body: 'x', headers: octets }), 9);

  assert.equal((await overviewOf(id)).fileTransferStatusText, 'Checksum mismatch');
  assert.equal((await eventsOf(town, id)).at(-1), 'uploadfailed Sender');
  assert.deepEqual(await outcomesOf(town, id), ['failed']);
  assert.equal((await town.world.counts()).files, before);
  await assertRefused(await wire.request('POST', `/filetransfer/${id}/upload`, 'sender', { body: 'x', headers: octets }), 4);
});

test('given no bytes at all, when they are uploaded, then the transfer holds none and can be fetched whole only', async () => {
  const id = await wire.send('sender', transferOf(town, { checksum: '' }), '');
  assert.equal((await overviewOf(id)).checksum, 'd41d8cd98f00b204e9800998ecf8427e');
  assert.equal(await (await download(id, 'first')).text(), '');
  await assertRefused(await download(id, 'first', { range: 'bytes=0-' }), 29);
});

test('given a file, when parts of it are fetched, then they are exact, count once as begun, and it may be asked whether it is the same', async () => {
  const content = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 251));
  const id = await wire.send('sender', transferOf(town, { fileName: 'årsmelding "ny".zip' }), content);
  for (const [range, from, to] of [
    ['bytes=0-0', 0, 0],
    ['Bytes=10-19', 10, 19],
    ['bytes=4990-', 4990, 4999],
    ['bytes=-5', 4995, 4999],
    ['bytes=-9000', 0, 4999],
    ['bytes=0-9223372036854775807', 0, 4999], // Int64.MaxValue, as .NET clients write "to the end"
    ['bytes=-99999999999999999', 0, 4999],
  ] as const) {
    const answer = await download(id, 'first', { range });
    assert.equal(answer.status, 206, range);
    assert.equal(answer.headers.get('content-range'), `bytes ${from}-${to}/5000`);
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), content.subarray(from, to + 1));
  }
  for (const range of ['bytes=9-2', 'bytes=9007199254740994-9007199254740993', 'bytes=1-2,4-5', 'lines=1-2', 'nonsense'])
    assert.deepEqual(Buffer.from(await (await download(id, 'first', { range })).arrayBuffer()), content, range);
  for (const range of ['bytes=5000-', 'bytes=9999999999999999-']) await assertRefused(await download(id, 'first', { range }), 29);

  const head = await wire.request('HEAD', `/filetransfer/${id}/download`, 'first');
  assert.deepEqual([head.status, head.headers.get('content-length')], [200, '5000']);
  await allRecorded();
  assert.equal((await evidenceOf(town, id)).filter((one) => /Hand/.test(one)).length, 12);
  const same = await town.world.nothingWritten(() => download(id, 'first', { 'if-none-match': head.headers.get('etag')! }));
  assert.equal(same.status, 304);
  const asked = (headers: Record<string, string>) =>
    town.world.nothingWritten(() => wire.request('HEAD', `/filetransfer/${id}/download`, 'first', { headers }));
  const tag = head.headers.get('etag')!;
  assert.equal((await asked({ 'if-none-match': tag })).status, 304);
  assert.deepEqual([(await asked({ 'if-match': '"nope"' })).status, (await asked({ 'if-match': `"x", ${tag}` })).status], [412, 200]);
  const [{ begun } = { begun: 0 }] = await rows<{ begun: number }>(
    town,
    sql`select count(*)::int as begun from broker.recipient_status where file_transfer_id = ${id} and status = 'DownloadStarted'`,
  );
  assert.equal(begun, 1 + 5, 'all parts together, and each whole download');
});
