import { anonymous, type Caller } from '#kernel/context.ts';
import { type Refusal, refuse } from '#kernel/refusal.ts';
import { actAsSender } from './act-as-sender.ts';
import { sessionErrors } from './errors.ts';
import { digestOf, isCsrfTokenOf } from './secrets.ts';
import { idleSeconds, keepEverySeconds, type SessionContext, sessionScopes } from './settings.ts';
import { findSession, keepSession } from './store.ts';

/** What is asked for, as far as a cookie's worth depends on it. */
export interface Asked {
  readonly method: string;
  /** A page asks by itself, without anybody doing anything: it does not put off the session's end. */
  readonly quiet?: boolean;
  /** People come here by an address that they typed or that a mail holds, and not by a page of ours alone. */
  readonly browser?: boolean;
}

export type Headers = Readonly<Record<string, string | undefined>>;

/**
 * Who is logged in with this browser: a person with the scopes of an end user, whose rights are asked at each call like anybody's.
 * Nobody where there is no session or it has ended, and nobody where another site makes the browser read: a letter must not be
 * opened by a link on a stranger's page, nor by one in a mail: an address that is typed or chosen reads only where people come so. Whatever changes something must come from our own page: Refuses notFromOurPage.
 *
 * A request that names an organization in `X-Acting-For` is done for it, as a sender. Refuses mayNotActFor, levelTooLow: what was
 * meant to be done for an organization is never done for the person instead.
 *
 * Not for requests that carry `Authorization`.
 */
export async function authenticateCookie(session: SessionContext, headers: Headers, asked: Asked): Promise<Caller | Refusal> {
  const { ctx, jar, provider } = session;
  const secret = jar.read(headers.cookie).session;
  if (secret === undefined) return anonymous;
  const reads = asked.method === 'GET' || asked.method === 'HEAD';
  if (reads && !isFromHere(headers['sec-fetch-site'], asked.browser === true)) return anonymous;
  const digest = digestOf(secret);
  const found = await findSession(ctx.db, digest);
  if (!found) return anonymous;
  if (!reads && !isFromOurPage(session, headers, secret)) return refuse(sessionErrors.notFromOurPage);
  if (!asked.quiet && found.leftSeconds < idleSeconds - keepEverySeconds) {
    await ctx.db.transaction(async (tx) => keepSession(tx, digest, idleSeconds));
  }
  const { partyId, authLevel } = found;
  const person: Caller = {
    ...anonymous,
    kind: 'person',
    issuer: 'altinn',
    subject: partyId,
    party: partyId,
    scopes: sessionScopes,
    authLevel,
    clientId: provider.clientId,
  };
  const wanted = headers['x-acting-for'];
  return wanted === undefined ? person : actAsSender(ctx.db, person, wanted, !reads);
}

function isFromOurPage({ publicUrl }: SessionContext, headers: Headers, secret: string): boolean {
  const isOurOrigin = headers.origin === undefined || headers.origin === new URL(publicUrl).origin;
  return isOurOrigin && isFromHere(headers['sec-fetch-site'], false) && isCsrfTokenOf(secret, headers['x-csrf-token']);
}

/** Browsers of today say where a request comes from. `none` is a person who typed or chose an address, in a mail program too. */
function isFromHere(site: string | undefined, mayBeTyped: boolean): boolean {
  return site === undefined || site === 'same-origin' || (mayBeTyped && site === 'none');
}
