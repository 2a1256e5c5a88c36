import type { Context } from '#kernel/context.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { availableForRecipient } from '../states.ts';
import { findLetter } from '../store/letter.ts';
import { findMessage } from '../store/message.ts';
import type { ForwardingCheck } from './wire.ts';

/** Whether an inbox may offer to send a letter on. Refuses correspondenceNotFound, also for what its recipient does not see. */
export async function checkForwarding(ctx: Context, id: CorrespondenceId): Promise<ForwardingCheck> {
  const message = await findMessage(ctx.db, id);
  if (!message || !availableForRecipient.has(message.state)) throw refuse(e.correspondenceNotFound, { id });
  const { allowForwarding } = await findLetter(ctx.db, message.submissionId);
  return { allowForwarding };
}
