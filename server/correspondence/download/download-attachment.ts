import type { Readable } from 'node:stream';
import { type Decision, may } from '#access/index.ts';
import type { Blobs } from '#blobs/index.ts';
import { recordEvidence } from '#evidence/index.ts';
import { type Chosen, chosenBytes, type RangeAsked } from '#kernel/byte-range.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { AttachmentId, CorrespondenceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { lookOf } from '../read/record-fetched.ts';
import { publishIfDue } from '../send/publish-due.ts';
import { type LinkedAttachment, listAttachmentsOf } from '../store/attachment.ts';
import { findMessage, lockMessage, type Message } from '../store/message.ts';
import { saveStatuses } from '../store/status.ts';
import { downloadingParty, downloadQuestion, isOver, refuseUnlessDownloadable } from './downloadable.ts';
import { type OpenBytes, openBytes } from './open-bytes.ts';
import { recordEnd } from './record-handover.ts';

/** What is to be downloaded. */
export interface DownloadAsked {
  readonly correspondenceId: CorrespondenceId;
  readonly attachmentId: AttachmentId;
  /** The headers that ask for a part. */
  readonly part?: RangeAsked;
}

/** The file as it is about to be sent. */
export interface File {
  readonly fileName: string;
  readonly sizeBytes: number;
  /** A strong one, with its quotes. */
  readonly entityTag: string;
}

export interface Download extends File {
  readonly bytes: Chosen | 'whole';
  readonly stream: Readable;
  /** Told once whether it was taken to its end, which is recorded. */
  readonly recordEnd: (toTheEnd: boolean) => Promise<void>;
}

/** A part was asked for that begins after the last byte; nothing was done. */
export interface NoSuchPart extends File {
  readonly bytes: 'unsatisfiable';
}

/**
 * A recipient fetches a file of a message, or a part of it. The right is asked for on the attachment's own resource. Clients see
 * at once that it was downloaded; that it was handed over is recorded when its client has taken it to its end, and that it broke off when
 * not. A part alone hands nothing over, whatever parts came before.
 *
 * Refuses correspondenceNotFound, attachmentNotFound, noAccess, attachmentPurged, attachmentExpired, callerUnknown,
 * callerPartyNotFound. Source: compatibility.md, correspondence, §4.9.
 */
export async function downloadAttachment(
  ctx: Context & { readonly blobs: Blobs },
  caller: Caller,
  asked: DownloadAsked & { readonly part?: undefined },
): Promise<Download>;
export async function downloadAttachment(
  ctx: Context & { readonly blobs: Blobs },
  caller: Caller,
  asked: DownloadAsked,
): Promise<Download | NoSuchPart>;
export async function downloadAttachment(
  ctx: Context & { readonly blobs: Blobs },
  caller: Caller,
  asked: DownloadAsked,
): Promise<Download | NoSuchPart> {
  const held = await openAsked(ctx, asked);
  try {
    const { attachment, bytes, ...act } = await recordDownload(ctx, caller, asked);
    if (bytes === 'unsatisfiable') return { ...fileOf(attachment), bytes };
    const stream = await held.take(attachment.blobKey!);
    const sending = { ...act, bytes, attachments: [attachment] };
    return { ...fileOf(attachment), bytes, stream, recordEnd: (toTheEnd) => recordEnd(ctx, sending, toTheEnd) };
  } finally {
    held.close();
  }
}

/** Holds the bytes that are asked for, if there are any. */
async function openAsked(
  ctx: Context & { readonly blobs: Blobs },
  { correspondenceId, attachmentId, part }: DownloadAsked,
): Promise<OpenBytes> {
  const message = await findMessage(ctx.db, correspondenceId);
  const attachments = message ? await listAttachmentsOf(ctx.db, message.submissionId) : [];
  const attachment = attachments.find(({ id }) => id === attachmentId);
  const bytes = attachment && !isOver(attachment, ctx.now()) ? bytesOf(attachment, part) : 'unsatisfiable';
  if (bytes === 'unsatisfiable') return openBytes(ctx, []);
  return openBytes(ctx, [attachment!.blobKey], bytes === 'whole' ? undefined : bytes);
}

/** Decides the download, and writes what clients see of it at once; nothing where there is no such part. */
function recordDownload(ctx: Context, caller: Caller, { correspondenceId, attachmentId, part }: DownloadAsked) {
  return ctx.db.transaction(async (tx) => {
    const at = ctx.now();
    const locked = await lockMessage(tx, correspondenceId);
    const { attachment, right } = await downloadable(tx, caller, locked, { attachmentId, at });
    const message = await publishIfDue(tx, locked!, at);
    const party = downloadingParty(message, caller);
    const bytes = bytesOf(attachment, part);
    const act = { attachment, bytes, message, caller, right, at };
    if (bytes === 'unsatisfiable') return act;

    if (right.by === 'owner') recordEvidence(tx, [lookOf({ message, caller, right, at }, { act: 'attachment downloaded' })]);
    const text = `Attachment ${attachmentId} has been downloaded`;
    saveStatuses(tx, [{ messageId: correspondenceId, status: 'AttachmentsDownloaded', text, at, party }]);
    return act;
  });
}

/** What a download would be; nothing is read and no trace is left. Refuses as a download. */
export async function inspectAttachment(
  ctx: Context,
  caller: Caller,
  { correspondenceId, attachmentId }: Omit<DownloadAsked, 'part'>,
): Promise<File> {
  const message = await findMessage(ctx.db, correspondenceId);
  const { attachment } = await downloadable(ctx.db, caller, message, { attachmentId, at: ctx.now() });
  downloadingParty(message!, caller);
  return fileOf(attachment);
}

function bytesOf(attachment: LinkedAttachment, part: RangeAsked | undefined): Chosen | 'whole' | 'unsatisfiable' {
  const { sizeBytes, entityTag } = fileOf(attachment);
  return part ? chosenBytes(part, sizeBytes, entityTag) : 'whole';
}

function fileOf({ fileName, sizeBytes, sha256 }: LinkedAttachment): File {
  return { fileName, sizeBytes: sizeBytes ?? 0, entityTag: `"${sha256}"` };
}

/** The attachment of a message that this caller has the right to, and whose bytes are there. */
async function downloadable(
  reader: Reader,
  caller: Caller,
  message: Message | undefined,
  { attachmentId, at }: { readonly attachmentId: AttachmentId; readonly at: Date },
): Promise<{ attachment: LinkedAttachment; right: Decision }> {
  if (!message) throw refuse(e.correspondenceNotFound);
  const attachment = (await listAttachmentsOf(reader, message.submissionId)).find(({ id }) => id === attachmentId);
  if (!attachment) throw refuse(e.attachmentNotFound, { id: attachmentId });
  const right = await may(reader, caller, downloadQuestion(message, attachment));
  refuseUnlessDownloadable(attachment, right, at);
  return { attachment, right };
}
