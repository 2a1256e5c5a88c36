import { notingRefusals } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import { brokerErrors as e } from '../errors.ts';

/** Does what a caller tries with a file; that it was refused for want of access is seen in the log of each of its recipients. */
export function seenIfRefused<T>(
  ctx: Context,
  caller: Caller,
  id: string,
  action: 'look' | 'download' | 'confirm',
  work: () => Promise<T>,
): Promise<T> {
  return notingRefusals(ctx, caller, { things: [id], action, forWantOf: e.noAccess }, work);
}
