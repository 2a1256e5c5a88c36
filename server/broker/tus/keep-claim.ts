import type { Context } from '#kernel/context.ts';
import { renewClaim, type TusUploadId } from './store.ts';

const renewEveryMillis = 1000;

/**
 * Says every second that somebody sees to an upload, for as long as `isAlive`: no other request writes to it meanwhile. When it has
 * fallen silent, another takes over, and what this one still brings is refused.
 */
export function keepClaim(ctx: Context, id: TusUploadId, claimId: string, isAlive: () => boolean = () => true): { stop(): void } {
  let running = false;
  const timer = setInterval(() => {
    if (running || !isAlive()) return;
    running = true;
    renewClaim(ctx.db, id, claimId)
      .catch(() => {}) // the next second it is tried again; a claim that lapsed meanwhile is noticed when it is used
      .finally(() => {
        running = false;
      });
  }, renewEveryMillis);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
