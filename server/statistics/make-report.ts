import { bindBlobs, releaseBlobs, type StoredBlob } from '#blobs/index.ts';
import { describeFault } from '#kernel/fault.ts';
import { newId } from '#kernel/ids.ts';
import { type ErrorRow, Refusal, refuse } from '#kernel/refusal.ts';
import type { StatisticsContext } from './context.ts';
import { type About, deleteOlder, type Report, saveReport } from './store/report.ts';
import { type Columns, writeParquet } from './write-parquet.ts';

/** As many files of a kind are kept. */
const keptReports = 100;
const mostBytes = 4 * 1024 ** 3;

/** What the lines add up to; counted while they are written. */
export interface Totals {
  readonly owners: Set<string>;
  sent: number;
}

/** What one kind of report is made of. */
export interface Making<Row extends object> {
  readonly about: About;
  readonly columns: Columns<Row>;
  /** The lines, a page at a time, adding to the totals. */
  readonly rows: (ctx: StatisticsContext, totals: Totals) => AsyncIterable<Row>;
  readonly nothing: ErrorRow;
  readonly failed: ErrorRow;
}

export type MadeReport = Report & Pick<StoredBlob, 'md5'>;

/** Writes a report as Parquet and keeps it in place of the oldest; no more than a page is ever held. Refuses `nothing` and `failed` of its kind. */
export async function makeReport<Row extends object>(ctx: StatisticsContext, making: Making<Row>): Promise<MadeReport> {
  const { about, columns, rows, nothing, failed } = making;
  try {
    const generatedAt = ctx.now();
    const totals: Totals = { owners: new Set(), sent: 0 };
    const stored = await ctx.blobs.receive(writeParquet(rows(ctx, totals), columns), { maxBytes: mostBytes });
    if (totals.sent === 0) {
      await ctx.blobs.remove(stored.key);
      throw refuse(nothing);
    }
    const report: Report = {
      id: newId(),
      fileName: fileName(generatedAt, ctx.statistics.environment),
      blobKey: stored.key,
      sha256: stored.sha256,
      sizeBytes: stored.sizeBytes,
      owners: totals.owners.size,
      messages: totals.sent,
      generatedAt,
    };
    await ctx.db.transaction(async (tx) => {
      bindBlobs(tx, [stored.key]);
      saveReport(tx, about, report);
      releaseBlobs(tx, await deleteOlder(tx, about, keptReports));
    });
    return { ...report, md5: stored.md5 };
  } catch (error) {
    if (error instanceof Refusal) throw error;
    ctx.log.error({ about, ...describeFault(error) }, 'a report of statistics could not be made');
    throw refuse(failed);
  }
}

function fileName(at: Date, environment: string): string {
  const digits = at.toISOString().replaceAll(/\D/g, '');
  return `${digits.slice(0, 8)}_${digits.slice(8, 14)}_daily_summary_report_A3_${environment}.parquet`;
}
