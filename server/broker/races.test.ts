import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { createDiskBlobs } from '#blobs/index.ts';
import { type Db, sql } from '#kernel/database.ts';
import { type BlobKey, type FileTransferId, newId } from '#kernel/ids.ts';
import { allRecorded } from '../../test/all-recorded.ts';
import { createCutDatabase } from '../../test/cut-database.ts';
import { DatabaseAway } from '../db/errors.ts';
import { purgeTransfers } from './expire/purge-transfers.ts';
import { brokerInvariants } from './invariants.ts';
import { confirmDownload } from './receive/confirm-download.ts';
import { downloadTransfer } from './receive/download-transfer.ts';
import { beginUpload } from './send/begin-upload.ts';
import { briefBytes } from './send/claim-upload.ts';
import { failStuckUploads } from './send/fail-transfer.ts';
import { finishUpload } from './send/finish-upload.ts';
import { initializeTransfer } from './send/initialize-transfer.ts';
import { letGo } from './send/let-go.ts';
import { uploadTransfer } from './send/upload-transfer.ts';
import {
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
} from './testing/town.ts';

const town = await createTown();
const { world, ctx, callers, first, second } = town;
const wire = await openWire(town);
const both = { recipients: [organizationId(first), organizationId(second)] };
const fetched = async (id: string, ...who: string[]) => {
  for (const by of who) await (await wire.request('GET', `/filetransfer/${id}/download`, by)).arrayBuffer();
};
const announce = (differs = {}) => initializeTransfer(ctx, callers.sender, transferOf(town, differs));
const plainly = (id: FileTransferId) => ({ id, sha256: null });
const statusOf = (results: readonly PromiseSettledResult<unknown>[]) =>
  results.map((result) => (result.status === 'fulfilled' ? 'ok' : (result.reason as { row?: { code: number } }).row?.code)).sort();

test('given two recipients, when both confirm at once, then the transfer is complete once and one purge is due', async () => {
  for (let round = 0; round < 5; round++) {
    const id = (await wire.send('sender', transferOf(town, both), `to ${round}`)) as FileTransferId;
    await fetched(id, 'first', 'second');

    await Promise.all([confirmDownload(ctx, callers.first, plainly(id)), confirmDownload(ctx, callers.second, plainly(id))]);

    assert.deepEqual((await historyOf(town, id)).filter((status) => status === 'AllConfirmedDownloaded').length, 1);
    assert.equal((await eventsOf(town, id)).filter((event) => event.startsWith('allconfirmed')).length, 1);
    assert.deepEqual(await outcomesOf(town, id), ['confirmed', 'confirmed']);
  }
  for (const { name, find } of brokerInvariants) assert.deepEqual(await world.db.all(find), [], name);
});

test('given forty uploads of forty files at once, when one is another’s, one has been sent and one has the wrong hash, then each has its own answer, and they share transactions', async () => {
  const ids = await Promise.all(Array.from({ length: 40 }, (_, i) => announce(i === 2 ? { checksum: '0'.repeat(32) } : {})));
  const upload = (id: FileTransferId, by = callers.sender) =>
    uploadTransfer(ctx, by, { id, stream: Readable.from([Buffer.from(`of ${id}`)]), contentLength: null });
  await upload(ids[1]!);

  const results = await Promise.allSettled(ids.map((id, i) => upload(id, i === 0 ? callers.stranger : callers.sender)));

  const codes = results.map((result) => (result.status === 'fulfilled' ? 'ok' : (result.reason as { row: { code: number } }).row.code));
  assert.deepEqual(codes.slice(0, 3), [6, 4, 9]);
  assert.deepEqual(new Set(codes.slice(3)), new Set(['ok']));
  const states = await rows<{ id: string; state: string }>(
    town,
    sql`select id, state from broker.file_transfer where id = any(${ids}::uuid[])`,
  );
  const stateOf = (id: string) => states.find((row) => row.id === id)?.state;
  assert.deepEqual(ids.slice(0, 4).map(stateOf), ['Initialized', 'Published', 'Failed', 'Published']);
  const [{ shared }] = (await rows(
    town,
    sql`select count(distinct xact)::int as shared from evidence.evidence e join evidence.event v on v.code = e.event
         where v.name = 'BytesReceived' and e.about = any(${ids}::uuid[])`,
  )) as [{ shared: number }];
  assert.ok(shared < 20, `${shared} transactions`);
  assert.deepEqual(await rows(town, sql`select state from blobs.blob where state in ('receiving', 'stored')`), []);
  for (const { name, find } of brokerInvariants) assert.deepEqual(await world.db.all(find), [], name);
});

