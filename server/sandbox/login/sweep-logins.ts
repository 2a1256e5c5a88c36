import type { Context } from '#kernel/context.ts';
import { removeExpired } from './store.ts';

/** Removes what the login keeps no longer: sessions, codes and logins under way that are past their time. Real time, as that of tokens. */
export async function sweepLogins(ctx: Pick<Context, 'db'>): Promise<'more' | undefined> {
  return (await removeExpired(ctx.db, new Date(), 1000)) === 1000 ? 'more' : undefined;
}
