import { type Decision, mayEach } from '#access/index.ts';
import type { Blobs } from '#blobs/index.ts';
import { recordEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { lookOf } from '../read/record-fetched.ts';
import { mayAsRecipient } from '../read/standing.ts';
import { letterTo } from '../send/content-hash.ts';
import { ownLetter } from '../send/mass/own-words.ts';
import { publishIfDue } from '../send/publish-due.ts';
import { type LinkedAttachment, listAttachmentsOf } from '../store/attachment.ts';
import { findLetter } from '../store/letter.ts';
import { findMessage, lockMessage, type Message } from '../store/message.ts';
import { saveStatuses } from '../store/status.ts';
import { downloadingParty, downloadQuestion, isOver, refuseUnlessDownloadable } from './downloadable.ts';
import { openBytes } from './open-bytes.ts';
import { recordEnd } from './record-handover.ts';
import { type Zip, zipOf } from './zip.ts';
import { zipFileName, zipNames } from './zip-names.ts';

/** All files of one archive together. Source: compatibility.md, correspondence, §4.9. */
export const zippedBytes = 2_000_000_000;

export interface DownloadOfAll extends Zip {
  readonly fileName: string;
  /** Told once whether it was taken to its end, which is recorded. */
  readonly recordEnd: (toTheEnd: boolean) => Promise<void>;
}

/**
 * A recipient fetches all files of a message in one archive. The right to each is asked for on the file's own resource. Clients
 * see at once that each was downloaded; that they were handed over is recorded when the archive was taken to its end, and
 * that it broke off when not; what is deleted or expires meanwhile comes whole all the same. On the watch it is what the download of a single file is: opening nothing.
 *
 * Refuses correspondenceNotFound, noAccess, attachmentNotFound where there is none, attachmentPurged and attachmentExpired of
 * any, zipTooLarge, callerUnknown, callerPartyNotFound. Source: compatibility.md, correspondence, §4.9.
 */
export async function downloadAllAttachments(
  ctx: Context & { readonly blobs: Blobs },
  caller: Caller,
  id: CorrespondenceId,
): Promise<DownloadOfAll> {
  const seen = await findMessage(ctx.db, id);
  if (!seen) throw refuse(e.correspondenceNotFound, { id });
  const held = await openBytes(
    ctx,
    (await listAttachmentsOf(ctx.db, seen.submissionId)).filter((each) => !isOver(each, ctx.now())).map(({ blobKey }) => blobKey),
  );
  try {
    const { attachments, title, ...act } = await recordDownload(ctx, caller, id);
    const names = zipNames(attachments.map(({ fileName }) => fileName));
    const zip = zipOf(
      attachments.map(({ sizeBytes, blobKey, createdAt }, i) => ({
        name: names[i]!,
        sizeBytes: sizeBytes ?? 0,
        modifiedAt: createdAt,
        open: () => held.take(blobKey!),
      })),
    );
    zip.stream.once('close', held.close);
    const sending = { ...act, attachments, bytes: 'whole' } as const;
    return { ...zip, fileName: zipFileName(title), recordEnd: (toTheEnd) => recordEnd(ctx, sending, toTheEnd) };
  } catch (error) {
    held.close();
    throw error;
  }
}

/** Decides the download, and writes what clients see of it at once. */
function recordDownload(ctx: Context, caller: Caller, id: CorrespondenceId) {
  return ctx.db.transaction(async (tx) => {
    const at = ctx.now();
    const locked = await lockMessage(tx, id);
    if (!locked) throw refuse(e.correspondenceNotFound, { id });
    const attachments = await listAttachmentsOf(tx, locked.submissionId);
    const right = await rightToAll(tx, caller, { message: locked, attachments, at });
    const message = await publishIfDue(tx, locked, at);
    const party = downloadingParty(message, caller);

    if (right.by === 'owner') recordEvidence(tx, [lookOf({ message, caller, right, at }, { act: 'all attachments downloaded' })]);
    saveStatuses(
      tx,
      attachments.map((attachment) => ({
        messageId: id,
        status: 'AttachmentsDownloaded' as const,
        text: `Attachment ${attachment.id} has been downloaded`,
        at,
        party,
      })),
    );
    const letter = letterTo(ownLetter(await findLetter(tx, message.submissionId), message.own), message.personalName);
    return { attachments, title: letter.title, message, caller, right, at };
  });
}

/** One decision for all files: the owner's act as soon as one file is given by the owner's bypass alone. */
async function rightToAll(
  tx: Tx,
  caller: Caller,
  { message, attachments, at }: { readonly message: Message; readonly attachments: readonly LinkedAttachment[]; readonly at: Date },
): Promise<Decision> {
  if (attachments.length === 0) {
    const right = await mayAsRecipient(tx, caller, message);
    throw right.permit ? refuse(e.attachmentNotFound, { id: message.id }) : refuse(e.noAccess, { id: message.id });
  }
  const rights = await mayEach(
    tx,
    attachments.map((attachment) => ({ caller, question: downloadQuestion(message, attachment) })),
  );
  const missing = rights.find(({ permit }) => !permit);
  if (missing) throw refuse(e.noAccess, { id: message.id });
  for (const [i, attachment] of attachments.entries()) refuseUnlessDownloadable(attachment, rights[i]!, at);
  const sizeBytes = attachments.reduce((sum, attachment) => sum + (attachment.sizeBytes ?? 0), 0);
  if (sizeBytes > zippedBytes) throw refuse(e.zipTooLarge, { sizeBytes });
  return {
    permit: true,
    by: rights.some(({ by }) => by === 'owner') ? 'owner' : 'right',
    path: [...new Set(rights.flatMap(({ path }) => path))],
  };
}
