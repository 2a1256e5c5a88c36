import { finished, type Readable } from 'node:stream';
import { type Decision, may } from '#access/index.ts';
import type { Blobs } from '#blobs/index.ts';
import { actorOf, recordEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { AttachmentId, CorrespondenceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { partOf } from '../send/content-hash.ts';
import { publishIfDue } from '../send/publish-due.ts';
import { availableForRecipient } from '../states.ts';
import { type LinkedAttachment, listAttachmentsOf } from '../store/attachment.ts';
import { lockMessage, type Message } from '../store/message.ts';
import { saveStatuses } from '../store/status.ts';
import { type Act, lookOf } from './record-fetched.ts';
import { requireParty } from './standing.ts';

export interface Download {
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly stream: Readable;
  /** Resolves when what became of the download is recorded. */
  readonly recorded: Promise<void>;
}

/**
 * A recipient fetches a file of a message. The right is asked for on the attachment's own resource. Clients see at once that
 * it was downloaded; that it was handed over is recorded when the last byte has been read, and that it broke off when not.
 *
 * Refuses correspondenceNotFound, attachmentNotFound, noAccess, attachmentPurged, attachmentExpired, callerUnknown,
 * callerPartyNotFound. Source: compatibility.md, correspondence, §4.9.
 */
export async function downloadAttachment(
  ctx: Context & { readonly blobs: Blobs },
  caller: Caller,
  { correspondenceId, attachmentId }: { readonly correspondenceId: CorrespondenceId; readonly attachmentId: AttachmentId },
): Promise<Download> {
  const { attachment, ...act } = await ctx.db.transaction(async (tx) => {
    const locked = await lockMessage(tx, correspondenceId);
    if (!locked) throw refuse(e.correspondenceNotFound, { id: correspondenceId });
    const attachment = (await listAttachmentsOf(tx, locked.submissionId)).find(({ id }) => id === attachmentId);
    if (!attachment) throw refuse(e.attachmentNotFound, { id: attachmentId });
    const right = await mayDownload(tx, caller, locked, attachment);
    if (!right.permit) throw refuse(e.noAccess, { id: attachmentId });
    const at = ctx.now();
    if (attachment.state === 'Purged') throw refuse(e.attachmentPurged, { id: attachmentId });
    if (attachment.state === 'Expired' || (attachment.expiresAt !== null && attachment.expiresAt <= at)) {
      throw refuse(e.attachmentExpired, { id: attachmentId });
    }
    const message = await publishIfDue(tx, locked, at);
    if (!availableForRecipient.has(message.state)) throw refuse(e.correspondenceNotFound, { id: correspondenceId });
    const party = requireParty(caller);

    if (right.by === 'owner') recordEvidence(tx, [lookOf({ message, caller, right, at }, { act: 'attachment downloaded' })]);
    const text = `Attachment ${attachmentId} has been downloaded`;
    saveStatuses(tx, [{ messageId: correspondenceId, status: 'AttachmentsDownloaded', text, at, party }]);
    return { attachment, message, caller, right, at };
  });
  const stream = await ctx.blobs.read(attachment.blobKey!);
  const { fileName, sizeBytes } = attachment;
  return { fileName, sizeBytes: sizeBytes ?? 0, stream, recorded: recordEnd(ctx, act, attachment, stream) };
}

/** Right to the message is right to the attachments that stand in its resource; others ask for one of their own. */
function mayDownload(reader: Reader, caller: Caller, message: Message, attachment: LinkedAttachment): Promise<Decision> {
  const instance = attachment.resourceId === message.resourceId ? message.id : attachment.id;
  return may(reader, caller, { action: 'read', resource: attachment.resourceId, party: message.recipientId, instance });
}

function recordEnd(ctx: Context, act: Act, attachment: LinkedAttachment, stream: Readable): Promise<void> {
  if (act.right.by === 'owner') return Promise.resolve();
  return new Promise((resolve) => {
    finished(stream, { writable: false }, (error) => {
      recordHandover(ctx, act, attachment, !error)
        .catch((fault: unknown) =>
          ctx.log.error({ id: act.message.id, error: fault instanceof Error ? fault.name : typeof fault }, 'a hand-over was not recorded'),
        )
        .finally(resolve);
    });
  });
}

function recordHandover(ctx: Context, { message, caller, right }: Act, attachment: LinkedAttachment, whole: boolean): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    recordEvidence(tx, [
      {
        event: whole ? 'ContentHandover' : 'HandoverInterrupted',
        about: message.id,
        recipient: message.recipientId,
        at: ctx.now(),
        proves: whole ? 'handed-over' : 'nothing',
        who: actorOf(caller, right.path),
        what: { parts: [partOf(attachment)] },
      },
    ]);
  });
}
