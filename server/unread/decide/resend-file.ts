import { isInPlaceOf } from '#access/index.ts';
import { copyTransfer, holdSent, letGoTransfer } from '#broker/index.ts';
import { actorOf, recordEvidence } from '#evidence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { type Party, partiesByNumber } from '#register/index.ts';
import { findWatch, ringIfMissing, watchErrors, weighDecision } from '#watch/index.ts';
import type { UnreadContext } from '../context.ts';
import { unreadErrors as e } from '../errors.ts';
import { findFileResent, findRecipientOfResent, saveFileResending } from '../store/resending.ts';
import type { Resend } from './resend-message.ts';

/** A file, and the one of its recipients that is decided about. */
export interface SentFile {
  readonly id: FileTransferId;
  /** Nine digits. */
  readonly recipient: string;
}

/**
 * The sender sends the same file once more, to the same recipient or another. The old watch ends in the transaction in which the new file
 * is there to be fetched, never before and never without; each names the other. Whoever confirms the old one first wins, and nothing is
 * sent. Deciding the same again sends nothing more. Whoever stands in for a sender that is gone sends to the same recipient alone.
 *
 * Refuses notSent, alreadyEnded, decidedOtherwise, watchMissing, recipientUnknown, notToAnother, bytesGone, and what an announcement refuses.
 */
export function resendFile(ctx: UnreadContext, caller: Caller, old: SentFile, wish: Resend): Promise<FileResent> {
  return ringIfMissing(ctx, () => resend(ctx, caller, old, wish));
}

interface FileResent {
  readonly outcome: string | null;
  readonly resentAs: string;
}

function resend(ctx: UnreadContext, caller: Caller, old: SentFile, { name, reason, to }: Resend): Promise<FileResent> {
  return ctx.db.transaction(async (tx) => {
    const held = await holdSent(tx, caller, old);
    const { party, acting } = held;
    const before = await findFileResent(tx, old.id, party);
    if (before) {
      const stands = await findWatch(tx, old.id, party);
      const [sentTo, wished] = [await findRecipientOfResent(tx, before), await organizationOf(tx, to ?? old.recipient)];
      const isSame = stands?.decision?.name === name && stands.decision.reason === reason && sentTo === wished.id;
      if (!isSame) throw refuse(watchErrors.decidedOtherwise);
      return { outcome: stands.outcome, resentAs: before };
    }
    const { kind, watch } = await weighDecision(tx, { about: old.id, party }, { decision: 'recall', name, reason });
    if (kind === 'repeat') throw refuse(watchErrors.decidedOtherwise);
    const at = ctx.now();
    const number = to ?? old.recipient;
    const recipient = await organizationOf(tx, number);
    if (recipient.id !== party && (await isInPlaceOf(tx, caller, held.transfer.senderId))) throw refuse(e.notToAnother);
    const sent = await copyTransfer(ctx, tx, caller, { held, to: number });
    await letGoTransfer(tx, caller, held, { watch, name, reason, at });
    saveFileResending(tx, { oldId: old.id, party, newId: sent, at });
    recordEvidence(
      tx,
      [
        { about: old.id, recipient: party, core: { resentAs: sent } },
        { about: sent, recipient: recipient.id, core: { resentFrom: old.id } },
      ].map((row) => ({
        ...row,
        event: 'Resent' as const,
        at,
        proves: 'nothing' as const,
        who: { ...actorOf(caller, acting.right.path), name },
      })),
    );
    return { outcome: (await findWatch(tx, old.id, party))!.outcome, resentAs: sent };
  });
}

/** Refuses recipientUnknown. */
async function organizationOf(tx: Tx, number: string): Promise<Party> {
  const party = (await partiesByNumber(tx, [number])).get(number);
  if (party?.kind !== 'organization') throw refuse(e.recipientUnknown);
  return party;
}
