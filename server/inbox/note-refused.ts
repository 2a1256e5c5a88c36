import { notingRefusals } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import { inboxErrors as e } from './errors.ts';

/** Does what a caller tries with a message or a file; that it was not there for it is seen in the log of those whose post it is. */
export function seenIfRefused<T>(
  ctx: Context,
  caller: Caller,
  id: string,
  action: 'look' | 'label' | 'share',
  work: () => Promise<T>,
): Promise<T> {
  return notingRefusals(ctx, caller, { things: [id], action, forWantOf: e.entryNotFound }, work);
}
