import { findResources } from '#access/index.ts';
import { brokerErrors, type FileDaySum, findFirstAnnounced, sumFileDays } from '#broker/index.ts';
import { findParties } from '#register/index.ts';
import type { StatisticsContext } from '../context.ts';
import { type MadeReport, makeReport, type Totals } from '../make-report.ts';
import type { Columns } from '../write-parquet.ts';

/** One line: what a sender announced on a resource on a day in UTC. Source: compatibility.md, broker, §10.3. */
export interface FileReportRow {
  readonly date: string;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly service_owner_id_pk: string;
  readonly service_owner_name: string;
  readonly file_sender_id: string;
  readonly resource_id: string;
  readonly altinn_resource_service: string;
  readonly recipient_type: string;
  readonly altinn_version: string;
  readonly filetransfercount: number;
  readonly databasestoragebytes: bigint;
  readonly filestoragebytes: bigint;
}

/** Names, order and types of the columns. */
export const fileReportColumns: Columns<FileReportRow> = (
  [
    ['date', 'STRING'],
    ['year', 'INT32'],
    ['month', 'INT32'],
    ['day', 'INT32'],
    ['service_owner_id_pk', 'STRING'],
    ['service_owner_name', 'STRING'],
    ['file_sender_id', 'STRING'],
    ['resource_id', 'STRING'],
    ['altinn_resource_service', 'STRING'],
    ['recipient_type', 'STRING'],
    ['altinn_version', 'STRING'],
    ['filetransfercount', 'INT32'],
    ['databasestoragebytes', 'INT64'],
    ['filestoragebytes', 'INT64'],
  ] as const
).map(([name, type]) => ({ name, type, nullable: false }));

/**
 * Makes the report of all file transfers, a month at a time, so that it never holds one. Refuses nothingToReport, reportFailed.
 * Source: compatibility.md, broker, §10.3.
 */
export function generateFileReport(ctx: StatisticsContext): Promise<MadeReport> {
  const { nothingToReport: nothing, reportFailed: failed } = brokerErrors;
  return makeReport(ctx, { about: 'files', columns: fileReportColumns, rows: fileReportRows, nothing, failed });
}

async function* fileReportRows(ctx: StatisticsContext, totals: Totals): AsyncGenerator<FileReportRow> {
  const first = await findFirstAnnounced(ctx.db);
  for (let from = first; from !== null && from <= ctx.now(); from = nextMonth(from))
    yield* await inWords(ctx, await sumFileDays(ctx.db, from, nextMonth(from)), totals);
}

function nextMonth(at: Date): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1));
}

async function inWords(ctx: StatisticsContext, sums: readonly FileDaySum[], totals: Totals): Promise<FileReportRow[]> {
  const resources = await findResources(ctx.db, [...new Set(sums.map(({ resourceId }) => resourceId))]);
  const ownerOf = ({ resourceId }: FileDaySum) => resources.get(resourceId)?.ownerId;
  const parties = await findParties(ctx.db, [...new Set(sums.flatMap((sum) => [sum.senderId, ownerOf(sum) ?? []].flat()))]);
  return sums.map((sum) => {
    const ownerId = ownerOf(sum);
    const owner = ownerId === undefined ? undefined : parties.get(ownerId);
    if (ownerId !== undefined) totals.owners.add(ownerId);
    totals.sent += Number(sum.transfers);
    const [year, month, day] = sum.day.split('-').map(Number) as [number, number, number];
    return {
      date: sum.day,
      year,
      month,
      day,
      service_owner_id_pk: owner?.number ?? '',
      service_owner_name: owner?.name ?? '',
      file_sender_id: parties.get(sum.senderId)?.number ?? '',
      resource_id: sum.resourceId,
      altinn_resource_service: resources.get(sum.resourceId)?.title.nb ?? '',
      recipient_type: 'Organization',
      altinn_version: 'Altinn3',
      filetransfercount: Number(sum.transfers),
      databasestoragebytes: 0n,
      filestoragebytes: BigInt(sum.bytes),
    };
  });
}
