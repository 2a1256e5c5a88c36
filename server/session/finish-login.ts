import type { SentOn } from './begin-login.ts';
import { digestOf, isSecret, newSecret, sealWith } from './secrets.ts';
import { callbackPath, idleSeconds, lastsSeconds, type SessionContext } from './settings.ts';
import { endSession, saveSession, takeLoginAttempt } from './store.ts';

/** Why a browser came back without being logged in; the front page says it in words. */
type Why = 'cancelled' | 'expired' | 'failed' | 'unknown';

/**
 * A browser comes back from the provider. A login that holds makes a new session, whatever cookie came along, and ends the one that
 * this browser had. One that does not hold (begun by another browser, used, too old, declined, a person whom the register does not
 * know) sets no cookie, and the front page is told why.
 */
export async function finishLogin(
  session: SessionContext,
  cookie: string | undefined,
  parameters: Readonly<Record<string, string | undefined>>,
): Promise<SentOn> {
  const { ctx, provider, publicUrl, jar } = session;
  const { state } = parameters;
  const before = jar.read(cookie);
  const attempt =
    isSecret(state) && before.login !== undefined
      ? await ctx.db.transaction((tx) => takeLoginAttempt(tx, digestOf(state), digestOf(before.login!)))
      : undefined;
  if (!attempt) return notLoggedIn('expired');
  const { returnTo } = attempt;
  if (parameters.error !== undefined) return notLoggedIn(parameters.error === 'access_denied' ? 'cancelled' : 'failed', returnTo);

  const address = new URL(publicUrl + callbackPath);
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) address.searchParams.set(name, value);
  try {
    const { claims, idToken } = await provider.loggedIn(address, { ...attempt, state: state! });
    const { subject, authLevel } = await session.recognize(claims);
    if (subject === null) return notLoggedIn('unknown', returnTo);
    const secret = newSecret();
    const made = {
      partyId: subject,
      authLevel,
      issuer: provider.issuer,
      sid: typeof claims.sid === 'string' ? claims.sid.slice(0, 500) : null,
      sub: claims.sub,
      idToken: sealWith(secret, idToken),
    };
    await ctx.db.transaction(async (tx) => {
      if (before.session !== undefined) await endSession(tx, digestOf(before.session));
      saveSession(tx, digestOf(secret), made, idleSeconds, lastsSeconds);
    });
    return { location: publicUrl + returnTo, cookie: jar.session(secret) };
  } catch (error) {
    ctx.log.warn({ error: error instanceof Error ? error.name : typeof error }, 'a login of a browser failed');
    return notLoggedIn('failed', returnTo);
  }

  function notLoggedIn(login: Why, wanted = '/'): SentOn {
    return { location: `${publicUrl}/?${new URLSearchParams({ login, ...(wanted === '/' ? {} : { returnTo: wanted }) })}` };
  }
}
