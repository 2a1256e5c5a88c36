import { CommitUnknown, isConnectionLoss, isContention } from '#db/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { describeFault } from '#kernel/fault.ts';
import type { Among } from '../store/among.ts';
import { saveLeftOut } from '../store/left-out.ts';
import { type WatchKey, watchKey } from '../types.ts';

/** One batch of a round: claims some of what waits, says which, works on them, and says how much it did. */
type Batch = (tx: Tx, among: Among, claimed: (keys: readonly WatchKey[]) => void) => Promise<number>;

export interface Worked {
  readonly done: number;
  /** What was claimed, whether it could be worked on or not; nothing when nothing waits. */
  readonly tried: readonly WatchKey[];
}

const leftOutMillis = 5 * 60_000;

/**
 * Works on a batch in one transaction; where that fails, on each of its watches in a transaction of its own, so that one that cannot be
 * computed holds up nobody else's. Such a one is named in the log and let be for five minutes, by all processes (`watch.left_out`); a rule rings of it.
 * Throws what is nobody's own fault: the database is away or busy, or nothing could be claimed.
 */
export async function workOrLeaveOut(ctx: Context, batch: Batch): Promise<Worked> {
  const together = await attempt(ctx, batch, {});
  if (!('error' in together)) return together;
  refuseCommonFault(together);
  let done = 0;
  for (const key of together.tried) {
    const alone = await attempt(ctx, batch, { only: key });
    if ('error' in alone) {
      refuseCommonFault(alone);
      await leaveOut(ctx, key, alone.error);
    } else done += alone.done;
  }
  return { done, tried: together.tried };
}

interface Failed {
  readonly error: unknown;
  readonly tried: readonly WatchKey[];
}

async function attempt(ctx: Context, batch: Batch, among: Among): Promise<Worked | Failed> {
  let tried: readonly WatchKey[] = [];
  try {
    const done = await ctx.db.transaction((tx) =>
      batch(tx, among, (keys) => {
        tried = [...new Map(keys.map(({ about, party }) => [watchKey({ about, party }), { about, party }])).values()];
      }),
    );
    return { done, tried };
  } catch (error) {
    return { error, tried };
  }
}

function refuseCommonFault({ error, tried }: Failed): void {
  if (tried.length === 0 || isConnectionLoss(error) || isContention(error) || error instanceof CommitUnknown) throw error;
}

async function leaveOut(ctx: Context, key: WatchKey, error: unknown): Promise<void> {
  ctx.log.error(
    { about: key.about, party: key.party, ...describeFault(error) },
    'a watch could not be worked on; it is left out for five minutes',
  );
  const since = ctx.now();
  const until = new Date(since.getTime() + leftOutMillis);
  await ctx.db.transaction(async (tx) => saveLeftOut(tx, { ...key, error: nameOf(error), since, until }));
}

/** Its code, or what kind of error it is: never its words, which may quote. */
export function nameOf(error: unknown): string {
  const { code, error: name } = describeFault(error);
  return code ?? name;
}
