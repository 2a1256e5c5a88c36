import { may, resolveResource } from '#access/index.ts';
import { publishEvents } from '#events/index.ts';
import { actorOf, recordEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import { asDb } from '#kernel/database.ts';
import { type AttachmentId, newId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty } from '#register/index.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { attachmentEvent } from '../events.ts';
import { requireParty } from '../read/standing.ts';
import { bareResourceId } from '../send/request.ts';
import { attachmentTexts } from '../states.ts';
import { type Attachment, saveAttachmentStatuses, saveAttachments } from '../store/attachment.ts';
import { fileNameError } from './file-name.ts';
import type { InitializeAttachment } from './wire.ts';

/**
 * A sender announces a file that messages may share; its bytes come next. It may stand in a resource of its own, whose
 * readers then may open it.
 *
 * Refuses resourceNotFound, noAccess, resourceTypeForAttachment, the file name's errors, expirationTooSoon, callerUnknown,
 * callerPartyNotFound.
 * Source: compatibility.md, correspondence, §2.5.
 */
export async function initializeAttachment(
  ctx: Context & { readonly minimumAttachmentDays: number },
  caller: Caller,
  body: InitializeAttachment,
): Promise<AttachmentId> {
  const resourceId = bareResourceId(body.resourceId);
  return ctx.db.transaction(async (tx) => {
    // What a sandbox makes of a name that nobody knows comes to be with the attachment, or not at all.
    const inside: Context = { db: asDb(tx), now: ctx.now, log: ctx.log };
    const resource = await resolveResource(inside, resourceId, { type: 'CorrespondenceService', owner: caller.consumer });
    const owner = resource && (await findParty(tx, resource.ownerId));
    if (!resource || !owner) throw refuse(e.resourceNotFound, { resource: resourceId });
    const right = await may(tx, caller, { action: 'write', resource: resource.id, party: owner.id });
    if (!right.permit) throw refuse(e.noAccess, { resource: resource.id });
    if (resource.type !== 'CorrespondenceService' && resource.type !== 'GenericAccessResource') throw refuse(e.resourceTypeForAttachment);
    const fileName = body.fileName ?? '';
    const wrongName = fileNameError(fileName);
    if (wrongName) throw refuse(wrongName);
    const days = body.expirationInDays ?? null;
    if (days !== null && days < ctx.minimumAttachmentDays) throw refuse(e.expirationTooSoon, { days: ctx.minimumAttachmentDays });
    const party = requireParty(caller);

    const at = ctx.now();
    const attachment: Attachment = {
      id: newId<AttachmentId>(),
      resourceId: resource.id,
      ownerId: owner.id,
      fileName,
      displayName: body.displayName ?? null,
      sendersReference: body.sendersReference,
      isEncrypted: body.isEncrypted ?? false,
      declaredMd5: body.checksum?.trim() ? body.checksum : null,
      expirationDays: days,
      state: 'Initialized',
      uploadBeganAt: null,
      blobKey: null,
      sizeBytes: null,
      md5: null,
      sha256: null,
      createdAt: at,
    };
    recordEvidence(tx, [
      {
        event: 'SubmissionOpened',
        about: attachment.id,
        at,
        proves: 'recorded',
        who: actorOf(caller, right.path),
        what: { name: fileName },
      },
    ]);
    saveAttachments(tx, [attachment]);
    saveAttachmentStatuses(tx, [{ attachmentId: attachment.id, status: 'Initialized', text: attachmentTexts.initialized, at, party }]);
    publishEvents(tx, [attachmentEvent('attachmentinitialized', attachment, owner, at)]);
    return attachment.id;
  });
}
