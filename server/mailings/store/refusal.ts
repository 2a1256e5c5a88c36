import { type Reader, sql, type Tx } from '#kernel/database.ts';

/** A line that is not sent, by the number of its error and the member or field that is meant. */
export interface RefusedLine {
  readonly line: number;
  readonly code: number;
  readonly field: string | null;
}

export function saveRefusals(tx: Tx, mailing: string, rows: readonly RefusedLine[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    insert into mailings.refusal (mailing_id, line, code, field)
    select ${mailing}::uuid, * from unnest(${rows.map((r) => r.line)}::integer[], ${rows.map((r) => r.code)}::smallint[], ${rows.map((r) => r.field)}::text[])`);
}

/** In the order of their lines. index: refusal_pkey */
export function listRefusals(reader: Reader, mailing: string, after: number, limit: number): Promise<RefusedLine[]> {
  return reader.all<RefusedLine>(sql`
    select line, code, field from mailings.refusal where mailing_id = ${mailing} and line > ${after} order by line limit ${limit}`);
}
