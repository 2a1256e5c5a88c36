import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import { organizationCaller } from '../../../test/world.ts';
import { fileStatisticsRoutes } from '../../statistics/files/routes.ts';
import type { StatisticsContext } from '../../statistics/index.ts';
import { brokerRoutes } from '../routes.ts';
import { assertRefused, brokerScopes, createTown, openWire, organizationId, transferOf } from '../testing/town.ts';

/** What went between whom: by month for owners of services, by day for whoever runs this. */
const town = await createTown();
const { world, agency, sending, first, second } = town;
const vendor = await world.organization('LEVERANDØR AS');
const another = await world.organization('EN ANNEN EIER', { orgCode: 'annen' });
const statistics = { apiKey: 'the right key', trustProxy: false, environment: 'test' };
const ctx: typeof town.ctx & StatisticsContext = { ...town.ctx, statistics };
const callers = {
  system: { ...organizationCaller(first, brokerScopes.recipient), consumer: vendor.id },
  another: organizationCaller(another, brokerScopes.owner),
};
const routes = [...brokerRoutes, ...fileStatisticsRoutes];
const wire = await openWire(town, callers, ctx, routes);
const unset = await openWire(town, callers, { ...ctx, statistics: { ...statistics, apiKey: undefined } } as typeof ctx, routes);
const broken = await openWire(
  town,
  callers,
  { ...ctx, blobs: { ...ctx.blobs, receive: () => Promise.reject(new Error('no room')) } },
  routes,
);

const daily = (name: string, key: string | null = 'the right key', on = wire) =>
  on.request('POST', `/statistics/${name}`, '', { headers: key === null ? {} : { 'x-api-key': key } });
const now = () => ctx.now().toISOString();
const monthly = (query: string, by = 'owner') => wire.request('GET', `/statistics/monthly?${query}`, by);
const thisMonth = () => `year=${now().slice(0, 4)}&month=${Number(now().slice(5, 7))}`;
const lines = async (query: string) => (await (await monthly(query)).text()).split('\n').slice(1, -1);

test('given nothing that was sent, when reports are asked for, then the month is a header and the day is refused', async () => {
  const { files } = await world.counts();
  const answer = await monthly(thisMonth());
  assert.equal(answer.headers.get('content-type'), 'text/csv; charset=utf-8');
  assert.equal(
    answer.headers.get('content-disposition'),
    `attachment; filename="monthly_statistics_all-resources_${now().slice(0, 7)}.csv"`,
  );
  assert.equal(
    await answer.text(),
    'year,month,resourceId,senderVendor,recipientVendor,sender,recipient,totalFileTransfers,uploadCount,totalTransferDownloadAttempts,transfersWithDownloadConfirmed\n',
  );
  await assertRefused(await daily('generate-daily-summary'), 6001);
  assert.equal((await world.counts()).files, files);
});

test('given files between three, when the month is asked for, then each pair has its line, told apart by vendor or not, and an owner sees its own', async () => {
  const both = { recipients: [organizationId(first), organizationId(second)] };
  for (const content of ['en', 'to']) {
    const id = await wire.send('sender', transferOf(town, both), content);
    for (let n = 0; n < 2; n++) await (await wire.request('GET', `/filetransfer/${id}/download`, 'system')).arrayBuffer();
    if (content === 'en') await wire.request('POST', `/filetransfer/${id}/confirmdownload`, 'system');
  }
  await wire.json('POST', '/filetransfer', 'sender', transferOf(town));
  const [year, month] = [now().slice(0, 4), Number(now().slice(5, 7))];
  const [from, toFirst, toSecond, by] = [sending, first, second, vendor].map(organizationId) as [string, string, string, string];
  const pairs = [
    { to: toFirst, by, line: [2, 2, 4, 1] },
    { to: toFirst, by: '', line: [1, 0, 0, 0] },
    { to: toSecond, by: '', line: [2, 2, 0, 0] },
  ].sort((a, b) => (`${a.to}${a.by}` < `${b.to}${b.by}` ? -1 : 1));
  const start = `${year},${month},filer`;

  assert.deepEqual(await lines(thisMonth()), [
    ...[
      [toFirst, 3, 2, 4, 1],
      [toSecond, 2, 2, 0, 0],
    ]
      .sort()
      .map((line) => `${start},,,${from},${line.join(',')}`),
  ]);
  assert.deepEqual(
    await lines(`${thisMonth()}&includeVendor=true&resourceId=filer`),
    pairs.map(({ to, by: acted, line }) => `${start},${from},${acted},${from},${to},${line.join(',')}`),
  );
  assert.deepEqual(await lines(`${thisMonth()}&includeEndUser=false&includeVendor=true`), [
    `${start},${from},,,,3,2,0,0`,
    `${start},${from},${by},,,2,2,4,1`,
  ]);
  assert.deepEqual(await lines(`year=${Number(year) - 1}&month=${month}`), []);
  assert.equal((await (await monthly(thisMonth(), 'another')).text()).trim().split('\n').length, 1, 'another owner sees nothing of it');
});

