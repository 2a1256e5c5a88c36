import { bindBlobs, type StoredBlob } from '#blobs/index.ts';
import { publishEvents } from '#events/index.ts';
import { type Actor, recordEvidence } from '#evidence/index.ts';
import { enqueue } from '#jobs/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import type { ErrorRow } from '#kernel/refusal.ts';
import { findParty } from '#register/index.ts';
import { isAsDeclared } from '../custody/is-as-declared.ts';
import { brokerErrors as e } from '../errors.ts';
import { senderIs, transferEvent } from '../events.ts';
import { failureTexts, movedTransfer, transferTexts } from '../states.ts';
import { lockTransfer, saveMoves, type Transfer } from '../store/transfer.ts';
import { saveBytes } from '../store/upload.ts';
import { whatOf } from '../what.ts';
import { failTransfer } from './fail-transfer.ts';
import { publishTransfer } from './publish-transfer.ts';
import { scanTransfer } from './scan-job.ts';

/** Bytes that have come in whole, for an upload that had the transfer to itself. */
export interface Arrived {
  readonly who: Actor;
  readonly id: FileTransferId;
  readonly uploadId: string;
  /** What their sender said of them as they came. */
  readonly sha256: string | null;
  readonly blob: StoredBlob;
  /** Somebody is there to read what they are refused for. */
  readonly told: boolean;
}

/**
 * Binds the bytes to their transfer, which is published, or waits for its scan. Tells what they are refused for after all; undefined
 * when they are the transfer's own. Those of a hash that was not declared have made it fail.
 */
export async function storeBytes(tx: Tx, ctx: Context, { who, id, uploadId, sha256, blob, told }: Arrived): Promise<ErrorRow | undefined> {
  const locked = (await lockTransfer(tx, id))!;
  if (locked.state !== 'UploadStarted' || locked.uploadId !== uploadId) return e.alreadyUploaded;
  const transfer: Transfer = { ...locked, declaredSha256: locked.declaredSha256 ?? sha256 };
  const at = ctx.now();
  if (locked.expiresAt <= at) return e.alreadyUploaded; // its time was over before its bytes were there; the sweeper tells its sender
  const whole: Transfer = { ...transfer, blobKey: blob.key, sizeBytes: blob.sizeBytes, md5: blob.md5, sha256: blob.sha256 };
  if (!isAsDeclared(transfer, blob)) {
    await failTransfer(tx, { ...whole, blobKey: null }, { text: failureTexts.checksum, reason: 'hash-mismatch', told }, at);
    return e.checksumMismatch;
  }
  recordEvidence(tx, [{ event: 'BytesReceived', about: id, at, proves: 'recorded', who, what: whatOf(whole) }]);
  bindBlobs(tx, [blob.key]);
  saveBytes(tx, transfer, blob);
  if (!transfer.useVirusScan) {
    await publishTransfer(tx, whole, at);
    return undefined;
  }
  const sender = (await findParty(tx, transfer.senderId))!;
  saveMoves(tx, [{ id, state: movedTransfer(transfer.state, 'process'), text: transferTexts.UploadProcessing, at }]);
  publishEvents(tx, [transferEvent('uploadprocessing', transfer, senderIs(sender), at)]);
  enqueue(tx, scanTransfer, { fileTransferId: id }, { key: id });
  return undefined;
}
