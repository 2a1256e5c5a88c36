import { CommitUnknown, isConnectionLoss, isContention } from '#db/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { describeFault } from '#kernel/fault.ts';
import type { Among } from '../store/among.ts';
import { type WatchKey, watchKey } from '../types.ts';

/** One batch of a round: claims some of what waits, says which, works on them, and says how much it did. */
type Batch = (tx: Tx, among: Among, claimed: (keys: readonly WatchKey[]) => void) => Promise<number>;

export interface Worked {
  readonly done: number;
  /** What was claimed, whether it could be worked on or not; nothing when nothing waits. */
  readonly tried: readonly WatchKey[];
}

const leftOutMillis = 5 * 60_000;
const mostLeftOut = 10_000;
/** By `watchKey`, with the domain time until when each is let be. Each process finds out for itself. */
const faulty = new Map<string, { readonly key: WatchKey; readonly until: number }>();

/** Watches of which this process knows that it cannot work on them now. */
export function leftOut(): WatchKey[] {
  return [...faulty.values()].map(({ key }) => key);
}

/**
 * Works on a batch in one transaction; where that fails, on each of its watches in a transaction of its own, so that one that cannot be
 * computed holds up nobody else's. Such a one is named in the log and let be for five minutes; it stays due, and what is late with it rings.
 * Throws what is nobody's own fault: the database is away or busy, or nothing could be claimed.
 */
export async function workOrLeaveOut(ctx: Context, batch: Batch): Promise<Worked> {
  const now = ctx.now().getTime();
  for (const [name, { until }] of faulty) if (until <= now) faulty.delete(name);
  const together = await attempt(ctx, batch, { except: leftOut() });
  if (!('error' in together)) return together;
  refuseCommonFault(together);
  let done = 0;
  for (const key of together.tried) {
    const alone = await attempt(ctx, batch, { only: key });
    if ('error' in alone) {
      refuseCommonFault(alone);
      leaveOut(ctx, key, alone.error);
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

function leaveOut(ctx: Context, key: WatchKey, error: unknown): void {
  ctx.log.error(
    { about: key.about, party: key.party, ...describeFault(error) },
    'a watch could not be worked on; it is left out for five minutes',
  );
  faulty.set(watchKey(key), { key, until: ctx.now().getTime() + leftOutMillis });
  const [oldest] = faulty.keys();
  if (faulty.size > mostLeftOut) faulty.delete(oldest!);
}
