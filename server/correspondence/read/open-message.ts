import { alone, joinCallers } from '#db/index.ts';
import { recordedOf } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { type CorrespondenceId, newId } from '#kernel/ids.ts';
import { despiteWatch, type Noting, notingAtOnce } from '#watch/index.ts';
import { type Opened, type Opening, openLetters } from './open-letters.ts';
import { bodyTo, translationsTo } from './show-content.ts';
import type { ShownTranslations } from './wire.ts';

/**
 * Hands the body to a reader. This, by a right of the reader's own, is what opening means: the watch hears of it, and evidence
 * names who it was and by which right. The resource's owner leaves the same trace for clients and opens nothing.
 * A watch that cannot take it up hinders no reader.
 *
 * Refuses correspondenceNotFound, noAccess. The message is locked; opening again adds evidence and nothing else.
 * Source: compatibility.md, correspondence, §4.5.
 */
export async function openMessage(ctx: Context, caller: Caller, id: CorrespondenceId): Promise<string> {
  const { letter, name } = await open(ctx, { ctx, caller, id, toSender: false, evidenceId: newId() });
  return bodyTo(letter, name);
}

/** Hands out the letter in each of its languages: the same opening. Its sender sees them until it is published, as it sees the content. */
export async function openTranslations(ctx: Context, caller: Caller, id: CorrespondenceId): Promise<ShownTranslations> {
  const { letter, name } = await open(ctx, { ctx, caller, id, toSender: true, evidenceId: newId() });
  return translationsTo(letter, name);
}

function open(ctx: Context, opening: Opening): Promise<Opened> {
  const byItself = (tx: Tx, noting: Noting) => alone(openLetters(tx, [opening], { waits: true, noting }));
  return despiteWatch(ctx, byItself, () => openTogether(ctx.db, opening));
}

/** Readers who come at the same time share a transaction. */
const openTogether = joinCallers<Opening, Opened>({
  run: (tx, openings, waits) => openLetters(tx, openings, { waits, noting: notingAtOnce }),
  findWritten: recordedOf,
});
