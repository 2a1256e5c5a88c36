import { decideTransfer, recallTransfer } from '#broker/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import { refuse } from '#kernel/refusal.ts';
import { partiesByNumber } from '#register/index.ts';
import { findWatch, watchErrors } from '#watch/index.ts';
import type { UnreadContext } from '../context.ts';
import { unreadErrors as e } from '../errors.ts';
import { kindsOf } from '../policies.ts';
import { findFileResent } from '../store/resending.ts';
import { resendFile, type SentFile } from './resend-file.ts';
import type { Decision } from './wire.ts';

/**
 * The sender decides about a file that a recipient has not fetched, or not confirmed: it is taken back, from all that have not confirmed
 * it; or sent anew, to the same or another; or the recipient has it by another way; or it is let lie. Deciding the same again changes
 * nothing, and nothing else can be decided.
 *
 * Refuses notForFiles, sourceMissing, decidedOtherwise, and what the broker does.
 */
export async function decideFile(
  ctx: UnreadContext,
  caller: Caller,
  to: SentFile,
  wish: Decision,
): Promise<{ readonly outcome: string | null; readonly resentAs: string | null }> {
  if (!kindsOf(caller).includes('file')) throw refuse(e.notForFiles);
  const [name, reason, source] = [wish.name.trim(), wish.reason.trim(), wish.source?.trim()];
  if (wish.decision === 'resend') return resendFile(ctx, caller, to, { name, reason, to: wish.to ?? null });
  if (wish.decision === 'read-elsewhere' && !source) throw refuse(e.sourceMissing);
  if (wish.decision === 'recall') await recallTransfer(ctx, caller, { ...to, name, reason });
  else await decideTransfer(ctx, caller, { ...to, decision: wish.decision, name, reason, source });
  return { outcome: await outcomeOf(ctx.db, to), resentAs: null };
}

/** How it ended for this recipient. What was sent anew was decided so, whatever became of the old one by it. Refuses decidedOtherwise. */
async function outcomeOf(reader: Reader, { id, recipient }: SentFile): Promise<string | null> {
  const party = (await partiesByNumber(reader, [recipient])).get(recipient)!.id;
  if (await findFileResent(reader, id, party)) throw refuse(watchErrors.decidedOtherwise);
  return (await findWatch(reader, id, party))!.outcome;
}
