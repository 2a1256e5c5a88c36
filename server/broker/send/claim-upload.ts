import type { Context } from '#kernel/context.ts';
import { type Beginning, type Begun, beginUpload } from './begin-upload.ts';
import { keepUpload } from './keep-upload.ts';

/** So few bytes are here before another transaction would be. */
export const briefBytes = 256 * 1024;

/** How long a brief upload may take before its transfer is claimed after all, in real time. */
const briefMillis = 250;

/** An upload whose bytes are coming, and its hold on the transfer. */
export interface Claim {
  /** The upload, when its bytes are here. Refuses what a claim does that had to be made meanwhile. */
  end(): Promise<Begun>;
  /** The same with a claim, which is made if there is none: for what goes wrong here. */
  now(): Promise<Begun>;
  stop(): void;
}

/**
 * Sees to an upload while its bytes come. One that has its transfer keeps it; a brief one claims its own when it takes longer than few bytes
 * do, so that others are refused, it is seen, and looked for when it is stuck.
 */
export function claimUpload(ctx: Context, begun: Begun, beginning: Beginning): Claim {
  let kept = begun.unclaimed ? undefined : keepUpload(ctx, begun.id, begun.uploadId);
  let claiming: Promise<Begun> | undefined;
  let isOver = false;
  const claim = (): Promise<Begun> => {
    claiming ??= beginUpload(ctx.db, { ...beginning, blobKey: null }).then((claimed) => {
      if (!isOver) kept = keepUpload(ctx, claimed.id, claimed.uploadId);
      return claimed;
    });
    return claiming;
  };
  // What it is refused for is told when its bytes are here, which are few.
  const timer = begun.unclaimed && setTimeout(() => claim().catch(() => {}), briefMillis);
  return {
    end: () => {
      clearTimeout(timer);
      return claiming ?? Promise.resolve(begun);
    },
    now: () => (begun.unclaimed ? claim() : Promise.resolve(begun)),
    stop: () => {
      isOver = true;
      clearTimeout(timer);
      kept?.stop();
    },
  };
}
