import { decideMessage } from '#desk/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findOnPaper } from '#relay/index.ts';
import { findWatch, nameOfDecider, watchErrors } from '#watch/index.ts';
import type { UnreadContext } from '../context.ts';
import { unreadErrors as e } from '../errors.ts';
import { findResent, findResentFrom } from '../store/resending.ts';
import { resendMessage } from './resend-message.ts';
import type { DecidedView, Decision } from './wire.ts';

/**
 * The sender decides what becomes of a message that nobody has opened: it is taken back, sent anew, was read elsewhere, or stays where it
 * is and will not be asked about again. There is no way back: the decision is evidence, and what kept the watch going is gone. What is
 * accepted as unread can still be opened, and what was opened and never confirmed is let be so. Deciding the same again changes nothing and is answered the same; what was sent anew was not
 * merely taken back.
 *
 * Refuses sourceMissing, decidedOtherwise, and what `decideMessage` and `resendMessage` do.
 */
export async function decidePost(ctx: UnreadContext, caller: Caller, id: CorrespondenceId, wish: Decision): Promise<DecidedView> {
  const [name, reason] = [await nameOfDecider(ctx.db, caller, wish.name), wish.reason.trim()];
  const source = wish.source?.trim();
  if (wish.decision === 'read-elsewhere' && !source) throw refuse(e.sourceMissing);
  if (wish.decision === 'resend') await resendMessage(ctx, caller, id, { name, reason, to: wish.to ?? null });
  else await decideMessage(ctx, caller, id, { decision: wish.decision, name, reason, ...(source ? { source } : {}) });
  const [watch, resentAs, resentFrom, onPaper] = await Promise.all([
    findWatch(ctx.db, id),
    findResent(ctx.db, id),
    findResentFrom(ctx.db, id),
    findOnPaper(ctx.db, id),
  ]);
  if (resentAs && wish.decision !== 'resend') throw refuse(watchErrors.decidedOtherwise);
  return { ...watch!, resentAs, resentFrom, onPaper };
}
