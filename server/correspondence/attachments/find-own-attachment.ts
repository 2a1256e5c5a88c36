import { type Decision, may } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import { refuse } from '#kernel/refusal.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { areAmong, sendersSeenBy } from '../read/own-sending.ts';
import type { Attachment } from '../store/attachment.ts';
import { listCreators } from '../store/sender.ts';

/** An attachment that the caller may handle as its sender. */
export interface OwnAttachment {
  readonly attachment: Attachment;
  readonly right: Decision;
}

/** Refuses attachmentNotFound, and noAccess to whoever may not send on the attachment's resource, or sends there beside whose it is. */
export async function ownAttachment(reader: Reader, caller: Caller, attachment: Attachment | undefined): Promise<OwnAttachment> {
  if (!attachment) throw refuse(e.attachmentNotFound);
  const { id, resourceId, ownerId } = attachment;
  const right = await may(reader, caller, { action: 'write', resource: resourceId, party: ownerId, instance: id });
  if (!right.permit) throw refuse(e.noAccess, { id });
  const [[senders], creators] = await Promise.all([sendersSeenBy(reader, [{ caller, owner: ownerId }]), listCreators(reader, [id])]);
  if (!areAmong(senders!, creators.get(id))) throw refuse(e.noAccess, { id });
  return { attachment, right };
}
