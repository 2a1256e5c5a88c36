import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { BlobKey } from '#kernel/ids.ts';

export interface Report {
  readonly id: string;
  readonly fileName: string;
  readonly blobKey: BlobKey;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly owners: number;
  readonly messages: number;
  readonly generatedAt: Date;
}

/** What a report is about. */
export type About = 'letters' | 'files';

export function saveReport(tx: Tx, about: About, r: Report): void {
  tx.send(sql`
    insert into statistics.report (about, id, file_name, blob_key, sha256, size_bytes, owners, messages, generated_at)
    values (${about}, ${r.id}, ${r.fileName}, ${r.blobKey}, ${r.sha256}, ${r.sizeBytes}, ${r.owners}, ${r.messages}, ${r.generatedAt})`);
}

/** Takes away all but the newest, and tells whose bytes nobody needs any more. -- index: report_generated */
export async function deleteOlder(tx: Tx, about: About, kept: number): Promise<BlobKey[]> {
  const rows = await tx.all<{ key: BlobKey }>(sql`
    delete from statistics.report where id in (select id from statistics.report where about = ${about} order by generated_at desc, id desc offset ${kept})
    returning blob_key as key`);
  return rows.map(({ key }) => key);
}

/** When the reports were made, newest first. -- index: report_generated */
export function listReports(reader: Reader, limit: number): Promise<{ fileName: string; generatedAt: Date }[]> {
  return reader.all(sql`
    select file_name as "fileName", generated_at as "generatedAt" from statistics.report where about = 'letters' order by generated_at desc, id desc limit ${limit}`);
}
