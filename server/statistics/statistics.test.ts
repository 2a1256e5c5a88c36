import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { createHttp } from '#http/index.ts';
import { anonymous } from '#kernel/context.ts';
import { type Sql, sql } from '#kernel/database.ts';
import { silentLog } from '#kernel/log.ts';
import { createTown, letter, send, sendAll } from '../correspondence/testing/town.ts';
import type { StatisticsContext } from './context.ts';
import { generateReport } from './generate-report.ts';
import { clientAddress, limitCalls } from './limit-calls.ts';
import { makeDueReport } from './make-due-report.ts';
import { statisticsRoutes } from './routes.ts';
import { nextReportAt, sumDays } from './sum-days.ts';
import { type ReportRow, reportColumns } from './write-parquet.ts';

const town = await createTown();
const { world } = town;
const ctx: StatisticsContext = {
  ...world.ctx,
  statistics: { apiKey: 'the right key', trustProxy: true, environment: 'test' },
};

const http = await createHttp({
  routes: statisticsRoutes,
  context: ctx,
  authenticate: async () => anonymous,
  blobs: ctx.blobs,
  log: silentLog,
  checkAnswers: true,
  publicUrl: 'http://localhost',
});
const port = await http.listen(0, '127.0.0.1');
after(() => http.close(0));

let callers = 0;
/** Each caller has an address of its own, so that one test's calls do not count for another. */
const newAddress = (): string => `192.0.2.${++callers}`;
const call = (
  name: string,
  { from = newAddress(), key = 'the right key' as string | undefined, body = undefined as string | undefined } = {},
) =>
  fetch(`http://127.0.0.1:${port}/correspondence/api/v1/statistics/${name}`, {
    method: 'POST',
    headers: {
      'x-forwarded-for': `203.0.113.7, ${from}`,
      ...(key === undefined ? {} : { 'x-api-key': key }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body }),
  });

async function readRows(bytes: Uint8Array): Promise<ReportRow[]> {
  const file = new Uint8Array(bytes).buffer;
  return (await parquetReadObjects({ file })) as unknown as ReportRow[];
}

const total = (rows: readonly ReportRow[]): number => rows.reduce((sum, { messagecount }) => sum + messagecount, 0);
const count = async (query: Sql): Promise<number> => (await world.db.one<{ n: number }>(query)).n;

test('given nothing that was sent, when a report is asked for, then it is 404 with 6001 and no file stays', async () => {
  const files = await count(sql`select count(*)::int as n from blobs.blob`);
  const answer = await call('generate-daily-summary');

  assert.deepEqual([answer.status, ((await answer.json()) as { errorCode: number }).errorCode], [404, 6001]);
  assert.equal(await count(sql`select count(*)::int as n from statistics.report`), 0);
  assert.equal(await count(sql`select count(*)::int as n from blobs.blob`), files);
});

test('given letters of several kinds, when the report is downloaded, then another reader finds its columns and a row for each kind', async () => {
  await sendAll(town, letter([town.municipality, town.citizen]));
  await send(town, letter([town.citizen], { messageSender: 'Etaten,\r\nRegion øst', propertyList: { senderOrgNumber: '991825827' } }));
  const answer = await call('download-daily-report');
  const bytes = new Uint8Array(await answer.arrayBuffer());

  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'application/octet-stream');
  assert.match(answer.headers.get('content-disposition') ?? '', /filename="\d{8}_\d{6}_daily_summary_report_A3_test\.parquet"/);
  assert.equal(answer.headers.get('x-file-hash'), createHash('sha256').update(bytes).digest('hex'));
  assert.deepEqual(
    ['x-file-size', 'x-service-owner-count', 'x-total-correspondence-count', 'x-environment', 'x-altinn2-included'].map((name) =>
      answer.headers.get(name),
    ),
    [String(bytes.length), '1', '3', 'test', 'false'],
  );
  const schema = parquetMetadata(new Uint8Array(bytes).buffer).schema.slice(1);
  assert.deepEqual(
    schema.map(({ name, type }) => [name, type]),
    reportColumns.map(({ name, type }) => [name, type === 'STRING' ? 'BYTE_ARRAY' : type]),
  );
  const now = ctx.now();
  const common = {
    date: now.toISOString().slice(0, 10),
    year: now.getUTCFullYear(),
    month: now.getUTCMonth() + 1,
    day: now.getUTCDate(),
    serviceownerorgnr: town.agency.number,
    serviceownercode: 'etaten',
    serviceresourceid: 'brev',
    serviceresourcetitle: 'Post',
    costcenter: '',
    attachmentstoragebytes: 0n,
  };
  const bytesOf = BigInt(Buffer.byteLength('VedtakDu har fått et vedtak.'));
  const rows = await readRows(bytes);
  assert.deepEqual(
    rows.map((row) => ({ ...row })).sort((a, b) => (a.recipienttype + a.messagesender < b.recipienttype + b.messagesender ? -1 : 1)),
    [
      { ...common, messagesender: '', senderorgnr: '', recipienttype: 'Organization', messagecount: 1, databasestoragebytes: bytesOf },
      { ...common, messagesender: '', senderorgnr: '', recipienttype: 'Person', messagecount: 1, databasestoragebytes: bytesOf },
      {
        ...common,
        messagesender: 'Etaten, Region øst',
        senderorgnr: '991825827',
        recipienttype: 'Person',
        messagecount: 1,
        databasestoragebytes: bytesOf,
      },
    ],
  );
});

