import { gatherMassLetter, reachOfMany } from '#correspondence/index.ts';
import type { Swept } from '#jobs/index.ts';
import type { Tx } from '#kernel/database.ts';
import { Refusal } from '#kernel/refusal.ts';
import { findParties } from '#register/index.ts';
import type { MailingContext } from './context.ts';
import { fromStoredCaller, massRequestOf } from './own-mailing.ts';
import { classesOf, policiesOf } from './stage-lines.ts';
import { type Chunk, claimUnchecked, saveChecked } from './store/chunk.ts';
import { findMailing, type Mailing } from './store/mailing.ts';
import { type FoundRecipient, listStaged, saveOpenabilities } from './store/recipient.ts';

/**
 * Computes anew who could open, for one chunk of a mailing whose sender asked for it. Whoever may not be sent the letter any more is
 * found when it is sent. Any number of workers may run it.
 */
export async function checkAsked(ctx: MailingContext): Promise<Swept> {
  const done = await ctx.db.transaction(async (tx) => {
    const chunk = await claimUnchecked(tx);
    if (!chunk) return false;
    const mailing = (await findMailing(tx, chunk.mailingId))!;
    await checkChunk(tx, ctx, mailing, chunk);
    return true;
  });
  return done ? 'more' : undefined;
}

async function checkChunk(tx: Tx, ctx: MailingContext, mailing: Mailing, chunk: Chunk): Promise<void> {
  const now = ctx.now();
  const staged = await listStaged(tx, [chunk]);
  try {
    const caller = fromStoredCaller(mailing.checkAskedBy!);
    const letter = await gatherMassLetter(tx, massRequestOf(mailing, caller, now, ctx.minimumAttachmentDays));
    const parties = await findParties(
      tx,
      staged.map(({ partyId }) => partyId),
    );
    const found = await reachOfMany(
      tx,
      letter,
      staged.map(({ partyId, messageId }) => ({ id: messageId, party: parties.get(partyId)! })),
    );
    const known = staged.map((row, i): FoundRecipient => {
      const reach = found[i]!;
      return 'openability' in reach ? { ...row, openability: reach.openability } : row;
    });
    saveOpenabilities(
      tx,
      mailing.id,
      known.filter((row, i) => JSON.stringify(row.openability) !== JSON.stringify(staged[i]!.openability)),
    );
    saveChecked(tx, chunk, classesOf(known), policiesOf(letter), now);
  } catch (error) {
    // The letter may not be sent any more: that is said when it is released. What was known stays.
    if (!(error instanceof Refusal)) throw error;
    saveChecked(tx, chunk, classesOf(staged), chunk.policies, now);
  }
}
