import { decideTransfer, recallTransfer } from '#broker/index.ts';
import type { Caller } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import type { UnreadContext } from '../context.ts';
import { unreadErrors as e } from '../errors.ts';
import { kindsOf } from '../policies.ts';
import { resendFile, type SentFile } from './resend-file.ts';
import type { Decision } from './wire.ts';

/**
 * The sender decides about a file that a recipient has not fetched, or not confirmed: it is taken back, from all that have not confirmed
 * it; or sent anew, to the same or another; or the recipient has it by another way; or it is let lie. Deciding the same again changes
 * nothing.
 *
 * Refuses notForFiles, sourceMissing, and what the broker does.
 */
export async function decideFile(
  ctx: UnreadContext,
  caller: Caller,
  to: SentFile,
  wish: Decision,
): Promise<{ readonly outcome: string | null; readonly resentAs: string | null }> {
  if (!kindsOf(caller).includes('file')) throw refuse(e.notForFiles);
  const [name, reason, source] = [wish.name.trim(), wish.reason.trim(), wish.source?.trim()];
  switch (wish.decision) {
    case 'recall':
      await recallTransfer(ctx, caller, { ...to, name, reason });
      return { outcome: 'recalled', resentAs: null };
    case 'resend':
      return resendFile(ctx, caller, to, { name, reason, to: wish.to ?? null });
    case 'read-elsewhere':
      if (!source) throw refuse(e.sourceMissing);
      break;
    default:
  }
  const { outcome } = await decideTransfer(ctx, caller, { ...to, decision: wish.decision, name, reason, source });
  return { outcome, resentAs: null };
}
