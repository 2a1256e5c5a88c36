import type { Context } from '#kernel/context.ts';
import { quietHoursOf, quietUntil } from '#register/index.ts';
import { type WhyNot, whichArePointless } from './hooks.ts';
import type { ClaimedNotice } from './store/delivery.ts';
import { listTwins } from './store/suppressed.ts';

/** `told-already`: the address has just heard the same. `notBefore`: not now, but then. */
export type Hindrance = WhyNot | 'told-already' | { readonly notBefore: Date };

/** The same about the same post, to the same address, is not sent again within so long. */
const twinMillis = 10 * 60_000;
const minute = 60_000;

/** Which notices are not to go now, since it is somebody's quiet hours or the address has just heard the same. Asked when they are claimed, while others are on their way. Without an answer they go. */
export async function findUntimely(ctx: Context, claimed: readonly ClaimedNotice[]): Promise<ReadonlyMap<string, Hindrance>> {
  if (claimed.length === 0) return new Map();
  const [quiet, twins] = await Promise.all([
    answered(ctx, 'whose quiet hours it is', () => findQuiet(ctx, claimed)),
    answered(ctx, 'who was just told', () => findTwins(ctx, claimed)),
  ]);
  return new Map([...twins, ...quiet]);
}

/** Which have no point any more: asked right before they are handed over, as the original's notification service asks. Without an answer they go, as there. */
export function findPointless(ctx: Context, claimed: readonly ClaimedNotice[]): Promise<ReadonlyMap<string, Hindrance>> {
  const asked = claimed.flatMap((notice) => (notice.about === null ? [] : [{ ...notice, about: notice.about }]));
  return answered(ctx, 'which notices are pointless', async () => {
    return (asked.length > 0 ? await whichArePointless.call(ctx.db, asked) : undefined) ?? new Map();
  });
}

/** A code goes at any hour, since somebody waits for it; and what must be known before quiet hours end does not wait for that. */
async function findQuiet(ctx: Context, claimed: readonly ClaimedNotice[]): Promise<ReadonlyMap<string, Hindrance>> {
  const hours = await quietHoursOf(ctx.db, [...new Set(claimed.flatMap(({ to, anyHour }) => (to === null || anyHour ? [] : [to])))]);
  const now = ctx.now();
  return new Map(
    claimed.flatMap((notice): [string, Hindrance][] => {
      const own = notice.to !== null && !notice.anyHour ? hours.get(notice.to) : undefined;
      const until = own ? quietUntil(own, now) : null;
      return until === null || (notice.neededBy !== null && notice.neededBy <= until) ? [] : [[notice.id, { notBefore: until }]];
    }),
  );
}

/** One that is on its way may yet fail: the other waits for what becomes of it. */
async function findTwins(ctx: Context, claimed: readonly ClaimedNotice[]): Promise<ReadonlyMap<string, Hindrance>> {
  const now = ctx.now();
  const asked = claimed.flatMap(({ id, about }) => (about === null ? [] : [id]));
  const twins = asked.length > 0 ? await listTwins(ctx.db, asked, new Date(now.getTime() - twinMillis)) : [];
  return new Map(twins.map(({ id, isSent }) => [id, isSent ? 'told-already' : { notBefore: new Date(now.getTime() + minute) }]));
}

async function answered<T>(ctx: Context, what: string, ask: () => Promise<ReadonlyMap<string, T>>): Promise<ReadonlyMap<string, T>> {
  try {
    return await ask();
  } catch (error) {
    ctx.log.error({ error: error instanceof Error ? error.name : 'unknown' }, `nobody could say ${what}`);
    return new Map();
  }
}
