import { publishEvents } from '#events/index.ts';
import { actorOf, type EvidenceRow, reasonUri, recordEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty } from '#register/index.ts';
import { noteDeletedUnread, settleWatch } from '#watch/index.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { correspondenceEvent } from '../events.ts';
import { movedMessage } from '../states.ts';
import { lockAttachmentsOf } from '../store/attachment.ts';
import { findMessage, lockMessage, saveMoves } from '../store/message.ts';
import { saveStatuses } from '../store/status.ts';
import { releaseTransmissions } from '../store/transmission.ts';
import { decidePurge } from './decide.ts';
import { factsOf } from './message-facts.ts';
import { purgeAttachmentsOf } from './purge-attachments.ts';
import type { Act } from './record-fetched.ts';
import { hasReadScope, requireParty, standingOf } from './standing.ts';

/**
 * The sender takes back what is not published, or the recipient deletes what is. Attachments that no other message carries go
 * with it, their bytes too. They are locked before the message, in the order of their ids, so that of two last messages that
 * carry a file the second takes it along. What its recipient deletes unopened is told to its sender.
 *
 * Refuses correspondenceNotFound, purgeOfTransmission, noAccess, alreadyPurged, publishedCannotBePurgedBySender,
 * purgeBeforeConfirmed, callerUnknown, callerPartyNotFound. Source: compatibility.md, correspondence, §4.7.
 */
export async function purgeMessage(ctx: Context, caller: Caller, id: CorrespondenceId): Promise<CorrespondenceId> {
  const found = await findMessage(ctx.db, id);
  if (!found) throw refuse(e.correspondenceNotFound, { id });
  return ctx.db.transaction(async (tx) => {
    const attachments = await lockAttachmentsOf(tx, [found.submissionId]);
    const message = (await lockMessage(tx, id))!;
    const facts = factsOf(message);
    if (facts.isTransmission) throw refuse(e.purgeOfTransmission, { id });
    const standing = await standingOf(tx, caller, message);
    const as = decidePurge(facts, standing, hasReadScope(caller));
    const party = requireParty(caller);

    const at = ctx.now();
    const right = as === 'sender' ? standing.asSender : standing.asRecipient;
    // An owner that deletes as the recipient has taken its message back, whatever clients see.
    const recalled = as === 'sender' || right.by === 'owner';
    const status = as === 'sender' ? 'PurgedByAltinn' : 'PurgedByRecipient';
    const act: Act = { message, caller, right, at };
    const owner = (await findParty(tx, message.ownerId))!;
    recordEvidence(tx, [recalled ? recallOf(act) : deletionOf(act)]);
    saveStatuses(tx, [{ messageId: id, status, text: status, at, party }]);
    saveMoves(tx, [{ id, state: movedMessage(message.state, as === 'sender' ? 'purgeBySender' : 'purgeByRecipient'), purgedAt: at }]);
    publishEvents(tx, [correspondenceEvent('correspondencepurged', message, owner, at)]);
    settleWatch(tx, [{ about: id, party: message.recipientId, outcome: recalled ? 'recalled' : 'deleted-by-recipient', at, by: party }]);
    if (!recalled && message.openedAt === null) await noteDeletedUnread(tx, [{ about: id, party: message.recipientId }], at);
    releaseTransmissions(tx, [id], at);
    await purgeAttachmentsOf(tx, act, attachments);
    return id;
  });
}

function recallOf({ message, caller, right, at }: Act): EvidenceRow {
  return {
    event: 'Recalled',
    about: message.id,
    recipient: message.recipientId,
    at,
    proves: 'closed-by-sender',
    core: { reason: reasonUri('recalled') },
    who: actorOf(caller, right.path),
  };
}

function deletionOf({ message, caller, right, at }: Act): EvidenceRow {
  return {
    event: 'DeletedByRecipient',
    about: message.id,
    recipient: message.recipientId,
    at,
    proves: message.openedAt === null ? 'failed' : 'opened',
    who: actorOf(caller, right.path),
  };
}
