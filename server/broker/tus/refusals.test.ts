import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from '#kernel/database.ts';
import type { FileTransferId, PartyId } from '#kernel/ids.ts';
import { Overloaded } from '#kernel/overloaded.ts';
import { createReceivingPlaces, placesOfProcess, receivingPlaces } from '#kernel/receiving-places.ts';
import { until } from '../../../demo/wait.ts';
import { recallTransfer } from '../decide/recall-transfer.ts';
import { createTown, octets, openWire } from '../testing/town.ts';
import { bytesOf, digestOf, offsetOctets, tusClient } from './testing.ts';

const town = await createTown();
const { world, agency } = town;
await world.resource('tiny', agency, {
  type: 'BrokerService',
  senders: 'any',
  readers: ['organization'],
  broker: { maxFileTransferSize: 5 },
});
const wire = await openWire(town);
const { announce, begin, patch, call, offsetOf, statusOf, fetched } = tusClient(town, wire);
const stranger = tusClient(town, wire, 'stranger');
const unknown = '0198f0a0-0000-7000-8000-000000000000';
const patching = { ...offsetOctets, 'upload-offset': '0' };

const id = await announce();
await begin(id, 10);
await patch(id, 0, 'abcd');
const parted = await announce();
const part = await begin(parted, 3, { 'upload-concat': 'partial' });
const whole = await begin(parted, 3, { 'upload-concat': 'partial' });
await patch(whole, 0, 'abc');
const tiny = await announce({ resourceId: 'tiny' });
const [tinyPart, tinyMore] = [await begin(tiny, 4, { 'upload-concat': 'partial' }), await begin(tiny, 4, { 'upload-concat': 'partial' })];
for (const one of [tinyPart, tinyMore]) await patch(one, 0, 'four');
const published = await announce();
await begin(published, 1);
await patch(published, 0, 'x');
const fresh = await announce();

const notFound = 'The requested file transfer was not found';
const noAccess = 'You must use a bearer token that represents a system user with access to the resource in the Resource Rights Registry';
const already = 'A file transfer has already been, or attempted to be, created. Create a new file transfer resource to try again.';
const none =
  'Header Upload-Concat: Header is invalid. Valid values are "partial" and "final" followed by a list of file urls to concatenate';

