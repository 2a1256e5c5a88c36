import {
  gatherLetterCopy,
  holdMessage,
  isInPlaceOfSender,
  type LetterCopy,
  type MassRefusal,
  reachOfMany,
  recallMessages,
  writeMass,
} from '#correspondence/index.ts';
import { deskErrors, findSentMessage } from '#desk/index.ts';
import { actorOf, recordEvidence } from '#evidence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { type CorrespondenceId, newId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty, type Party, partiesByNumber } from '#register/index.ts';
import { deciderOf, ringIfMissing, settleByDecisions, watchErrors, weighDecision } from '#watch/index.ts';
import type { UnreadContext } from '../context.ts';
import { unreadErrors as e } from '../errors.ts';
import { findFirst, findRecipientOfResent, findResent, saveResending } from '../store/resending.ts';

/** The sender's word, and to whom; the same recipient when `to` is null. */
export interface Resend {
  readonly name: string;
  readonly reason: string;
  readonly to: string | null;
}

/**
 * The sender sends the same content once more, to the same recipient or another, and takes back what nobody opened. The old watch ends
 * in the transaction that accepts the new message, never before and never without; each names the other. Whoever opens the old one
 * first wins, and nothing is sent. Deciding the same again sends nothing more. Whoever stands in for a sender that is gone sends to the same
 * recipient alone: to another, itself among them, would be new post in the name of the one that is gone, and a way to read it.
 *
 * Refuses messageNotFound, alreadyOpened, alreadyEnded, decidedOtherwise, watchMissing, recipientUnknown, notToAnother, notResendable, and what initialize refuses of the content.
 */
export function resendMessage(ctx: UnreadContext, caller: Caller, id: CorrespondenceId, wish: Resend): Promise<void> {
  return ringIfMissing(ctx, () => resend(ctx, caller, id, wish));
}

function resend(ctx: UnreadContext, caller: Caller, id: CorrespondenceId, wish: Resend): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    const { message, right } = await findSentMessage(tx, caller, id);
    const held = await holdMessage(tx, id);
    if (!held) throw refuse(deskErrors.messageNotFound, { id });
    const said = { decision: 'recall', name: wish.name, reason: wish.reason } as const;
    const { kind, watch } = await weighDecision(tx, { about: id, party: message.recipientId }, said, held.message.openedAt);
    if (kind === 'repeat') {
      const sent = await findResent(tx, id);
      const recipient = sent && (await findRecipientOfResent(tx, sent));
      const wished = await recipientOf(tx, wish.to, (await findParty(tx, message.recipientId))!);
      if (recipient === wished.id) return;
      throw refuse(watchErrors.decidedOtherwise);
    }
    const at = ctx.now();
    const to = await recipientOf(tx, wish.to, (await findParty(tx, message.recipientId))!);
    if (to.id !== message.recipientId && (await isInPlaceOfSender(tx, caller, await findFirst(tx, id)))) throw refuse(e.notToAnother);
    const copy = await gatherLetterCopy(tx, held, { caller, right, now: at, minimumAttachmentDays: ctx.minimumAttachmentDays });
    const sent = await sendCopy(tx, copy, to, at);

    const by = deciderOf(caller, message.ownerId);
    await recallMessages(tx, [{ held, caller, right, by, name: wish.name, reason: wish.reason }], at);
    await settleByDecisions(tx, [{ ...said, watch, by: caller.actor ?? by, actor: actorOf(caller, right.path) }], at);
    saveResending(tx, id, sent, at);
    recordEvidence(
      tx,
      [
        { about: id, recipient: message.recipientId, core: { resentAs: sent } },
        { about: sent, recipient: to.id, core: { resentFrom: id } },
      ].map((row) => ({
        ...row,
        event: 'Resent' as const,
        at,
        proves: 'nothing' as const,
        who: { ...actorOf(caller, right.path), name: wish.name },
      })),
    );
  });
}

/** Refuses recipientUnknown. */
async function recipientOf(tx: Tx, number: string | null, same: Party): Promise<Party> {
  if (number === null) return same;
  const party = (await partiesByNumber(tx, [number])).get(number);
  if (!party) throw refuse(e.recipientUnknown);
  return party;
}

const whyNot: Readonly<Record<MassRefusal, string>> = {
  reserved: 'has said no to digital post',
  'cannot-open': 'has nobody who could open it',
  nameless: 'has no name, which the letter needs',
};

/** Refuses notResendable. */
async function sendCopy(tx: Tx, { letter, own }: LetterCopy, party: Party, at: Date): Promise<CorrespondenceId> {
  const id = newId<CorrespondenceId>();
  const [reach] = await reachOfMany(tx, letter, [{ id, party }]);
  if ('refused' in reach!) throw refuse(e.notResendable, { why: whyNot[reach.refused] });
  writeMass(tx, letter, newId(), [{ id, party, own, openability: reach!.openability }], at);
  return id;
}
