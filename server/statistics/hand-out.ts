import Type from 'typebox';
import { Reply } from '#kernel/route.ts';
import type { StatisticsContext } from './context.ts';
import type { Report } from './store/report.ts';

/** How a report looks from outside: letters and files differ in their hash and in the name of their number. */
export interface Looks<R extends Report, Count extends string> {
  readonly hashOf: (report: R) => string;
  readonly count: Count;
  readonly countHeader: string;
}

/** Both are asked for by key, and whatever their body says is read by themselves. */
export const byKey = {
  method: 'POST',
  scope: 'open',
  bodyKind: 'bytes',
  bodyType: 'application/json',
  maxBodyBytes: 10_000,
  anyAccept: true,
} as const;

export const ParquetFile = Type.Unsafe<unknown>({ type: 'string', format: 'binary' });

/** Says what the report is. */
export function viewOf<R extends Report, Count extends string>(ctx: StatisticsContext, report: R, { hashOf, count }: Looks<R, Count>) {
  return {
    filePath: report.fileName,
    fileHash: hashOf(report),
    fileSizeBytes: report.sizeBytes,
    serviceOwnerCount: report.owners,
    ...({ [count]: report.messages } as Record<Count, number>),
    generatedAt: report.generatedAt.toISOString(),
    environment: ctx.statistics.environment,
    altinn2Included: false,
  };
}

/** Hands the report itself out. */
export async function fileOf<R extends Report>(
  ctx: StatisticsContext,
  report: R,
  { hashOf, countHeader }: Looks<R, string>,
): Promise<Reply> {
  return new Reply(200, await ctx.blobs.read(report.blobKey), {
    'content-type': 'application/octet-stream',
    'content-length': String(report.sizeBytes),
    'content-disposition': `attachment; filename="${report.fileName}"`,
    'X-File-Hash': hashOf(report),
    'X-File-Size': String(report.sizeBytes),
    'X-Service-Owner-Count': String(report.owners),
    [countHeader]: String(report.messages),
    'X-Generated-At': report.generatedAt.toISOString(),
    'X-Environment': ctx.statistics.environment,
    'X-Altinn2-Included': 'false',
  });
}