type Case = readonly [given: string, ask: () => Promise<Response>, status: number, text: string | RegExp];
const ask =
  (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
  (): Promise<Response> =>
    call(method, path, headers, body);
const cases: readonly Case[] = [
  ['another version', ask('HEAD', id, { 'tus-resumable': '0.2.2' }), 412, ''],
  [
    'another version of bytes',
    ask('PATCH', id, { ...patching, 'tus-resumable': '0.2.2' }, 'x'),
    412,
    'Tus version 0.2.2 is not supported. Supported versions: 1.0.0',
  ],
  ['an id that is none', ask('PATCH', 'nobody', patching, 'x'), 404, 'Missing file transfer id'],
  ['an unknown transfer', ask('POST', unknown, { 'upload-length': '1' }), 404, notFound],
  ['a transfer that nobody began to upload', ask('HEAD', fresh), 404, ''],
  ['an unknown part', ask('PATCH', part.replace(/[^/]*$/, 'f'.repeat(32)), patching, 'x'), 404, notFound],
  ['a part whose id is none', ask('PATCH', part.replace(/[^/]*$/, 'nobody'), patching, 'x'), 404, notFound],
  ['a stranger who begins', () => stranger.call('POST', fresh, { 'upload-length': '1' }), 401, noAccess],
  ['a stranger who goes on', () => stranger.call('PATCH', id, { ...offsetOctets, 'upload-offset': '4' }, 'x'), 401, noAccess],
  ['a stranger who looks', () => stranger.call('HEAD', id), 401, ''],
  ['a stranger who gives up', () => stranger.call('DELETE', id), 401, noAccess],
  ['no length', ask('POST', fresh), 400, 'Missing Upload-Length header'],
  ['a length that is none', ask('POST', fresh, { 'upload-length': '1e3' }), 400, 'Could not parse Upload-Length header'],
  ['a length below zero', ask('POST', fresh, { 'upload-length': '-1' }), 400, 'Header Upload-Length must be a positive number'],
  ['a length that is put off', ask('POST', fresh, { 'upload-defer-length': '1' }), 400, 'Header Upload-Defer-Length is not supported'],
  [
    'metadata that are none',
    ask('POST', fresh, { 'upload-length': '1', 'upload-metadata': 'a b c' }),
    400,
    /^Header Upload-Metadata is invalid/,
  ],
  [
    'metadata with a key twice',
    ask('POST', fresh, { 'upload-length': '1', 'upload-metadata': 'a YQ==,a YQ==' }),
    400,
    /^Header Upload-Metadata/,
  ],
  ['a length over the limit of the resource', ask('POST', tiny, { 'upload-length': '6' }), 400, 'File size exceeds maximum'],
  ['a part over the limit', ask('POST', tiny, { 'upload-length': '6', 'upload-concat': 'partial' }), 400, 'File size exceeds maximum'],
  [
    'parts that are too much together',
    ask('POST', tiny, { 'upload-concat': `final;${tinyPart} ${tinyMore}` }),
    400,
    'File size exceeds maximum',
  ],
  [
    'a length over fifty gigabytes that is to be scanned',
    async () => {
      return call('POST', scanned, { 'upload-length': '50000000001' });
    },
    400,
    'File size exceeds maximum',
  ],
  [
    'bytes of another type along with what begins',
    ask('POST', fresh, { 'upload-length': '1', 'content-type': 'text/plain' }, 'x'),
    415,
    /must be|Must be application/,
  ],
  ['a word that is no concatenation', ask('POST', parted, { 'upload-concat': 'finally' }), 400, none],
  ['a file of no parts', ask('POST', parted, { 'upload-concat': 'final; ' }), 400, none],
  [
    'parts that are not whole',
    ask('POST', parted, { 'upload-concat': `final;${whole} ${part}` }),
    400,
    /^Some of the files supplied for concatenation are not finished/,
  ],
  [
    'parts that nobody knows',
    ask('POST', parted, { 'upload-concat': `final;${whole} /x/${'0'.repeat(32)}` }),
    400,
    /^Could not find some of the files/,
  ],
  ['a part twice', ask('POST', parted, { 'upload-concat': `final;${whole} ${whole}` }), 400, /^Could not find some of the files/],
  ['parts of another transfer', ask('POST', parted, { 'upload-concat': `final;${tinyPart}` }), 400, /^Could not find some of the files/],
  ['no offset', ask('PATCH', id, offsetOctets, 'x'), 400, 'Missing Upload-Offset header'],
  [
    'an offset that is none',
    ask('PATCH', id, { ...offsetOctets, 'upload-offset': 'four' }, 'x'),
    400,
    'Could not parse Upload-Offset header',
  ],
  ['another offset', ask('PATCH', id, patching, 'x'), 409, 'Offset does not match file. File offset: 4. Request offset: 0'],
  [
    'an offset beyond',
    ask('PATCH', id, { ...offsetOctets, 'upload-offset': '9' }, 'x'),
    409,
    'Offset does not match file. File offset: 4. Request offset: 9',
  ],
  [
    'more bytes than were announced',
    ask('PATCH', id, { ...offsetOctets, 'upload-offset': '4' }, '1234567'),
    400,
    'File size exceeds maximum',
  ],
  [
    'bytes of another type',
    ask('PATCH', id, { 'upload-offset': '4', 'content-type': 'application/octet-stream' }, 'x'),
    415,
    'Content-Type application/octet-stream is invalid. Must be application/offset+octet-stream',
  ],
  [
    'an unknown checksum',
    ask('PATCH', id, { ...offsetOctets, 'upload-offset': '4', 'upload-checksum': 'crc32 AAAA' }, 'x'),
    400,
    /^Unsupported checksum algorithm/,
  ],
  [
    'a checksum that is none',
    ask('PATCH', id, { ...offsetOctets, 'upload-offset': '4', 'upload-checksum': 'md5 AAAA' }, 'x'),
    400,
    'Could not parse Upload-Checksum header',
  ],
  ['a file that is there, begun', ask('POST', published, { 'upload-length': '1' }), 409, already],
  ['a file that is there, given up', ask('DELETE', published), 409, already],
  ['a file that is there, made of parts', ask('POST', published, { 'upload-concat': `final;${whole}` }), 409, already],
];
const scanned = await announce({ disableVirusScan: false });

for (const [given, asks, status, text] of cases) {
  test(`given ${given}, when it is asked for, then the answer is ${status} in words, and nothing is written`, async () => {
    const answer = await world.nothingWritten(asks);
    const said = await answer.text();
    assert.equal(answer.status, status, said);
    if (typeof text === 'string') assert.equal(said, text);
    else assert.match(said, text);
    if (text !== '') assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.equal(answer.headers.get('tus-resumable'), '1.0.0');
    if (status === 412) assert.equal(answer.headers.get('tus-version'), '1.0.0');
  });
}

/** A request whose body comes as it is let. */
function slowPatch(path: string, offset: number, length: number) {
  const answered = Promise.withResolvers<number>();
  const sent = request(
    {
      port: wire.port,
      method: 'PATCH',
      path: `/broker/api/v1/filetransfer/upload/tus/${path}`,
      headers: { ...offsetOctets, authorization: 'sender', 'upload-offset': offset, 'content-length': length },
    },
    (answer) => {
      answer.resume();
      answered.resolve(answer.statusCode!);
    },
  );
  sent.on('error', () => answered.resolve(0));
  return { sent, answered: answered.promise };
}
const untilClaimed = async (of: string) => {
  const claimed = () => world.db.maybe(sql`select 1 from broker.tus_upload where file_transfer_id = ${of} and claim_id is not null`);
  while (!(await claimed())) await new Promise((resolve) => setImmediate(resolve));
};
const untilFree = async (of: string) => {
  const claimed = () => world.db.maybe(sql`select 1 from broker.tus_upload where file_transfer_id = ${of} and claim_id is not null`);
  while (await claimed()) await new Promise((resolve) => setImmediate(resolve));
};

test('given bytes on their way, when others come for the same upload, then they are told to come again and harm nothing', async () => {
  const mine = await announce();
  await begin(mine, 6);
  const slow = slowPatch(mine, 0, 6);
  slow.sent.write('abc');
  await untilClaimed(mine);

  const others = await Promise.all([patch(mine, 0, 'XXXXXX'), patch(mine, 0, 'YYY'), call('POST', mine, { 'upload-length': '6' })]);
  assert.deepEqual(
    others.map(({ status }) => status),
    [423, 423, 423],
  );
  assert.match(await others[0]!.text(), /is currently being updated/);

  slow.sent.end('def');
  assert.equal(await slow.answered, 204);
  assert.equal(String(await fetched(mine)), 'abcdef');
});

test('given ten requests at once at the same offset, when all are answered, then one of them counts and the bytes are its own', async () => {
  const mine = await announce();
  await begin(mine, 4);
  const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => patch(mine, 0, String(i).repeat(4))));

  const counted = answers.findIndex(({ status }) => status === 204);
  assert.ok(answers.every(({ status }, i) => i === counted || [423, 409, 204].includes(status)));
  assert.match(String(await fetched(mine)), /^(\d)\1{3}$/);
});

