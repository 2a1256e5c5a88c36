import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { countNotices, listAddressesTried, listNoticeRows, listPeopleTold, type StoredNotice } from './store/notice.ts';
import { toOpeners } from './texts.ts';

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

/** Where notices of these things to their readers have gone or are going, by `noticeKey`, whatever came of it. */
export async function addressesTried(
  reader: Reader,
  of: readonly { readonly about: string; readonly party: PartyId }[],
): Promise<Map<string, ReadonlySet<string>>> {
  if (of.length === 0) return new Map();
  const rows = await listAddressesTried(reader, of, toOpeners);
  return new Map(rows.map(({ about, party, addresses }) => [noticeKey(about, party), new Set(addresses)]));
}

/** Who has been told, or is about to be, of these things as somebody who can open, by `noticeKey`; nothing for what has had no such notice. */
export async function peopleTold(
  reader: Reader,
  of: readonly { readonly about: string; readonly party: PartyId }[],
): Promise<Map<string, readonly PartyId[]>> {
  if (of.length === 0) return new Map();
  const rows = await listPeopleTold(reader, of, toOpeners);
  return new Map(rows.map(({ about, party, people }) => [noticeKey(about, party), people]));
}

/** Every notice about these things with its state, oldest first; no address, no wording. */
export async function listNotices(reader: Reader, about: readonly string[]): Promise<StoredNotice[]> {
  return about.length === 0 ? [] : listNoticeRows(reader, about);
}
