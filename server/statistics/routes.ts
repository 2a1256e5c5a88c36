import type { Readable } from 'node:stream';
import { correspondenceErrors as e } from '#correspondence/index.ts';
import { refuse } from '#kernel/refusal.ts';
import { type AnyRoute, Reply, route } from '#kernel/route.ts';
import { type AskedByKey, answerByKey, type KeyDoor } from './ask-by-key.ts';
import type { StatisticsContext } from './context.ts';
import { generateReport } from './generate-report.ts';
import { byKey, fileOf, ParquetFile, viewOf } from './hand-out.ts';
import type { Report } from './store/report.ts';
import { KeyRefused, ReportView, TooManyCalls } from './wire.ts';

const base = '/correspondence/api/v1/statistics';
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

const looks = {
  hashOf: ({ sha256 }: Report) => sha256,
  count: 'totalCorrespondenceCount',
  countHeader: 'X-Total-Correspondence-Count',
} as const;

const asks = { ...byKey, refusals } as const;

const downloads = ['download-daily-report', 'generate-and-download-daily-summary'].map((name) =>
  route({
    ...asks,
    path: `${base}/${name}`,
    summary: 'Makes the daily report of all that was sent and hands it out as a Parquet file. By X-API-Key.',
    answers: { 200: ParquetFile, 401: KeyRefused, 429: TooManyCalls },
    run: (ctx: StatisticsContext, _, input) => answer(ctx, input, (report) => fileOf(ctx, report, looks)),
  }),
);

/** Source: compatibility.md, correspondence, §1.4 rows 24-25, §8.6. */
export const statisticsRoutes: readonly AnyRoute[] = [
  route({
    ...asks,
    path: `${base}/generate-daily-summary`,
    summary: 'Makes the daily report of all that was sent, keeps it, and says what it is. By X-API-Key.',
    answers: { 200: ReportView, 401: KeyRefused, 429: TooManyCalls },
    run: (ctx: StatisticsContext, _, input) => answer(ctx, input, async (report) => new Reply(200, viewOf(ctx, report, looks))),
  }),
  ...downloads,
];
