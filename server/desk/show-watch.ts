import type { Caller, Context } from '#kernel/context.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findWatch } from '#watch/index.ts';
import { deskErrors } from './errors.ts';
import { findSentMessage } from './find-sent-message.ts';

/** The watch of a message, for its sender. Refuses messageNotFound. */
export async function showWatch(ctx: Context, caller: Caller, id: CorrespondenceId) {
  const { message } = await findSentMessage(ctx.db, caller, id);
  const watch = await findWatch(ctx.db, message.id);
  if (!watch) throw refuse(deskErrors.messageNotFound, { id });
  return watch;
}
