import { publishEvents } from '#events/index.ts';
import { actorOf, type EvidenceRow, reasonUri, recordEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty } from '#register/index.ts';
import { despiteWatch } from '#watch/index.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { correspondenceEvent } from '../events.ts';
import { movedMessage } from '../states.ts';
import { lockMessage, saveMoves } from '../store/message.ts';
import { saveStatuses } from '../store/status.ts';
import { decideConfirmation } from './decide.ts';
import { factsOf } from './message-facts.ts';
import { type Act, lookOf } from './record-fetched.ts';
import { mayAsRecipient, requireParty } from './standing.ts';

/**
 * A recipient confirms that it has the message. The watch ends with it, but for a confirmation by the resource's owner, which
 * only clients see. Of two at once one is refused; the message is locked.
 * Refuses correspondenceNotFound, noAccess, confirmBeforeFetched, alreadyConfirmed, callerUnknown, callerPartyNotFound.
 * Source: compatibility.md, correspondence, §4.6.
 */
export function confirmMessage(ctx: Context, caller: Caller, id: CorrespondenceId): Promise<CorrespondenceId> {
  return despiteWatch(ctx, async (tx, noting) => {
    tx.keepPlans();
    const message = await lockMessage(tx, id);
    if (!message) throw refuse(e.correspondenceNotFound, { id });
    const right = await mayAsRecipient(tx, caller, message);
    if (!right.permit) throw refuse(e.noAccess, { id });
    decideConfirmation(factsOf(message));
    const party = requireParty(caller);

    const at = ctx.now();
    const act: Act = { message, caller, right, at };
    const owner = (await findParty(tx, message.ownerId))!;
    recordEvidence(tx, [right.by === 'right' ? acceptanceOf(act) : lookOf(act, { act: 'confirmed by the sender' })]);
    saveStatuses(tx, [{ messageId: id, status: 'Confirmed', text: 'Confirmed', at, party }]);
    saveMoves(tx, [{ id, state: movedMessage(message.state, 'confirm'), confirmedAt: at }]);
    publishEvents(tx, [correspondenceEvent('correspondencereceiverconfirmed', message, owner, at)]);
    if (right.by === 'right') await noting.confirmed(tx, [{ about: id, party: message.recipientId, at, by: party }]);
    return id;
  });
}

/** Where the content was handed out before, this is no acceptance in the sense of consent, and the reason says so. */
function acceptanceOf({ message, caller, right, at }: Act): EvidenceRow {
  return {
    event: 'ConsignmentAcceptance',
    about: message.id,
    recipient: message.recipientId,
    at,
    proves: 'confirmed',
    core: { mode: 'basic', ...(message.openedAt ? { reason: reasonUri('confirmed-after-opening') } : {}) },
    who: actorOf(caller, right.path),
  };
}
