import { listAttachmentIdsOf } from '#correspondence/index.ts';
import { type EvidenceEntry, entryForSender, eventUri, levels, listEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { findSentMessage } from './find-sent-message.ts';
import type { TimelineEntry } from './wire.ts';

export interface TimelinePage {
  readonly after?: string | undefined;
  readonly language?: 'nb' | 'nn' | 'en' | undefined;
}

export const pageSize = 200;

/**
 * What happened to a message, for its sender: every evidence row, oldest first, with what it proves, and when the bytes of an attachment went,
 * which is recorded of the attachment: it may be that of many messages. Of the recipient's people the sender sees the kind of actor and the
 * right, never who. Refuses messageNotFound. Source: compatibility.md, evidence, §1.5.
 */
export async function showTimeline(ctx: Context, caller: Caller, id: CorrespondenceId, page: TimelinePage) {
  const { message } = await findSentMessage(ctx.db, caller, id);
  const asked = { limit: pageSize, ...(page.after ? { after: page.after } : {}) };
  const [own, gone] = await Promise.all([listEvidence(ctx.db, [message.id], asked), listGone(ctx.db, message.id, asked)]);
  const rows = [...own, ...gone].sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, pageSize);
  const entries = rows.map((row) => showEntry(row, page.language ?? 'nb'));
  return { correspondenceId: message.id, entries, next: rows.length === pageSize ? rows.at(-1)!.id : null };
}

async function listGone(reader: Reader, message: CorrespondenceId, asked: { readonly after?: string; readonly limit: number }) {
  return listEvidence(reader, await listAttachmentIdsOf(reader, message), { ...asked, event: 'ContentPurged' });
}

/** Pure. As its sender may see it. */
export function showEntry(row: EvidenceEntry, language: 'nb' | 'nn' | 'en'): TimelineEntry {
  const { id, event, proves, at, core, who, what } = entryForSender(row);
  return { id, at: at.toISOString(), event, uri: eventUri(event), proves, sentence: levels[proves][language], core, who, what };
}
