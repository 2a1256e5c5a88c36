import type { Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { type QuietHours, quietHoursOf, quietUntil } from '#register/index.ts';
import { type WhyNot, whichArePointless } from '../hooks.ts';
import type { ClaimedNotice } from '../store/delivery.ts';
import { listTwins } from '../store/suppressed.ts';

/** `told-already`: the address has just heard the same. `notBefore`: not now, but then. */
export type Hindrance = WhyNot | 'told-already' | { readonly notBefore: Date };

/** The same about the same post, to the same address, is not sent again within so long. */
const twinMillis = 10 * 60_000;
const minute = 60_000;

/** What is known of why notices are not to go, and since when. */
export interface Known {
  readonly at: Date;
  readonly hours: ReadonlyMap<PartyId, QuietHours>;
  readonly twins: ReadonlyMap<string, Hindrance>;
  readonly pointless: ReadonlyMap<string, Hindrance>;
}

/** Whose quiet hours are when, and which addresses have just heard the same. Asked when notices are claimed, while others are on their way. Without an answer they go. */
export async function readUntimely(ctx: Context, claimed: readonly ClaimedNotice[], before?: Known): Promise<Known> {
  const at = ctx.now();
  const [hours, twins] = await Promise.all([
    answered(ctx, 'whose quiet hours it is', before?.hours, () => readHours(ctx, claimed)),
    answered(ctx, 'who was just told', before?.twins, () => findTwins(ctx, claimed)),
  ]);
  return { at, hours, twins, pointless: before?.pointless ?? new Map() };
}

/**
 * Says of a notice, right before it is handed over, why it is not to go. Which have no point any more is asked now, as the original's
 * notification service asks, and quiet hours go by the clock at each asking. What is known for more than a minute is asked anew, once
 * for all that are left.
 */
export function followHindrances(
  ctx: Context,
  known: Known,
  left: ReadonlyMap<string, ClaimedNotice>,
): (notice: ClaimedNotice) => Promise<Hindrance | undefined> {
  const isOld = (at: Date) => ctx.now().getTime() - at.getTime() > minute;
  const readAll = async (before: Known): Promise<Known> => {
    const notices = [...left.values()];
    const [untimely, pointless] = await Promise.all([
      isOld(before.at) ? readUntimely(ctx, notices, before) : before,
      findPointless(ctx, notices, before.pointless),
    ]);
    return { ...untimely, pointless };
  };
  let since = isOld(known.at) ? ctx.now() : known.at;
  let reading = readAll(known);
  return async (notice) => {
    if (isOld(since)) {
      since = ctx.now();
      reading = reading.then(readAll);
    }
    const { hours, twins, pointless } = await reading;
    return pointless.get(notice.id) ?? quietNow(notice, hours, ctx.now()) ?? twins.get(notice.id);
  };
}

function findPointless(
  ctx: Context,
  claimed: readonly ClaimedNotice[],
  before: ReadonlyMap<string, Hindrance>,
): Promise<ReadonlyMap<string, Hindrance>> {
  return answered(ctx, 'which notices are pointless', before, async () => {
    return (claimed.length > 0 ? await asking(ctx, (reader) => whichArePointless.call(reader, claimed)) : undefined) ?? new Map();
  });
}

function readHours(ctx: Context, claimed: readonly ClaimedNotice[]): Promise<ReadonlyMap<PartyId, QuietHours>> {
  return quietHoursOf(ctx.db, [...new Set(claimed.flatMap(({ to, anyHour }) => (to === null || anyHour ? [] : [to])))]);
}

/** Pure. A code goes at any hour, since somebody waits for it; and what must be known before quiet hours end does not wait for that. */
function quietNow(
  { to, anyHour, neededBy }: ClaimedNotice,
  hours: ReadonlyMap<PartyId, QuietHours>,
  now: Date,
): { readonly notBefore: Date } | undefined {
  const own = to !== null && !anyHour ? hours.get(to) : undefined;
  const until = own ? quietUntil(own, now) : null;
  return until === null || (neededBy !== null && neededBy <= until) ? undefined : { notBefore: until };
}

/** One that is on its way may yet fail: the other waits for what becomes of it. */
async function findTwins(ctx: Context, claimed: readonly ClaimedNotice[]): Promise<ReadonlyMap<string, Hindrance>> {
  const now = ctx.now();
  const asked = claimed.flatMap(({ id, about }) => (about === null ? [] : [id]));
  const since = new Date(now.getTime() - twinMillis);
  const twins = asked.length > 0 ? await asking(ctx, (reader) => listTwins(reader, asked, since)) : [];
  return new Map(twins.map(({ id, isSent }) => [id, isSent ? 'told-already' : { notBefore: new Date(now.getTime() + minute) }]));
}

/** By key alone: to plan such a question takes four times as long as to answer it. */
function asking<T>(ctx: Context, question: (reader: Reader) => Promise<T>): Promise<T> {
  return ctx.db.transaction((tx) => {
    tx.keepPlans();
    return question(tx);
  });
}

/** Without an answer: what was known before. */
async function answered<K, V>(
  ctx: Context,
  what: string,
  before: ReadonlyMap<K, V> | undefined,
  ask: () => Promise<ReadonlyMap<K, V>>,
): Promise<ReadonlyMap<K, V>> {
  try {
    return await ask();
  } catch (error) {
    ctx.log.error({ error: error instanceof Error ? error.name : 'unknown' }, `nobody could say ${what}`);
    return before ?? new Map();
  }
}
