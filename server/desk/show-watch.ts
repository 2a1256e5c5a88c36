import type { Caller, Context } from '#kernel/context.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { watchFor } from '#watch/index.ts';
import { findSentMessage } from './find-sent-message.ts';

/** The watch of a message, for its sender. Refuses messageNotFound, watchMissing. */
export async function showWatch(ctx: Context, caller: Caller, id: CorrespondenceId) {
  const { message } = await findSentMessage(ctx.db, caller, id);
  return watchFor(ctx, message.id, message.recipientId);
}
