import { gatherMassLetter } from '#correspondence/index.ts';
import type { Caller } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import type { MailingContext } from './context.ts';
import { mailingErrors as e } from './errors.ts';
import { sendSweeper } from './jobs.ts';
import { massRequestOf, ownMailing, toStoredCaller } from './own-mailing.ts';
import { showMailing } from './show-mailing.ts';
import { movedMailing } from './states.ts';
import { awaitSenders, findProgress, forgetFailures } from './store/chunk.ts';
import { findMailing, lockMailing, type Mailing, saveMailingChange } from './store/mailing.ts';
import type { MailingView, Release } from './wire.ts';

/**
 * The sender lets a mailing go, now or at a time: from then on it is sent in the caller's name, and takes no more recipients. What has
 * been released stays so when it is released again; another time, and another choice of whom to leave out, are heeded while the former
 * has not come. Who is left out is seen when it would be sent: whoever can open it by then gets it.
 *
 * Refuses mailingNotFound, notMovable, recipientsMissing, nothingToRelease, and as initialize does what has come to keep the letter
 * from being sent.
 */
export async function releaseMailing(
  ctx: MailingContext,
  caller: Caller,
  id: string,
  { at, expectedLines, leaveOut }: Release,
): Promise<MailingView> {
  await ctx.db.transaction(async (tx) => {
    const mailing = await ownMailing(tx, caller, await lockMailing(tx, id));
    const now = ctx.now();
    const asked = at ? new Date(at) : now;
    const releaseAt = new Date(Math.max(asked.getTime(), now.getTime()));
    if (mailing.state === 'Released' && mailing.releaseAt! <= now) return;
    const state = mailing.state === 'Released' ? 'Released' : movedMailing(mailing.state, 'release');
    if (!state) throw refuse(e.notMovable, { state: mailing.state, moved: 'released' });
    if (expectedLines != null && expectedLines !== mailing.received) {
      throw refuse(e.recipientsMissing, { received: mailing.received, expected: expectedLines });
    }
    const chosen = leaveOut ? [...new Set(leaveOut)] : undefined;
    const progress = await findProgress(tx, id);
    const without = (chosen ?? mailing.leaveOut).reduce((sum, each) => sum + progress[each], 0);
    if (progress.staged - without <= 0) throw refuse(e.nothingToRelease);
    await gatherMassLetter(tx, massRequestOf(mailing, caller, now, ctx.minimumAttachmentDays));
    saveMailingChange(tx, id, { state, releaseAt, releasedBy: toStoredCaller(caller), leaveOut: chosen });
    tx.afterCommit(sendSweeper.wake);
  });
  return view(ctx, id);
}

/** Nothing more is sent until it is resumed; answers when what was under way is done. Pausing again changes nothing. Refuses mailingNotFound, notMovable. */
export function pauseMailing(ctx: MailingContext, caller: Caller, id: string): Promise<MailingView> {
  return stop(ctx, caller, id, { move: 'pause', moved: 'paused' });
}

/** Nothing more is ever sent; answers when what was under way is done. What is sent stays sent, and the counts say how many. Cancelling again changes nothing. Refuses mailingNotFound, notMovable. */
export function cancelMailing(ctx: MailingContext, caller: Caller, id: string): Promise<MailingView> {
  return stop(ctx, caller, id, { move: 'cancel', moved: 'cancelled' });
}

async function stop(
  ctx: MailingContext,
  caller: Caller,
  id: string,
  { move, moved }: { move: 'pause' | 'cancel'; moved: string },
): Promise<MailingView> {
  const goal = move === 'pause' ? 'Paused' : 'Cancelled';
  // Committed before those who are sending are waited for, so that none comes after them.
  await change(ctx, caller, id, (mailing) => {
    if (mailing.state === goal) return undefined;
    const state = movedMailing(mailing.state, move);
    if (!state) throw refuse(e.notMovable, { state: mailing.state, moved });
    return move === 'cancel' ? { state, endedAt: ctx.now() } : { state };
  });
  await ctx.db.transaction((tx) => awaitSenders(tx, id));
  return view(ctx, id);
}

/** A paused mailing goes on, also one that was paused by itself. Resuming again changes nothing. Refuses mailingNotFound, notMovable. */
export async function resumeMailing(ctx: MailingContext, caller: Caller, id: string): Promise<MailingView> {
  await ctx.db.transaction(async (tx) => {
    const mailing = await ownMailing(tx, caller, await lockMailing(tx, id));
    if (mailing.state === 'Released') return;
    const state = movedMailing(mailing.state, 'resume');
    if (!state) throw refuse(e.notMovable, { state: mailing.state, moved: 'resumed' });
    forgetFailures(tx, id);
    saveMailingChange(tx, id, { state });
    tx.afterCommit(sendSweeper.wake);
  });
  return view(ctx, id);
}

/** Who could open is computed anew for all that is not sent; the mailing tells when that is done. Refuses mailingNotFound, notMovable. */
export async function checkMailing(ctx: MailingContext, caller: Caller, id: string): Promise<MailingView> {
  await change(ctx, caller, id, (mailing) => {
    if (mailing.endedAt) throw refuse(e.notMovable, { state: mailing.state, moved: 'checked' });
    return { checkAskedAt: ctx.now(), checkAskedBy: toStoredCaller(caller), stalledBy: mailing.stalledBy ?? undefined };
  });
  return view(ctx, id);
}

type Change = Parameters<typeof saveMailingChange>[2];

function change(ctx: MailingContext, caller: Caller, id: string, decide: (mailing: Mailing) => Change | undefined): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    const decided = decide(await ownMailing(tx, caller, await lockMailing(tx, id)));
    if (decided) saveMailingChange(tx, id, decided);
  });
}

async function view(ctx: MailingContext, id: string): Promise<MailingView> {
  return showMailing(ctx.db, (await findMailing(ctx.db, id))!);
}