test('given a connection that breaks off, when the client comes again, then what had come need not come again', async () => {
  const mine = await announce();
  const bytes = bytesOf(600_000);
  await begin(mine, bytes.length);
  const slow = slowPatch(mine, 0, bytes.length);
  slow.sent.write(bytes.subarray(0, 500_000)); // more than is held before it is written
  const incoming = join(world.blobFolder, 'incoming');
  while (!readdirSync(incoming).some((name) => (statSync(join(incoming, name), { throwIfNoEntry: false })?.size ?? 0) > 0)) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  slow.sent.destroy();
  await slow.answered;
  await untilFree(mine);

  const offset = await offsetOf(mine);
  assert.ok(offset > 0 && offset <= 500_000, String(offset));
  assert.equal((await patch(mine, offset, bytes.slice(offset))).status, 204);
  assert.ok((await fetched(mine)).equals(bytes));
});

test('given a connection that breaks off in bytes with a checksum, when it does, then none of them count', async () => {
  const mine = await announce();
  await begin(mine, 6);
  const before = (await world.counts()).files;
  const slow = slowPatch(mine, 0, 6);
  slow.sent.setHeader('upload-checksum', `md5 ${digestOf('md5', Buffer.from('abcdef'), 'base64')}`);
  slow.sent.write('abc', () => slow.sent.destroy());
  await slow.answered;
  await untilFree(mine);

  assert.equal(await offsetOf(mine), 0);
  assert.equal((await world.counts()).files, before);
});

test('given a request that fell silent and was taken over, when it wakes, then it writes nothing', async () => {
  const mine = await announce();
  await begin(mine, 6);
  const silent = slowPatch(mine, 0, 6);
  silent.sent.write('XX');
  await untilClaimed(mine);
  await world.db.transaction(
    async (tx) =>
      void (await tx.run(sql`update broker.tus_upload set claimed_at = claimed_at - interval '1 minute' where file_transfer_id = ${mine}`)),
  );
  assert.equal((await patch(mine, 0, 'abc')).status, 204);
  silent.sent.end('XXXX');

  assert.equal(await silent.answered, 423);
  assert.equal((await patch(mine, 3, 'def')).status, 204);
  assert.equal(String(await fetched(mine)), 'abcdef');
});

