import type { Readable } from 'node:stream';
import { gatherMassLetter } from '#correspondence/index.ts';
import type { Caller } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import type { MailingContext } from './context.ts';
import { mailingErrors as e } from './errors.ts';
import { massRequestOf, ownMailing } from './own-mailing.ts';
import { type Line, readLines } from './read-lines.ts';
import { type JudgedLines, judgeLines, type NumberedLine, type Staged, stageLines } from './stage-lines.ts';
import { findMailing } from './store/mailing.ts';
import { createUploadPlaces } from './upload-places.ts';
import type { Receipt } from './wire.ts';

/** Lines that are taken in one transaction. Larger ones write no faster, and outlive the young heap: their garbage costs half as much as the work. */
const chunk = { lines: 2000, bytes: 4 << 20 } as const;

/** Each upload under way holds three chunks. */
const places = createUploadPlaces({ most: 8, mostOfOne: 2 });

export interface RecipientUpload {
  readonly mailing: string;
  /** The line that the stream begins with, counted from 1 over the whole mailing. */
  readonly from: number;
  readonly stream: Readable;
  /** How long nothing may come; a minute when left out. Only a few may upload at a time. */
  readonly patienceMillis?: number;
}

/**
 * Takes recipients in as they come, a chunk at a time, and answers when all of them are kept. One chunk is read while the one before
 * it is judged and one before that is written, and no further: a sender that is faster waits. Of an upload that breaks off every whole line that has come is kept;
 * the mailing tells where to continue. Lines that were taken before are passed over.
 *
 * Refuses mailingNotFound, mailingClosed, linesMissing, nothingCame when the stream falls silent, and what has come to keep the letter from being sent. Overloaded when too
 * many upload at once, or too many of one sender.
 */
export async function receiveRecipients(
  ctx: MailingContext,
  caller: Caller,
  { mailing: id, from, stream, patienceMillis = 60_000 }: RecipientUpload,
): Promise<Receipt> {
  const mailing = await ownMailing(ctx.db, caller, await findMailing(ctx.db, id));
  if (mailing.state !== 'Open') throw refuse(e.mailingClosed, { state: mailing.state });
  if (from > mailing.received + 1) throw refuse(e.linesMissing, { next: mailing.received + 1 });
  const letter = await ctx.db.transaction((tx) =>
    gatherMassLetter(tx, massRequestOf(mailing, caller, ctx.now(), ctx.minimumAttachmentDays)),
  );
  const leave = places.enter(mailing.partyId);
  try {
    return await takeAll(stream, {
      patienceMillis,
      from,
      received: mailing.received,
      judge: (lines) => judgeLines(ctx, letter, lines),
      keep: (judged) => stageLines(ctx, id, letter, judged),
    });
  } finally {
    leave();
  }
}

interface Taking {
  readonly patienceMillis: number;
  readonly from: number;
  readonly received: number;
  readonly judge: (lines: readonly NumberedLine[]) => Promise<JudgedLines>;
  readonly keep: (judged: JudgedLines) => Promise<Staged>;
}

async function takeAll(stream: Readable, { patienceMillis, from, received, judge, keep }: Taking): Promise<Receipt> {
  const sum = { nextLine: received + 1, staged: 0, refused: 0 };
  let waiting: NumberedLine[] = [];
  let bytes = 0;
  // Of the chunks under way one is being judged while the one before it is being kept.
  let judging: Promise<unknown> = Promise.resolve();
  let keeping: Promise<void> = Promise.resolve();

  const note = ({ next, staged, refused }: Staged): void => {
    sum.nextLine = next;
    sum.staged += staged;
    sum.refused += refused;
  };
  const write = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const [lines, before] = [waiting, keeping];
    waiting = [];
    bytes = 0;
    await judging;
    const judged = judge(lines);
    judging = judged;
    keeping = before.then(async () => note(await keep(await judged)));
    for (const under of [judged, keeping]) under.catch(() => {}); // heard by whoever awaits it next
    await before;
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
    for await (const lines of readLines(impatient(stream, patienceMillis))) {
      await take(lines, next);
      next += lines.length;
    }
  } catch (error) {
    if (stream.errored === null) throw error; // it was not the stream that broke
    broken = { error };
  }
  await write();
  await keeping;
  if (broken) throw broken.error;
  return sum;
}

/** The stream, which breaks off when nothing comes. The time that its reader takes does not count. */
async function* impatient(stream: Readable, patienceMillis: number): AsyncGenerator<Buffer> {
  const chunks: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
  for (;;) {
    const alarm = setTimeout(() => stream.destroy(refuse(e.nothingCame, { seconds: patienceMillis / 1000 })), patienceMillis);
    const { value, done } = await chunks.next().finally(() => clearTimeout(alarm));
    if (done) return;
    yield value;
  }
}
