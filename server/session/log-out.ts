import { digestOf, openWith } from './secrets.ts';
import type { SessionContext } from './settings.ts';
import { endSession } from './store.ts';

/**
 * Ends the session of this browser here, and answers where the browser goes to log out at the provider too: its other services are
 * told from there. Where the provider cannot be reached the session has ended all the same, and the way leads to the front page.
 */
export async function logOut(session: SessionContext, cookie: string | undefined): Promise<{ readonly location: string }> {
  const { ctx, jar, provider, publicUrl } = session;
  const front = `${publicUrl}/`;
  const secret = jar.read(cookie).session;
  if (secret === undefined) return { location: front };
  const idToken = await ctx.db.transaction((tx) => endSession(tx, digestOf(secret)));
  if (!idToken) return { location: front };
  try {
    return { location: (await provider.endSessionUrl(openWith(secret, idToken), front))?.href ?? front };
  } catch (error) {
    ctx.log.warn({ error: error instanceof Error ? error.name : typeof error }, 'a browser could not be logged out at its provider');
    return { location: front };
  }
}
