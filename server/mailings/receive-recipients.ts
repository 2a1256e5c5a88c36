import type { Readable } from 'node:stream';
import { gatherMassLetter } from '#correspondence/index.ts';
import type { Caller } from '#kernel/context.ts';
import { Overloaded } from '#kernel/overloaded.ts';
import { refuse } from '#kernel/refusal.ts';
import type { MailingContext } from './context.ts';
import { mailingErrors as e } from './errors.ts';
import { massRequestOf, ownMailing } from './own-mailing.ts';
import { type Line, readLines } from './read-lines.ts';
import { type NumberedLine, type Staged, stageLines } from './stage-lines.ts';
import { findMailing } from './store/mailing.ts';
import type { Receipt } from './wire.ts';

/** Lines that are taken in one transaction. */
const chunk = { lines: 5000, bytes: 4 << 20 } as const;

/** Uploads that one process takes at a time: each holds two chunks. */
const mostUploads = 8;
let uploads = 0;

export interface RecipientUpload {
  readonly mailing: string;
  /** The line that the stream begins with, counted from 1 over the whole mailing. */
  readonly from: number;
  readonly stream: Readable;
}

/**
 * Takes recipients in as they come, a chunk at a time, and answers when all of them are kept. The next chunk is read while one is
 * written, and no further: a sender that is faster waits. Of an upload that breaks off every whole line that has come is kept;
 * the mailing tells where to continue. Lines that were taken before are passed over.
 *
 * Refuses mailingNotFound, mailingClosed, linesMissing, and what has come to keep the letter from being sent. Overloaded when too
 * many upload at once.
 */
export async function receiveRecipients(
  ctx: MailingContext,
  caller: Caller,
  { mailing: id, from, stream }: RecipientUpload,
): Promise<Receipt> {
  const mailing = ownMailing(caller, await findMailing(ctx.db, id));
  if (mailing.state !== 'Open') throw refuse(e.mailingClosed, { state: mailing.state });
  if (from > mailing.received + 1) throw refuse(e.linesMissing, { next: mailing.received + 1 });
  const letter = await ctx.db.transaction((tx) =>
    gatherMassLetter(tx, massRequestOf(mailing, caller, ctx.now(), ctx.minimumAttachmentDays)),
  );
  if (uploads >= mostUploads) throw new Overloaded(5);
  uploads += 1;
  try {
    const stage = (lines: readonly NumberedLine[]): Promise<Staged> => stageLines(ctx, id, letter, lines);
    return await takeAll(stream, { from, received: mailing.received, stage });
  } finally {
    uploads -= 1;
  }
}

interface Taking {
  readonly from: number;
  readonly received: number;
  readonly stage: (lines: readonly NumberedLine[]) => Promise<Staged>;
}

async function takeAll(stream: Readable, { from, received, stage }: Taking): Promise<Receipt> {
  const sum = { nextLine: received + 1, staged: 0, refused: 0 };
  let waiting: NumberedLine[] = [];
  let bytes = 0;
  let writing: Promise<void> = Promise.resolve();

  const write = async (): Promise<void> => {
    await writing;
    if (waiting.length === 0) return;
    const lines = waiting;
    waiting = [];
    bytes = 0;
    writing = stage(lines).then((done) => {
      sum.nextLine = done.next;
      sum.staged += done.staged;
      sum.refused += done.refused;
    });
    writing.catch(() => {}); // heard by whoever awaits it next
  };
  const take = async (lines: readonly Line[], first: number): Promise<void> => {
    for (const [i, read] of lines.entries()) {
      if (first + i <= received) continue;
      waiting.push({ line: first + i, read });
      bytes += 'text' in read ? read.text.length : 0;
      if (waiting.length >= chunk.lines || bytes >= chunk.bytes) await write();
    }
  };

  let broken: { readonly error: unknown } | undefined;
  let next = from;
  try {
    for await (const lines of readLines(stream)) {
      await take(lines, next);
      next += lines.length;
    }
  } catch (error) {
    if (stream.errored === null) throw error; // it was not the stream that broke
    broken = { error };
  }
  await write();
  await writing;
  if (broken) throw broken.error;
  return sum;
}
