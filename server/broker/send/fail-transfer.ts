import { publishEvents } from '#events/index.ts';
import { budstikkeItself, type ReasonCode, reasonUri, recordEvidence } from '#evidence/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import { findParty } from '#register/index.ts';
import { failPublishedWatches, failWatches, settleWatch } from '#watch/index.ts';
import { senderIs, transferEvent } from '../events.ts';
import { releaseShared } from '../expire/purge-transfers.ts';
import { failureTexts, movedTransfer } from '../states.ts';
import { listRecipients } from '../store/recipient.ts';
import { findTransfers, lockTransfer, saveMoves, type Transfer } from '../store/transfer.ts';
import { lockStuckUploads } from '../store/upload.ts';
import { whatOf } from '../what.ts';
import { leaseSeconds } from './keep-upload.ts';

/** Why a transfer will never be published. */
export interface Failure {
  /** As its history tells it. */
  readonly text: string;
  readonly reason: ReasonCode;
  /** The sender reads it in the answer to its upload. Else its watches stay open until it has been told. */
  readonly told: boolean;
}

/**
 * A transfer that this transaction has locked fails: evidence, history, the sender's event, watches; bytes that it has are let go. One that
 * was published stays for ever as it failed.
 */
export async function failTransfer(tx: Tx, transfer: Transfer, { text, reason, told }: Failure, at: Date): Promise<void> {
  const { id, senderId } = transfer;
  const sender = (await findParty(tx, senderId))!;
  const recipients = await listRecipients(tx, [id]);
  recordEvidence(tx, [
    {
      event: 'SubmissionRejection',
      about: id,
      at,
      proves: 'failed',
      core: { reason: reasonUri(reason) },
      who: budstikkeItself,
      what: whatOf(transfer),
    },
  ]);
  const isPublished = transfer.publishedAt !== null;
  saveMoves(tx, [{ id, state: movedTransfer(transfer.state, 'fail'), text, at, ...(isPublished ? { purgeAt: null } : {}) }]);
  publishEvents(tx, [transferEvent('uploadfailed', transfer, senderIs(sender), at)]);
  const failed = recipients.map(({ partyId }) => ({ about: id, party: partyId, at, reason }));
  if (told) {
    settleWatch(
      tx,
      failed.map((one) => ({ ...one, outcome: 'failed' as const, reason: `${reason}; the sender was told in the answer` })),
    );
  } else if (isPublished) failPublishedWatches(tx, failed);
  else failWatches(tx, failed);
  await releaseShared(tx, [transfer]);
}

/** An upload that came to nothing. Nothing happens to one that has ended otherwise, or that another has taken over. */
export function failUpload(ctx: Context, id: FileTransferId, uploadId: string, failure: Failure): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    const transfer = await lockTransfer(tx, id);
    if (transfer?.state !== 'UploadStarted' || transfer.uploadId !== uploadId) return;
    await failTransfer(tx, transfer, failure, ctx.now());
  });
}

const stuckAfterMillis = 24 * 60 * 60 * 1000;
const batch = 100;

/** Uploads whose process died on the way a day ago: they would else wait for their expiry. Safe to run twice. Source: compatibility.md, broker, §6.5. */
export async function failStuckUploads(ctx: Context): Promise<'more' | undefined> {
  const failed = await ctx.db.transaction(async (tx) => {
    const at = ctx.now();
    const ids = await lockStuckUploads(tx, new Date(at.getTime() - stuckAfterMillis), { leaseSeconds, limit: batch });
    const stuck = ids.length === 0 ? [] : await findTransfers(tx, ids);
    for (const transfer of stuck)
      await failTransfer(tx, transfer, { text: failureTexts.stuck, reason: 'transfer-aborted', told: false }, at);
    return stuck.length;
  });
  return failed === batch ? 'more' : undefined;
}
