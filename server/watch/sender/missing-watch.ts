import type { Context } from '#kernel/context.ts';
import { Refusal, refuse } from '#kernel/refusal.ts';
import { watchErrors } from '../errors.ts';
import { lostWatch, saveLeftOut } from '../store/left-out.ts';
import type { WatchKey } from '../types.ts';

/** What was accepted has no watch, which the database lets nobody bring about: it is for an operator to mend, and the sender is told so. */
export const missingWatch = ({ about, party }: WatchKey): Refusal => refuse(watchErrors.watchMissing, { about, party });

/**
 * What a sender does with its post, or asks of it. Where the watch over it is missing it is refused in words, nothing is decided, and the operator
 * is told: by the log, and by a rule that rings until the watch is there again.
 */
export async function ringIfMissing<T>(ctx: Context, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal && error.row === watchErrors.watchMissing) await ring(ctx, error.facts as unknown as WatchKey);
    throw error;
  }
}

async function ring(ctx: Context, { about, party }: WatchKey): Promise<void> {
  ctx.log.error({ about, party }, 'a sender asks about post whose watch is missing, or decides about it');
  const at = ctx.now();
  await ctx.db.transaction(async (tx) => saveLeftOut(tx, { about, party, error: lostWatch, since: at, until: at }));
}
