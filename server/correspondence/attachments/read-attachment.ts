import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { AttachmentId } from '#kernel/ids.ts';
import { findParty, partyUrn } from '#register/index.ts';
import { type Attachment, findAttachment, listAttachmentStatuses, listMessagesWith } from '../store/attachment.ts';
import { dataTypeOf } from './file-name.ts';
import { ownAttachment } from './find-own-attachment.ts';
import type { AttachmentDetails, AttachmentOverview } from './wire.ts';

/** Where an attachment stands, for its sender. Refuses attachmentNotFound, noAccess. Source: compatibility.md, correspondence, §1.4. */
export async function getAttachmentOverview(ctx: Context, caller: Caller, id: AttachmentId): Promise<AttachmentOverview> {
  const { statusHistory: _, ...overview } = await getAttachmentDetails(ctx, caller, id);
  return overview;
}

/** The overview with the history, oldest first. Refuses attachmentNotFound, noAccess. */
export async function getAttachmentDetails(ctx: Context, caller: Caller, id: AttachmentId): Promise<AttachmentDetails> {
  const { attachment } = await ownAttachment(ctx.db, caller, await findAttachment(ctx.db, id));
  return describeAttachment(ctx.db, attachment);
}

/** An attachment as its sender sees it. */
export async function describeAttachment(reader: Reader, attachment: Attachment): Promise<AttachmentDetails> {
  const [owner, history, messages] = await Promise.all([
    findParty(reader, attachment.ownerId),
    listAttachmentStatuses(reader, attachment.id),
    listMessagesWith(reader, attachment.id),
  ]);
  const statusHistory = history.map(({ status, text, at }) => ({ status, statusText: text, statusChanged: at.toISOString() }));
  const { status, statusText, statusChanged } = statusHistory.at(-1)!;
  return {
    fileName: attachment.fileName,
    displayName: attachment.displayName,
    isEncrypted: attachment.isEncrypted,
    checksum: attachment.md5 ?? attachment.declaredMd5,
    sendersReference: attachment.sendersReference,
    resourceId: attachment.resourceId,
    sender: owner ? partyUrn(owner) : '',
    attachmentId: attachment.id,
    status,
    statusText,
    statusChanged,
    correspondenceIds: messages.map((message) => message.id),
    dataType: dataTypeOf(attachment.fileName),
    statusHistory,
  };
}
