import { numberEvents } from '#events/index.ts';
import type { Context } from '#kernel/context.ts';
import { followEvents } from '../follow-events.ts';

/** What the sweepers do each second: what has happened gets its numbers, and inboxes follow. */
export async function follow(ctx: Context): Promise<void> {
  await ctx.db.transaction((tx) => numberEvents(tx, 10_000));
  while ((await followEvents(ctx)) === 'more');
}
