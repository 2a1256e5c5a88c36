import type { Caller } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import type { BrokerContext } from '../context.ts';
import { brokerErrors } from '../errors.ts';
import { findTransfer, type Transfer } from '../store/transfer.ts';
import { finishUpload } from './finish-upload.ts';
import { ownUpload } from './own-upload.ts';
import { findUpload, type TusUploadId, type UploadNamed } from './store.ts';

/** How far an upload is. */
export interface Shown {
  /** Bytes that are durable; null for parts that are not one file yet. */
  readonly offset: number | null;
  readonly length: number;
  readonly metadata: string | null;
  readonly concat: string | null;
  readonly expiresAt: Date | null;
}

/**
 * How far an upload is: what has been acknowledged, and whatever came besides. A client that reads that all is there sends no more, so
 * what a dead process left unfinished is finished first. An upload that is over is as far as its file is long.
 *
 * Refuses tokenLapsed, transferNotFound, noAccess, alreadyUploaded, checksumMismatch. Source: compatibility.md, broker, §4.2, §4.3.
 */
export async function showUpload(ctx: BrokerContext, caller: Caller, { id, partId }: UploadNamed): Promise<Shown> {
  const transfer = await findTransfer(ctx.db, id);
  await ownUpload(ctx.db, caller, transfer);
  const upload = await findUpload(ctx.db, id, partId);
  if (!upload) return ofFile(transfer!, partId);
  const isComplete = partId === null && upload.offsetBytes === upload.lengthBytes;
  const isThere = !isComplete || upload.isFinished || (await finishUpload(ctx, { id: upload.id, transferId: id })) === 'finished';
  const { lengthBytes: length, metadata, concat, expiresAt } = upload;
  return { offset: isThere ? upload.offsetBytes : null, length, metadata, concat, expiresAt };
}

/** Of an upload that nobody remembers its file may be there. */
function ofFile({ id, state, blobKey, sizeBytes }: Transfer, partId: TusUploadId | null): Shown {
  if (partId !== null || state === 'Initialized' || state === 'UploadStarted') throw refuse(brokerErrors.transferNotFound, { id });
  if (blobKey === null || sizeBytes === null) throw refuse(brokerErrors.alreadyUploaded, { id });
  return { offset: sizeBytes, length: sizeBytes, metadata: null, concat: null, expiresAt: null };
}
