import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { type FileTransferId, newId } from '#kernel/ids.ts';
import { createTown, eventsOf, evidenceOf, historyOf, openWire, rows } from '../testing/town.ts';
import { finishUploads, sweepUploads } from './jobs.ts';
import { findUpload, renewClaims, saveClaim, type TusUploadId } from './store.ts';
import { bytesOf, digestOf, offsetOctets, tusClient } from './testing.ts';

const town = await createTown();
const { world, ctx } = town;
const wire = await openWire(town);
const client = tusClient(town, wire);
const { announce, begin, patch, call, offsetOf, statusOf, fetched } = client;
const textOf = async (answer: Response): Promise<[number, string]> => [answer.status, await answer.text()];

test('given OPTIONS, when it is asked, then all that resumable upload can do is told', async () => {
  const id = await announce();
  const answer = await wire.request('OPTIONS', `/filetransfer/upload/tus/${id}`, 'sender');

  assert.equal(answer.status, 204);
  const said = Object.fromEntries([...answer.headers].filter(([name]) => name.startsWith('tus-')));
  assert.deepEqual(said, {
    'tus-resumable': '1.0.0',
    'tus-version': '1.0.0',
    'tus-extension': 'creation,creation-with-upload,termination,checksum,checksum-trailer,concatenation,expiration',
    'tus-max-size': '1677721600000',
    'tus-checksum-algorithm': 'sha256,sha1,md5',
  });
});

test('given a file in three requests, when the last is answered, then it is published, whole, with its hashes, and recorded once', async () => {
  const bytes = bytesOf(300_000);
  const id = await announce({ checksum: digestOf('md5', bytes) });

  const begun = await call('POST', id, { 'upload-length': '300000', 'upload-metadata': 'filename c2JkLnppcA==' });
  assert.deepEqual([begun.status, begun.headers.get('location')], [201, `/broker/api/v1/filetransfer/upload/tus/${id}`]);
  assert.ok(Date.parse(begun.headers.get('upload-expires')!) > Date.now() + 23 * 3_600_000);
  assert.equal(await statusOf(id), 'UploadStarted');
  for (const [from, to] of [
    [0, 100_000],
    [100_000, 100_001],
    [100_001, 300_000],
  ] as const) {
    const answer = await patch(id, from, bytes.slice(from, to));
    assert.deepEqual([answer.status, answer.headers.get('upload-offset')], [204, String(to)]);
    assert.ok(answer.headers.get('upload-expires') && answer.headers.get('tus-resumable') === '1.0.0');
  }

  assert.equal(await statusOf(id), 'Published');
  assert.ok((await fetched(id)).equals(bytes));
  assert.deepEqual(await historyOf(town, id), ['Initialized', 'UploadStarted', 'Published']);
  assert.deepEqual(await eventsOf(town, id), ['filetransferinitialized Sender', 'published Sender', 'published Recipient']);
  assert.ok((await evidenceOf(town, id)).includes('BytesReceived recorded'));
  assert.deepEqual(await rows(town, sql`select size_bytes::int as size, md5, sha256 from broker.file_transfer where id = ${id}`), [
    { size: 300_000, md5: digestOf('md5', bytes), sha256: digestOf('sha256', bytes) },
  ]);
  const after = await call('HEAD', id);
  assert.deepEqual(
    ['upload-offset', 'upload-length', 'upload-metadata', 'cache-control'].map((name) => after.headers.get(name)),
    ['300000', '300000', 'filename c2JkLnppcA==', 'no-store'],
  );
  assert.deepEqual(
    [(await patch(id, 300_000, '')).status, (await patch(id, 300_000, 'more')).headers.get('upload-offset')],
    [204, '300000'],
  );
});

test('given parts side by side, when they are made one file by paths and by whole addresses, then it is published in the order of the header', async () => {
  const bytes = bytesOf(40_000, 7);
  const id = await announce({ checksum: digestOf('md5', bytes) });
  const cuts = [0, 10_000, 10_001, 33_333, 40_000];
  const parts = await Promise.all(cuts.slice(1).map((end, i) => begin(id, end - cuts[i]!, { 'upload-concat': 'partial' })));
  assert.ok(parts.every((part) => /^\/broker\/api\/v1\/filetransfer\/upload\/tus\/[0-9a-f-]{36}\/partial\/[0-9a-f]{32}$/.test(part)));
  await Promise.all(parts.map((part, i) => patch(part, 0, bytes.slice(cuts[i]!, cuts[i + 1]!), { 'upload-concat': 'partial' })));
  assert.equal((await call('HEAD', parts[1]!)).headers.get('upload-concat'), 'partial');
  assert.equal(await offsetOf(parts[3]!.replace('/partial/', '/')), 6667, 'by the older address');
  await begin(id, 5, { 'upload-concat': 'partial' });
  const concat = `final;${parts[0]} https://broker.example${parts[1]} ${parts[2]!.replace('/partial', '')}  http://other.example${parts[3]}/`;

  for (let again = 0; again < 2; again += 1) {
    const joined = await call('POST', id, { 'upload-concat': concat });
    assert.deepEqual([joined.status, joined.headers.get('location')], [201, `/broker/api/v1/filetransfer/upload/tus/${id}`]);
  }

  assert.equal(await statusOf(id), 'Published');
  assert.ok((await fetched(id)).equals(bytes));
  const ranged = await wire.request('GET', `/filetransfer/${id}/download`, 'first', { headers: { range: 'bytes=9999-33333' } });
  assert.ok(Buffer.from(await ranged.arrayBuffer()).equals(bytes.subarray(9999, 33_334)));
  assert.deepEqual(await historyOf(town, id), ['Initialized', 'UploadStarted', 'Published']);
  const shown = await call('HEAD', id);
  assert.deepEqual([shown.headers.get('upload-offset'), shown.headers.get('upload-concat')], ['40000', concat]);
  assert.equal((await patch(id, 40_000, '')).status, 403);
});

