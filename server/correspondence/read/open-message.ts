import { alone, joinCallers } from '#db/index.ts';
import { recordedOf } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { type CorrespondenceId, newId } from '#kernel/ids.ts';
import { despiteWatch, type Noting, notingAtOnce } from '#watch/index.ts';
import { type Opened, type Opening, openLetters } from './open-letters.ts';
import { onItsWay } from './record-opening.ts';
import { bodyTo, translationsTo } from './show-content.ts';
import type { ShownTranslations } from './wire.ts';

/** What goes out to a reader. */
export interface Given<T> {
  readonly content: T;
  /** To be told once whether it was taken to its end, which is recorded. Absent where that opens nothing: the sender's own look. */
  readonly recordEnd?: (toTheEnd: boolean) => Promise<void>;
}

/**
 * Hands the body to a reader who has it at once, as one within the process. This, by a right of the reader's own, is what opening means:
 * the watch hears of it, and evidence names who it was and by which right. The resource's owner leaves the same trace for clients and opens
 * nothing. A watch that cannot take it up hinders no reader.
 *
 * Refuses correspondenceNotFound, noAccess. The message is locked; opening again adds evidence and nothing else.
 * Source: compatibility.md, correspondence, §4.5.
 */
export async function openMessage(ctx: Context, caller: Caller, id: CorrespondenceId): Promise<string> {
  const { letter, name } = await open(ctx, openingOf(ctx, caller, id));
  return bodyTo(letter, name);
}

/** Hands out the letter in each of its languages: the same opening. Its sender sees them until it is published, as it sees the content. */
export async function openTranslations(ctx: Context, caller: Caller, id: CorrespondenceId): Promise<ShownTranslations> {
  const { letter, name } = await open(ctx, { ...openingOf(ctx, caller, id), toSender: true });
  return translationsTo(letter, name);
}

/** The body for a reader at the other end of a connection: the same, but that it is opened when it was taken. Clients see at once that it is read. */
export async function giveMessage(ctx: Context, caller: Caller, id: CorrespondenceId): Promise<Given<string>> {
  const opened = await open(ctx, { ...openingOf(ctx, caller, id), goesOut: true });
  return { content: bodyTo(opened.letter, opened.name), ...endOf(ctx, opened) };
}

/** The letter in each of its languages, for a reader at the other end of a connection. */
export async function giveTranslations(ctx: Context, caller: Caller, id: CorrespondenceId): Promise<Given<ShownTranslations>> {
  const opened = await open(ctx, { ...openingOf(ctx, caller, id), toSender: true, goesOut: true });
  return { content: translationsTo(opened.letter, opened.name), ...endOf(ctx, opened) };
}

const openingOf = (ctx: Context, caller: Caller, id: CorrespondenceId): Opening => ({
  ...{ ctx, caller, id, evidenceId: newId() },
  toSender: false,
  goesOut: false,
});

const endOf = (ctx: Context, { onItsWay: given }: Opened) => (given ? { recordEnd: onItsWay(ctx, given) } : {});

function open(ctx: Context, opening: Opening): Promise<Opened> {
  const byItself = (tx: Tx, noting: Noting) => alone(openLetters(tx, [opening], { waits: true, noting }));
  return despiteWatch(ctx, byItself, () => openTogether(ctx.db, opening));
}

/** Readers who come at the same time share a transaction. */
const openTogether = joinCallers<Opening, Opened>({
  run: (tx, openings, waits) => openLetters(tx, openings, { waits, noting: notingAtOnce }),
  findWritten: recordedOf,
});