test('given an upload in one stream, when one in parts is begun meanwhile, then it is refused; and the other way round', async () => {
  const mine = await announce();
  await begin(mine, 6);
  await patch(mine, 0, 'abc');
  const stream = await wire.request('POST', `/filetransfer/${mine}/upload`, 'sender', {
    body: 'other',
    headers: { 'content-type': 'application/octet-stream' },
  });
  assert.equal(stream.status, 409);
  await world.db.transaction(async (tx) => {
    await tx.run(sql`update broker.file_transfer set upload_seen_at = statement_timestamp() - interval '1 hour' where id = ${mine}`);
  });
  const later = await wire.request('POST', `/filetransfer/${mine}/upload`, 'sender', {
    body: 'other',
    headers: { 'content-type': 'application/octet-stream' },
  });
  assert.equal(later.status, 409, 'bytes that came are not dropped when their client pauses');

  assert.equal(await statusOf(mine), 'UploadStarted');
  assert.equal((await patch(mine, 3, 'def')).status, 204);
  assert.equal(String(await fetched(mine)), 'abcdef');
});

test('given bytes that came, when an upload of the same transfer is begun again, by a retry or another client, then they stay until they are given up', async () => {
  const mine = await announce();
  await begin(mine, 6);
  await begin(mine, 6); // its answer was lost, and nothing had come
  await patch(mine, 0, 'abc');

  for (const again of [{ 'upload-length': '6' }, { 'upload-length': '9' }, { ...offsetOctets, 'upload-length': '6' }])
    await world.nothingWritten(async () => {
      const answer = await call('POST', mine, again, 'content-type' in again ? 'abc' : undefined);
      assert.deepEqual(
        [answer.status, await answer.text()],
        [
          409,
          `File ${mine} has 3 bytes of an upload that was begun before. HEAD tells how far it is and PATCH goes on; DELETE gives it up.`,
        ],
      );
    });
  assert.equal(await offsetOf(mine), 3);
  assert.equal((await patch(mine, 3, 'def')).status, 204);
  assert.equal(String(await fetched(mine)), 'abcdef');

  const other = await announce();
  await begin(other, 6);
  await patch(other, 0, 'abc');
  assert.equal((await call('DELETE', other)).status, 204);
  await begin(other, 3);
  await patch(other, 0, 'xyz');
  assert.equal(String(await fetched(other)), 'xyz');
});

test('given bytes on their way, when the sender recalls the transfer, then the client is told that it is over, and not to come again', async () => {
  const mine = await announce();
  await begin(mine, 6);
  const slow = slowPatch(mine, 0, 6);
  slow.sent.write('abc');
  await untilClaimed(mine);
  await recallTransfer(town.ctx, town.callers.sender, { id: mine as FileTransferId, name: 'Kari', reason: 'Feil fil.' });

  slow.sent.end('def');

  assert.equal(await slow.answered, 409);
});

/** A sender's token `name`, while it is good and when it has run out. */
function tokenOf(name: string) {
  const { sender, stranger } = town.callers;
  const lapsed = { token: name, lapsedAt: new Date(Date.now() - 60_000) };
  return { good: { ...sender, token: name }, lapsed: { ...sender, ...lapsed }, taken: { ...stranger, ...lapsed } };
}

