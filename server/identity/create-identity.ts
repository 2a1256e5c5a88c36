import { createHash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { anonymous, type Caller, type Context } from '#kernel/context.ts';
import type { AnyRoute } from '#kernel/route.ts';
import { createActivityRecorder, type OnCaller } from './activity.ts';
import { boundedMap } from './bounded-map.ts';
import { type Claimed, readClaims } from './claims.ts';
import { readDialogClaims } from './dialog/claims.ts';
import { createSubjectFinder } from './find-subject.ts';
import type { IssuerKind, TrustedIssuer } from './issuers.ts';
import { createTokenVerifier, type VerifiedToken } from './verify-token.ts';

export interface IdentityOptions {
  readonly ctx: Context;
  readonly issuers: readonly TrustedIssuer[];
  /** Scopes that count as others, beside what they are. */
  readonly standsFor?: ReadonlyMap<string, readonly string[]>;
  /** Told who is seen anew (at most once per party, client and hour), in the transaction that writes it. */
  readonly onCaller?: OnCaller;
}

export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

export interface Identity {
  /** Where the route takes them, also by a token that ran out at most a week ago: the caller says when, and which one it was. */
  authenticate(headers: RequestHeaders, asked?: Pick<AnyRoute, 'takesLapsed'>): Promise<Caller | 'invalid'>;
  /** Who a person is that has logged in here, by the claims of an id_token that has been checked. */
  recognize(claims: JWTPayload): Promise<Caller>;
  /** Notes that a caller was here. For calls that were answered: a token that opens nothing is no sign of life. Returns at once. */
  note(caller: Caller): void;
  /** Answers when everybody who was seen is written down; for a clean stop and for tests. */
  settled(): Promise<void>;
}

interface Remembered {
  readonly issuer: IssuerKind;
  readonly claimed: Claimed;
  readonly expiresAt: number;
  readonly caller: Caller;
  /** Real time until which the parties of `caller` need not be asked for again. */
  readonly callerUntil: number;
}

const rememberTokens = 20_000;
const rememberCallerFor = 30_000;
const lapsedMillis = 7 * 24 * 60 * 60 * 1000;

/**
 * Says who is calling. Without a bearer token that is nobody (`anonymous`); a token that does not hold is `invalid`.
 * Verified tokens are remembered by their digest until they expire, their parties for half a minute; a caller whom the
 * register does not know is looked up each time, so that it counts from the moment it is entered.
 * Throws when an issuer's keys or the database cannot be had: then nothing is known about the token.
 * Source: compatibility.md, correspondence, §1.2, §9.2.
 */
export function createIdentity({ ctx, issuers, onCaller, standsFor = new Map() }: IdentityOptions): Identity {
  const verify = createTokenVerifier(issuers, ctx.log);
  const findSubjects = createSubjectFinder(ctx);
  const activity = createActivityRecorder(ctx, onCaller);
  const remembered = boundedMap<string, Remembered>(rememberTokens);

  async function callerOf(issuer: IssuerKind, claimed: Claimed): Promise<Caller> {
    const { kind, authLevel, clientId } = claimed;
    const scopes = new Set([...claimed.scopes].flatMap((scope) => [scope, ...(standsFor.get(scope) ?? [])]));
    return { kind, issuer, scopes, authLevel, clientId, ...(await findSubjects(claimed)) };
  }

  async function identify(token: string, digest: string): Promise<Caller | 'invalid'> {
    const known = remembered.get(digest);
    if (known && known.expiresAt > Date.now()) {
      if (known.callerUntil > Date.now()) return known.caller;
      return remember(digest, known);
    }
    remembered.delete(digest);
    const verified = await verify(token);
    if (verified === 'invalid') return 'invalid';
    return remember(digest, { issuer: verified.kind, claimed: claimsOf(verified), expiresAt: verified.expiresAt });
  }

  /** The same for who may come with a token that has run out. */
  async function identifyLapsed(token: string, digest: string): Promise<Caller | 'invalid'> {
    const caller = await identify(token, digest);
    if (caller !== 'invalid') return { ...caller, token: digest };
    const verified = await verify(token, lapsedMillis);
    if (verified === 'invalid') return 'invalid';
    return { ...(await callerOf(verified.kind, claimsOf(verified))), token: digest, lapsedAt: new Date(verified.expiresAt) };
  }

  async function remember(digest: string, token: Pick<Remembered, 'issuer' | 'claimed' | 'expiresAt'>): Promise<Caller> {
    const caller = await callerOf(token.issuer, token.claimed);
    const callerUntil = caller.subject === null ? 0 : Math.min(Date.now() + rememberCallerFor, token.expiresAt);
    remembered.set(digest, { issuer: token.issuer, claimed: token.claimed, expiresAt: token.expiresAt, caller, callerUntil });
    return caller;
  }

  return {
    async authenticate(headers, asked) {
      const token = bearerToken(headers.authorization);
      if (token === undefined) return anonymous;
      const digest = createHash('sha256').update(token).digest('base64');
      return asked?.takesLapsed ? identifyLapsed(token, digest) : identify(token, digest);
    },
    recognize: (claims) => callerOf('idporten', readClaims('idporten', claims)),
    note: (caller) => activity.note(caller),
    settled: () => activity.flush(),
  };
}

function claimsOf({ kind, payload }: VerifiedToken): Claimed {
  return kind === 'dialog' ? readDialogClaims(payload) : readClaims(kind, payload);
}

/** Undefined where the header is missing or of another scheme (clients' scripts call open routes with Basic). */
function bearerToken(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  const match = /^bearer(?: +(.*))?$/i.exec(text?.trim() ?? '');
  return match ? (match[1] ?? '') : undefined;
}
