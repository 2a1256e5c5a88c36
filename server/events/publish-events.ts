import type { Tx } from '#kernel/database.ts';
import { newId } from '#kernel/ids.ts';
import { saveEvents } from './store.ts';

export interface EventRow {
  /** `no.altinn.correspondence.correspondencepublished`, `no.budstikke.watch.unread`, … */
  readonly type: string;
  /** An absolute address, or a path of this server. */
  readonly source: string;
  /** URN of a party. */
  readonly subject: string;
  /** `/organisation/{number}` or `/person/{number}`. */
  readonly alternativeSubject?: string | null;
  /** Id of the resource, without its URN. */
  readonly resource: string;
  readonly resourceInstance: string;
  readonly at: Date;
  readonly data?: object | null;
}

/**
 * Lays events out to be told, in the transaction that makes them true: one statement for any number of rows.
 * Nothing is told before commit, and nothing here tells: see the README.
 */
export function publishEvents(tx: Tx, rows: readonly EventRow[]): void {
  if (rows.length === 0) return;
  saveEvents(
    tx,
    rows.map((row) => ({ ...row, id: newId(), alternativeSubject: row.alternativeSubject ?? null, data: row.data ?? null })),
  );
}
