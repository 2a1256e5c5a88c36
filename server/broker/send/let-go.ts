import { setTimeout as sleep } from 'node:timers/promises';
import { awaitNoMore } from '#blobs/index.ts';
import type { Context } from '#kernel/context.ts';
import { describeFault } from '#kernel/fault.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import { letGoUpload } from '../store/upload.ts';
import type { Beginning } from './begin-upload.ts';

const patienceMillis = 5000;

/**
 * The transfer of an upload that came to nothing may be begun again at once, if this upload has claimed it, or announced bytes for it, and they are
 * not the transfer's.
 */
export function letGo(ctx: Context, { id, uploadId, blobKey }: Pick<Beginning, 'id' | 'uploadId' | 'blobKey'>): Promise<void> {
  const letting = ctx.db.transaction(async (tx) => {
    await letGoUpload(tx, id, uploadId);
    if (blobKey) awaitNoMore(tx, [blobKey]);
  });
  return beforeAnswer(ctx, id, letting);
}

/** What is tidied up before an answer, which does not wait long for it, nor is hidden by what goes wrong here: leases end by themselves. */
export async function beforeAnswer({ log }: Pick<Context, 'log'>, transfer: FileTransferId, work: Promise<unknown>): Promise<void> {
  const done = work.catch((fault: unknown) =>
    log.warn({ transfer, ...describeFault(fault) }, 'an upload was not let go; its transfer can be begun again when its lease ends'),
  );
  await Promise.race([done, sleep(patienceMillis, undefined, { ref: false })]);
}
