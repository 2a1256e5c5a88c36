import { BlobDamaged, BlobMissing } from '#blobs/index.ts';
import { describeFault } from '#kernel/fault.ts';
import type { BrokerContext } from '../context.ts';
import { failTransfer } from '../send/fail-transfer.ts';
import { failureTexts } from '../states.ts';
import { lockTransfer } from '../store/transfer.ts';
import { giveUp } from './end-upload.ts';
import { listUploadIds, lockUpload, saveTry, type Unfinished } from './store.ts';

const firstPauseSeconds = 5;
const longestPauseSeconds = 600;

/** Within an hour or so: the store may have been mounted anew, or its bytes brought back, by then. */
export const mostTries = 12;

/** Pure. Twice as long each time, ten minutes at most. */
export function pauseAfter(tries: number): number {
  return Math.min(longestPauseSeconds, firstPauseSeconds * 2 ** Math.min(tries, 20));
}

/**
 * An upload with all its bytes could not be made a file, and nobody waits for it: it is tried later. One whose bytes are damaged or lost,
 * and were so at each of twelve attempts within an hour, makes its transfer fail; its sender is told as of any failure. Whatever else is in
 * the way, such as a store that is away, passes.
 */
export async function giveUpDamaged(ctx: BrokerContext, { id, transferId, tries }: Unfinished, fault: unknown): Promise<void> {
  const isDamaged = fault instanceof BlobDamaged || fault instanceof BlobMissing;
  if (!isDamaged || tries + 1 < mostTries) return saveTry(ctx.db, id, pauseAfter(tries));
  const hasFailed = await ctx.db.transaction(async (tx) => {
    const transfer = await lockTransfer(tx, transferId);
    const upload = await lockUpload(tx, id);
    if (!transfer || !upload || upload.isFinished || upload.isClaimed) return false;
    if (transfer.state !== 'UploadStarted' || transfer.uploadId !== upload.uploadId) return false;
    await failTransfer(tx, transfer, { text: failureTexts.damaged, reason: 'store-damaged', told: false }, ctx.now());
    await giveUp(tx, transferId, await listUploadIds(tx, transferId));
    return true;
  });
  if (hasFailed)
    ctx.log.error({ transfer: transferId, ...describeFault(fault) }, 'a file was failed: its bytes in the store are damaged or lost');
}
