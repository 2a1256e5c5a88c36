import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Blobs, BlobTooLarge, bindBlobs, type StoredBlob, StoreUnavailable } from '#blobs/index.ts';
import { actorOf, recordEvidence } from '#evidence/index.ts';
import { enqueue } from '#jobs/index.ts';
import { BodyStalled } from '#kernel/body-stalled.ts';
import type { Caller, Context } from '#kernel/context.ts';
import { describeFault } from '#kernel/fault.ts';
import type { AttachmentId, BlobKey } from '#kernel/ids.ts';
import { OutcomeUnknown } from '#kernel/outcome-unknown.ts';
import { Overloaded } from '#kernel/overloaded.ts';
import { PlaceGivenAway } from '#kernel/places.ts';
import { Refusal, refuse } from '#kernel/refusal.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { requireParty } from '../read/standing.ts';
import { partOf } from '../send/content-hash.ts';
import { attachmentTexts, movedAttachment } from '../states.ts';
import {
  type Attachment,
  isLinked,
  type LockedAttachment,
  lockAttachment,
  saveAttachmentMoves,
  saveAttachmentStatuses,
} from '../store/attachment.ts';
import { failUpload, letGoUpload } from './fail-upload.ts';
import { ownAttachment } from './find-own-attachment.ts';
import { describeAttachment } from './read-attachment.ts';
import { scanAttachment } from './scan-job.ts';
import type { AttachmentOverview } from './wire.ts';

/** Of a file that comes as a stream. Source: compatibility.md, correspondence, §4.1. */
export const streamFileBytes = 50_000_000_000;

export interface Upload {
  readonly id: AttachmentId;
  readonly stream: Readable;
  /** As the client announces it, where it does. */
  readonly contentLength: number | null;
}

/**
 * The sender hands over the bytes of an attachment. They are stored and hashed outside any transaction; the answer does not
 * wait for the scan. Of two uploads at once one gets through, and a failed one is final: the sender makes a new attachment. Where the store or
 * the database is away the upload is let go, and may come again.
 *
 * Refuses attachmentNotFound, noAccess, fileSize, alreadyUploaded, uploadAfterLinked, callerUnknown, callerPartyNotFound with
 * nothing written; checksumMismatch, fileSize for bytes that turn out to be none or too many, uploadTimedOut when nothing more of them comes, and
 * uploadFailed leave the attachment Failed; uploadFailed with a time to come again, and Overloaded, leave it as it was before.
 * Source: compatibility.md, correspondence, §4.1.
 */
export async function uploadAttachment(
  ctx: Context & { readonly blobs: Blobs },
  caller: Caller,
  upload: Upload,
): Promise<AttachmentOverview> {
  const begun = await beginUpload(ctx, caller, upload);
  const blob = await receive(ctx, upload, begun.uploadKey);
  if (blob.sizeBytes === 0) {
    await giveUp(ctx, upload.id, blob, attachmentTexts.uploadFailed);
    throw refuse(e.fileSize, { limit: '50GB' });
  }
  if (begun.declaredMd5 !== null && begun.declaredMd5 !== blob.md5) {
    await giveUp(ctx, upload.id, blob, attachmentTexts.checksumMismatch);
    throw refuse(e.checksumMismatch, { id: upload.id });
  }
  return finishUpload(ctx, caller, upload.id, blob).catch(async (error: unknown) => {
    if (error instanceof Overloaded || error instanceof OutcomeUnknown) await letGo(ctx, upload.id, blob.key);
    throw error;
  });
}

