import { actorOf } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { changeLadder, findWatch, type MessageLadder, type WatchView } from '#watch/index.ts';
import { findSentMessage } from './find-sent-message.ts';

/**
 * The sender gives one message a ladder of its own, within what its resource lets senders choose. Answers the watch as it is then.
 * Refuses messageNotFound, oneOf, tooLate, ladderMisfit, beyondLimits, stepUnknown, tooManyChanges, ladderNotFound, ladderIsDraft.
 */
export function changeMessageLadder(ctx: Context, caller: Caller, id: CorrespondenceId, wish: MessageLadder): Promise<WatchView> {
  return ctx.db.transaction(async (tx) => {
    const { message, right } = await findSentMessage(tx, caller, id);
    const key = { about: message.id, party: message.recipientId };
    await changeLadder(tx, { key, wish, actor: actorOf(caller, right.path), at: ctx.now() });
    return (await findWatch(tx, key.about, key.party))!;
  });
}
