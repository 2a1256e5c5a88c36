import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import type { AttachmentId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { CannotTell } from '#scanning/index.ts';
import { organizationCaller, scopes } from '../../../test/world.ts';
import { createTown, eventsOf, evidenceOf, failureOf, letter, rows, scan, send, sendAll, stateOf } from '../testing/town.ts';
import { downloadOwnAttachment } from './download-own-attachment.ts';
import { failStaleUploads } from './fail-upload.ts';
import { initializeAttachment } from './initialize-attachment.ts';
import { purgeAttachment } from './purge-attachment.ts';
import { getAttachmentDetails, getAttachmentOverview } from './read-attachment.ts';
import { requeueScans } from './scan-job.ts';
import { scanAndSettle } from './settle-scan.ts';
import { uploadAttachment } from './upload-attachment.ts';
import type { InitializeAttachment } from './wire.ts';

const town = await createTown();
const { world, agency, citizen, sender } = town;
const { ctx } = world;
const stranger = organizationCaller(await world.organization('EN ANNEN ETAT'), scopes.sender);
const unknown = '0198f0a0-0000-7000-8000-00000000ffff' as AttachmentId;
const md5 = '5d41402abc4b2a76b9719d911017c592'; // of "hello"

const announce = (more: Partial<InitializeAttachment> = {}, by: Caller = sender) =>
  initializeAttachment(ctx, by, { resourceId: 'brev', fileName: 'a.pdf', sendersReference: 'ref', ...more });
const upload = (id: AttachmentId, content: string | Readable = 'hello', contentLength: number | null = null, by: Caller = sender) =>
  uploadAttachment(ctx, by, { id, stream: typeof content === 'string' ? Readable.from([Buffer.from(content)]) : content, contentLength });
const statusesOf = async (id: AttachmentId) =>
  (await getAttachmentDetails(ctx, sender, id)).statusHistory.map((s) => `${s.status}: ${s.statusText}`);

function refusal(code: number): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.row.code, code, error.message);
    return true;
  };
}

test('given an announced file, when its bytes come and are clean, then it is published, and its sender sees each step', async () => {
  const id = await announce({ checksum: md5, displayName: 'Vedlegg' });
  const overview = await upload(id);

  assert.deepEqual(
    { ...overview, statusChanged: '' },
    {
      fileName: 'a.pdf',
      displayName: 'Vedlegg',
      isEncrypted: false,
      checksum: md5,
      sendersReference: 'ref',
      resourceId: 'brev',
      sender: `urn:altinn:organization:identifier-no:${agency.number}`,
      attachmentId: id,
      status: 'UploadProcessing',
      statusText: 'UploadProcessing',
      statusChanged: '',
      correspondenceIds: [],
      dataType: 'application/pdf',
    },
  );
  await scan(town, [id]);
  assert.deepEqual(await statusesOf(id), ['Initialized: Initialized', 'UploadProcessing: UploadProcessing', 'Published: Published']);
  assert.deepEqual(await evidenceOf(town, id), ['SubmissionOpened recorded', 'BytesReceived recorded', 'Scanned recorded']);
  assert.deepEqual(await eventsOf(town, id), ['attachmentinitialized', 'attachmentpublished']);
  assert.equal((await buffer(await (await downloadOwnAttachment(ctx, sender, id)).read())).toString(), 'hello');
});

test('given what cannot be announced, when it is tried, then each has its refusal and nothing is written', async () => {
  await world.resource('filer', agency, { type: 'BrokerService' });
  for (const [code, more, by] of [
    [1036, { resourceId: 'finnes-ikke' }, sender],
    [4001, {}, stranger],
    [4009, { resourceId: 'filer' }, sender],
    [2010, { fileName: null }, sender],
    [2011, { fileName: `${'a'.repeat(252)}.pdf` }, sender],
    [2013, { fileName: 'a.exe' }, sender],
    [2012, { fileName: 'a/b.pdf' }, sender],
    [2021, { fileName: 'NUL.txt' }, sender],
    [2017, { expirationInDays: 0 }, sender],
  ] as const) {
    await world.nothingWritten(() => assert.rejects(announce(more, by), refusal(code)));
  }
});

test('given what cannot be uploaded, when it is tried, then it is refused before a byte is read and nothing is written', async () => {
  const [id, done] = [await announce(), await announce()];
  await upload(done);
  const never = () => new Readable({ read: () => assert.fail('bytes were read') });

  await world.nothingWritten(() => assert.rejects(upload(unknown, never()), refusal(2001)));
  await world.nothingWritten(() => assert.rejects(upload(id, never(), null, stranger), refusal(4001)));
  await world.nothingWritten(() => assert.rejects(upload(id, never(), 0), refusal(2004)));
  await world.nothingWritten(() => assert.rejects(upload(id, never(), 50_000_000_001), refusal(2004)));
  await world.nothingWritten(() => assert.rejects(upload(done, never()), refusal(2005)));
});

