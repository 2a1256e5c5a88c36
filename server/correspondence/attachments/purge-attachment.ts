import { actorOf, recordEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { AttachmentId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { requireParty } from '../read/standing.ts';
import { partOf } from '../send/content-hash.ts';
import { attachmentTexts, movedAttachment } from '../states.ts';
import { isLinked, lockAttachment, saveAttachmentMoves, saveAttachmentStatuses } from '../store/attachment.ts';
import { ownAttachment } from './find-own-attachment.ts';
import { releaseShared } from './release-shared.ts';

/**
 * The sender takes an attachment away that no message has ever carried. A request that attaches it meanwhile waits, and is
 * refused. Refuses attachmentNotFound, noAccess, attachmentAlreadyPurged, attachmentAlreadyExpired, attachmentIsLinked,
 * callerUnknown, callerPartyNotFound.
 * Source: compatibility.md, correspondence, §4.1.
 */
export function purgeAttachment(ctx: Context, caller: Caller, id: AttachmentId): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    const { attachment, right } = await ownAttachment(tx, caller, await lockAttachment(tx, id));
    if (attachment.state === 'Purged') throw refuse(e.attachmentAlreadyPurged, { id });
    if (attachment.state === 'Expired') throw refuse(e.attachmentAlreadyExpired, { id });
    if (await isLinked(tx, id)) throw refuse(e.attachmentIsLinked, { id });
    const party = requireParty(caller);

    const at = ctx.now();
    const state = movedAttachment(attachment.state, 'purge');
    recordEvidence(tx, [
      { event: 'ContentPurged', about: id, at, proves: 'recorded', who: actorOf(caller, right.path), what: partOf(attachment) },
    ]);
    saveAttachmentMoves(tx, [{ id, state }]);
    saveAttachmentStatuses(tx, [{ attachmentId: id, status: state, text: attachmentTexts.purgedBySender, at, party }]);
    await releaseShared(tx, [attachment]);
  });
}
