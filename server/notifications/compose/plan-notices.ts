import type { Reader, Sql, Tx } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import {
  cancelNoticeRows,
  cancelNoticeRowsToOthers,
  cancelNoticesOfSteps,
  type GivenBack,
  type LeftToTell,
  listStepStates,
  listWaitingSteps,
  resumeNoticeRows,
  saveNoticeRows,
} from '../store/notice.ts';
import { saveSuppressed } from '../store/suppressed.ts';
import { type Purpose, purposes } from '../texts.ts';
import type { NoticeRow } from './notice-row.ts';

/**
 * Plans notices; they are sent after commit. A step tells an address once by each channel: planning the
 * same again changes at most the wording of a notice that has not been tried yet. Of several people with one address the first is told
 * for all, and that the others were not is kept: should that notice fail, the next of them is told (`planNextTwins`).
 */
export function planNotices(tx: Tx, rows: readonly NoticeRow[]): void {
  const once = new Map<string, NoticeRow>();
  const again = new Map<string, NoticeRow>();
  for (const row of rows) {
    const key = `${row.step} ${row.channel} ${row.address.toLowerCase()}`;
    const first = once.get(key);
    if (!first) once.set(key, row);
    else if (first.to !== row.to) again.set(`${key} ${row.to}`, row); // the same person again, as for each file of a bundle, is nobody else
  }
  if (once.size === 0) return;
  const ordered = [...once.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row); // one order of locks for all
  saveNoticeRows(
    tx,
    ordered.map((row) => ({ ...row, id: newId() })),
  );
  const others = [...again.values()];
  if (others[0])
    saveSuppressed(
      tx,
      others.map((row) => ({ ...row, notice: null })),
      others[0].at,
    );
}

/**
 * Cancels what is due about these things to these recipients' people, in the transaction that makes it pointless. A notice
 * that is just being handed over may still arrive, and is not tried again. With `only`, notices for those purposes.
 */
export function cancelNotices(
  tx: Tx,
  of: readonly { readonly about: string; readonly party: PartyId }[],
  only: readonly Purpose[] = purposes,
): void {
  if (of.length > 0) cancelNoticeRows(tx, of, only);
}

/** Cancels what is due to people whom it no longer concerns, in the transaction that makes it so. As `cancelNotices`, of what is under way. */
export function cancelNoticesToOthers(tx: Tx, rows: readonly LeftToTell[]): void {
  if (rows.length > 0) cancelNoticeRowsToOthers(tx, rows);
}

/** What `cancelNoticesToOthers` has called off within a day goes after all, to whoever it concerns again; or it is left, where they are told anew. */
export function resumeNotices(tx: Tx, rows: readonly GivenBack[]): void {
  if (rows.length > 0) resumeNoticeRows(tx, rows);
}

/** Cancels what is due of notices that speak of several things, by a query of their steps: none of the things waits any more. With `only` as above. */
export function cancelNoticesOf(tx: Tx, steps: Sql, only: readonly Purpose[] = purposes): void {
  cancelNoticesOfSteps(tx, steps, only);
}

/** Which of these steps have told, or tried to tell, somebody: their notices can no longer be reworded. */
export async function stepsUnderWay(reader: Reader, steps: readonly string[]): Promise<Set<string>> {
  if (steps.length === 0) return new Set();
  const rows = await listStepStates(reader, steps);
  return new Set(rows.map((row) => row.step));
}

/** Which of these steps have a notice that still waits to go, or is on its way, and when it is due. */
export async function stepsWaiting(reader: Reader, steps: readonly string[]): Promise<Map<string, Date>> {
  if (steps.length === 0) return new Map();
  const rows = await listWaitingSteps(reader, steps);
  return new Map(rows.map((row) => [row.step, row.dueAt]));
}
