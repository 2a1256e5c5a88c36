import Type from 'typebox';
import { enqueue, job } from '#jobs/index.ts';
import type { Context } from '#kernel/context.ts';
import { type CorrespondenceId, newId } from '#kernel/ids.ts';
import { IdOf } from '#kernel/schema.ts';
import { scanAttachment } from '../attachments/scan-job.ts';
import { publishMessages } from '../send/publish-messages.ts';
import { listUnscanned, lockReady } from '../store/maintenance.ts';

const batch = 100;

/**
 * Tries again to publish messages that hang: those that are complete and due are published, for others the scans that they
 * wait for are put into the queue again. What has failed stays failed, since its sender has been told. Safe to run twice.
 */
export const retryPublishing = job({
  name: 'correspondence.retry-publishing',
  payload: Type.Object({ correspondenceIds: Type.Array(IdOf<CorrespondenceId>()) }),
  attempts: 10,
  run: (ctx: Context, { correspondenceIds }) =>
    ctx.db.transaction(async (tx) => {
      await publishMessages(tx, await lockReady(tx, correspondenceIds), ctx.now());
      for (const attachmentId of await listUnscanned(tx, correspondenceIds))
        enqueue(tx, scanAttachment, { attachmentId }, { key: attachmentId });
    }),
});

/** Has the messages tried again, a hundred in a job. Ids that nobody has are passed over. Source: compatibility.md, correspondence, §1.4. */
export async function askToRetry(ctx: Context, ids: readonly CorrespondenceId[]): Promise<{ jobIds: string[] }> {
  const once = [...new Set(ids)];
  const parts = Array.from({ length: Math.ceil(once.length / batch) }, (_, i) => once.slice(i * batch, (i + 1) * batch));
  return ctx.db.transaction(async (tx) => ({
    jobIds: parts.map((correspondenceIds) => {
      const key = newId();
      enqueue(tx, retryPublishing, { correspondenceIds }, { key });
      return key;
    }),
  }));
}