test('given a letter with a file to two kinds of recipients, when it is counted, then the bytes of the file count once', async () => {
  const file = await world.file('vedtak.txt', 'x'.repeat(1000));
  const before = await readReport();
  await sendAll(
    town,
    letter([town.municipality, town.citizen], { content: { attachments: [{ fileName: 'vedtak.txt', sendersReference: '1' }] as never } }),
    [file],
  );
  const sumOf = (rows: readonly ReportRow[]) => rows.reduce((sum, row) => sum + row.attachmentstoragebytes, 0n);

  assert.equal(sumOf(await readReport()) - sumOf(before), 1000n);
});

async function readReport(): Promise<ReportRow[]> {
  const { blobKey } = await generateReport(ctx);
  const chunks: Buffer[] = [];
  for await (const chunk of await ctx.blobs.read(blobKey)) chunks.push(chunk as Buffer);
  return readRows(Buffer.concat(chunks));
}

test('given days that are over, when they are summed, then a report says the same as before, and more days follow', async () => {
  const before = await readReport();
  await world.advance(20 * 86_400);
  while ((await sumDays(ctx)) === 'more');
  assert.equal(await count(sql`select sum(messages)::int as n from statistics.day_sum`), total(before));
  await sumDays(ctx); // again: nothing is counted twice
  const kept = await readReport();
  assert.deepEqual(kept, before);

  await send(town, letter([town.citizen]));
  const later = await readReport();
  assert.equal(total(later), total(before) + 1);
  assert.equal(new Set(later.map(({ date }) => date)).size, 2);
});

test('given two processes at the time of the daily report, when both look, then it is made once, and next time the day after', async () => {
  await makeDueReport(ctx);
  const reports = () => count(sql`select count(*)::int as n from statistics.report`);
  await world.advance(86_400);
  const before = await reports();
  await Promise.all([makeDueReport(ctx), makeDueReport(ctx)]);
  assert.equal(await reports(), before + 1);
  await makeDueReport(ctx);
  assert.equal(await reports(), before + 1);
});

test('given summer and winter, when the next report is planned, then it is five in the morning in Norway', () => {
  for (const [at, next] of [
    ['2026-01-10T12:00:00Z', '2026-01-11T04:00:00Z'],
    ['2026-07-10T01:00:00Z', '2026-07-10T03:00:00Z'],
    ['2026-07-10T03:00:00Z', '2026-07-11T03:00:00Z'],
    ['2026-10-24T12:00:00Z', '2026-10-25T04:00:00Z'],
  ])
    assert.equal(nextReportAt(new Date(at!)).toISOString(), new Date(next!).toISOString());
});

test('given a summary, when it is asked for with and without a body, then it says what the file is', async () => {
  const answer = await call('generate-daily-summary', { body: '{"altinn2Included": false}' });
  const said = (await answer.json()) as Record<string, unknown>;
  assert.equal(answer.status, 200);
  assert.deepEqual(Object.keys(said), [
    'filePath',
    'fileHash',
    'fileSizeBytes',
    'serviceOwnerCount',
    'totalCorrespondenceCount',
    'generatedAt',
    'environment',
    'altinn2Included',
  ]);
  const row = await world.db.one<{ name: string; state: string }>(
    sql`select r.file_name as name, b.state from statistics.report r join blobs.blob b on b.key = r.blob_key where r.sha256 = ${said.fileHash} order by r.generated_at desc limit 1`,
  );
  assert.deepEqual(row, { name: said.filePath, state: 'bound' });
  assert.equal((await call('generate-and-download-daily-summary')).status, 200);
});

test('given a report that is to include Altinn 2, when it is asked for, then it is 400 with 6003 and nothing is made', async () => {
  const before = await count(sql`select count(*)::int as n from statistics.report`);
  for (const body of ['{"altinn2Included": true}', '{"Altinn2Included": true}']) {
    const answer = await call('download-daily-report', { body });
    assert.deepEqual([answer.status, ((await answer.json()) as { errorCode: number }).errorCode], [400, 6003]);
    assert.deepEqual([answer.headers.get('x-ratelimit-limit'), answer.headers.get('x-ratelimit-remaining')], ['10', '9']);
    assert.match(answer.headers.get('x-ratelimit-reset')!, /^\d{10}$/);
  }
  assert.equal(await count(sql`select count(*)::int as n from statistics.report`), before);
});