test('given forty files that are announced at once, when one is by a stranger and one to nobody that is known, then each has its own answer, the others their recipients in order, and they share transactions', async () => {
  const before = await rows(town, sql`select id from broker.file_transfer`);
  const backwards = { recipients: [organizationId(second), organizationId(first)] };

  const results = await Promise.allSettled(
    Array.from({ length: 40 }, (_, i) => {
      const differs = i === 1 ? { recipients: [organizationId(first), '0192:910753614'] } : i === 2 ? backwards : {};
      return initializeTransfer(ctx, i === 0 ? callers.stranger : callers.sender, transferOf(town, differs));
    }),
  );

  assert.deepEqual(statusOf(results.slice(0, 2)), [6, 9950]);
  const ids = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  assert.equal(new Set(ids).size, 38);
  assert.equal((await rows(town, sql`select id from broker.file_transfer`)).length, before.length + 38);
  const recipients = await rows<{ party: string; isAlike: boolean }>(
    town,
    sql`select r.party_id as party, r.created_at = t.created_at and r.changed_at = date_trunc('milliseconds', t.created_at) as "isAlike"
          from broker.recipient r join broker.file_transfer t on t.id = r.file_transfer_id where t.id = ${ids[0]} order by r.ordinal`,
  );
  assert.deepEqual(
    recipients.map(({ party, isAlike }) => [party, isAlike]),
    [
      [callers.second.consumer, true],
      [callers.first.consumer, true],
    ],
  );
  const [{ shared }] = (await rows(
    town,
    sql`select count(distinct xact)::int as shared from evidence.evidence where about = any(${ids}::uuid[])`,
  )) as [{ shared: number }];
  assert.ok(shared < 20, `${shared} transactions`);
  for (const { name, find } of brokerInvariants) assert.deepEqual(await world.db.all(find), [], name);
});

test('given one recipient, when it confirms five times at once, then it has confirmed once', async () => {
  const id = (await wire.send('sender', transferOf(town, both), 'fem')) as FileTransferId;
  await fetched(id, 'first');

  await Promise.all(Array.from({ length: 5 }, () => confirmDownload(ctx, callers.first, plainly(id))));

  assert.equal((await eventsOf(town, id)).filter((event) => event === 'downloadconfirmed Sender').length, 1);
});

test('given a transfer whose time is over, when it is purged and confirmed at once, then one of the two comes first and the other knows', async () => {
  for (let round = 0; round < 5; round++) {
    const id = (await wire.send('sender', transferOf(town), 'sent')) as FileTransferId;
    await fetched(id, 'first');
    await world.db.transaction(
      async (tx) => void (await tx.run(sql`update broker.file_transfer set purge_at = clock.now() where id = ${id}`)),
    );

    const [confirmed] = await Promise.allSettled([confirmDownload(ctx, callers.first, plainly(id)), purgeTransfers(ctx)]);

    const history = await historyOf(town, id);
    const last = history.at(-1);
    if (confirmed.status === 'fulfilled') {
      assert.ok(history.includes('AllConfirmedDownloaded'), String(history));
      assert.ok(!(await eventsOf(town, id)).some((event) => event.startsWith('fileneverconfirmed')));
      assert.deepEqual(await outcomesOf(town, id), ['confirmed']);
    } else {
      assert.deepEqual([last, statusOf([confirmed])], ['Purged', [10]]);
      assert.deepEqual(await outcomesOf(town, id), [null]);
    }
  }
});

/** Bytes that come when they are let. */
function slowBytes(): { stream: Readable; end(text: string): void } {
  const stream = new Readable({ read() {} });
  stream.on('error', () => {}); // it may break off before anybody reads it
  stream.push('begun ');
  return { stream, end: (text) => [text, null].forEach((one) => void stream.push(one)) };
}

