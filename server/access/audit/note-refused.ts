import type { Caller, Context } from '#kernel/context.ts';
import { newId } from '#kernel/ids.ts';
import { type ErrorRow, Refusal } from '#kernel/refusal.ts';
import { saveAttempt } from '../store/audit.ts';
import { findMessage } from './store.ts';

/** What somebody tries to do with a message. */
export interface Attempt {
  readonly message: string;
  readonly action: 'look' | 'open' | 'mark-as-read' | 'confirm' | 'delete' | 'download' | 'forward';
}

const hourMillis = 3_600_000;

/**
 * Does what somebody tries with a message; where it is refused for want of a right, those whose post it is find the attempt in their
 * log. What was tried has been rolled back by then, so the entry has a transaction of its own. One an hour for each caller, message
 * and act: whoever goes on trying fills nobody's log. A message that does not exist is nobody's, and leaves nothing.
 */
export async function notingRefusals<T>(
  ctx: Context,
  caller: Caller,
  { forWantOf, ...attempt }: Attempt & { readonly forWantOf: ErrorRow },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // that it cannot be noted makes no other answer of a refusal
    if (error instanceof Refusal && error.row === forWantOf)
      await note(ctx, caller, attempt).catch(() => ctx.log.error({ act: attempt.action }, 'a refused attempt was not noted'));
    throw error;
  }
}

function note(ctx: Context, caller: Caller, { message, action }: Attempt): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    const found = await findMessage(tx, message);
    if (!found) return;
    const at = ctx.now();
    saveAttempt(tx, {
      ...{ id: newId(), at, hour: new Date(Math.floor(at.getTime() / hourMillis) * hourMillis) },
      ...{ party: found.recipient, resource: found.resource, message, action },
      ...{ subject: caller.actor ?? caller.subject, askedBy: caller.consumer ?? caller.party, clientId: caller.clientId },
    });
  });
}
