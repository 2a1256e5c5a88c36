import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { Overloaded } from '#kernel/overloaded.ts';
import { refuse } from '#kernel/refusal.ts';
import { sessionErrors } from './errors.ts';
import type { SessionContext } from './settings.ts';
import { endSessionsOfSid, endSessionsOfSub } from './store.ts';

const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'EdDSA'];
const event = 'http://schemas.openid.net/event/backchannel-logout';

/**
 * The provider's page shows this address in a frame when somebody logs out there: their sessions here end. Its cookie does not come
 * along, so the session is named; nobody can guess the name. Anything else ends nothing.
 * Source: OpenID Connect Front-Channel Logout 1.0 §3.
 */
export async function endByFrame(
  { ctx, provider }: SessionContext,
  named: { readonly iss?: string; readonly sid?: string },
): Promise<void> {
  const { iss, sid } = named;
  if (iss !== provider.issuer || sid === undefined || sid === '') return;
  await ctx.db.transaction((tx) => endSessionsOfSid(tx, iss, sid));
}

/**
 * The provider itself says that somebody has logged out there, or that all logins of a person are void. Saying it twice is harmless.
 * Refuses logoutTokenInvalid. Throws Overloaded where its keys cannot be had.
 * Source: OpenID Connect Back-Channel Logout 1.0 §2.4-§2.6.
 */
export function createEndByToken(session: SessionContext): (logoutToken: string) => Promise<void> {
  let keys: ReturnType<typeof createRemoteJWKSet> | undefined;

  async function verified(token: string): Promise<JWTPayload> {
    const { provider } = session;
    try {
      keys ??= createRemoteJWKSet(await provider.keysUrl());
      const { issuer, clientId: audience } = provider;
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms,
        requiredClaims: ['iat', 'jti'],
        maxTokenAge: '10m',
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout)) throw refuse(sessionErrors.logoutTokenInvalid);
      throw new Overloaded(10, "The login provider's keys cannot be had.");
    }
  }

  return async (logoutToken) => {
    const { events, nonce, sid, sub, iss } = await verified(logoutToken);
    const isLogout = typeof events === 'object' && events !== null && event in events && nonce === undefined;
    if (!isLogout || (typeof sid !== 'string' && typeof sub !== 'string')) throw refuse(sessionErrors.logoutTokenInvalid);
    await session.ctx.db.transaction(async (tx) => {
      if (typeof sid === 'string') await endSessionsOfSid(tx, iss!, sid);
      else await endSessionsOfSub(tx, iss!, sub!);
    });
  };
}