const untilUploading = async (id: string) => {
  while ((await historyOf(town, id)).at(-1) !== 'UploadStarted') await new Promise((resolve) => setImmediate(resolve));
};

test('given an upload under way, when another one comes, then it is refused before its bytes are read, and the first gets through', async () => {
  const id = await announce();
  const slow = slowBytes();
  const upload = uploadTransfer(ctx, callers.sender, { id, stream: slow.stream, contentLength: null });
  await untilUploading(id);

  const second = await world.nothingWritten(() =>
    Promise.allSettled([uploadTransfer(ctx, callers.sender, { id, stream: Readable.from([Buffer.from('other')]), contentLength: 5 })]),
  );

  assert.deepEqual(statusOf(second), [4]);
  slow.end('done');
  assert.equal(await upload, id);
  assert.deepEqual(await historyOf(town, id), ['Initialized', 'UploadStarted', 'Published']);
});

test('given ten uploads at once, when all have ended, then one got through and its bytes alone are kept', async () => {
  const id = await announce();
  const before = (await world.counts()).files!;
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, (_, n) =>
      uploadTransfer(ctx, callers.sender, { id, stream: Readable.from([Buffer.from(`bytes ${n}`)]), contentLength: null }),
    ),
  );
  assert.deepEqual(statusOf(results), [...Array(9).fill(4), 'ok']);
  assert.equal((await world.counts()).files, before + 1);
  assert.equal((await historyOf(town, id)).at(-1), 'Published');
});

test('given ten brief uploads of one file at once, when all have ended, then one got through, as it would have by itself, and its bytes alone are kept', async () => {
  const id = await announce();
  const before = (await world.counts()).files!;

  const results = await Promise.allSettled(
    Array.from({ length: 10 }, (_, n) =>
      uploadTransfer(ctx, callers.sender, { id, stream: Readable.from([Buffer.from(`bytes ${n}`)]), contentLength: 7 }),
    ),
  );

  assert.deepEqual(statusOf(results), [...Array(9).fill(4), 'ok']);
  assert.equal((await world.counts()).files, before + 1);
  assert.deepEqual(await historyOf(town, id), ['Initialized', 'UploadStarted', 'Published']);
  const [began] = await rows<{ isKnown: boolean }>(
    town,
    sql`select upload_id is not null and upload_began_at >= created_at - interval '1 millisecond' and upload_seen_at is null as "isKnown"
          from broker.file_transfer where id = ${id}`,
  );
  assert.ok(began!.isKnown);
  assert.deepEqual(await rows(town, sql`select state from blobs.blob where state in ('receiving', 'stored')`), []);
});

test('given a brief upload that takes its time, when another one comes meanwhile, then it is refused, and the first gets through', async () => {
  const id = await announce();
  const slow = slowBytes();
  const upload = uploadTransfer(ctx, callers.sender, { id, stream: slow.stream, contentLength: 10 });
  await untilUploading(id);

  const second = await Promise.allSettled([
    uploadTransfer(ctx, callers.sender, { id, stream: Readable.from([Buffer.from('other')]), contentLength: 5 }),
  ]);

  assert.deepEqual(statusOf(second), [4]);
  slow.end('done');
  assert.equal(await upload, id);
  assert.deepEqual(await historyOf(town, id), ['Initialized', 'UploadStarted', 'Published']);
});

/** An upload of one byte that has begun and claimed nothing, however long it takes. */
async function beginBrief(id: FileTransferId) {
  const [uploadId, blobKey] = [newId(), newId<BlobKey>()];
  const asked = { ctx, caller: callers.sender, id, uploadId, blobKey, announced: 1, sha256: null, isBrief: true };
  const begun = await beginUpload(ctx.db, asked);
  assert.deepEqual(await historyOf(town, id), ['Initialized']);
  const bring = async () => {
    const blob = await ctx.blobs.receive(Readable.from([Buffer.from('x')]), { maxBytes: 1, announced: blobKey });
    return (await finishUpload(ctx.db, { ctx, caller: callers.sender, begun, blob })).refused?.code;
  };
  return { id, uploadId, blobKey, bring };
}
const bringMany = (id: FileTransferId) =>
  uploadTransfer(ctx, callers.sender, { id, stream: Readable.from([Buffer.from('other')]), contentLength: null });

