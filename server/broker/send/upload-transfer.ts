import type { Readable } from 'node:stream';
import { findResource } from '#access/index.ts';
import { BlobTooLarge, type StoredBlob, StoreUnavailable } from '#blobs/index.ts';
import { actorOf } from '#evidence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import { type FileTransferId, newId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { type Acting, actingFor } from '../acting-for.ts';
import type { BrokerContext } from '../context.ts';
import { brokerErrors as e } from '../errors.ts';
import { carriageOf, mostBytes } from '../resources/carriage.ts';
import { failureTexts, movedTransfer, transferTexts, uploadable } from '../states.ts';
import { findBrokerResource } from '../store/resource.ts';
import { lockTransfer, saveMoves, type Transfer } from '../store/transfer.ts';
import { isUploading, letGoUpload, saveUploadBegun } from '../store/upload.ts';
import { hasBytesOfUpload } from '../tus/store.ts';
import { failUpload } from './fail-transfer.ts';
import { keepUpload, leaseSeconds } from './keep-upload.ts';
import { storeBytes } from './store-bytes.ts';

export interface Upload {
  readonly id: FileTransferId;
  readonly stream: Readable;
  /** As the client announces it, where it does. */
  readonly contentLength: number | null;
  /** The SHA-256 that the client says its bytes have: lower-case hex. */
  readonly sha256?: string | null;
}

/** An upload that has the transfer to itself. */
interface Begun {
  readonly transfer: Transfer;
  readonly uploadId: string;
  readonly maxBytes: number;
  /** As the client said with the bytes. */
  readonly sha256: string | null;
}

/**
 * The sender hands over the bytes of a transfer, as many as really come. They are stored and hashed outside any transaction. While
 * an upload is seen to, another one is refused and harms it not; one that died with its process may be begun again. What is not to
 * be scanned is published before the answer.
 *
 * Refuses transferNotFound, noAccess, alreadyUploaded, resourceNotConfigured, fileTooLarge, and checksumMismatch for a hash that is not
 * the one that was announced, with nothing written; fileTooLarge for
 * bytes that turn out to be too many, checksumMismatch and uploadFailed leave the transfer Failed.
 * Source: compatibility.md, broker, §1.5, §3.1.
 */
export async function uploadTransfer(
  ctx: BrokerContext,
  caller: Caller,
  { id, stream, contentLength, sha256 = null }: Upload,
): Promise<FileTransferId> {
  const begun = await beginUpload(ctx, caller, id, { announced: contentLength, sha256 });
  const kept = keepUpload(ctx, id, begun.uploadId);
  try {
    const blob = await receive(ctx, begun, stream);
    return await finishUpload(ctx, caller, begun, blob);
  } finally {
    kept.stop();
  }
}

/** The same for bytes that came in a form and are stored already. */
export async function uploadStored(ctx: BrokerContext, caller: Caller, id: FileTransferId, blob: StoredBlob): Promise<FileTransferId> {
  return finishUpload(ctx, caller, await beginUpload(ctx, caller, id, { announced: blob.sizeBytes, sha256: null }), blob);
}

/** Claims the transfer for this upload, so that a second one is refused before its bytes are read. */
function beginUpload(
  ctx: BrokerContext,
  caller: Caller,
  id: FileTransferId,
  { announced, sha256 }: { readonly announced: number | null; readonly sha256: string | null },
): Promise<Begun> {
  return ctx.db.transaction(async (tx) => {
    const transfer = await lockTransfer(tx, id);
    await ownTransfer(tx, caller, transfer);
    const { state, resourceId, useVirusScan } = transfer!;
    const isTaken = (await isUploading(tx, id, leaseSeconds)) || (await hasBytesOfUpload(tx, id, transfer!.uploadId));
    if (!uploadable.has(state) || isTaken) throw refuse(e.alreadyUploaded, { id });
    const resource = await findResource(tx, resourceId);
    const carriage = resource && !resource.deletedAt && carriageOf(resource, await findBrokerResource(tx, resourceId));
    if (!carriage) throw refuse(e.resourceNotConfigured, { resource: resourceId });
    const maxBytes = mostBytes(carriage, useVirusScan, ctx.scanner);
    if ((announced ?? 0) > maxBytes) throw refuse(e.fileTooLarge, { id });
    const { declaredSha256 } = transfer!;
    if (sha256 !== null && declaredSha256 !== null && sha256 !== declaredSha256) throw refuse(e.checksumMismatch, { id });

    const at = ctx.now();
    const uploadId = newId();
    saveUploadBegun(tx, id, uploadId, at);
    saveMoves(tx, [{ id, state: movedTransfer(state, 'startUpload'), text: transferTexts.UploadStarted, at }]);
    return { transfer: transfer!, uploadId, maxBytes, sha256 };
  });
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

function isOfStorage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ofStorage.has(error.code);
}

async function receive(ctx: BrokerContext, { transfer: { id }, uploadId, maxBytes }: Begun, stream: Readable): Promise<StoredBlob> {
  try {
    return await ctx.blobs.receive(stream, { maxBytes });
  } catch (error) {
    if (error instanceof StoreUnavailable) {
      await letGoUpload(ctx.db, id, uploadId); // it may begin again, as one that died with its process
      throw error;
    }
    // What could not be written ends the stream that it came by, too.
    const brokeOff = stream.errored !== null && !(error instanceof BlobTooLarge) && !isOfStorage(error);
    await failUpload(ctx, id, uploadId, {
      text: brokeOff ? failureTexts.aborted : failureTexts.upload,
      reason: error instanceof BlobTooLarge ? 'quota' : 'transfer-aborted',
      told: error instanceof BlobTooLarge,
    });
    if (error instanceof BlobTooLarge) throw refuse(e.fileTooLarge, { id });
    if (brokeOff) throw error;
    ctx.log.error(
      { transfer: id, error: error instanceof Error ? error.name : typeof error },
      'the bytes of an upload could not be stored',
    );
    throw refuse(e.uploadFailed, { id });
  }
}

async function finishUpload(
  ctx: BrokerContext,
  caller: Caller,
  { transfer: { id }, uploadId, sha256 }: Begun,
  blob: StoredBlob,
): Promise<FileTransferId> {
  const refusal = await ctx.db
    .transaction(async (tx) => {
      const { right } = await ownTransfer(tx, caller, await lockTransfer(tx, id));
      return storeBytes(tx, ctx, { who: actorOf(caller, right.path), id, uploadId, sha256, blob, told: true });
    })
    .catch(async (error: unknown) => {
      await ctx.blobs.remove(blob.key);
      throw error;
    });
  if (refusal === undefined) return id;
  await ctx.blobs.remove(blob.key);
  throw refuse(refusal, { id });
}
