import { Refusal } from '#kernel/refusal.ts';
import { authenticateCookie, type Headers } from './authenticate-cookie.ts';
import { digestOf, openWith } from './secrets.ts';
import type { SessionContext } from './settings.ts';
import { endSession } from './store.ts';

/**
 * Ends the session of this browser here, and answers where the browser goes to log out at the provider too: its other services are
 * told from there. A session that was over already has no id_token any more: the provider, where the person may still be logged in,
 * is gone to all the same, so that whoever comes next to the machine is not let in as them. Where the provider cannot be reached the
 * session has ended all the same, and the way leads to the front page. Refuses notFromOurPage.
 */
export async function logOut(session: SessionContext, headers: Headers): Promise<{ readonly location: string }> {
  const { ctx, jar, provider, publicUrl } = session;
  const caller = await authenticateCookie(session, headers, { method: 'POST', quiet: true });
  if (caller instanceof Refusal) throw caller;
  const front = `${publicUrl}/`;
  const secret = jar.read(headers.cookie).session;
  const idToken = secret === undefined ? undefined : await ctx.db.transaction((tx) => endSession(tx, digestOf(secret)));
  try {
    const hint = idToken && secret !== undefined ? openWith(secret, idToken) : undefined;
    return { location: (await provider.endSessionUrl(hint, front))?.href ?? front };
  } catch (error) {
    ctx.log.warn({ error: error instanceof Error ? error.name : typeof error }, 'a browser could not be logged out at its provider');
    return { location: front };
  }
}