test('given a brief upload, when another has come in meanwhile, then it is refused when its bytes are here', async () => {
  const { id, blobKey, bring } = await beginBrief(await announce());

  await uploadTransfer(ctx, callers.sender, { id, stream: Readable.from([Buffer.from('other')]), contentLength: 5 });

  assert.equal(await bring(), 4);
  assert.deepEqual(await historyOf(town, id), ['Initialized', 'UploadStarted', 'Published']);
  await ctx.blobs.remove(blobKey);
});

test('given a brief upload whose bytes are on their way, when one that is not brief comes, in one stream or in parts, then it is refused before its bytes are read, and the first gets through', async () => {
  const { id, bring } = await beginBrief(await announce());

  const stream = await world.nothingWritten(() => Promise.allSettled([bringMany(id)]));
  const headers = { 'tus-resumable': '1.0.0', 'upload-length': '5' };
  const inParts = await world.nothingWritten(() => wire.request('POST', `/filetransfer/upload/tus/${id}`, 'sender', { headers }));

  assert.deepEqual([statusOf(stream), inParts.status], [[4], 409]);
  assert.equal(await bring(), undefined);
  assert.deepEqual(await historyOf(town, id), ['Initialized', 'UploadStarted', 'Published']);
});

for (const [what, end] of [
  ['died with its process half a minute ago', ({ blobKey }) => ageBlob(blobKey)],
  ['was let go', (brief) => letGo(ctx, brief)],
  ['broke off', ({ blobKey }) => ctx.blobs.remove(blobKey)],
] as [string, (brief: Awaited<ReturnType<typeof beginBrief>>) => Promise<void>][])
  test(`given a brief upload that ${what}, when one that is not brief comes, then it gets through`, async () => {
    const brief = await beginBrief(await announce());
    assert.deepEqual(statusOf(await Promise.allSettled([bringMany(brief.id)])), [4]);

    await end(brief);

    assert.equal(await bringMany(brief.id), brief.id);
    await ctx.blobs.remove(brief.blobKey);
  });

const ageBlob = (key: BlobKey) =>
  world.db.transaction(async (tx) => void (await tx.run(sql`update blobs.blob set at = at - interval '31 seconds' where key = ${key}`)));

for (const [what, differs, code, text] of [
  ['breaks off when it has its transfer', {}, undefined, 'File upload failed and was aborted'],
  ['has another hash than was announced', { checksum: '0'.repeat(32) }, 9, 'Checksum mismatch'],
] as const)
  test(`given a brief upload that ${what}, when it does, then the transfer has begun and failed, its sender is told, and no bytes stay`, async () => {
    const id = await announce(differs);
    const before = (await world.counts()).files;
    const slow = slowBytes();
    const upload = uploadTransfer(ctx, callers.sender, { id, stream: slow.stream, contentLength: 10 });
    if (code === undefined) {
      await untilUploading(id);
      slow.stream.destroy(new Error('the client went away'));
    } else slow.end('done');

    assert.deepEqual(statusOf(await Promise.allSettled([upload])), [code]);

    assert.deepEqual(await historyOf(town, id), ['Initialized', 'UploadStarted', 'Failed']);
    const [transfer] = await rows<{ text: string }>(town, sql`select state_text as text from broker.file_transfer where id = ${id}`);
    assert.equal(transfer?.text, text);
    assert.equal((await eventsOf(town, id)).at(-1), 'uploadfailed Sender');
    assert.equal((await world.counts()).files, before);
    assert.deepEqual(await rows(town, sql`select state from blobs.blob where state in ('receiving', 'stored')`), []);
  });

test('given a brief upload that breaks off before it has its transfer, when it does, then nothing has happened, and it may be sent again at once', async () => {
  const id = await announce();

  await world.nothingWritten(async () => {
    const { stream } = slowBytes();
    const upload = uploadTransfer(ctx, callers.sender, { id, stream, contentLength: 10 });
    stream.destroy(new Error('the client went away'));
    await assert.rejects(upload, /went away/);
  });

  await uploadTransfer(ctx, callers.sender, { id, stream: Readable.from([Buffer.from('again')]), contentLength: 5 });
  assert.deepEqual(await historyOf(town, id), ['Initialized', 'UploadStarted', 'Published']);
});

