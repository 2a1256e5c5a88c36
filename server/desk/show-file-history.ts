import { findSentTransfer } from '#broker/index.ts';
import { listEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { FileTransferId, PartyId } from '#kernel/ids.ts';
import { listAttemptedWith } from '#notifications/index.ts';
import { findParties } from '#register/index.ts';
import { listCommonNoticesOf } from '#watch/index.ts';
import type { FileNotices, FileTimeline } from './files-wire.ts';
import { showAttempted } from './list-notice-attempts.ts';
import { pageSize, showEntry, type TimelinePage } from './show-timeline.ts';

/**
 * What happened to a file, for its sender: every evidence row, oldest first, with what it proves and which recipient it concerns. As
 * `showTimeline` of a message. Refuses notYours.
 */
export async function showFileTimeline(ctx: Context, caller: Caller, id: FileTransferId, page: TimelinePage): Promise<FileTimeline> {
  await findSentTransfer(ctx.db, caller, id);
  const rows = await listEvidence(ctx.db, [id], { limit: pageSize, ...(page.after ? { after: page.after } : {}) });
  const numberOf = await numbersOf(ctx, rows);
  const entries = rows.map((row) => ({ ...showEntry(row, page.language ?? 'nb'), recipient: numberOf(row.recipient) }));
  return { fileTransferId: id, entries, next: rows.length === pageSize ? rows.at(-1)!.id : null };
}

/**
 * Every notice about a file, for its sender, as `listNoticeAttempts` of a message; and those that told of it together with other files of
 * the same sender at the same recipient. Refuses notYours.
 */
export async function listFileNotices(ctx: Context, caller: Caller, id: FileTransferId, after: string | undefined): Promise<FileNotices> {
  await findSentTransfer(ctx.db, caller, id);
  const page = { after: after ?? null, limit: pageSize };
  const rows = await listAttemptedWith(ctx.db, id, await listCommonNoticesOf(ctx.db, id), page);
  const numberOf = await numbersOf(
    ctx,
    rows.map(({ party }) => ({ recipient: party })),
  );
  const notices = rows.map((row) => ({ ...showAttempted(row), recipient: numberOf(row.party), together: row.together }));
  return { fileTransferId: id, notices, next: rows.length === pageSize ? rows.at(-1)!.id : null };
}

async function numbersOf(ctx: Context, rows: readonly { readonly recipient: string | null }[]) {
  const parties = await findParties(ctx.db, [...new Set(rows.flatMap(({ recipient }) => (recipient as PartyId | null) ?? []))]);
  return (recipient: string | null) => (recipient === null ? null : (parties.get(recipient as PartyId)?.number ?? null));
}