test('given a database that fails, when a report is asked for, then it is 500 with 6002', async () => {
  const broken = { ...ctx, blobs: { ...ctx.blobs, receive: () => Promise.reject(new Error('no room')) } };
  await assert.rejects(generateReport(broken), {
    row: { code: 6002, status: 500, prefix: 'CORR', origin: 'altinn', text: 'Failed to generate statistics report' },
  });
});

test('given no key, an empty one or a wrong one, when a report is asked for, then it is 401 and nothing is made', async () => {
  const before = await count(sql`select count(*)::int as n from statistics.report`);
  for (const key of [undefined, '', 'the wrong key', 'the right key ']) {
    const headers: Record<string, string> = key === undefined ? {} : { 'x-api-key': key };
    const answer = await fetch(`http://127.0.0.1:${port}/correspondence/api/v1/statistics/generate-daily-summary`, {
      method: 'POST',
      headers,
    });
    if (key?.trim() === 'the right key') continue; // HTTP takes blanks away
    assert.equal(answer.status, 401, key);
    assert.equal(answer.headers.get('x-ratelimit-limit'), '10');
    assert.equal(typeof ((await answer.json()) as { error: string }).error, 'string');
  }
  const none = { ...ctx, statistics: { ...ctx.statistics, apiKey: undefined } };
  const [first] = statisticsRoutes;
  const answer = (await first!.run(none, anonymous, {
    headers: { 'x-api-key': '' },
    remoteAddress: '198.51.100.1',
    stream: [],
  } as never)) as { status: number };
  assert.equal(answer.status, 401);
  assert.ok((await count(sql`select count(*)::int as n from statistics.report`)) <= before + 1);
});

test('given ten calls within an hour from one address, when an eleventh comes, then it is 429 with when to come again, and another address is served', async () => {
  const from = newAddress();
  const remaining: (string | null)[] = [];
  for (let i = 0; i < 10; i++) {
    const answer = await call('generate-daily-summary', { from });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('x-ratelimit-limit'), '10');
    remaining.push(answer.headers.get('x-ratelimit-remaining'));
  }
  assert.deepEqual(remaining, ['9', '8', '7', '6', '5', '4', '3', '2', '1', '0']);
  const answer = await call('download-daily-report', { from });
  const said = (await answer.json()) as { error: string; retryAfter: number; resetTime: string };
  assert.equal(answer.status, 429);
  assert.equal(answer.headers.get('retry-after'), String(said.retryAfter));
  assert.ok(said.retryAfter > 3500 && said.retryAfter <= 3600, String(said.retryAfter));
  assert.equal(answer.headers.get('x-ratelimit-reset'), String(Math.ceil(Date.parse(said.resetTime) / 1000)));
  assert.equal((await call('generate-daily-summary')).status, 200);

  await world.db.transaction(
    async (tx) => void (await tx.run(sql`update statistics.call set called_at = called_at - interval '61 minutes'`)),
  );
  assert.equal((await call('generate-daily-summary', { from })).status, 200, 'the window slides');
});

test('given a crowd at one moment from one address, when all are counted, then ten pass', async () => {
  const allowances = await Promise.all(Array.from({ length: 20 }, () => limitCalls(ctx, 'called', '198.51.100.77')));
  assert.equal(allowances.filter(({ isAllowed }) => isAllowed).length, 10);
});

test('given a limiter that fails, when a call comes, then it is let through', async () => {
  const broken = { ...ctx, db: { ...ctx.db, transaction: () => Promise.reject(new Error('gone')) } };
  assert.equal((await limitCalls(broken as never, 'called', '198.51.100.78')).isAllowed, true);
});

test('given a client that writes its own X-Forwarded-For, when nobody says that a proxy stands before the server, then the connection counts', () => {
  const asked = (forwarded: string | undefined, real?: string) => ({
    remoteAddress: '10.0.0.1',
    headers: { 'x-forwarded-for': forwarded, 'x-real-ip': real },
  });
  assert.equal(clientAddress(asked('1.2.3.4'), false), '10.0.0.1');
  assert.equal(clientAddress(asked('1.2.3.4, 5.6.7.8'), true), '5.6.7.8');
  assert.equal(clientAddress(asked('1.2.3.4, 5.6.7.8:4711'), true), '5.6.7.8');
  assert.equal(clientAddress(asked('[2001:db8::1]:443'), true), '2001:db8::1');
  assert.equal(clientAddress(asked('nonsense', '9.8.7.6'), true), '9.8.7.6');
  assert.equal(clientAddress(asked(undefined), true), '10.0.0.1');
});