test('given a brief upload whose bytes are on their way, when others of the same transfer are reset, then they harm it not', async () => {
  const id = await announce();
  const open = (length: number, bytes: number) => {
    const socket = connect(wire.port, '127.0.0.1').on('error', () => {});
    socket.write(
      `POST /broker/api/v1/filetransfer/${id}/upload HTTP/1.1\r\nHost: localhost\r\nAuthorization: sender\r\n` +
        `Content-Type: application/octet-stream\r\nContent-Length: ${length}\r\n\r\n${'x'.repeat(bytes)}`,
    );
    return { socket, answer: once(socket.setEncoding('utf8'), 'data').then(([text]) => String(text)) };
  };
  const untilReceiving = async (many: number, unless: () => boolean = () => false) => {
    const found = () => rows<{ many: number }>(town, sql`select count(*)::int as many from blobs.blob where state = 'receiving'`);
    while ((await found())[0]!.many !== many && !unless()) await new Promise((resolve) => setImmediate(resolve));
  };
  const first = open(100_000, 50_000);
  await untilReceiving(1);

  for (let i = 0; i < 3; i++) {
    const { socket, answer } = open(1000, 10);
    let isRefused = false;
    const note = () => {
      isRefused = true; // the first has its transfer meanwhile
    };
    answer.then(note, note);
    await untilReceiving(2, () => isRefused);
    socket.resetAndDestroy();
    await untilReceiving(1);
  }
  first.socket.write('x'.repeat(50_000));

  assert.match(await first.answer, /^HTTP\/1\.1 200 /);
  first.socket.destroy();
  assert.deepEqual(await historyOf(town, id), ['Initialized', 'UploadStarted', 'Published']);
});

for (const [what, size, before] of [
  ['many bytes that were bound', 400_000, false],
  ['many bytes that were not', 400_000, true],
  ['few bytes that were bound', 100, false],
  ['few bytes that were not', 100, true],
] as const)
  test(`given a database that goes away as it commits an upload of ${what}, when it is back, then the sender was told that nobody knows and not to come again, and the state tells: what is published is whole, and what is not may be sent at once`, async () => {
    const cut = await createCutDatabase(world.db.pool.options.connectionString!, { patienceMillis: 100 });
    // Where nothing was bound it is back when it was asked in vain what had become of it.
    const db: Db = {
      ...cut.db,
      transaction: (work) =>
        cut.db.transaction(work).catch(async (error) => {
          if (before && error instanceof DatabaseAway) await cut.comeBack().catch(() => {});
          throw error;
        }),
    };
    const blobs = createDiskBlobs({ directory: world.blobFolder, db: cut.db });
    const through = await openWire(
      town,
      {},
      {
        ...ctx,
        db,
        blobs: {
          ...blobs,
          async receive(...given) {
            const blob = await blobs.receive(...given);
            cut.cutAtNextCommit({ before, andGoes: true });
            return blob;
          },
        },
      },
    );
    const id = await announce();
    const body = Buffer.alloc(size, 'x');

    const answer = await through.request('POST', `/filetransfer/${id}/upload`, 'sender', { headers: octets, body });

    assert.deepEqual([answer.status, answer.headers.get('retry-after'), cut.cuts()], [503, null, 1]);
    assert.match(((await answer.json()) as { detail: string }).detail, /it was done, or it was not.*look at the state/);
    await cut.comeBack().catch(() => {});
    const state = (await historyOf(town, id)).at(-1);
    if (size > briefBytes) assert.equal(state, before ? 'UploadStarted' : 'Published'); // few that took long had a claim, which was cut
    if (state !== 'Published')
      assert.equal((await wire.request('POST', `/filetransfer/${id}/upload`, 'sender', { headers: octets, body })).status, 200, state);
    assert.equal((await fetchWhole(wire, id, 'first')).length, size);
    await ctx.blobs.sweep(ctx);
    assert.equal((await fetchWhole(wire, id, 'first')).length, size);
  });

