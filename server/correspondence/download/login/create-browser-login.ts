import { randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { anonymous, type Caller, type Context } from '#kernel/context.ts';
import { Overloaded } from '#kernel/overloaded.ts';
import { digestOf, newSecret, type ProviderClient, perSecond } from '#session/index.ts';
import { type LoginSession, saveLoginAttempt, saveLoginSession, takeLoginAttempt, takeLoginSession } from '../../store/browser-login.ts';

/** How long a browser may take to log in, and how long what it brings back is good, in real time. Source: compatibility.md, correspondence, §1.2. */
export const attemptSeconds = 15 * 60;
export const sessionSeconds = 5 * 60;
/** Each writes a row, and anybody may make one: so many a second in each process. */
const attemptsEachSecond = 100;
const longestTarget = 2000;
/** Source: compatibility.md, correspondence, §1.2. */
const acrValues = 'selfregistered-email idporten-loa-substantial';

export const callbackPath = '/correspondence/api/v1/idporten-callback';

export interface BrowserLoginOptions {
  readonly ctx: Context;
  readonly provider: Pick<ProviderClient, 'authorizationUrl' | 'loggedIn'>;
  /** Without a slash at its end. */
  readonly publicUrl: string;
  /** Where somebody is sent who could not be logged in. */
  readonly inbox: string;
  /** Who an id_token names. */
  recognize(claims: JWTPayload): Promise<Caller>;
}

export interface BrowserLogin {
  /** Who asks for this address: by the session that it carries, or else where the browser is to be sent first. */
  enter(address: string): Promise<Caller | { readonly location: string }>;
  /** Where a browser is sent that comes back from its login with these parameters. */
  comeBack(parameters: Readonly<Record<string, string | undefined>>): Promise<string>;
}

/**
 * The login of browsers that come for a file without a token. They are sent to the provider and come back with a session in the
 * address, good once and for five minutes; no cookie is set. A login that fails is begun once more, then the browser goes to the
 * inbox. Where they come back to is the address that they asked for, here and nowhere else.
 *
 * Throws Overloaded for more than a hundred begun logins a second. Source: compatibility.md, correspondence, §1.2.
 */
export function createBrowserLogin({ ctx, provider, publicUrl, inbox, recognize }: BrowserLoginOptions): BrowserLogin {
  const mayBegin = perSecond(attemptsEachSecond);

  async function begin(target: string, again: boolean): Promise<string> {
    if (!mayBegin()) throw new Overloaded(1, 'Too many logins are begun.');
    const checks = { state: newSecret(), verifier: newSecret(), nonce: newSecret() };
    const url = await provider.authorizationUrl(checks, acrValues);
    await ctx.db.transaction(async (tx) => {
      saveLoginAttempt(tx, digestOf(checks.state), { verifier: checks.verifier, nonce: checks.nonce, target, again }, attemptSeconds);
    });
    return url.href;
  }

  return {
    async enter(address) {
      const asked = new URL(address, publicUrl);
      const session = asked.searchParams.get('session');
      const found = session === null ? undefined : await ctx.db.transaction((tx) => takeLoginSession(tx, digestOf(session)));
      if (found) return callerOf(found);
      asked.searchParams.delete('session');
      const target = asked.pathname + asked.search;
      return { location: await begin(target.length > longestTarget ? asked.pathname : target, false) };
    },
    async comeBack(parameters) {
      const { state } = parameters;
      const attempt = state === undefined ? undefined : await ctx.db.transaction((tx) => takeLoginAttempt(tx, digestOf(state)));
      if (!attempt) return inbox;
      try {
        const { claims } = await provider.loggedIn(withQuery(publicUrl + callbackPath, parameters), { ...attempt, state: state! });
        const { subject, authLevel, clientId } = await recognize(claims);
        const session = randomUUID();
        await ctx.db.transaction(async (tx) =>
          saveLoginSession(tx, digestOf(session), { partyId: subject, authLevel, clientId }, sessionSeconds),
        );
        return withQuery(publicUrl + attempt.target, { session }).href;
      } catch (error) {
        ctx.log.warn({ again: attempt.again, error: error instanceof Error ? error.name : typeof error }, 'a login of a browser failed');
        return attempt.again ? inbox : begin(attempt.target, true);
      }
    },
  };
}

/** By the scheme "ID-porten session": a person, without scopes. */
function callerOf({ partyId, authLevel, clientId }: LoginSession): Caller {
  return { ...anonymous, kind: 'person', issuer: 'idporten', subject: partyId, party: partyId, authLevel, clientId };
}

function withQuery(address: string, parameters: Readonly<Record<string, string | undefined>>): URL {
  const url = new URL(address);
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
  return url;
}
