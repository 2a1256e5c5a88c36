import type { Tx } from '#kernel/database.ts';
import { describeFault } from '#kernel/fault.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { boardOf } from '#notifications/index.ts';
import { findParty, type Party } from '#register/index.ts';
import { linesOf } from '../board/extract.ts';
import type { UnreadContext } from '../context.ts';
import { dayInOslo, nextTime } from '../oslo.ts';
import { postInPlaceOf, postOf } from '../own-post.ts';
import { type BoardFilter, summarizeBoard } from '../store/board.ts';
import { saveMails } from '../store/mail.ts';
import { claimRoutine, putOffRoutine, type Routine, saveExtract, saveNextAt } from '../store/routine.ts';
import { routineTexts } from './texts.ts';
import { type Readers, readersOf } from './who-gets-it.ts';

/** A mail server takes no more than some ten megabytes: above this the link is sent, whatever was chosen. */
const mostAttached = 20_000;

/** One that fails is tried again after this, and is an alarm when it is an hour late. */
const retryMillis = 5 * 60_000;

/**
 * Sends what one sender has asked to be told of now: its extract, and when the next is due, in one transaction, so that a time is told of
 * once, whoever dies in between. Times that were missed are not made up for: the next extract has all of it. An extract that cannot
 * be made is put off, and holds up nobody else's. `more` when there may be others.
 */
export async function sendDueExtract(ctx: UnreadContext): Promise<'more' | undefined> {
  let claimed: PartyId | undefined;
  try {
    return await ctx.db.transaction(async (tx) => {
      const routine = await claimRoutine(tx, ctx.now());
      if (!routine) return undefined;
      claimed = routine.sender;
      await sendExtract(ctx, tx, routine);
      return 'more';
    });
  } catch (error) {
    const sender = claimed;
    if (sender === undefined) throw error;
    ctx.log.error({ sender, ...describeFault(error) }, 'an extract could not be made');
    await ctx.db.transaction(async (tx) => putOffRoutine(tx, sender, new Date(ctx.now().getTime() + retryMillis)));
    return 'more';
  }
}

async function sendExtract(ctx: UnreadContext, tx: Tx, routine: Routine): Promise<void> {
  const now = ctx.now();
  const sender = (await findParty(tx, routine.sender))!;
  const readers = await readersOf(tx, routine, sender);
  const { emails, standIn, isStopped } = readers;
  const { items, files, filter, own } = await whatLies(tx, routine, readers, now);
  const isSent = emails.length > 0 && (items > 0 || routine.sendEmpty);
  // who stands in has not said that it wants the file itself
  const asFile = isSent && standIn === null && routine.sendAs === 'attachment' && items <= mostAttached;
  const text = asFile ? await joined(linesOf(tx, { own, filter }, now, { bom: true, numbers: false })) : null;
  const name = oneLine(sender);
  const id = newId();
  const { language } = standIn ?? sender;
  saveMails(
    tx,
    (isSent ? emails : []).map((email) => ({
      id: newId(),
      address: email,
      subject: routineTexts[language].extractSubject(name, items),
      body: bodyOf(ctx, { sender, items, name, asFile, standIn, language }),
      file: text === null ? null : { name: `ulest-post-${dayInOslo(now)}.csv`, text },
      at: now,
      extract: id,
    })),
  );
  const sentAs = isStopped ? 'stopped' : !isSent ? 'nothing' : asFile ? 'attachment' : 'link';
  saveExtract(tx, routine.sender, {
    id,
    dueAt: routine.nextAt,
    madeAt: now,
    items,
    files,
    sentAs,
    addresses: isSent ? emails.length : 0,
    standIn: standIn?.id ?? null,
  });
  saveNextAt(tx, routine.sender, nextTime(now, routine.days, routine.hour));
}

async function whatLies(tx: Tx, routine: Routine, { standIn }: Readers, now: Date) {
  const own = standIn ? await postInPlaceOf(tx, routine.sender, standIn.id) : await postOf(tx, routine.sender);
  const filter: BoardFilter = {
    causes: routine.causes.length > 0 ? routine.causes : undefined,
    resources: routine.resources.length > 0 ? routine.resources : undefined,
    recipients: routine.recipients.length > 0 ? routine.recipients : undefined,
    olderThanDays: routine.olderThanDays ?? undefined,
  };
  const { total: items, files } = await summarizeBoard(tx, own, filter, { now, recipients: 0 });
  return { items, files, own, filter };
}

interface Told {
  readonly sender: Party;
  readonly items: number;
  readonly name: string;
  readonly asFile: boolean;
  readonly standIn: Party | null;
  readonly language: Party['language'];
}

function bodyOf({ addresses, publicUrl }: UnreadContext, { sender, items, name, asFile, standIn, language }: Told): string {
  const { extract, inItsPlace, asFile: attached, asLink, seeWho } = routineTexts[language];
  const why = standIn ? ` ${inItsPlace(name, oneLine(standIn))}` : '';
  const where = asFile ? attached : `${asLink} ${publicUrl}/budstikke/v1/unread/extract`;
  return `${extract(name, items)}${why} ${where}\n${seeWho} ${boardOf(addresses, standIn ?? sender)}`;
}

const oneLine = ({ name }: Party): string => name.replaceAll(/\s+/g, ' ').trim();

async function joined(lines: AsyncIterable<string>): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of lines) pieces.push(piece);
  return pieces.join('');
}