test('given a file that is to be scanned, when its last bytes have come, then it waits for its scan and is found by it', async () => {
  const id = await announce({ disableVirusScan: false });
  await begin(id, 4);
  await patch(id, 0, 'file');
  assert.deepEqual(await historyOf(town, id), ['Initialized', 'UploadStarted', 'UploadProcessing']);
});

test('given bytes that come with what makes the upload, and a file of none, when they are answered, then both are published', async () => {
  const [with_, none] = [await announce(), await announce()];
  const half = await call('POST', with_, { ...offsetOctets, 'upload-length': '6' }, 'abc');
  assert.deepEqual([half.status, half.headers.get('upload-offset')], [201, '3']);
  assert.equal((await patch(with_, 3, 'def')).status, 204);
  await begin(none, 0);

  assert.deepEqual([String(await fetched(with_)), (await fetched(none)).length], ['abcdef', 0]);
});

test('given checksums, when they are those of the bytes they count, and when not the bytes are not kept', async () => {
  const id = await announce();
  await begin(id, 20);
  const before = (await world.counts()).files;
  for (const algorithm of ['sha256', 'sha1', 'md5']) {
    const wrong = await patch(id, 0, 'XXXXX', { 'upload-checksum': `${algorithm} ${digestOf(algorithm, Buffer.from('other'), 'base64')}` });
    assert.deepEqual(await textOf(wrong), [460, 'Header Upload-Checksum does not match the checksum of the file']);
  }
  assert.equal(await offsetOf(id), 0);
  assert.equal((await world.counts()).files, before);

  for (const [i, algorithm] of ['sha256', 'SHA1', 'md5'].entries()) {
    const right = await patch(id, i * 5, 'right', {
      'upload-checksum': `${algorithm} ${digestOf(algorithm.toLowerCase(), Buffer.from('right'), 'base64')}`,
    });
    assert.equal(right.headers.get('upload-offset'), String((i + 1) * 5));
  }
  await patch(id, 15, 'right');
  assert.equal(String(await fetched(id)), 'right'.repeat(4));
});

test('given a declared checksum that the bytes have not, when the last come, then it is refused, has failed, its sender is told, and nothing stays', async () => {
  const before = (await world.counts()).files;
  const id = await announce({ checksum: digestOf('md5', Buffer.from('right')) });
  await begin(id, 5);

  const [status, text] = await textOf(await patch(id, 0, 'wrong'));

  assert.deepEqual([status, text], [400, 'The checksum of uploaded file did not match the checksum specified in initialize call.']);
  assert.deepEqual(await historyOf(town, id), ['Initialized', 'UploadStarted', 'Failed']);
  assert.equal((await eventsOf(town, id)).at(-1), 'uploadfailed Sender');
  await ctx.blobs.sweep(ctx);
  assert.equal((await world.counts()).files, before);
  assert.deepEqual((await textOf(await call('POST', id, { 'upload-length': '5' })))[0], 409);
});

test('given an upload that is given up, when it is, then nobody finds it, its bytes go, and it may begin anew in one stream or in parts', async () => {
  const before = (await world.counts()).files;
  const id = await announce();
  await begin(id, 10);
  await patch(id, 0, 'half');

  assert.equal((await call('DELETE', id)).status, 204);

  for (const method of ['HEAD', 'DELETE']) assert.equal((await call(method, id)).status, 404);
  assert.deepEqual(await textOf(await patch(id, 4, 'more')), [404, 'The requested file transfer was not found']);
  await ctx.blobs.sweep(ctx);
  assert.equal((await world.counts()).files, before);
  await begin(id, 3);
  await patch(id, 0, 'new');
  assert.equal(String(await fetched(id)), 'new');
});

