import { notingRefusals } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import { correspondenceErrors as e } from '../errors.ts';

type Action = Parameters<typeof notingRefusals>[2]['action'];

/** Does what a caller tries with a message; that it was refused for want of access is seen in the log of those whose post it is. */
export function seenIfRefused<T>(ctx: Context, caller: Caller, message: string, action: Action, work: () => Promise<T>): Promise<T> {
  return notingRefusals(ctx, caller, { things: [message], action, forWantOf: e.noAccess }, work);
}