test('given a month that is none, nobody to include, or a resource that is not the caller’s, when it is asked for, then it is refused in that order', async () => {
  const cases = [
    [6003, 'month=1'],
    [6003, 'year=2026&month=13&includeEndUser=false'],
    [6003, 'year=0&month=1'],
    [6005, `${thisMonth()}&includeEndUser=false&resourceId=none`],
    [25, `${thisMonth()}&resourceId=none`],
  ] as const;
  for (const [code, query] of cases) await assertRefused(await world.nothingWritten(() => monthly(query)), code);
  await assertRefused(await world.nothingWritten(() => monthly(`${thisMonth()}&resourceId=filer`, 'another')), 6);
  assert.equal((await monthly(thisMonth(), 'sender')).status, 403);
});

test('given files, when the day’s report is made and read by another program, then it holds them all, and says what it is', async () => {
  const made = await daily('generate-daily-summary');
  assert.equal(made.status, 200, await made.clone().text());
  const view = (await made.json()) as Record<string, unknown>;
  assert.match(String(view.filePath), /^\d{8}_\d{6}_daily_summary_report_A3_test\.parquet$/);
  assert.deepEqual([view.totalFileTransferCount, view.serviceOwnerCount, view.altinn2Included, view.environment], [3, 1, false, 'test']);

  const got = await daily('generate-and-download-daily-summary');
  const bytes = new Uint8Array(await got.arrayBuffer());
  const md5 = createHash('md5').update(bytes).digest('base64');
  assert.deepEqual(
    ['x-file-hash', 'x-file-size', 'x-service-owner-count', 'x-total-filetransfer-count', 'x-altinn2-included'].map((name) =>
      got.headers.get(name),
    ),
    [md5, String(bytes.length), '1', '3', 'false'],
  );
  const rows = (await parquetReadObjects({ file: bytes.buffer })) as Record<string, unknown>[];
  assert.deepEqual(rows, [
    {
      date: now().slice(0, 10),
      year: Number(now().slice(0, 4)),
      month: Number(now().slice(5, 7)),
      day: Number(now().slice(8, 10)),
      service_owner_id_pk: agency.number,
      service_owner_name: 'ETATEN',
      file_sender_id: sending.number,
      resource_id: 'filer',
      altinn_resource_service: 'Post',
      recipient_type: 'Organization',
      altinn_version: 'Altinn3',
      filetransfercount: 3,
      databasestoragebytes: 0n,
      filestoragebytes: 4n,
    },
  ]);
  await assertRefused(await daily('generate-daily-summary', 'the right key', broken), 6002);
});

test('given no key, an empty, a wrong one or none that is right, when a report is asked for, then each is told in the original’s words, and after ten nobody is heard', async () => {
  const said = async (key: string | null, on = wire) => {
    const answer = await daily('generate-daily-summary', key, on);
    return [answer.status, ((await answer.json()) as { error: string }).error];
  };
  assert.deepEqual(await said(null), [401, 'API key required for statistics endpoints']);
  assert.deepEqual(await said(' '), [401, 'API key cannot be empty']);
  assert.deepEqual(await said('wrong'), [401, 'Invalid API key']);
  assert.deepEqual(await said('any', unset), [401, 'API key validation not configured']);
  for (let n = 4; n < 10; n++) await said('wrong');
  const limited = await daily('generate-daily-summary', 'wrong');
  assert.equal(limited.status, 429);
  assert.equal(limited.headers.get('x-ratelimit-remaining'), '0');
  assert.ok(Number(limited.headers.get('retry-after')) > 0);
  assert.notEqual((await daily('generate-daily-summary')).status, 429, 'who has the right key is counted by itself');
});
