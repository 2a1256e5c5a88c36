import { findResources } from '#access/index.ts';
import { correspondenceErrors } from '#correspondence/index.ts';
import { oneLine } from '#notifications/index.ts';
import { findParties } from '#register/index.ts';
import type { StatisticsContext } from './context.ts';
import { makeReport, type Totals } from './make-report.ts';
import type { Report } from './store/report.ts';
import { type DaySum, findSchedule, listFresh, listKept, type Place } from './store/sums.ts';
import { dayOf, ensureSchedule } from './sum-days.ts';
import { type ReportRow, reportColumns } from './write-parquet.ts';

const page = 5_000;

/**
 * Makes the report of all that was sent: a line for each day, owner, resource, name, sender and kind of recipient. Sums of
 * past days are read as they were kept, those of the days that are not over are made now; no message is ever held.
 *
 * Refuses nothingToReport, reportFailed. Source: compatibility.md, correspondence, §8.6.
 */
export function generateReport(ctx: StatisticsContext): Promise<Report> {
  const { nothingToReport: nothing, reportFailed: failed } = correspondenceErrors;
  return makeReport(ctx, { about: 'letters', columns: reportColumns, rows: reportRows, nothing, failed });
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
    totals.sent += Number(sum.messages);
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