for (const [what, state, differs, code] of [
  ['claims a transfer', 'UploadStarted', {}, 'ok'],
  ['publishes it', 'Published', {}, 'ok'],
  ['makes it fail', 'Failed', { checksum: '0'.repeat(32) }, 9],
] as const)
  test(`given a database that takes its time to commit what ${what}, when the line to it breaks meanwhile, then the upload hears what became of it, as if it had not broken`, async () => {
    const cut = await createCutDatabase(world.db.pool.options.connectionString!);
    await world.db.pool.query(`
      create function broker.nap() returns trigger language plpgsql as 'begin perform pg_sleep(0.5); return null; end';
      create constraint trigger nap after update on broker.file_transfer deferrable initially deferred
         for each row when (new.state = '${state}') execute function broker.nap()`);
    const breakMeanwhile = () => cut.cutAtNextCommit({ meanwhile: true });
    const blobs: typeof ctx.blobs = {
      ...ctx.blobs,
      async receive(...given) {
        const blob = await ctx.blobs.receive(...given);
        if (state !== 'UploadStarted') breakMeanwhile();
        return blob;
      },
    };
    const id = await announce(differs);

    if (state === 'UploadStarted') breakMeanwhile();
    const stream = Readable.from([Buffer.from('bytes')]);
    const upload = await Promise.allSettled([
      uploadTransfer({ ...ctx, db: cut.db, blobs }, callers.sender, { id, stream, contentLength: null }),
    ]);

    await world.db.pool.query('drop trigger nap on broker.file_transfer; drop function broker.nap()');
    assert.deepEqual([statusOf(upload), cut.cuts()], [[code], 1]);
    assert.deepEqual(await historyOf(town, id), ['Initialized', 'UploadStarted', code === 'ok' ? 'Published' : 'Failed']);
  });

test('given an upload that died with its process, when the sender comes again after its lease, then it gets through, and the dead one can do no harm', async () => {
  const id = await announce();
  const dead = slowBytes();
  const died = uploadTransfer(ctx, callers.sender, { id, stream: dead.stream, contentLength: null });
  await untilUploading(id);
  await world.db.transaction(
    async (tx) =>
      void (await tx.run(sql`update broker.file_transfer set upload_seen_at = upload_seen_at - interval '1 minute' where id = ${id}`)),
  );

  await uploadTransfer(ctx, callers.sender, { id, stream: Readable.from([Buffer.from('again')]), contentLength: 5 });
  dead.stream.destroy(new Error('gone'));

  assert.deepEqual(statusOf(await Promise.allSettled([died])), [undefined]);
  assert.deepEqual(await historyOf(town, id), ['Initialized', 'UploadStarted', 'UploadStarted', 'Published']);
  assert.deepEqual(await rows(town, sql`select size_bytes::int as size from broker.file_transfer where id = ${id}`), [{ size: 5 }]);
});

test('given an upload that nobody sees to for a day, when stuck ones are looked for, then it has failed and its sender hears of it', async () => {
  const id = await announce();
  const dead = slowBytes();
  const died = uploadTransfer(ctx, callers.sender, { id, stream: dead.stream, contentLength: null }).catch(() => {});
  await untilUploading(id);
  await world.advance(86_401);
  await failStuckUploads(ctx);
  assert.equal((await historyOf(town, id)).at(-1), 'UploadStarted', 'somebody sees to it');

  await world.db.transaction(
    async (tx) =>
      void (await tx.run(sql`update broker.file_transfer set upload_seen_at = upload_seen_at - interval '1 minute' where id = ${id}`)),
  );
  await failStuckUploads(ctx);
  await failStuckUploads(ctx);

  assert.deepEqual(await historyOf(town, id), ['Initialized', 'UploadStarted', 'Failed']);
  assert.equal((await eventsOf(town, id)).at(-1), 'uploadfailed Sender');
  assert.deepEqual(await rows(town, sql`select failure from watch.item where about = ${id}`), [{ failure: 'transfer-aborted' }]);
  dead.stream.destroy();
  await died;
});

