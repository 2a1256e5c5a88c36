import { publishEvents } from '#events/index.ts';
import { recordEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty } from '#register/index.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { correspondenceEvent } from '../events.ts';
import { movedMessage } from '../states.ts';
import { lockMessage, saveMoves } from '../store/message.ts';
import { saveStatuses } from '../store/status.ts';
import { decideMarkAsRead } from './decide.ts';
import { factsOf } from './message-facts.ts';
import { awaitsPerson } from './open-letters.ts';
import { lookOf } from './record-fetched.ts';
import { actingParty, mayAsRecipient } from './standing.ts';

/**
 * A recipient says that the message counts as read. Clients see it as such; nobody was handed the body, so the watch goes on
 * and no reminder stops. Once only; the message is locked.
 * Refuses correspondenceNotFound, noAccess, readBeforeFetched, alreadyRead. Source: compatibility.md, correspondence, §4.5.
 */
export function markAsRead(ctx: Context, caller: Caller, id: CorrespondenceId): Promise<CorrespondenceId> {
  return ctx.db.transaction(async (tx) => {
    const message = await lockMessage(tx, id);
    if (!message) throw refuse(e.correspondenceNotFound, { id });
    const right = await mayAsRecipient(tx, caller, message);
    if (!right.permit) throw refuse(e.noAccess, { id });
    decideMarkAsRead(factsOf(message));

    const at = ctx.now();
    const owner = (await findParty(tx, message.ownerId))!;
    recordEvidence(tx, [lookOf({ message, caller, right, at }, { act: 'marked as read' })]);
    saveStatuses(tx, [{ messageId: id, status: 'Read', text: 'Read', at, party: actingParty(caller) }]);
    saveMoves(tx, [{ id, state: movedMessage(message.state, 'read'), readAt: at, awaitsPerson: awaitsPerson({ right, caller }) }]);
    publishEvents(tx, [correspondenceEvent('correspondencereceiverread', message, owner, at)]);
    return id;
  });
}
