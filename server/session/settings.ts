import type { JWTPayload } from 'jose';
import type { Caller, Context } from '#kernel/context.ts';
import { StartError } from '#kernel/start-error.ts';
import { type CookieJar, cookieJar } from './cookies.ts';
import type { Operator } from './operates.ts';
import type { ProviderClient } from './provider.ts';
import { perSecond } from './secrets.ts';

/** Real time. A login may lie open for a quarter of an hour; a session ends half an hour after its last use, and after eight hours whatever is done. */
export const attemptSeconds = 15 * 60;
export const idleSeconds = 30 * 60;
export const lastsSeconds = 8 * 60 * 60;
/** Its end is put off at most once a minute: a page that asks a lot does not write a lot. */
export const keepEverySeconds = 60;
/** Each begun login writes a row, and anybody may begin one: so many a second in each process. */
const attemptsEachSecond = 100;

export const callbackPath = '/login/callback';

/** What an end user's token carries in the portal of the original, for all that this server serves to people. Rights are asked at each call. */
export const sessionScopes: ReadonlySet<string> = new Set([
  'altinn:portal/enduser',
  'altinn:enduser',
  'altinn:correspondence.read',
  'altinn:broker.read',
  'digdir:dialogporten',
]);

export interface SessionOptions {
  readonly ctx: Context;
  readonly provider: ProviderClient;
  /** Without a slash at its end. */
  readonly publicUrl: string;
  /** Told to the page, which then shows what is there for trying out. */
  readonly isSandbox: boolean;
  readonly operator: Operator;
  /** Who an id_token names. */
  recognize(claims: JWTPayload): Promise<Caller>;
}

/** What every use case of a session has. */
export interface SessionContext extends SessionOptions {
  readonly jar: CookieJar;
  mayBegin(): boolean;
}

/**
 * Refuses (StartError) an installation whose cookies would go unencrypted over a network: logins need an https address, and only a
 * sandbox may do without.
 */
export function sessionContext(options: SessionOptions): SessionContext {
  const { publicUrl, isSandbox } = options;
  if (!isSandbox && !publicUrl.startsWith('https:')) {
    throw new StartError(
      `BUDSTIKKE_LOGIN is set, so people log in with their browsers, and BUDSTIKKE_PUBLIC_URL is ${publicUrl}. It must be the https address that browsers reach this installation by: over http their cookies could be read on the way.`,
    );
  }
  return { ...options, jar: cookieJar(publicUrl), mayBegin: perSecond(attemptsEachSecond) };
}
