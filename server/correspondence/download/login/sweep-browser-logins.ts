import type { Swept } from '#jobs/index.ts';
import type { Context } from '#kernel/context.ts';
import { removeOldLogins } from '../../store/browser-login.ts';

const batch = 1000;

/** Removes logins of browsers that nobody finished. `more` when there may be others. */
export async function sweepBrowserLogins(ctx: Context): Promise<Swept> {
  return (await ctx.db.transaction((tx) => removeOldLogins(tx, batch))) >= batch ? 'more' : undefined;
}