test('given an upload that breaks off, when it does, then the transfer has failed, its sender is told, and no bytes stay', async () => {
  const id = await announce();
  const before = (await world.counts()).files;
  const slow = slowBytes();
  const upload = uploadTransfer(ctx, callers.sender, { id, stream: slow.stream, contentLength: null });
  await untilUploading(id);
  slow.stream.destroy(new Error('the client went away'));

  await assert.rejects(upload, /went away/);
  const [transfer] = await rows<{ text: string }>(town, sql`select state_text as text from broker.file_transfer where id = ${id}`);
  assert.equal(transfer?.text, 'File upload failed and was aborted');
  assert.equal((await world.counts()).files, before);
  assert.deepEqual(await outcomesOf(town, id), [null], 'open until the sender has been told');
});

test('given an upload whose transfer another transaction holds, when others come, then they do not wait for it, and it goes on when it is let go', async () => {
  const [held, ...others] = (await Promise.all([announce(), announce(), announce()])) as [FileTransferId, FileTransferId, FileTransferId];
  const upload = (id: FileTransferId) =>
    uploadTransfer(ctx, callers.sender, { id, stream: Readable.from([Buffer.from('bytes')]), contentLength: 5 });
  const ended: FileTransferId[] = [];
  let waiting: Promise<unknown> | undefined;

  await world.db.transaction(async (tx) => {
    await tx.run(sql`select 1 from broker.file_transfer where id = ${held} for update`);
    waiting = upload(held).then((id) => ended.push(id));
    await Promise.all(others.map((id) => upload(id)));
    assert.deepEqual(ended, []);
  });

  await waiting;
  assert.deepEqual(ended, [held]);
});

test('given files that are fetched at once, one of them five times, when all have come, then each download stands in the history and was handed over', async () => {
  const ids = await Promise.all(Array.from({ length: 10 }, (_, i) => wire.send('sender', transferOf(town, both), `file ${i}`)));
  const [popular] = ids as [string];

  const asked = [...ids, popular, popular, popular, popular];
  const texts = await Promise.all(
    asked.map(async (id, i) => (await wire.request('GET', `/filetransfer/${id}/download`, i % 2 ? 'second' : 'first')).text()),
  );

  assert.deepEqual(texts, [...ids.map((_, i) => `file ${i}`), 'file 0', 'file 0', 'file 0', 'file 0']);
  const handedOver = sql`select count(*)::int as times from evidence.evidence e join evidence.event v on v.code = e.event
                          where v.name = 'ContentHandover' and e.about = any(${ids}::uuid[])`;
  await allRecorded();
  assert.deepEqual(await rows(town, handedOver), [{ times: asked.length }]);
  assert.deepEqual(
    await rows(
      town,
      sql`select r.downloads, (select count(*)::int from broker.recipient_status s
             where s.file_transfer_id = r.file_transfer_id and s.party_id = r.party_id and s.status = 'DownloadStarted') as noted
            from broker.recipient r where r.file_transfer_id = ${popular} order by r.ordinal`,
    ),
    [
      { downloads: 3, noted: 3 },
      { downloads: 2, noted: 2 },
    ],
  );
});

for (const [what, held] of [
  ['recipient', (id: string) => sql`select from broker.recipient where file_transfer_id = ${id} for update`],
  ['watch', (id: string) => sql`select from watch.item where about = ${id} for update`],
] as const)
  test(`given a file of which somebody else holds the ${what}, when it and others have been fetched, then the others are recorded and wait for nobody, and it is recorded when it is free`, {
    timeout: 60_000,
  }, async () => {
    const ids = await Promise.all([1, 2, 3].map(() => wire.send('sender', transferOf(town), 'bytes')));
    const downloads = await Promise.all(
      ids.map((id) => downloadTransfer(ctx, callers.first, { id: id as FileTransferId, part: { range: undefined, ifRange: undefined } })),
    );
    const recorded: string[] = [];
    const ends: Promise<unknown>[] = [];

    await ctx.db.transaction(async (tx) => {
      await tx.all(held(ids[0]!));
      ends.push(...downloads.map(({ recordEnd }, i) => recordEnd(true).then(() => recorded.push(ids[i]!))));
      await Promise.all(ends.slice(1));
      assert.deepEqual(recorded.toSorted(), ids.slice(1).toSorted());
    });
    await Promise.all(ends);

    assert.equal(recorded.at(-1), ids[0]);
    for (const id of ids) assert.equal((await evidenceOf(town, id)).filter((one) => one === 'ContentHandover handed-over').length, 1);
    for (const { stream } of downloads) stream.destroy();
  });

