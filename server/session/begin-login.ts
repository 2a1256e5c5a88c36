import { randomUUID } from 'node:crypto';
import { returnToOf } from './return-to.ts';
import { digestOf, newSecret } from './secrets.ts';
import { attemptSeconds, type SessionContext } from './settings.ts';
import { saveLoginAttempt } from './store.ts';

/** Where a browser goes next, and what it keeps. */
export interface SentOn {
  readonly location: string;
  readonly cookie?: string;
}

const levels = { substantial: 'idporten-loa-substantial', high: 'idporten-loa-high' } as const;
export type WantedLevel = keyof typeof levels;

interface Wish {
  readonly returnTo?: string;
  readonly level?: WantedLevel;
  readonly who?: string;
  readonly lang?: string;
}

/**
 * Sends a browser to the provider. The login belongs to this browser: what comes back is taken from no other, so that nobody can be
 * logged in as somebody else by an address (login CSRF). Two tabs may log in at once: they share the browser's secret.
 *
 * A loopback address that is not the configured one is left for that first, since cookies of one do not come to the other.
 * Where the provider cannot be reached, or more than a hundred logins are begun in a second, the front page says so in words, with a
 * reference that the log knows.
 */
export async function beginLogin(
  session: SessionContext,
  { host, cookie }: Readonly<Record<string, string | undefined>>,
  { returnTo, level = 'substantial', who, lang }: Wish,
): Promise<SentOn> {
  const { ctx, provider, publicUrl, jar, isSandbox } = session;
  const hint = isSandbox ? who : undefined; // elsewhere a number in an address would be one too many
  const target = returnToOf(returnTo, publicUrl);
  if (isOtherLoopback(host, publicUrl)) {
    const wish = { returnTo: target, level, ...(hint ? { who: hint } : {}), ...(lang ? { lang } : {}) };
    return { location: `${publicUrl}/login?${new URLSearchParams(wish)}` };
  }
  const back = target === '/' ? {} : { returnTo: target };
  if (!session.mayBegin()) return { location: `${publicUrl}/?${new URLSearchParams({ login: 'busy', ...back })}` };
  const browser = jar.read(cookie).login ?? newSecret();
  const checks = { state: newSecret(), verifier: newSecret(), nonce: newSecret() };
  const url = await provider.authorizationUrl(checks, levels[level], { loginHint: hint, language: lang }).catch((error: unknown) => {
    const reference = randomUUID();
    ctx.log.warn({ reference, error: error instanceof Error ? error.name : typeof error }, 'the login provider could not be reached');
    return { href: `${publicUrl}/?${new URLSearchParams({ login: 'away', reference, ...back })}`, isAway: true };
  });
  if ('isAway' in url) return { location: url.href };
  await ctx.db.transaction(async (tx) => {
    const { verifier, nonce } = checks;
    saveLoginAttempt(tx, digestOf(checks.state), digestOf(browser), { verifier, nonce, returnTo: target }, attemptSeconds);
  });
  return { location: url.href, cookie: jar.login(browser, attemptSeconds) };
}

const loopback = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i;

function isOtherLoopback(host: string | undefined, publicUrl: string): boolean {
  const own = new URL(publicUrl).host;
  return host !== undefined && loopback.test(host) && loopback.test(own) && host.toLowerCase() !== own;
}
