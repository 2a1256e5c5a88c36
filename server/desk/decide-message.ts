import { holdMessage, recallMessage } from '#correspondence/index.ts';
import { actorOf } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { deciderOf, findWatch, type SenderDecision, settleByDecision, type WatchView, weighDecision } from '#watch/index.ts';
import { deskErrors } from './errors.ts';
import { findSentMessage } from './find-sent-message.ts';

/**
 * The sender decides what becomes of a message that nobody has opened: it is taken back, or stays where it is and will not be
 * asked about again, as it may also be where it was opened and its watch goes on. Who decided and why is evidence. The message is locked before its watch, as an opening locks them: of the
 * two the first wins, and the other is told. Deciding the same again changes nothing and is answered the same.
 *
 * Refuses messageNotFound, alreadyOpened, alreadyEnded, decidedOtherwise, notPublished.
 */
export function decideMessage(ctx: Context, caller: Caller, id: CorrespondenceId, wish: SenderDecision): Promise<WatchView> {
  const decision: SenderDecision = { ...wish, name: wish.name.trim(), reason: wish.reason.trim() };
  return ctx.db.transaction(async (tx) => {
    tx.keepPlans();
    const { message, right } = await findSentMessage(tx, caller, id);
    const held = await holdMessage(tx, message.id);
    if (!held) throw refuse(deskErrors.messageNotFound, { id });
    const { kind, watch } = await weighDecision(tx, { about: message.id, party: message.recipientId }, decision);
    if (kind === 'new') {
      const at = ctx.now();
      const by = deciderOf(caller, message.ownerId);
      if (decision.decision === 'recall') await recallMessage(tx, held, { caller, right, by, at, ...decision });
      await settleByDecision(tx, { ...decision, watch, by, actor: actorOf(caller, right.path), at });
    }
    return (await findWatch(tx, message.id))!;
  });
}