test('given bytes that are not what was announced, when they have come, then the attachment fails for good and nothing of them is kept', async () => {
  const before = await world.counts();
  const [wrong, none, broken] = [await announce({ checksum: '0'.repeat(32) }), await announce(), await announce()];
  async function* breakOff(): AsyncGenerator<Buffer> {
    yield Buffer.from('begin');
    throw new Error('the client went away');
  }

  await assert.rejects(upload(wrong), refusal(2008));
  await assert.rejects(upload(none, Readable.from([])), refusal(2004));
  await assert.rejects(upload(broken, Readable.from(breakOff())), /the client went away/);

  assert.equal((await statusesOf(wrong)).at(-1), 'Failed: Checksum mismatch');
  assert.equal((await statusesOf(none)).at(-1), 'Failed: Upload failed');
  assert.equal((await statusesOf(broken)).at(-1), 'Failed: Upload interrupted');
  const now = await world.counts();
  assert.equal(now['blobs.blob'], before['blobs.blob']);
  assert.equal(now.files, before.files);
  for (const id of [wrong, none, broken]) await world.nothingWritten(() => assert.rejects(upload(id), refusal(2005)));
});

test('given a store that takes no more bytes, when an upload comes, then it is 2002 and the attachment fails', async () => {
  const id = await announce();
  const full = { ...ctx, blobs: { ...ctx.blobs, receive: () => Promise.reject(new Error('no space left')) } };

  await assert.rejects(
    uploadAttachment(full, sender, { id, stream: Readable.from([Buffer.from('x')]), contentLength: null }),
    refusal(2002),
  );
  assert.equal((await statusesOf(id)).at(-1), 'Failed: Upload failed');
});

test('given one attachment, when four uploads come at once, then one gets through', async () => {
  const id = await announce();

  const settled = await Promise.allSettled([upload(id), upload(id), upload(id), upload(id)]);

  assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1);
  assert.deepEqual(await statusesOf(id), ['Initialized: Initialized', 'UploadProcessing: UploadProcessing']);
  const jobs = await rows(town, sql`select 1 from graphile_worker.jobs where key = ${id}`);
  assert.equal(jobs.length, 1);
});

test('given an attachment that nobody carries, when its sender deletes it, then the bytes go, and only once', async () => {
  const id = await announce();
  await upload(id);
  await purgeAttachment(ctx, sender, id);

  const [blob] = await rows<{ state: string }>(
    town,
    sql`select b.state from blobs.blob b join correspondence.attachment a on a.blob_key = b.key where a.id = ${id}`,
  );
  assert.equal(blob!.state, 'released');
  assert.equal((await statusesOf(id)).at(-1), 'Purged: Attachment has been purged');
  assert.equal((await evidenceOf(town, id)).at(-1), 'ContentPurged recorded');
  await world.nothingWritten(() => assert.rejects(purgeAttachment(ctx, sender, id), refusal(2006)));
  await world.nothingWritten(() => scan(town, [id]));
  await assert.rejects(downloadOwnAttachment(ctx, sender, id), refusal(2019));
});

test('given an attachment of a letter, when its sender deletes or fetches it, then it is refused', async () => {
  const id = await announce();
  await upload(id);
  await scan(town, [id]);
  const later = new Date(ctx.now().getTime() + 3_600_000).toISOString();
  await send(town, letter([citizen], { requestedPublishTime: later }, { existingAttachments: [id] }));

  await world.nothingWritten(() => assert.rejects(purgeAttachment(ctx, sender, id), refusal(2007)));
  assert.equal((await buffer(await (await downloadOwnAttachment(ctx, sender, id)).read())).toString(), 'hello');
  await send(town, letter([citizen], {}, { existingAttachments: [id] }));
  await assert.rejects(downloadOwnAttachment(ctx, sender, id), refusal(2016));
  assert.equal((await getAttachmentOverview(ctx, sender, id)).correspondenceIds.length, 2);
});

test('given a stranger or an id that is none, when an attachment is asked for, then it is refused', async () => {
  const id = await announce();

  for (const act of [getAttachmentOverview, getAttachmentDetails, downloadOwnAttachment, purgeAttachment]) {
    await world.nothingWritten(() => assert.rejects(act(ctx, stranger, id), refusal(4001)));
    await world.nothingWritten(() => assert.rejects(act(ctx, sender, unknown), refusal(2001)));
  }
  await assert.rejects(downloadOwnAttachment(ctx, sender, id), refusal(2001));
});

