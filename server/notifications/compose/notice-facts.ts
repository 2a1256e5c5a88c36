import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { NoticeState } from '../states.ts';
import { countNotices, listNoticeRows, listNoticesOfSteps, type StoredNotice } from '../store/notice.ts';
import { toOpeners } from '../texts.ts';

/** What became of the notices that told those who can open. */
export interface NoticeFacts {
  readonly sent: number;
  readonly failed: number;
  readonly due: number;
  readonly dueAt: Date | null;
}

export const noNotices: NoticeFacts = { sent: 0, failed: 0, due: 0, dueAt: null };

/** Facts by `keyOf(about, party)`; nothing for what has had no notice. */
export async function noticeFacts(
  reader: Reader,
  of: readonly { readonly about: string; readonly party: PartyId }[],
): Promise<Map<string, NoticeFacts>> {
  if (of.length === 0) return new Map();
  const rows = await countNotices(reader, of, toOpeners);
  return new Map(rows.map(({ about, party, ...facts }) => [noticeKey(about, party), facts]));
}

export function noticeKey(about: string, party: PartyId): string {
  return `${about} ${party}`;
}

/** Where the notices of these steps have gone or are going, by step and whatever came of it. */
export async function noticesOf(
  reader: Reader,
  steps: readonly string[],
): Promise<ReadonlyMap<string, readonly { readonly address: string; readonly state: NoticeState }[]>> {
  return Map.groupBy(steps.length === 0 ? [] : await listNoticesOfSteps(reader, steps), ({ step }) => step);
}

/** Every notice about these things with its state, oldest first; no address, no wording. */
export async function listNotices(reader: Reader, about: readonly string[]): Promise<StoredNotice[]> {
  return about.length === 0 ? [] : listNoticeRows(reader, about);
}
