import type { Context } from '#kernel/context.ts';
import { deleteRowsBefore } from './store.ts';

/** Source: compatibility.md, platform, §4.2. */
const keptDays = 90;
const batch = 1000;

/** Events that were told go after 90 days, and with them what is known of their delivery. */
export async function forgetEvents(ctx: Context): Promise<'more' | undefined> {
  const before = new Date(ctx.now().getTime() - keptDays * 86_400_000);
  const gone = await ctx.db.transaction((tx) => deleteRowsBefore(tx, before, batch));
  return gone === batch ? 'more' : undefined;
}
