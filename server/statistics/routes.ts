import type { Readable } from 'node:stream';
import Type from 'typebox';
import { correspondenceErrors as e } from '#correspondence/index.ts';
import { refuse } from '#kernel/refusal.ts';
import { type AnyRoute, Reply, route } from '#kernel/route.ts';
import { type AskedByKey, answerByKey, type KeyDoor } from './ask-by-key.ts';
import type { StatisticsContext } from './context.ts';
import { generateReport } from './generate-report.ts';
import type { Report } from './store/report.ts';
import { KeyRefused, ReportView, TooManyCalls } from './wire.ts';

const base = '/correspondence/api/v1/statistics';
const mostBodyBytes = 10_000;
const refusals = [e.nothingToReport, e.reportFailed, e.reportWithAltinn2];

interface Asked extends AskedByKey {
  readonly stream: Readable;
}

const door: KeyDoor = {
  calls: 'called',
  refused: 'refused',
  wordsFor: (key) => (key ? 'Invalid API key' : 'API key is missing'),
};

function answer(ctx: StatisticsContext, asked: Asked, succeed: (report: Report) => Promise<Reply>): Promise<Reply> {
  return answerByKey(ctx, asked, door, async () => {
    if (await wantsAltinn2(asked.stream)) throw refuse(e.reportWithAltinn2);
    return succeed(await generateReport(ctx));
  });
}

/** The body may be missing. What cannot be read asks for nothing. */
async function wantsAltinn2(stream: Readable): Promise<boolean> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  try {
    const given = JSON.parse(Buffer.concat(chunks).toString('utf8') || 'null') as unknown;
    return Object.entries(given ?? {}).some(([name, value]) => name.toLowerCase() === 'altinn2included' && String(value) === 'true');
  } catch {
    return false;
  }
}

const viewOf = (ctx: StatisticsContext, report: Report) => ({
  filePath: report.fileName,
  fileHash: report.sha256,
  fileSizeBytes: report.sizeBytes,
  serviceOwnerCount: report.owners,
  totalCorrespondenceCount: report.messages,
  generatedAt: report.generatedAt.toISOString(),
  environment: ctx.statistics.environment,
  altinn2Included: false,
});

async function file(ctx: StatisticsContext, report: Report): Promise<Reply> {
  return new Reply(200, await ctx.blobs.read(report.blobKey), {
    'content-type': 'application/octet-stream',
    'content-length': String(report.sizeBytes),
    'content-disposition': `attachment; filename="${report.fileName}"`,
    'X-File-Hash': report.sha256,
    'X-File-Size': String(report.sizeBytes),
    'X-Service-Owner-Count': String(report.owners),
    'X-Total-Correspondence-Count': String(report.messages),
    'X-Generated-At': report.generatedAt.toISOString(),
    'X-Environment': ctx.statistics.environment,
    'X-Altinn2-Included': 'false',
  });
}

const asks = {
  method: 'POST',
  scope: 'open', // by key
  bodyKind: 'bytes',
  bodyType: 'application/json',
  maxBodyBytes: mostBodyBytes,
  anyAccept: true,
  refusals,
} as const;

const downloads = ['download-daily-report', 'generate-and-download-daily-summary'].map((name) =>
  route({
    ...asks,
    path: `${base}/${name}`,
    summary: 'Makes the daily report of all that was sent and hands it out as a Parquet file. By X-API-Key.',
    answers: { 200: Type.Unsafe<unknown>({ type: 'string', format: 'binary' }), 401: KeyRefused, 429: TooManyCalls },
    run: (ctx: StatisticsContext, _, input) => answer(ctx, input, (report) => file(ctx, report)),
  }),
);

/** Source: compatibility.md, correspondence, §1.4 rows 24-25, §8.6. */
export const statisticsRoutes: readonly AnyRoute[] = [
  route({
    ...asks,
    path: `${base}/generate-daily-summary`,
    summary: 'Makes the daily report of all that was sent, keeps it, and says what it is. By X-API-Key.',
    answers: { 200: ReportView, 401: KeyRefused, 429: TooManyCalls },
    run: (ctx: StatisticsContext, _, input) => answer(ctx, input, async (report) => new Reply(200, viewOf(ctx, report))),
  }),
  ...downloads,
];
