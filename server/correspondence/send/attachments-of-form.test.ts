import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { scanAttachment } from '../attachments/scan-job.ts';
import {
  createTown,
  eventsOf,
  evidenceOf,
  failureOf,
  historyOf,
  letter,
  outcomeOf,
  rows,
  scan,
  sendAll,
  stateOf,
} from '../testing/town.ts';

const town = await createTown();
const { world, citizen, municipality } = town;
const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

/** A letter with these files, in the order of their names. */
async function sendWith(files: Record<string, string>, ...to: Parameters<typeof letter>) {
  const received = await Promise.all(Object.entries(files).map(([name, content]) => world.file(name, content)));
  const body = letter(to[0], {
    ...to[1],
    content: { attachments: Object.keys(files).map((fileName) => ({ fileName, sendersReference: fileName })) },
  });
  return sendAll(town, body, received);
}

test('given a letter with files, when the last of them is clean, then it is accepted and published, and not before', async () => {
  const { correspondences, attachmentIds } = await sendWith({ 'a.pdf': 'a', 'b.txt': 'b' }, [citizen]);
  const id = correspondences[0]!.correspondenceId;

  assert.equal(correspondences[0]!.status, 'Initialized');
  assert.deepEqual(await evidenceOf(town, id), ['SubmissionOpened recorded']);
  assert.deepEqual(await eventsOf(town, id), ['correspondenceinitialized']);
  await scan(town, [attachmentIds[1]!]);
  assert.equal(await stateOf(town, id), 'Initialized');
  await scan(town, [attachmentIds[0]!]);

  assert.equal(await stateOf(town, id), 'Published');
  assert.deepEqual(await historyOf(town, id), ['Initialized', 'ReadyForPublish', 'Published']);
  assert.deepEqual(await evidenceOf(town, id), [
    'SubmissionOpened recorded',
    'SubmissionAcceptance accepted',
    'ContentConsignment available',
  ]);
  assert.deepEqual(await eventsOf(town, id), ['correspondenceinitialized', 'correspondencepublished']);
  assert.deepEqual(await evidenceOf(town, attachmentIds[0]!), ['BytesReceived recorded', 'Scanned recorded']);
  assert.deepEqual(await eventsOf(town, attachmentIds[0]!), ['attachmentinitialized', 'attachmentpublished']);
});

test('given a letter with files, when it is sent, then its bytes are bound and a scan of each waits in the queue', async () => {
  const { attachmentIds } = await sendWith({ 'a.pdf': 'køet' }, [citizen]);

  const [attachment] = await rows<{ state: string; blob: string; job: string }>(
    town,
    sql`select a.state, b.state as blob, j.task_identifier as job
          from correspondence.attachment a join blobs.blob b on b.key = a.blob_key join graphile_worker.jobs j on j.key = a.id::text
         where a.id = ${attachmentIds[0]}`,
  );
  assert.deepEqual(attachment, { state: 'UploadProcessing', blob: 'bound', job: 'correspondence.scan-attachment' });
});

test('given two last files, when both scans end at once, then the letter is published once', async () => {
  const { correspondences, attachmentIds } = await sendWith({ 'a.pdf': 'en', 'b.pdf': 'to', 'c.pdf': 'tre' }, [citizen, municipality]);

  await Promise.all(attachmentIds.map((attachmentId) => scanAttachment.run(world.ctx, { attachmentId: attachmentId as never })));

  for (const { correspondenceId } of correspondences) {
    assert.equal(await stateOf(town, correspondenceId), 'Published');
    assert.deepEqual(await historyOf(town, correspondenceId), ['Initialized', 'ReadyForPublish', 'Published']);
  }
});

test('given a scan that runs twice, when the second ends, then nothing more is written', async () => {
  const { attachmentIds } = await sendWith({ 'a.pdf': 'to ganger' }, [citizen]);
  await scan(town, attachmentIds);

  await world.nothingWritten(() => scan(town, attachmentIds));
});

test('given malware in one file, when it is found, then the letter fails for every recipient and the sender is told', async () => {
  const { correspondences, attachmentIds } = await sendWith({ 'a.pdf': 'ren', 'b.pdf': `${'x'.repeat(100)}${eicar}` }, [
    citizen,
    municipality,
  ]);
  await scan(town, attachmentIds);

  for (const { correspondenceId: id } of correspondences) {
    assert.equal(await stateOf(town, id), 'Failed');
    assert.deepEqual(await evidenceOf(town, id), ['SubmissionOpened recorded', 'SubmissionRejection failed']);
    assert.deepEqual(await eventsOf(town, id), ['correspondenceinitialized', 'correspondencepublishfailed']);
    assert.deepEqual([await failureOf(town, id), await outcomeOf(town, id)], ['malware', null], 'open until the sender has been told');
  }
  assert.deepEqual(await eventsOf(town, attachmentIds[1]!), ['attachmentinitialized', 'attachmentuploadfailed']);
  const [status] = await rows<{ text: string }>(
    town,
    sql`select text from correspondence.status where message_id = ${correspondences[0]!.correspondenceId} and status = 'Failed'`,
  );
  assert.equal(status!.text, 'Malware scan failed: EICAR-Test-File');
});

test('given a scanner that cannot tell, when it scans, then nothing is published and it may be tried again', async () => {
  const { correspondences, attachmentIds } = await sendWith({ 'a.pdf': 'uvisst' }, [citizen]);
  const broken = { ...world.ctx, scanner: { name: 'broken', scan: () => Promise.reject(new Error('the scanner is away')) } };

  await world.nothingWritten(() => assert.rejects(scanAttachment.run(broken, { attachmentId: attachmentIds[0] as never }), /is away/));
  await scan(town, attachmentIds);
  assert.equal(await stateOf(town, correspondences[0]!.correspondenceId), 'Published');
});

test('given files and a time to come, when all are clean, then the letter is accepted and waits for its time', async () => {
  const requestedPublishTime = new Date(world.ctx.now().getTime() + 3_600_000).toISOString();
  const { correspondences, attachmentIds } = await sendWith({ 'a.pdf': 'senere' }, [citizen], { requestedPublishTime });
  await scan(town, attachmentIds);

  const id = correspondences[0]!.correspondenceId;
  assert.equal(await stateOf(town, id), 'ReadyForPublish');
  assert.deepEqual(await historyOf(town, id), ['Initialized', 'ReadyForPublish']);
});

test('given a published attachment, when another letter carries it, then that letter waits for nothing', async () => {
  const { attachmentIds } = await sendWith({ 'delt.pdf': 'delt' }, [citizen]);
  await scan(town, attachmentIds);

  const { correspondences, attachmentIds: carried } = await sendAll(
    town,
    letter([municipality], {}, { existingAttachments: attachmentIds }),
  );
  assert.deepEqual(carried, attachmentIds);
  assert.equal(await stateOf(town, correspondences[0]!.correspondenceId), 'Published');
});