/** Claims the attachment for this upload, so that a second one is refused before its bytes are read. */
function beginUpload(ctx: Context, caller: Caller, { id, contentLength }: Upload): Promise<LockedAttachment> {
  return ctx.db.transaction(async (tx) => {
    const locked = await lockAttachment(tx, id);
    const { attachment } = await ownAttachment(tx, caller, locked);
    if (contentLength === 0 || (contentLength ?? 0) > streamFileBytes) throw refuse(e.fileSize, { limit: '50GB' });
    if (attachment.state !== 'Initialized') throw refuse(e.alreadyUploaded, { id });
    if (await isLinked(tx, id)) throw refuse(e.uploadAfterLinked, { id });
    const party = requireParty(caller);

    const at = ctx.now();
    const state = movedAttachment(attachment.state, 'startUpload');
    saveAttachmentMoves(tx, [{ id, state, uploadBeganAt: at }]);
    saveAttachmentStatuses(tx, [{ attachmentId: id, status: state, text: attachmentTexts.uploadProcessing, at, party }]);
    return locked!;
  });
}

async function receive(ctx: Context & { readonly blobs: Blobs }, { id, stream }: Upload, key: BlobKey): Promise<StoredBlob> {
  try {
    return await ctx.blobs.receive(stream, { maxBytes: streamFileBytes, key });
  } catch (error) {
    const brokeOff = stream.errored !== null;
    if (error instanceof BodyStalled || error instanceof PlaceGivenAway) {
      await failUpload(ctx, id, attachmentTexts.uploadTimedOut);
      throw refuse(e.uploadTimedOut, { id });
    }
    if (error instanceof Overloaded) {
      await letGo(ctx, id, key);
      if (!(error instanceof StoreUnavailable)) throw error;
      throw new Refusal(e.uploadFailed, { id }, { 'retry-after': String(error.retryAfterSeconds) });
    }
    await failUpload(ctx, id, brokeOff ? attachmentTexts.uploadInterrupted : attachmentTexts.uploadFailed);
    if (error instanceof BlobTooLarge) throw refuse(e.fileSize, { limit: '50GB' });
    if (brokeOff) throw error;
    ctx.log.error(
      { attachment: id, error: error instanceof Error ? error.name : typeof error },
      'the bytes of an upload could not be stored',
    );
    throw refuse(e.uploadFailed, { id });
  }
}

const letGoMillis = 5000;

/** Before the answer, so that the client may come again at once; but where the database is away, too, the answer does not wait for it. */
async function letGo(ctx: Context, id: AttachmentId, key: BlobKey): Promise<void> {
  const done = letGoUpload(ctx, id, key).catch((fault: unknown) =>
    ctx.log.error({ attachment: id, ...describeFault(fault) }, 'an upload was not let go; it will have failed in a day'),
  );
  await Promise.race([done, sleep(letGoMillis, undefined, { ref: false })]);
}

async function giveUp(ctx: Context & { readonly blobs: Blobs }, id: AttachmentId, blob: StoredBlob, text: string): Promise<void> {
  await failUpload(ctx, id, text);
  await ctx.blobs.remove(blob.key);
}

async function finishUpload(ctx: Context, caller: Caller, id: AttachmentId, blob: StoredBlob): Promise<AttachmentOverview> {
  return ctx.db.transaction(async (tx) => {
    const { attachment, right } = await ownAttachment(tx, caller, await lockAttachment(tx, id));
    if (attachment.state === 'Failed') throw refuse(e.uploadFailed, { id });
    if (attachment.state !== 'UploadProcessing') throw refuse(e.attachmentAlreadyPurged, { id });
    const stored: Attachment = { ...attachment, blobKey: blob.key, sizeBytes: blob.sizeBytes, md5: blob.md5, sha256: blob.sha256 };
    recordEvidence(tx, [
      { event: 'BytesReceived', about: id, at: ctx.now(), proves: 'recorded', who: actorOf(caller, right.path), what: partOf(stored) },
    ]);
    bindBlobs(tx, [blob.key]);
    saveAttachmentMoves(tx, [{ id, state: attachment.state, blob }]);
    enqueue(tx, scanAttachment, { attachmentId: id }, { key: id });
    const { statusHistory: _, ...overview } = await describeAttachment(tx, stored);
    return overview;
  });
}