test('given a token that runs out in the middle of an upload, when it comes again, then it goes on with that upload to its end, in parts too, and with nothing else', async () => {
  const [mine, other] = [tokenOf('mine'), tokenOf('other')];
  const ofTokens = await openWire(town, { good: mine.good, lapsed: mine.lapsed, taken: mine.taken, other: other.lapsed });
  const [good, lapsed, stolen, neverSeen] = ['good', 'lapsed', 'taken', 'other'].map((by) => tusClient(town, ofTokens, by)) as [
    typeof stranger,
    typeof stranger,
    typeof stranger,
    typeof stranger,
  ];
  const [whole, parts, others, given] = [await announce(), await announce(), await announce(), await announce()];
  await good.begin(whole, 6);
  const first = await good.begin(parts, 3, { 'upload-concat': 'partial' });
  await begin(others, 6);
  await begin(given, 6);
  assert.equal((await good.patch(given, 0, 'abc')).status, 204, 'whoever begins it');

  for (const [who, path] of [
    [neverSeen, whole],
    [stolen, whole],
    [lapsed, others],
    [lapsed, await announce()],
    [lapsed, unknown],
  ] as const) {
    const asks = [
      () => who.call('POST', path, { 'upload-length': '6' }),
      () => who.patch(path, 0, 'abcdef'),
      () => who.call('HEAD', path),
      () => who.call('DELETE', path),
    ];
    for (const asked of asks) {
      const answer = await world.nothingWritten(asked);
      assert.equal(answer.status, 401);
      if (who !== stolen) assert.equal(answer.headers.get('www-authenticate'), 'Bearer error="invalid_token"');
    }
  }

  assert.equal((await lapsed.patch(whole, 0, 'abc')).status, 204);
  assert.equal(await lapsed.offsetOf(whole), 3);
  assert.equal((await lapsed.patch(whole, 3, 'def')).status, 204);
  assert.equal(await lapsed.offsetOf(whole), 6, 'whose last answer was lost');
  assert.equal(String(await fetched(whole)), 'abcdef');
  const second = await lapsed.begin(parts, 3, { 'upload-concat': 'partial' });
  await Promise.all([lapsed.patch(first, 0, 'abc'), lapsed.patch(second, 0, 'def')]);
  assert.equal((await lapsed.call('POST', parts, { 'upload-concat': `final;${first} ${second}` })).status, 201);
  assert.equal(String(await fetched(parts)), 'abcdef');
  assert.equal((await lapsed.call('DELETE', given)).status, 204);
  assert.equal((await lapsed.call('POST', given, { 'upload-length': '6' })).status, 401, 'what is given up is under way no more');
});

test('given an upload that more tokens went on with than are remembered, when one has run out, then the latest go on, and the first does not', async () => {
  const tokens = Array.from({ length: 22 }, (_, n) => tokenOf(`many ${n}`));
  const named = tokens.flatMap(({ good, lapsed }, n) => [
    [`good ${n}`, good],
    [`lapsed ${n}`, lapsed],
  ]);
  const ofTokens = await openWire(town, Object.fromEntries(named));
  const many = await announce();
  await begin(many, 100);
  for (const n of tokens.keys()) assert.equal((await tusClient(town, ofTokens, `good ${n}`).patch(many, n, 'x')).status, 204);

  const asked = await Promise.all(tokens.map((_, n) => tusClient(town, ofTokens, `lapsed ${n}`).call('HEAD', many)));
  assert.deepEqual(
    asked.map(({ status }) => status),
    [401, 401, ...Array(20).fill(200)],
  );
});

test('given that a sender has all the places that one may have, when it brings more bytes, in whatever way, then it is told to come again and nothing is written, others go on, what has no bytes needs no place, and it goes on when a place is free', async () => {
  const sender = town.callers.sender!;
  const id = await announce();
  await begin(id, 4);
  const joined = await announce();
  const parts = [await begin(joined, 3, { 'upload-concat': 'partial' }), await begin(joined, 3, { 'upload-concat': 'partial' })];
  for (const part of parts) await patch(part, 0, 'abc');
  const { mostOfOne, mostWaiting } = placesOfProcess;
  const held = await Promise.all(Array.from({ length: mostOfOne }, () => receivingPlaces.enter(sender)));
  const waiting = Array.from({ length: mostWaiting / 2 }, () => receivingPlaces.enter(sender));
  const form = new FormData();
  form.append('FileTransfer', new Blob(['data']), 'a.txt');

  const refused = await world.nothingWritten(() => patch(id, 0, 'data'));
  const direct = await world.nothingWritten(() =>
    wire.request('POST', `/filetransfer/${id}/upload`, 'sender', { body: 'data', headers: octets }),
  );
  const formed = await world.nothingWritten(() => wire.request('POST', '/filetransfer/upload', 'sender', { body: form }));
  for (const answer of [refused, direct, formed]) assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '5']);
  (await receivingPlaces.enter({ ...sender, party: town.first.id })).leave();
  assert.equal((await call('POST', joined, { 'upload-concat': `final;${parts.join(' ')}` })).status, 201);

  for (const place of held) place.leave();
  for (const place of waiting) (await place).leave();
  assert.equal((await patch(id, 0, 'data')).status, 204);
});

