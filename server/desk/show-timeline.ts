import { type EvidenceEntry, entryForSender, eventUri, levels, listEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { findSentMessage } from './find-sent-message.ts';
import type { TimelineEntry } from './wire.ts';

export interface TimelinePage {
  readonly after?: string | undefined;
  readonly language?: 'nb' | 'nn' | 'en' | undefined;
}

export const pageSize = 200;

/**
 * What happened to a message, for its sender: every evidence row, oldest first, with what it proves. Of the recipient's
 * people the sender sees the kind of actor and the right, never who. Refuses messageNotFound.
 * Source: compatibility.md, evidence, §1.5.
 */
export async function showTimeline(ctx: Context, caller: Caller, id: CorrespondenceId, page: TimelinePage) {
  const { message } = await findSentMessage(ctx.db, caller, id);
  const rows = await listEvidence(ctx.db, [message.id], { limit: pageSize, ...(page.after ? { after: page.after } : {}) });
  const entries = rows.map((row) => showEntry(row, page.language ?? 'nb'));
  return { correspondenceId: message.id, entries, next: rows.length === pageSize ? rows.at(-1)!.id : null };
}

/** Pure. As its sender may see it. */
export function showEntry(row: EvidenceEntry, language: 'nb' | 'nn' | 'en'): TimelineEntry {
  const { id, event, proves, at, core, who, what } = entryForSender(row);
  return { id, at: at.toISOString(), event, uri: eventUri(event), proves, sentence: levels[proves][language], core, who, what };
}
