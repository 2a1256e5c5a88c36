import { findResources } from '#access/index.ts';
import { bindBlobs, releaseBlobs } from '#blobs/index.ts';
import { correspondenceErrors } from '#correspondence/index.ts';
import { describeFault } from '#kernel/fault.ts';
import { newId } from '#kernel/ids.ts';
import { Refusal, refuse } from '#kernel/refusal.ts';
import { oneLine } from '#notifications/index.ts';
import { findParties } from '#register/index.ts';
import type { StatisticsContext } from './context.ts';
import { deleteOlder, type Report, saveReport } from './store/report.ts';
import { type DaySum, findSchedule, listFresh, listKept, type Place } from './store/sums.ts';
import { dayOf, ensureSchedule } from './sum-days.ts';
import { type ReportRow, reportColumns, writeParquet } from './write-parquet.ts';

/** As many files are kept. */
export const keptReports = 100;
const page = 5_000;
export const mostBytes = 4 * 1024 ** 3;

/**
 * Makes the report of all that was sent: a line for each day, owner, resource, name, sender and kind of recipient. Sums of
 * past days are read as they were kept, those of the days that are not over are made now; no message is ever held.
 *
 * Refuses nothingToReport, reportFailed. Source: compatibility.md, correspondence, §8.6.
 */
export async function generateReport(ctx: StatisticsContext): Promise<Report> {
  try {
    const generatedAt = ctx.now();
    const totals = { owners: new Set<string>(), messages: 0 };
    const stored = await ctx.blobs.receive(writeParquet(reportRows(ctx, totals), reportColumns), { maxBytes: mostBytes });
    if (totals.messages === 0) {
      await ctx.blobs.remove(stored.key);
      throw refuse(correspondenceErrors.nothingToReport);
    }
    const report: Report = {
      id: newId(),
      fileName: fileName(generatedAt, ctx.statistics.environment),
      blobKey: stored.key,
      sha256: stored.sha256,
      sizeBytes: stored.sizeBytes,
      owners: totals.owners.size,
      messages: totals.messages,
      generatedAt,
    };
    await ctx.db.transaction(async (tx) => {
      bindBlobs(tx, [stored.key]);
      saveReport(tx, 'letters', report);
      releaseBlobs(tx, await deleteOlder(tx, 'letters', keptReports));
    });
    return report;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    ctx.log.error(describeFault(error), 'the report of statistics could not be made');
    throw refuse(correspondenceErrors.reportFailed);
  }
}

export function fileName(at: Date, environment: string): string {
  const digits = at.toISOString().replaceAll(/\D/g, '');
  return `${digits.slice(0, 8)}_${digits.slice(8, 14)}_daily_summary_report_A3_${environment}.parquet`;
}

interface Totals {
  readonly owners: Set<string>;
  messages: number;
}

async function* reportRows(ctx: StatisticsContext, totals: Totals): AsyncGenerator<ReportRow> {
  const at = ctx.now();
  await ctx.db.transaction((tx) => ensureSchedule(tx, at));
  const summedTo = (await findSchedule(ctx.db))?.summedTo ?? dayOf(at);
  let after: Place | null = null;
  for (;;) {
    const sums: DaySum[] = await listKept(ctx.db, summedTo, after, page);
    yield* await inWords(ctx, sums, totals);
    after = sums.at(-1) ?? null;
    if (sums.length < page) break;
  }
  yield* await inWords(ctx, await listFresh(ctx.db, summedTo), totals);
}

const kinds: Readonly<Record<string, string>> = { organization: 'Organization', person: 'Person' };

async function inWords(ctx: StatisticsContext, sums: readonly DaySum[], totals: Totals): Promise<ReportRow[]> {
  const owners = await findParties(ctx.db, [...new Set(sums.map(({ ownerId }) => ownerId))]);
  const resources = await findResources(ctx.db, [...new Set(sums.map(({ resourceId }) => resourceId))]);
  return sums.map((sum) => {
    totals.owners.add(sum.ownerId);
    totals.messages += Number(sum.messages);
    const [year, month, day] = sum.day.split('-').map(Number) as [number, number, number];
    const owner = owners.get(sum.ownerId);
    return {
      date: sum.day,
      year,
      month,
      day,
      serviceownerorgnr: owner?.number ?? '',
      serviceownercode: owner?.orgCode ?? '',
      messagesender: oneLine(sum.messageSender),
      senderorgnr: sum.senderNumber,
      serviceresourceid: sum.resourceId,
      serviceresourcetitle: resources.get(sum.resourceId)?.title.nb ?? '',
      recipienttype: kinds[sum.recipientKind] ?? sum.recipientKind,
      costcenter: '',
      messagecount: Number(sum.messages),
      databasestoragebytes: BigInt(sum.databaseBytes),
      attachmentstoragebytes: BigInt(sum.attachmentBytes),
    };
  });
}
