import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { onUnknownResources, saveResources } from '#access/index.ts';
import { StoreUnavailable } from '#blobs/index.ts';
import type { Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import type { AttachmentId } from '#kernel/ids.ts';
import { createCutDatabase } from '../../../test/cut-database.ts';
import { organizationCaller, scopes } from '../../../test/world.ts';
import { createTown, letter, scan, send } from '../testing/town.ts';
import { assertAllProvoked, assertRefused, openWire } from '../testing/wire.ts';
import { initializeAttachment } from './initialize-attachment.ts';
import { purgeAttachment } from './purge-attachment.ts';
import { attachmentRoutes } from './routes.ts';
import { uploadAttachment } from './upload-attachment.ts';
import type { InitializeAttachment } from './wire.ts';

const town = await createTown();
const { world, agency, citizen, sender } = town;
const callers = {
  sender,
  stranger: organizationCaller(await world.organization('EN ANNEN ETAT'), scopes.sender),
  unregistered: { ...sender, kind: 'system-user', party: null, subject: null },
  nobody: { ...sender, kind: 'platform', party: null, subject: null },
} as const satisfies Record<string, Caller>;
const wire = await openWire(town, callers);
const full = await openWire(town, callers, {
  ...world.ctx,
  blobs: { ...world.ctx.blobs, receive: () => Promise.reject(new Error('no space left')) },
});
await world.resource('filer', agency, { type: 'BrokerService' });

const announced = (): Promise<AttachmentId> =>
  initializeAttachment(world.ctx, sender, { resourceId: 'brev', fileName: 'a.txt', sendersReference: 'x', checksum: null });
const set = (id: AttachmentId, state: string): Promise<void> =>
  world.db.transaction(async (tx) => void (await tx.run(sql`update correspondence.attachment set state = ${state} where id = ${id}`)));
async function uploaded(): Promise<AttachmentId> {
  const id = await announced();
  await uploadAttachment(world.ctx, sender, { id, stream: Readable.from([Buffer.from('hei')]), contentLength: 3 });
  await scan(town, [id]);
  return id;
}

const fresh = await announced();
const done = await uploaded();
const [purged, expired, carried, waited] = [await uploaded(), await uploaded(), await uploaded(), await announced()];
await purgeAttachment(world.ctx, sender, purged);
await set(expired, 'Expired');
const letterId = await send(town, letter([citizen], {}, { existingAttachments: [carried] }));
await world.db.transaction(async (tx) => {
  await tx.run(sql`insert into correspondence.submission_attachment (submission_id, attachment_id, ordinal)
    select submission_id, ${waited}, 7 from correspondence.message where id = ${letterId}`);
});
const unknown = '0198f0a0-0000-7000-8000-00000000ffff';

interface Case {
  readonly code: number;
  readonly given: string;
  readonly path: string;
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: Partial<InitializeAttachment> | string;
  readonly by?: keyof typeof callers;
}

const announce = (code: number, given: string, body: Partial<InitializeAttachment>, by: keyof typeof callers = 'sender'): Case => ({
  code,
  given,
  path: '/attachment',
  method: 'POST',
  body: { resourceId: 'brev', fileName: 'a.pdf', sendersReference: 'x', ...body },
  by,
});
const upload = (code: number, given: string, id: string, body = 'hei', by: keyof typeof callers = 'sender'): Case => ({
  code,
  given,
  path: `/attachment/${id}/upload`,
  method: 'POST',
  body,
  by,
});
const of = (code: number, given: string, method: 'GET' | 'DELETE', path: string, by: keyof typeof callers = 'sender'): Case => ({
  code,
  given,
  method,
  path: `/attachment/${path}`,
  by,
});

/** Announcing stands in the order of its refusals, each with all that comes after it wrong as well. */
const cases: readonly Case[] = [
  announce(1036, 'a resource that does not exist', { resourceId: 'finnes-ikke', fileName: '' }, 'unregistered'),
  announce(4001, 'no right to send', { resourceId: 'filer', fileName: '' }, 'stranger'),
  announce(4009, 'a resource of another type', { resourceId: 'filer', fileName: '', expirationInDays: 0 }, 'unregistered'),
  announce(2010, 'no file name', { fileName: null, expirationInDays: 0 }, 'unregistered'),
  announce(2010, 'a blank file name', { fileName: ' ', expirationInDays: 0 }, 'unregistered'),
  announce(2011, 'a long file name', { fileName: `${'x?'.repeat(128)}.exe`, expirationInDays: 0 }, 'unregistered'),
  announce(2013, 'a file type that is not taken', { fileName: 'x?.exe', expirationInDays: 0 }, 'unregistered'),
  announce(2012, 'a forbidden character', { fileName: 'con.?.pdf', expirationInDays: 0 }, 'unregistered'),
  announce(2012, 'a control character', { fileName: 'a\u0001.pdf' }),
  announce(2021, 'a reserved name', { fileName: 'Lpt9.tar.zip', expirationInDays: 0 }, 'unregistered'),
  announce(2017, 'a life that is too short', { expirationInDays: 0 }, 'unregistered'),
  announce(4006, 'a caller that is nobody', {}, 'nobody'),
  announce(4002, 'a caller whom the register does not know', {}, 'unregistered'),
  upload(2001, 'an attachment that nobody knows', unknown, ''),
  upload(4001, 'no right to send', done, '', 'stranger'),
  upload(2004, 'no bytes', done, '', 'unregistered'),
  upload(2005, 'bytes that are there', carried, 'x', 'unregistered'),
  upload(2003, 'an attachment that a message carries', waited, 'x', 'unregistered'),
  upload(4006, 'a caller that is nobody', fresh, 'x', 'nobody'),
  upload(4002, 'a caller whom the register does not know', fresh, 'x', 'unregistered'),
  of(2001, 'an attachment that nobody knows', 'GET', unknown),
  of(4001, 'no right to send', 'GET', done, 'stranger'),
  of(2001, 'an attachment that nobody knows', 'GET', `${unknown}/details`),
  of(4001, 'no right to send', 'GET', `${done}/details`, 'stranger'),
  of(2001, 'an attachment that nobody knows', 'GET', `${unknown}/download`),
  of(4001, 'no right to send', 'GET', `${done}/download`, 'stranger'),
  of(2001, 'an attachment without bytes', 'GET', `${fresh}/download`),
  of(2019, 'bytes that were deleted', 'GET', `${purged}/download`),
  of(2020, 'bytes that have expired', 'GET', `${expired}/download`),
  of(2016, 'a published message with it', 'GET', `${carried}/download`),
  of(2001, 'an attachment that nobody knows', 'DELETE', unknown),
  of(4001, 'no right to send', 'DELETE', done, 'stranger'),
  of(2006, 'what was deleted before', 'DELETE', purged, 'unregistered'),
  of(2018, 'what has expired', 'DELETE', expired, 'unregistered'),
  of(2007, 'a message that carries it', 'DELETE', carried, 'unregistered'),
  of(4006, 'a caller that is nobody', 'DELETE', done, 'nobody'),
  of(4002, 'a caller whom the register does not know', 'DELETE', done, 'unregistered'),
];

for (const { code, given, path, method = 'GET', body, by = 'sender' } of cases) {
  const [, , ...verb] = path.split('/');
  test(`given ${given}, when an attachment meets ${method} ${verb.slice(1).join('/')}, then it is refused with ${code} and nothing is written`, async () => {
    const call = () =>
      typeof body === 'string'
        ? wire.request(method, path, by, { body, headers: { 'content-type': 'application/octet-stream' } })
        : wire.json(method, path, by, body);
    await assertRefused(await world.nothingWritten(call), code);
  });
}

/** Bytes that are on their way when it shows that they are none: the attachment has failed for good. */
test('given bytes of another checksum or a store that is full, when they have come, then it is refused and the attachment has failed', async () => {
  const summed = (await (
    await wire.json('POST', '/attachment', 'sender', {
      resourceId: 'brev',
      fileName: 'a.txt',
      sendersReference: 'x',
      checksum: '0'.repeat(32),
    })
  ).json()) as string;
  const other = await announced();
  const octets = { body: 'hei', headers: { 'content-type': 'application/octet-stream' } };

  await assertRefused(await wire.request('POST', `/attachment/${summed}/upload`, 'sender', octets), 2008);
  await assertRefused(await full.request('POST', `/attachment/${other}/upload`, 'sender', octets), 2002);

  for (const id of [summed, other]) {
    const overview = await wire.json('GET', `/attachment/${id}`, 'sender');
    assert.equal(((await overview.json()) as { status: string }).status, 'Failed');
    await assertRefused(await world.nothingWritten(() => wire.request('POST', `/attachment/${id}/upload`, 'sender', octets)), 2005);
  }
});

test('given a store or a database that is away when bytes come, when it is told, then the attachment waits, and the same upload gets through once both are there; what came before is in nobody’s way', async () => {
  const octets = { body: 'hei', headers: { 'content-type': 'application/octet-stream' } };
  const standing = async (id: AttachmentId) => {
    const { statusHistory } = (await (await wire.json('GET', `/attachment/${id}/details`, 'sender')).json()) as {
      statusHistory: { status: string; statusText: string }[];
    };
    return statusHistory.map(({ status, statusText }) => `${status}: ${statusText}`);
  };
  const waits = [
    'Initialized: Initialized',
    'UploadProcessing: UploadProcessing',
    'Initialized: Upload interrupted. It can be sent again.',
  ];
  const cut = await createCutDatabase(world.db.pool.options.connectionString!, { patienceMillis: 100 });
  const { blobs } = world.ctx;
  const hanging: typeof blobs.receive = async (...stored) => {
    await blobs.receive(...stored); // what it has, and could not say
    throw new StoreUnavailable(new Error('hangs'));
  };
  const leaving: typeof blobs.receive = async (...stored) => {
    const blob = await blobs.receive(...stored);
    await cut.goAway();
    return blob;
  };
  const [stored, bound] = await Promise.all([announced(), announced()]);

  const away = await openWire(town, callers, { ...world.ctx, blobs: { ...blobs, receive: hanging } });
  const told = await away.request('POST', `/attachment/${stored}/upload`, 'sender', octets);
  assert.equal(told.headers.get('retry-after'), '10');
  await assertRefused(told, 2002);
  assert.deepEqual(await standing(stored), waits);
  const lost = await openWire(town, callers, { ...world.ctx, db: cut.db, blobs: { ...blobs, receive: leaving } });
  assert.equal((await lost.request('POST', `/attachment/${bound}/upload`, 'sender', octets)).status, 503);
  assert.deepEqual(await standing(bound), waits.slice(0, 2));
  await cut.comeBack();
  while ((await standing(bound)).length < 3) await sleep(20);

  for (const id of [stored, bound]) {
    assert.equal((await wire.request('POST', `/attachment/${id}/upload`, 'sender', octets)).status, 200);
    await scan(town, [id]);
    assert.deepEqual(await standing(id), [...waits, 'UploadProcessing: UploadProcessing', 'Published: Published']);
  }
});

test('given the refusals that attachments declare, when the cases here are looked at, then each has one', () => {
  assertAllProvoked(attachmentRoutes, [...cases.map(({ code }) => code), 2008, 2002, 2022]); // 2022: on-the-wire.test.ts
});

test('given a sandbox that makes what it does not know, when an announcement is refused, then it has made nothing', async () => {
  onUnknownResources.fill(async (ctx, { id, type, owner }) => {
    if (owner) await ctx.db.transaction(async (tx) => saveResources(tx, [{ id, type, owner, title: { nb: id, nn: id, en: id } }]));
  });
  const body = { resourceId: 'ny-ressurs', fileName: 'a.exe', sendersReference: 'x' };

  await assertRefused(await world.nothingWritten(() => wire.json('POST', '/attachment', 'sender', body)), 2013);
  await assertRefused(await world.nothingWritten(() => wire.json('POST', '/attachment', 'unregistered', body)), 2013);
  const taken = await wire.json('POST', '/attachment', 'sender', { ...body, fileName: 'a.pdf' });
  assert.equal(taken.status, 200);
});