test('given an upload whose server died, when a day has gone, then it has failed', async () => {
  const id = await announce();
  await world.db.transaction(async (tx) => {
    await tx.run(sql`update correspondence.attachment set state = 'UploadProcessing', upload_began_at = clock.now() where id = ${id}`);
  });
  await world.nothingWritten(() => failStaleUploads(ctx));
  await world.advance(86_401);

  await failStaleUploads(ctx);
  assert.equal((await statusesOf(id)).at(-1), 'Failed: Upload interrupted');
  await world.nothingWritten(() => failStaleUploads(ctx));
});

test('given uploads of more than a day, when bytes of one still come and of the other none, then only the other has failed, with 2002', async () => {
  const begin = async () => {
    const [id, stream] = [await announce(), new Readable({ read() {} })];
    stream.push(Buffer.from('hel'));
    const done = upload(id, stream);
    done.catch(() => {});
    while ((await rows(town, sql`select 1 from blobs.blob where key = ${id}`)).length === 0) await setImmediate();
    return { id, done, stream };
  };
  const [slow, silent] = [await begin(), await begin()];
  await world.db.transaction(async (tx) => {
    await tx.run(sql`update blobs.blob set at = at - interval '61 minutes' where key = ${silent.id}`);
  });
  await world.advance(90_000);

  await failStaleUploads(ctx);

  for (const { stream } of [slow, silent]) {
    stream.push(Buffer.from('lo'));
    stream.push(null);
  }
  assert.equal((await slow.done).attachmentId, slow.id);
  await assert.rejects(silent.done, refusal(2002));
  assert.equal((await statusesOf(silent.id)).at(-1), 'Failed: Upload interrupted');
  await scan(town, [slow.id]);
  assert.equal((await statusesOf(slow.id)).at(-1), 'Published: Published');
});

test('given a scanner that cannot tell of a file, when the last attempt is over, then the file and its letters have failed, and not before', async () => {
  const body = letter([citizen], { content: { attachments: [{ fileName: 'stor.pdf', sendersReference: 'a' }] } });
  const sent = await sendAll(town, body, [await world.file('stor.pdf', 'mye')]);
  const [id, message] = [sent.attachmentIds[0] as AttachmentId, sent.correspondences[0]!.correspondenceId];
  const answering = (error: Error) => ({ ...ctx, scanner: { name: 'odd', scan: () => Promise.reject(error) } });
  const unable = answering(new CannotTell('clamd cannot tell: INSTREAM size limit exceeded. ERROR'));
  await world.nothingWritten(() => assert.rejects(scanAndSettle(unable, id, { isLast: false }), CannotTell));
  await world.nothingWritten(() => assert.rejects(scanAndSettle(answering(new Error('away')), id, { isLast: true }), /away/));

  await scanAndSettle(unable, id, { isLast: true });

  assert.equal((await statusesOf(id)).at(-1), 'Failed: Malware scan failed: clamd cannot tell: INSTREAM size limit exceeded. ERROR');
  assert.equal((await eventsOf(town, id)).at(-1), 'attachmentuploadfailed');
  assert.deepEqual((await evidenceOf(town, id)).slice(-2), ['Scanned recorded', 'SubmissionRejection failed']);
  assert.deepEqual([await stateOf(town, message), await failureOf(town, message)], ['Failed', 'scanner-unavailable']);
  assert.ok((await eventsOf(town, message)).includes('correspondencepublishfailed'));
  await world.nothingWritten(() => scanAndSettle(unable, id, { isLast: true }));
});

test('given a scan that is tried again and one that was parked, when an hour has gone, then only the parked one begins anew', async () => {
  const [tried, parked] = [await announce(), await announce()];
  for (const id of [tried, parked]) await upload(id);
  const attemptsOf = async (id: string) =>
    (await rows<{ attempts: number }>(town, sql`select attempts from graphile_worker.jobs where key = ${id}`)).map(
      ({ attempts }) => attempts,
    );
  await world.db.transaction(async (tx) => {
    await tx.run(sql`update graphile_worker._private_jobs set attempts = 9 where key = ${tried}`);
    await tx.run(sql`update graphile_worker._private_jobs set attempts = max_attempts where key = ${parked}`);
  });
  await world.advance(3_601);

  await requeueScans(ctx);

  assert.deepEqual([await attemptsOf(tried), await attemptsOf(parked)], [[9], [0]]);
});

test('given bytes whose scan was lost, when an hour has gone, then the scan is in the queue again', async () => {
  const id = await announce();
  await upload(id);
  await world.db.transaction(async (tx) => void (await tx.run(sql`select graphile_worker.remove_job(${id})`)));
  await world.advance(3_601);

  await requeueScans(ctx);
  const jobs = await rows(town, sql`select 1 from graphile_worker.jobs where key = ${id}`);
  assert.equal(jobs.length, 1);
});
