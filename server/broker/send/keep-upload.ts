import type { Context } from '#kernel/context.ts';
import { describeFault } from '#kernel/fault.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import { renewUpload } from '../store/upload.ts';

/** How long an upload counts as seen to without a word of it, in real time: whoever comes again after a crash waits so long at most. */
export const leaseSeconds = 30;
const renewEveryMillis = 8000;

/** Says every few seconds that an upload is seen to, so that no other begins meanwhile. */
export function keepUpload(ctx: Context, id: FileTransferId, uploadId: string): { stop(): void } {
  const timer = setInterval(() => {
    renewUpload(ctx.db, id, uploadId).catch((error: unknown) => {
      ctx.log.warn({ transfer: id, ...describeFault(error) }, 'an upload could not be renewed');
    });
  }, renewEveryMillis);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
