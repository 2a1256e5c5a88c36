import Type from 'typebox';
import { brokerErrors as e } from '#broker/index.ts';
import { type AnyRoute, Reply, route } from '#kernel/route.ts';
import { Timestamp } from '#kernel/schema.ts';
import { answerByKey, type KeyDoor } from '../ask-by-key.ts';
import type { StatisticsContext } from '../context.ts';
import { byKey, fileOf, ParquetFile, viewOf } from '../hand-out.ts';
import type { MadeReport } from '../make-report.ts';
import { KeyRefused, TooManyCalls } from '../wire.ts';
import { generateFileReport } from './generate-file-report.ts';

const base = '/broker/api/v1/statistics';

/** In the original's words. Source: compatibility.md, broker, §10.3. */
const door: KeyDoor = {
  calls: 'files-called',
  refused: 'files-refused',
  wordsFor(key, isAnyRight) {
    if (key === undefined) return 'API key required for statistics endpoints';
    if (key.trim() === '') return 'API key cannot be empty';
    return isAnyRight ? 'Invalid API key' : 'API key validation not configured';
  },
};

const FileReportView = Type.Object({
  filePath: Type.String(),
  fileHash: Type.String(),
  fileSizeBytes: Type.Integer(),
  serviceOwnerCount: Type.Integer(),
  totalFileTransferCount: Type.Integer(),
  generatedAt: Timestamp,
  environment: Type.String(),
  altinn2Included: Type.Boolean(),
});

const looks = {
  hashOf: ({ md5 }: MadeReport) => Buffer.from(md5, 'hex').toString('base64'),
  count: 'totalFileTransferCount',
  countHeader: 'X-Total-FileTransfer-Count',
} as const;

/** What the body asks for has no effect, so that nothing of it is read. */
const asks = { ...byKey, refusals: [e.nothingToReport, e.reportFailed] } as const;

export const fileStatisticsRoutes: readonly AnyRoute[] = [
  route({
    ...asks,
    path: `${base}/generate-daily-summary`,
    summary: 'Makes the daily report of file transfers, keeps it, and says what it is. By X-API-Key.',
    answers: { 200: FileReportView, 401: KeyRefused, 429: TooManyCalls },
    run: (ctx: StatisticsContext, _, input) =>
      answerByKey(ctx, input, door, async () => new Reply(200, viewOf(ctx, await generateFileReport(ctx), looks))),
  }),
  route({
    ...asks,
    path: `${base}/generate-and-download-daily-summary`,
    summary: 'Makes the daily report of file transfers and hands it out as a Parquet file. By X-API-Key.',
    answers: { 200: ParquetFile, 401: KeyRefused, 429: TooManyCalls },
    run: (ctx: StatisticsContext, _, input) => answerByKey(ctx, input, door, async () => fileOf(ctx, await generateFileReport(ctx), looks)),
  }),
];
