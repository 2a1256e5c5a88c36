import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { saveAccessLists } from '#access/index.ts';
import { StoreUnavailable } from '#blobs/index.ts';
import type { Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import { Overloaded } from '#kernel/overloaded.ts';
import { organizationCaller } from '../../test/world.ts';
import { brokerRoutes as all } from './routes.ts';
import { fileScanResultRoutes } from './send/scan-results/routes.ts';
import { assertRefused, brokerScopes, createTown, fetchWhole, octets, openWire, organizationId, transferOf } from './testing/town.ts';

/** Every refusal of the catalogue over the wire, in the order in which the original gives them, and that nothing was written. */
const town = await createTown();
const { world, agency, sending, first, second } = town;
const another = await world.organization('EN ANNEN EIER');
const callers = {
  unregistered: { ...town.callers.owner, party: null, subject: null },
  another: organizationCaller(another, [...brokerScopes.owner, ...brokerScopes.both]),
  both: organizationCaller(sending, brokerScopes.both),
} as const satisfies Record<string, Caller>;
const brokerRoutes = all.filter(({ path }) => path.startsWith('/broker/'));
/** What resumable upload refuses is text and has tests of its own (`tus/`). */
const routes = [...brokerRoutes, ...fileScanResultRoutes(undefined)].filter(({ answersInText }) => !answersInText);
const wire = await openWire(town, callers, town.ctx, routes);
const strict = await openWire(town, callers, { ...town.ctx, approvalNeeded: true }, routes);
const full = await openWire(town, callers, {
  ...town.ctx,
  blobs: { ...town.ctx.blobs, receive: () => Promise.reject(new Error('no space left')) },
});

/** Its object store hangs, or says that it is busy; or all connections to its database are. */
const faults = [new StoreUnavailable(new Error('busy')), new Overloaded(5)];
const ill = await openWire(town, callers, {
  ...town.ctx,
  blobs: { ...town.ctx.blobs, receive: () => Promise.reject(faults.shift()) },
});

await world.db.transaction(async (tx) => saveAccessLists(tx, [{ id: 'pilot', owner: agency.id, members: [first.id, sending.id] }]));
const shared = { type: 'BrokerService' as const, senders: 'any' as const, readers: ['organization'] };
await world.resource('listed', agency, { ...shared, broker: {}, accessList: 'pilot' });
await world.resource('small', agency, { ...shared, broker: { maxFileTransferSize: 5 } });
await world.resource('bound', agency, { ...shared, broker: {} });
await world.resource('bare', agency, shared);
await world.resource('fresh', agency, shared);
await world.resource('foreign', another, shared);
await wire.json('POST', '/serviceowner', 'owner', { name: 'Etaten' });
assert.equal((await wire.json('PUT', '/resource/bound', 'owner', { requiredParty: `0192:${agency.number}` })).status, 204);

async function announced(differs = {}): Promise<string> {
  const answer = await wire.json('POST', '/filetransfer', 'sender', transferOf(town, differs));
  assert.equal(answer.status, 200, await answer.clone().text());
  return ((await answer.json()) as { fileTransferId: string }).fileTransferId;
}
const fetchedBy = (id: string, by: string) => fetchWhole(wire, id, by);
const set = (id: string, column: 'state' | 'resource_id', value: string) =>
  world.db.transaction(async (tx) => {
    if (column === 'state') await tx.run(sql`update broker.file_transfer set state = ${value} where id = ${id}`);
    else await tx.run(sql`update broker.file_transfer set resource_id = ${value} where id = ${id}`);
  });

const waiting = await announced();
const small = await announced({ resourceId: 'small' });
const checked = await announced({ checksum: 'b'.repeat(32) });
const broken = await announced();
const done = await wire.send('sender', transferOf(town), 'innhold');
const complete = await wire.send('sender', transferOf(town), 'ferdig');
await fetchedBy(complete, 'first');
assert.equal((await wire.request('POST', `/filetransfer/${complete}/confirmdownload`, 'first')).status, 204);
const held = await wire.send('sender', transferOf(town), 'holdt');
await fetchedBy(held, 'first');
const homeless = await announced();
await set(homeless, 'resource_id', 'bare');
const lost = await wire.send('sender', transferOf(town), 'borte');
const scanned = await announced();
await world.db.transaction(
  async (tx) =>
    void (await tx.run(
      sql`update broker.file_transfer set state = 'UploadStarted', upload_id = ${randomUUID()}, upload_began_at = clock.now(), upload_seen_at = clock.now() where id = ${scanned}`,
    )),
);
const unknown = randomUUID();
const nobody = '0192:910753614';

interface Case {
  readonly code: number;
  readonly given: string;
  readonly method?: string;
  readonly path: string;
  readonly by?: string;
  readonly body?: unknown;
  readonly bytes?: string;
  readonly headers?: Record<string, string>;
  readonly on?: typeof wire;
  /** The refusal itself is what is written: the transfer fails. */
  readonly writes?: true;
}

const init = (differs: object) => ({ path: '/filetransfer', body: transferOf(town, differs) });
const put = (body: object, resource = 'fresh') => ({ method: 'PUT', path: `/resource/${resource}`, by: 'owner', body });
const scanOf = (id: string) => ({
  path: '/webhooks/malwarescanresults',
  body: { eventType: 'Microsoft.Security.MalwareScanningResult', data: { blobUri: `https://x/${id}`, scanResultType: 'No threats found' } },
});

const cases: readonly Case[] = [
  { code: 6, given: 'a resource that nobody knows', ...init({ resourceId: 'nobody-knows' }) },
  { code: 6, given: 'a resource that is not configured to carry files', ...init({ resourceId: 'bare' }) },
  { code: 6, given: 'a sender that the caller is not', ...init({ sender: organizationId(first) }) },
  { code: 6, given: 'a sender that nobody knows', ...init({ sender: nobody }) },
  { code: 6, given: 'the owner of the resource as somebody else', by: 'owner', ...init({}) },
  { code: 20, given: 'no scan without approval', ...init({ disableVirusScan: true }), on: strict },
  { code: 9950, given: 'a recipient that nobody knows', ...init({ recipients: [organizationId(first), nobody] }) },
  {
    code: 28,
    given: 'a recipient outside the list',
    ...init({ resourceId: 'listed', recipients: [organizationId(first), organizationId(second)] }),
  },
  {
    code: 27,
    given: 'two recipients without the required party',
    ...init({ resourceId: 'bound', recipients: [organizationId(agency), organizationId(second)] }),
  },
  { code: 26, given: 'a recipient that is not the required party', ...init({ resourceId: 'bound' }) },
  { code: 1, given: 'bytes of nothing', path: `/filetransfer/${unknown}/upload`, bytes: 'x' },
  { code: 6, given: 'bytes of another', path: `/filetransfer/${waiting}/upload`, by: 'stranger', bytes: 'x' },
  { code: 4, given: 'bytes that are there', path: `/filetransfer/${done}/upload`, bytes: 'x' },
  { code: 5, given: 'bytes for a resource that carries no more', path: `/filetransfer/${homeless}/upload`, bytes: 'x' },
  { code: 16, given: 'too many announced', path: `/filetransfer/${small}/upload`, bytes: '123456' },
  { code: 9, given: 'other bytes than declared', path: `/filetransfer/${checked}/upload`, bytes: 'x', writes: true },
  { code: 8, given: 'no room', path: `/filetransfer/${broken}/upload`, bytes: 'x', on: full, writes: true },
  { code: 1, given: 'a look at nothing', method: 'GET', path: `/filetransfer/${unknown}` },
  { code: 6, given: 'a stranger that looks', method: 'GET', path: `/filetransfer/${done}`, by: 'stranger' },
  { code: 6, given: 'an owner that looks', method: 'GET', path: `/filetransfer/${done}/details`, by: 'owner' },
  { code: 6, given: 'a list of nowhere', method: 'GET', path: '/filetransfer?resourceId=nowhere' },
  { code: 1, given: 'nothing to fetch', method: 'GET', path: `/filetransfer/${unknown}/download`, by: 'first' },
  { code: 6, given: 'a stranger that fetches', method: 'GET', path: `/filetransfer/${done}/download`, by: 'stranger' },
  { code: 6, given: 'a sender that fetches', method: 'GET', path: `/filetransfer/${done}/download`, by: 'both' },
  { code: 7, given: 'a file that has not come', method: 'GET', path: `/filetransfer/${waiting}/download`, by: 'first' },
  {
    code: 29,
    given: 'a part beyond the end',
    method: 'GET',
    path: `/filetransfer/${done}/download`,
    by: 'first',
    headers: { range: 'bytes=7-' },
  },
  {
    code: 9954,
    given: 'another file than If-Match names',
    method: 'GET',
    path: `/filetransfer/${done}/download`,
    by: 'first',
    headers: { 'if-match': '"nope"' },
  },
  { code: 1, given: 'nothing to confirm', path: `/filetransfer/${unknown}/confirmdownload`, by: 'first' },
  { code: 6, given: 'a stranger that confirms', path: `/filetransfer/${done}/confirmdownload`, by: 'stranger' },
  { code: 3, given: 'a file that has not come, to confirm', path: `/filetransfer/${waiting}/confirmdownload`, by: 'first' },
  { code: 10, given: 'what all have confirmed', path: `/filetransfer/${complete}/confirmdownload`, by: 'first' },
  { code: 19, given: 'what was not fetched', path: `/filetransfer/${done}/confirmdownload`, by: 'first' },
  {
    code: 9951,
    given: 'a digest that is none',
    path: `/filetransfer/${waiting}/upload`,
    bytes: 'x',
    headers: { ...octets, 'repr-digest': 'sha-256=:x:' },
  },
  {
    code: 9952,
    given: 'the hash of something else',
    path: `/filetransfer/${held}/confirmdownload`,
    by: 'first',
    headers: { 'repr-digest': `sha-256=:${Buffer.alloc(32).toString('base64')}:` },
    writes: true,
  },
  {
    code: 9953,
    given: 'the hash of something else than was confirmed',
    path: `/filetransfer/${complete}/confirmdownload`,
    by: 'first',
    headers: { 'repr-digest': `sha-256=:${Buffer.alloc(32).toString('base64')}:` },
    writes: true,
  },
  { code: 5, given: 'a resource that nobody knows, to configure', ...put({}, 'nobody-knows') },
  { code: 6, given: 'another’s resource', ...put({}, 'foreign') },
  { code: 24, given: 'an owner that is not registered', ...put({}, 'foreign'), by: 'another' },
  { code: 11, given: 'a size below nothing', ...put({ maxFileTransferSize: -1 }) },
  { code: 12, given: 'no size', ...put({ maxFileTransferSize: '0' }) },
  { code: 13, given: 'more than a scan takes', ...put({ maxFileTransferSize: 50_000_000_001 }), on: strict },
  { code: 22, given: 'more than anybody has tried', ...put({ maxFileTransferSize: 1_677_721_600_001 }) },
  { code: 14, given: 'a time that is none', ...put({ fileTransferTimeToLive: '30 days' }) },
  { code: 15, given: 'more than a year', ...put({ fileTransferTimeToLive: 'P366D' }) },
  { code: 17, given: 'a grace period that is none', ...put({ purgeFileTransferGracePeriod: 'PT' }) },
  { code: 18, given: 'more than a day of grace', ...put({ purgeFileTransferGracePeriod: 'PT24H1S' }) },
  { code: 25, given: 'how an unconfigured resource carries', method: 'GET', path: '/resource/bare', by: 'owner' },
  { code: 6, given: 'how another’s resource carries', method: 'GET', path: '/resource/bound', by: 'another' },
  { code: 7001, given: 'an owner that nobody knows', path: '/serviceowner', by: 'unregistered', body: { name: 'x' } },
  { code: 7002, given: 'an owner that is there', path: '/serviceowner', by: 'owner', body: { name: 'x' } },
  { code: 7004, given: 'an owner that is not', method: 'GET', path: '/serviceowner', by: 'another' },
  { code: 6003, given: 'a month that is none', method: 'GET', path: '/statistics/monthly?year=2026&month=13', by: 'owner' },
  {
    code: 6005,
    given: 'statistics of nobody',
    method: 'GET',
    path: '/statistics/monthly?year=2026&month=1&includeEndUser=false',
    by: 'owner',
  },
  { code: 1, given: 'a scan of nothing', ...scanOf(unknown) },
  { code: 30, given: 'a scan before the bytes', ...scanOf(scanned) },
];

function asked({ method, path, by = 'sender', body, bytes, headers, on = wire }: Case): Promise<Response> {
  if (bytes !== undefined) return on.request('POST', path, by, { body: bytes, headers: headers ?? octets });
  if (body !== undefined) return on.json(method ?? 'POST', path, by, body);
  return on.request(method ?? 'POST', path, by, headers ? { headers } : {});
}

const provoked = new Set<number>();
for (const one of cases) {
  test(`given ${one.given}, when it is asked for, then the answer is ${one.code} and ${one.writes ? 'that is written' : 'nothing is written'}`, async () => {
    await assertRefused(one.writes ? await asked(one) : await world.nothingWritten(() => asked(one)), one.code);
    provoked.add(one.code);
  });
}

test('given bytes that are more than announced, when they come, then they are cut off and the transfer has failed', async () => {
  const id = await announced({ resourceId: 'small' });
  const before = (await world.counts()).files;
  const stream = ReadableStream.from(['123', '456'].map((text) => Buffer.from(text)));
  await assertRefused(await wire.request('POST', `/filetransfer/${id}/upload`, 'sender', { body: stream as never, headers: octets }), 16);
  const { fileTransferStatus } = (await (await wire.json('GET', `/filetransfer/${id}`, 'sender')).json()) as { fileTransferStatus: string };
  assert.equal(fileTransferStatus, 'Failed');
  assert.equal((await world.counts()).files, before);
});

test('given a file whose resource is gone, when it is fetched, then it is refused', async () => {
  await set(lost, 'resource_id', 'gone');
  const answer = await wire.request('GET', `/filetransfer/${lost}/download`, 'first');
  assert.ok(answer.status === 401 || answer.status === 403);
});

test('given every refusal that routes declare, when all have been tried, then each was provoked', () => {
  const declared = new Set(routes.flatMap(({ refusals }) => refusals.map(({ code }) => code)));
  assert.deepEqual(
    [...provoked].sort((a, b) => a - b),
    [...declared].sort((a, b) => a - b),
  );
});

test('given a store or a database that does not answer, when bytes come, then the sender is told when to come again, and then they are taken', async () => {
  const brief = async () => 'innhold';
  const streamed = async () => ReadableStream.from([Buffer.from('innhold')]) as never;
  const ways = [brief, streamed].flatMap((bytes, i) => faults.map(() => [bytes, i === 0 ? 'Initialized' : 'UploadStarted'] as const));
  faults.push(...faults);
  for (const [bytes, state] of ways) {
    const id = await announced();

    const refused = await ill.request('POST', `/filetransfer/${id}/upload`, 'sender', { headers: octets, body: await bytes() });

    assert.equal(refused.status, 503);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    const [transfer] = await world.db.all<{ state: string; blobKey: string | null }>(
      sql`select state, blob_key as "blobKey" from broker.file_transfer where id = ${id}`,
    );
    assert.deepEqual(transfer, { state, blobKey: null });
    assert.equal((await wire.request('POST', `/filetransfer/${id}/upload`, 'sender', { headers: octets, body: 'innhold' })).status, 200);
  }
});

test('given a database that goes when all bytes are here, when they are to be a file, then the sender may come again as soon as it was told to', async () => {
  const id = await announced();
  let isAway = false;
  const { db, blobs } = town.ctx;
  const away = await openWire(town, callers, {
    ...town.ctx,
    blobs: {
      ...blobs,
      async receive(stream, how) {
        const blob = await blobs.receive(stream, how);
        isAway = true;
        return blob;
      },
    },
    db: {
      ...db,
      transaction(work) {
        if (!isAway) return db.transaction(work);
        isAway = false;
        return Promise.reject(new Overloaded(5));
      },
    },
  });

  assert.equal((await away.request('POST', `/filetransfer/${id}/upload`, 'sender', { headers: octets, body: 'innhold' })).status, 503);
  assert.equal((await wire.request('POST', `/filetransfer/${id}/upload`, 'sender', { headers: octets, body: 'innhold' })).status, 200);
});