test('given clients that have every place and bring nothing, when others wait, then they are told to come again and their connections end, the others come in, and what had come is kept for both ways of sending', async () => {
  const places = createReceivingPlaces({ ...usual, most: 2, patienceMillis: undefined, silenceMillis: 200 });
  const { port } = await openWire(town, {}, town.ctx, undefined, { places });
  const [id, direct, other] = [await announce(), await announce(), await announce()];
  await begin(id, 100);
  const silent = (method: string, path: string, more: Record<string, string>) => {
    const headers = { authorization: 'sender', 'content-length': '100', ...more };
    const sent = request({ port, method, path: `/broker/api/v1/filetransfer${path}`, headers, agent: false });
    sent.on('error', () => {});
    sent.write('0123456789');
    return once(sent, 'response').then(([answer]) => answer as IncomingMessage);
  };
  const answers = [
    silent('PATCH', `/upload/tus/${id}`, { ...offsetOctets, 'upload-offset': '0' }),
    silent('POST', `/${direct}/upload`, octets),
  ];
  const claimed = sql`select 1 from broker.tus_upload where file_transfer_id = ${id} and claim_id is not null`;
  await until('both are received', async () => {
    assert.equal((await world.db.all(claimed)).length, 1);
    assert.equal(await statusOf(direct), 'UploadStarted');
  });

  const through = await Promise.all([
    places.enter({ party: town.first.id, consumer: null }),
    places.enter({ party: null, consumer: null }),
  ]);

  for (const { statusCode, headers } of await Promise.all(answers))
    assert.deepEqual([statusCode, headers['retry-after'], headers.connection], [503, '5', 'close']);
  for (const place of through) place.leave();
  assert.equal(await offsetOf(id), 10);
  assert.equal((await patch(id, 10, 'x'.repeat(90))).status, 204);
  for (const one of [direct, other]) {
    const sent = await wire.request('POST', `/filetransfer/${one}/upload`, 'sender', { body: 'data', headers: octets });
    assert.equal(sent.status, 200, await sent.text());
  }
});

const usual = { most: 3, mostOfOne: 2, mostWaiting: 4, patienceMillis: 50, silenceMillis: 20, leastBytesPerSecond: 1000 };

test('given places that are all taken, when some wait, then they come in by their turn as others leave, no organization has more than its share, who has none comes first, and who waits for too long is told', async () => {
  const places = createReceivingPlaces(usual);
  const [one, other] = [town.callers.sender!, { ...town.callers.sender!, party: town.first.id }];
  const first = await places.enter(one);
  const second = await places.enter(one);
  const came: string[] = [];
  const late = places.enter(one).then((place) => {
    came.push('one');
    return place;
  });
  const third = await places.enter(other);
  assert.deepEqual(came, []);
  first.leave();
  (await late).leave();
  third.leave();
  second.leave();
  assert.deepEqual(came, ['one']);

  const again = await Promise.all([places.enter(one), places.enter(other), places.enter(other)]);
  const newOne = { party: 'new' as PartyId, consumer: null };
  const next: string[] = [];
  const inTurn = Promise.all([places.enter(one).then(() => next.push('one')), places.enter(newOne).then(() => next.push('new'))]);
  again[1].leave();
  again[1].leave();
  await assert.rejects(inTurn, Overloaded, 'one place came free, once');
  assert.deepEqual(next, ['new']);
});

test('given places that others wait for, when their clients bring little, then as many are given away as can be used, those who bring enough, or are not waited for, keep theirs, and nobody loses one while nobody waits', async () => {
  const places = createReceivingPlaces({ ...usual, most: 4, mostOfOne: 4, patienceMillis: undefined });
  const who = (party: string) => ({ party: party as PartyId, consumer: null });
  const lost: string[] = [];
  const hold = async (name: string, does: 'nothing' | 'a trickle' | 'enough' | 'is not waited for') => {
    const place = await places.enter(who(name));
    const lose = (): void => {
      lost.push(name);
      place.leave();
    };
    const waits = (): void => place.waits(lose);
    if (does !== 'is not waited for') waits();
    const timer = setInterval(() => {
      if (does !== 'enough' && does !== 'a trickle') return;
      place.came(does === 'enough' ? 1000 : 1);
      waits();
    }, 5);
    return { leave: () => clearInterval(timer) };
  };
  const held = [await hold('a', 'nothing'), await hold('a', 'a trickle'), await hold('b', 'enough'), await hold('c', 'is not waited for')];
  await sleep(60);
  assert.deepEqual(lost, []);

  await places.enter(who('d'));
  assert.deepEqual(lost, ['a']);
  await places.enter(who('e'));
  assert.deepEqual(lost, ['a', 'a']);

  for (const one of held) one.leave();
});
