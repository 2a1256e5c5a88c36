import Type from 'typebox';
import { enqueue, job } from '#jobs/index.ts';
import type { AttachmentId } from '#kernel/ids.ts';
import { IdOf } from '#kernel/schema.ts';
import type { CorrespondenceContext } from '../context.ts';
import { listWaitingForScan } from '../store/attachment.ts';
import { scanAndSettle } from './settle-scan.ts';

/**
 * Scans an attachment after its bytes have come. Safe to run twice. When the scanner could not be asked in any attempt, the
 * attachment stays unscanned, so its messages stay unpublished: an alarm is in the log, their watch tells the sender, and
 * `requeueScans` tries again. When it could not tell, the attachment has failed, and the sender is told so.
 */
export const scanAttachment = job({
  name: 'correspondence.scan-attachment',
  payload: Type.Object({ attachmentId: IdOf<AttachmentId>() }),
  attempts: 10,
  run: (ctx: CorrespondenceContext, { attachmentId }, attempt) => scanAndSettle(ctx, attachmentId, attempt),
});

const patienceMillis = 60 * 60 * 1000;
const batch = 100;

/** Puts attachments back into the queue that have waited for an hour and whose scan was parked, or lost. */
export function requeueScans(ctx: CorrespondenceContext): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    const waiting = await listWaitingForScan(tx, new Date(ctx.now().getTime() - patienceMillis), batch);
    for (const attachmentId of waiting) enqueue(tx, scanAttachment, { attachmentId }, { key: attachmentId });
  });
}
