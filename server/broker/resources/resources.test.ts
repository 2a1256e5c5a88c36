import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { saveParties } from '#register/index.ts';
import { organizationCaller, scopes } from '../../../test/world.ts';
import { createTown, fetchWhole, openWire, organizationId, rows, transferOf } from '../testing/town.ts';
import { asTimeSpan, readDuration } from './duration.ts';

const town = await createTown();
const { world, agency } = town;
const wire = await openWire(town);
await world.resource('tjeneste', agency, { type: 'BrokerService', senders: 'any', readers: ['organization'] });
const put = (body: object, id = 'tjeneste') => wire.json('PUT', `/resource/${id}`, 'owner', body);
const get = async (id = 'tjeneste') => (await wire.json('GET', `/resource/${id}`, 'owner')).json();
const announce = async (differs = {}) =>
  (await (await wire.json('POST', '/filetransfer', 'sender', transferOf(town, { resourceId: 'tjeneste', ...differs }))).json()) as {
    fileTransferId: string;
  };

test('given an owner, when it registers, then its two stores are ready', async () => {
  assert.equal((await wire.json('POST', '/serviceowner', 'owner', { name: 'Etaten', deletionTime: 'P1D' })).status, 200);
  const ready = { deploymentStatus: 'Ready', deploymentEnvironment: 'sandbox' };
  assert.deepEqual(await (await wire.json('GET', '/serviceowner', 'owner')).json(), {
    name: 'Etaten',
    storageProviders: [
      { type: 'AltinnAzure', ...ready },
      { type: 'AltinnAzureWithoutVirusScan', ...ready },
    ],
  });
});

test('given a resource, when it is configured bit by bit, then what is not said stays, and spans show as the original writes them', async () => {
  const first = await put({ MaxFileTransferSize: '1112391230', fileTransferTimeToLive: 'P1DT2H' });
  assert.deepEqual([first.status, await first.text()], [204, '']);
  assert.equal(
    (await put({ purgeFileTransferGracePeriod: 'PT30M', requiredParty: organizationId(town.first), fileTransferTimeToLive: null })).status,
    204,
  );
  assert.deepEqual(await get(), {
    maxFileTransferSize: 1112391230,
    fileTransferTimeToLive: '1.02:00:00',
    purgeFileTransferAfterAllRecipientsConfirmed: true,
    purgeFileTransferGracePeriod: '00:30:00',
    useManifestFileShim: null,
    externalServiceCodeLegacy: null,
    externalServiceEditionCodeLegacy: null,
    requiredParty: organizationId(town.first),
  });
});

test('given a resource that is not configured yet, when parts of it are at once, then none is lost', async () => {
  await world.resource('samtidig', agency, { type: 'BrokerService' });
  const changes = [
    { maxFileTransferSize: 10 },
    { fileTransferTimeToLive: 'P2D' },
    { purgeFileTransferGracePeriod: 'PT1H' },
    { requiredParty: 'x' },
  ];
  const answers = await Promise.all(changes.map((change) => put(change, 'samtidig')));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [204, 204, 204, 204],
  );
  const { maxFileTransferSize, fileTransferTimeToLive, purgeFileTransferGracePeriod, requiredParty } = (await get('samtidig')) as Record<
    string,
    unknown
  >;
  assert.deepEqual(
    [maxFileTransferSize, fileTransferTimeToLive, purgeFileTransferGracePeriod, requiredParty],
    [10, '2.00:00:00', '01:00:00', 'x'],
  );
});

test('given a resource with a time of its own, when a file is announced, then it lives so long, and a later change leaves it', async () => {
  const { fileTransferId: id } = await announce();
  assert.equal((await put({ fileTransferTimeToLive: 'P3D' })).status, 204);
  const [row] = await rows<{ seconds: number }>(
    town,
    sql`select extract(epoch from expires_at - created_at)::int as seconds from broker.file_transfer where id = ${id}`,
  );
  assert.equal(row?.seconds, 26 * 3600);
});

test('given a resource that keeps what all have confirmed, when they have, then it goes at its time and not before', async () => {
  assert.equal((await put({ purgeFileTransferAfterAllRecipientsConfirmed: false })).status, 204);
  const id = await wire.send('sender', transferOf(town, { resourceId: 'tjeneste' }), 'blir');
  await fetchWhole(wire, id, 'first');
  assert.equal((await wire.request('POST', `/filetransfer/${id}/confirmdownload`, 'first')).status, 204);
  const [row] = await rows<{ same: boolean }>(town, sql`select purge_at = expires_at as same from broker.file_transfer where id = ${id}`);
  assert.deepEqual(row, { same: true });
  assert.equal((await rows(town, sql`select from access.opening`)).length, 1, 'that it was handed over stands');
});

test('given manifests, when they are asked for without the codes of the old service, then both are named', async () => {
  const answer = await world.nothingWritten(() => put({ useManifestFileShim: true, externalServiceEditionCodeLegacy: '0' }));
  assert.equal(answer.status, 400);
  assert.deepEqual(((await answer.json()) as { errors: object }).errors, {
    ExternalServiceCodeLegacy: ['ExternalServiceCodeLegacy must be set and not be an empty string.'],
    ExternalServiceEditionCodeLegacy: ['ExternalServiceEditionCodeLegacy must be set and not be zero.'],
  });
  assert.equal(
    (await put({ useManifestFileShim: true, externalServiceCodeLegacy: '4752', externalServiceEditionCodeLegacy: '2' })).status,
    204,
  );
});

test('given an owner that was closed, when it configures a resource or registers, then it is refused, and nothing is written', async () => {
  const closed = await world.organization('NEDLAGT ETAT');
  await world.resource('etterlatt', closed, { type: 'BrokerService' });
  const gone = await openWire(town, { gone: organizationCaller(closed, scopes.sender) });
  const change = () => gone.json('PUT', '/resource/etterlatt', 'gone', { fileTransferTimeToLive: 'P1D' });
  const register = () => gone.json('POST', '/serviceowner', 'gone', { name: closed.name });
  assert.deepEqual([(await register()).status, (await change()).status], [200, 204]);
  await world.db.transaction(async (tx) =>
    saveParties(tx, [{ kind: 'organization', number: closed.number, name: closed.name, deletedAt: '2026-01-01T00:00:00Z' }]),
  );

  for (const [attempt, status, code] of [
    [change, 401, 'BRO-00006'],
    [register, 400, 'BRO-07001'],
  ] as const) {
    const answer = await world.nothingWritten(attempt);
    assert.deepEqual([answer.status, ((await answer.json()) as { code: string }).code], [status, code]);
  }
});

test('given durations, when they are read and written, then a year is 365 days, a month 30, and what is none is refused', () => {
  for (const [text, seconds] of [
    ['P1Y', 365 * 86_400],
    ['P1M', 30 * 86_400],
    ['PT1M', 60],
    ['P1Y2M3DT4H5M6S', (365 + 60 + 3) * 86_400 + 4 * 3600 + 5 * 60 + 6],
    ['PT0.9S', 1],
    [' PT1H ', 3600],
  ] as const)
    assert.equal(readDuration(text), seconds, text);
  for (const text of ['', 'P', 'PT', 'P1DT', '-P1D', 'P-1D', '1D', 'P1W', 'p1d', `P${'9'.repeat(30)}Y`])
    assert.equal(readDuration(text), undefined, text);
  assert.deepEqual([0, 61, 86_399, 86_400, 365 * 86_400].map(asTimeSpan), [
    '00:00:00',
    '00:01:01',
    '23:59:59',
    '1.00:00:00',
    '365.00:00:00',
  ]);
});
