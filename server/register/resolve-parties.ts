import type { Context } from '#kernel/context.ts';
import { hook } from '#kernel/hook.ts';
import type { Party } from './party.ts';
import { partiesByNumber } from './store.ts';

/** Asked when numbers are named that nobody has, so that a sandbox can let them come to be. It writes in a transaction of its own. */
export const onUnknownParties = hook<[ctx: Context, numbers: string[]]>();

/**
 * The parties that have these numbers, after those that nobody has were given a chance to come to be.
 * Called outside transactions: what comes to be is committed whatever becomes of the request that named it.
 */
export async function resolveParties(ctx: Context, numbers: readonly string[]): Promise<Map<string, Party>> {
  const asked = [...new Set(numbers)];
  const known = await partiesByNumber(ctx.db, asked);
  const unknown = asked.filter((number) => !known.has(number));
  if (unknown.length === 0) return known;
  await onUnknownParties.call(ctx, unknown);
  for (const [number, party] of await partiesByNumber(ctx.db, unknown)) known.set(number, party);
  return known;
}
