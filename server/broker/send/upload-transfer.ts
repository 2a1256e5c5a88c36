import { finished, type Readable } from 'node:stream';
import { BlobTooLarge, type StoredBlob } from '#blobs/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import { describeFault } from '#kernel/fault.ts';
import { type BlobKey, type FileTransferId, newId } from '#kernel/ids.ts';
import { OutcomeUnknown } from '#kernel/outcome-unknown.ts';
import { Overloaded } from '#kernel/overloaded.ts';
import { refuse } from '#kernel/refusal.ts';
import { type Acting, actingFor } from '../acting-for.ts';
import type { BrokerContext } from '../context.ts';
import { brokerErrors as e } from '../errors.ts';
import { failureTexts } from '../states.ts';
import type { Transfer } from '../store/transfer.ts';
import { type Beginning, type Begun, beginUpload } from './begin-upload.ts';
import { briefBytes, type Claim, claimUpload } from './claim-upload.ts';
import { failUpload } from './fail-transfer.ts';
import { finishUpload } from './finish-upload.ts';
import { letGo } from './let-go.ts';

export interface Upload {
  readonly id: FileTransferId;
  readonly stream: Readable;
  /** As the client announces it, where it does. */
  readonly contentLength: number | null;
  /** The SHA-256 that the client says its bytes have: lower-case hex. */
  readonly sha256?: string | null;
}

/**
 * The sender hands over the bytes of a transfer, as many as really come. They are stored and hashed outside any transaction. While
 * an upload is seen to, another one is refused and harms it not; one that died with its process may be begun again. What is not to
 * be scanned is published before the answer.
 *
 * Refuses transferNotFound, noAccess, alreadyUploaded, resourceNotConfigured, fileTooLarge, and checksumMismatch for a hash that is not
 * the one that was announced, with nothing written; fileTooLarge for
 * bytes that turn out to be too many, checksumMismatch and uploadFailed leave the transfer Failed; so does a client that goes away, unless
 * it has not claimed its transfer yet, which is then as it was. Whose place was given away may begin again.
 * Source: compatibility.md, broker, §1.5, §3.1.
 */
export async function uploadTransfer(
  ctx: BrokerContext,
  caller: Caller,
  { id, stream, contentLength, sha256 = null }: Upload,
): Promise<FileTransferId> {
  const blobKey = newId<BlobKey>();
  const isBrief = contentLength !== null && contentLength <= briefBytes;
  const beginning = { ctx, caller, id, uploadId: newId(), blobKey, announced: contentLength, sha256, isBrief };
  const begun = await begin(ctx, beginning);
  const claim = claimUpload(ctx, begun, beginning);
  finished(stream, { writable: false }, (broken) => broken && claim.end().catch(() => {})); // whoever is gone claims nothing
  try {
    const blob = await receive(ctx, begun, { stream, blobKey, claim });
    return await finish(ctx, beginning, claim.end(), blob);
  } finally {
    claim.stop();
  }
}

/** The same for bytes that came in a form and are stored already. */
export async function uploadStored(ctx: BrokerContext, caller: Caller, id: FileTransferId, blob: StoredBlob): Promise<FileTransferId> {
  const beginning = { ctx, caller, id, uploadId: newId(), blobKey: null, announced: blob.sizeBytes, sha256: null };
  const begun = await begin(ctx, beginning);
  return finish(ctx, beginning, Promise.resolve(begun), blob);
}

/** Refuses transferNotFound, and noAccess to whoever may not send for its sender. */
export async function ownTransfer(reader: Reader, caller: Caller, transfer: Transfer | undefined): Promise<Acting> {
  if (!transfer) throw refuse(e.transferNotFound);
  const acting = await actingFor(reader, caller, { action: 'write', parties: [transfer.senderId], on: transfer });
  if (!acting) throw refuse(e.noAccess, { id: transfer.id });
  return acting;
}

/** Codes of a disk that is full, over its quota, or broken. */
const ofStorage: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EFBIG']);

/** Pure. */
export function isOfStorage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ofStorage.has(error.code);
}

/** A claim that may have been made is let go: its client is told to look at the state. */
async function begin(ctx: BrokerContext, beginning: Beginning): Promise<Begun> {
  try {
    return await beginUpload(ctx.db, beginning);
  } catch (error) {
    if (error instanceof OutcomeUnknown) await letGo(ctx, beginning);
    throw error;
  }
}

async function receive(
  ctx: BrokerContext,
  { id, uploadId, maxBytes }: Begun,
  { stream, blobKey, claim }: { readonly stream: Readable; readonly blobKey: BlobKey; readonly claim: Claim },
): Promise<StoredBlob> {
  try {
    return await ctx.blobs.receive(stream, { maxBytes, announced: blobKey });
  } catch (error) {
    if (error instanceof Overloaded) {
      // the store, a connection to the database, or its place
      await claim.end().catch(() => {});
      await letGo(ctx, { id, uploadId, blobKey }); // it may begin again, as one that died with its process
      throw error;
    }
    // What could not be written ends the stream that it came by, too.
    const brokeOff = stream.errored !== null && !(error instanceof BlobTooLarge) && !isOfStorage(error);
    // Who goes away without a claim leaves the transfer to others, whose bytes may be on their way; what fails here is one that has begun.
    if (brokeOff) await claim.end().catch(() => {});
    else await claim.now();
    await failUpload(ctx, id, uploadId, {
      text: brokeOff ? failureTexts.aborted : failureTexts.upload,
      reason: error instanceof BlobTooLarge ? 'quota' : 'transfer-aborted',
      told: error instanceof BlobTooLarge,
    });
    if (error instanceof BlobTooLarge) throw refuse(e.fileTooLarge, { id });
    if (brokeOff) throw error;
    ctx.log.error({ transfer: id, ...describeFault(error) }, 'the bytes of an upload could not be stored');
    throw refuse(e.uploadFailed, { id });
  }
}

async function finish(ctx: BrokerContext, beginning: Beginning, claimed: Promise<Begun>, blob: StoredBlob): Promise<FileTransferId> {
  const { id, caller } = beginning;
  try {
    const { refused } = await finishUpload(ctx.db, { ctx, caller, begun: await claimed, blob });
    if (refused !== undefined) throw refuse(refused, { id });
    return id;
  } catch (error) {
    // Where nobody knows whether they are the transfer's, the bytes stay: the sweeper takes them once nobody has bound them in time.
    const isUnknown = error instanceof OutcomeUnknown;
    await Promise.all([
      isUnknown ? undefined : ctx.blobs.remove(blob.key).catch(() => {}), // what is left is the sweeper's, too
      isUnknown || error instanceof Overloaded ? letGo(ctx, beginning) : undefined,
    ]);
    throw error;
  }
}