test('given one terabyte that is announced and a byte that comes, when a day is over, then it is unknown and nothing of it is left', async () => {
  const id = await announce();
  const path = await begin(id, 1_000_000_000_000);
  await patch(path, 0, 'x');
  const before = (await world.counts()).files!;
  await world.db.transaction(
    async (tx) => void (await tx.run(sql`update broker.tus_upload set expires_at = statement_timestamp() where file_transfer_id = ${id}`)),
  );

  assert.equal((await call('HEAD', path)).status, 404);
  assert.equal((await patch(path, 1, 'y')).status, 404);
  await sweepUploads(ctx);
  await sweepUploads(ctx);
  await ctx.blobs.sweep(ctx);

  assert.equal((await world.counts()).files, before - 1);
  assert.deepEqual(await rows(town, sql`select 1 from broker.tus_upload where file_transfer_id = ${id}`), []);
});

test('given all bytes and a request that died before they were a file, when nobody comes again, then they are a file all the same', async () => {
  const id = await announce();
  await begin(id, 4);
  await patch(id, 0, 'wh');
  await world.db.transaction(async (tx) => {
    await tx.run(sql`update broker.tus_upload set length_bytes = 2 where file_transfer_id = ${id}`);
  });
  assert.equal(await statusOf(id), 'UploadStarted');

  await finishUploads(ctx);
  await finishUploads(ctx);

  assert.equal(await statusOf(id), 'Published');
  assert.equal(String(await fetched(id)), 'wh');
});

test('given trailers, when the checksum comes behind the bytes, then it is checked as one before them', async () => {
  const { request } = await import('node:http');
  const id = await announce();
  await begin(id, 5);
  const send = (checksum: string) =>
    new Promise<number>((resolve, reject) => {
      const headers = {
        ...offsetOctets,
        authorization: 'sender',
        'upload-offset': '0',
        trailer: 'Upload-Checksum',
        'transfer-encoding': 'chunked',
      };
      const sent = request(
        { port: wire.port, method: 'PATCH', path: `/broker/api/v1/filetransfer/upload/tus/${id}`, headers },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode!);
        },
      );
      sent.on('error', reject);
      sent.write('right');
      sent.addTrailers({ 'Upload-Checksum': checksum });
      sent.end();
    });

  assert.equal(await send(`md5 ${digestOf('md5', Buffer.from('wrong'), 'base64')}`), 460);
  assert.equal(await offsetOf(id), 0);
  assert.equal(await send(`md5 ${digestOf('md5', Buffer.from('right'), 'base64')}`), 204);
  assert.equal(String(await fetched(id)), 'right');
});

test('given a claim, when it is renewed by who holds it and by another, then it lives on by the first alone', async () => {
  const id = await announce();
  await begin(id, 9);
  const [upload] = await rows<{ id: TusUploadId }>(town, sql`select id from broker.tus_upload where file_transfer_id = ${id}`);
  const [mine, other] = [newId(), newId()];
  await world.db.transaction(async (tx) => saveClaim(tx, { id: upload!.id, claimId: mine }));
  const long = sql`update broker.tus_upload set claimed_at = claimed_at - interval '1 minute' where id = ${upload!.id}`;
  await world.db.transaction(async (tx) => void (await tx.run(long)));

  await renewClaims(world.db, [{ id: upload!.id, claimId: other }]);
  assert.equal((await findUpload(world.db, id as FileTransferId, null))?.isClaimed, false);
  await renewClaims(world.db, [{ id: upload!.id, claimId: mine }]);
  assert.equal((await findUpload(world.db, id as FileTransferId, null))?.isClaimed, true);
});

test('given a client that can send no PATCH and no DELETE, when it names them in X-HTTP-Method-Override, then they are what it asked, with the same rights, and elsewhere the header means nothing', async () => {
  const id = await announce();
  const part = await begin(id, 3, { 'upload-concat': 'partial' });
  const given = await begin(id, 3, { 'upload-concat': 'partial' });
  const as = (by: string, path: string, method: string, more: Record<string, string> = {}, body?: string) =>
    wire.request('POST', path.replace('/broker/api/v1', ''), by, {
      headers: { 'tus-resumable': '1.0.0', 'x-http-method-override': method, ...more },
      ...(body === undefined ? {} : { body }),
    });
  const bytes = { ...offsetOctets, 'upload-offset': '0' };

  const statuses = [
    (await as('stranger', part, 'PATCH', bytes, 'abc')).status,
    (await as('first', part, 'PATCH', bytes, 'abc')).status,
    (await as('nobody', part, 'DELETE')).status,
    (await as('sender', part, 'patch', bytes, 'abc')).status,
    (await as('sender', given, 'DELETE')).status,
    (await as('sender', given, 'DELETE')).status,
    (await as('sender', part, 'PUT')).status,
  ];
  assert.deepEqual(statuses, [401, 403, 401, 204, 204, 404, 405]);

  const final = await as('sender', `/filetransfer/upload/tus/${id}`, 'GET', { 'upload-concat': `final;${part}` });
  assert.deepEqual([final.status, String(await fetched(id))], [201, 'abc']);
  assert.equal((await as('first', `/filetransfer/${id}/confirmdownload`, 'DELETE')).status, 204);
});
