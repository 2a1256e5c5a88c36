import { notingRefusals } from '#access/index.ts';
import { messageOfDialog } from '#correspondence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import { dialogErrors as e } from './errors.ts';

/** Does what a caller tries with dialogs; that they were not there for it is seen in the log of those whose post it is. */
export function seenIfRefused<T>(
  ctx: Context,
  caller: Caller,
  dialogs: readonly string[],
  action: 'look' | 'label',
  work: () => Promise<T>,
): Promise<T> {
  return notingRefusals(ctx, caller, { things: dialogs.map(messageOfDialog), action, forWantOf: e.dialogNotFound }, work);
}