test('given bytes that took some seconds, when they are there, then it is asked again who sends, and nothing is written for who may not; of bytes that came at once it is not', async () => {
  async function begun() {
    const [id, blobKey] = [await announce(), newId<BlobKey>()];
    const asked = { ctx, caller: callers.sender, id, uploadId: newId(), blobKey, announced: null, sha256: null };
    const begun = await beginUpload(ctx.db, asked);
    return { begun, blob: await ctx.blobs.receive(Readable.from([Buffer.from('x')]), { maxBytes: 1, announced: blobKey }) };
  }
  const [slow, quick] = [await begun(), await begun()];
  const late = { ...slow, ctx, begun: { ...slow.begun, askedAt: slow.begun.askedAt - 3000 } };

  await world.nothingWritten(() =>
    assert.rejects(
      finishUpload(ctx.db, { ...late, caller: callers.stranger }),
      (refusal: { row?: { code: number } }) => refusal.row?.code === 6,
    ),
  );
  assert.equal((await finishUpload(ctx.db, { ...late, caller: callers.sender })).refused, undefined);
  assert.equal(
    (await finishUpload(ctx.db, { ...quick, ctx, caller: callers.stranger })).refused,
    undefined,
    'as it was asked when it began',
  );
  for (const { id } of [slow.begun, quick.begun]) assert.equal((await historyOf(town, id)).at(-1), 'Published');
});

test('given a connection that is cut at commit, when that was not of callers who came together, then the answer is 503 and says that it may have been done, as problem details or a line of text, and nobody is told to come again who would do it twice', async () => {
  const cut = await createCutDatabase(world.db.pool.options.connectionString!);
  const through = await openWire(town, {}, { ...ctx, db: cut.db });
  const asked = async (method: string, path: string, by: string, more: object = {}) => {
    cut.cutAtNextCommit();
    const answer = await through.request(method, path, by, more);
    const [type, body] = [answer.headers.get('content-type'), await answer.text()];
    const said = type?.startsWith('application/problem+json') ? (JSON.parse(body) as { detail: string }).detail : `in text: ${body}`;
    return [answer.status, answer.headers.get('retry-after'), said];
  };
  const json = (body: object) => ({ body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  const maybe =
    'The connection to the database was lost while this was being kept: it was done, or it was not. With an idempotency key, send it again with the same key: it is done once. Without one, look at the state before you send it again.';
  const tus = { 'tus-resumable': '1.0.0' };
  const held = await wire.send('sender', transferOf(town, both), 'holdt');
  await fetched(held, 'first');
  assert.equal((await wire.json('POST', '/serviceowner', 'owner', { name: 'Etaten' })).status, 200);

  assert.deepEqual(await asked('POST', `/filetransfer/${held}/confirmdownload`, 'first'), [503, null, maybe]);
  assert.deepEqual(await outcomesOf(town, held), ['confirmed', null], 'it was done');
  assert.equal((await through.request('POST', `/filetransfer/${held}/confirmdownload`, 'first')).status, 204);
  assert.deepEqual(await asked('PUT', '/resource/filer', 'owner', json({ purgeFileTransferGracePeriod: 'PT2H' })), [503, '5', maybe]);
  const id = await announce();
  const created = await asked('POST', `/filetransfer/upload/tus/${id}`, 'sender', { headers: { ...tus, 'upload-length': '5' } });
  assert.deepEqual(created, [503, null, `in text: ${maybe}`]);
  const head = await wire.request('HEAD', `/filetransfer/upload/tus/${id}`, 'sender', { headers: tus });
  assert.deepEqual([head.status, head.headers.get('upload-offset')], [200, '0'], 'the state tells');
  assert.equal(cut.cuts(), 3);
});
