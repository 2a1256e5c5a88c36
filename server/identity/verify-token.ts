import { decodeJwt, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { Log } from '#kernel/log.ts';
import { discoverKeys } from './discover.ts';
import { type IssuerKind, type KeySource, KeysUnavailable, type TrustedIssuer } from './issuers.ts';
import { remoteKeys } from './key-set.ts';

/** Asymmetric only: with a shared secret the public key would be one that everybody knows. */
const algorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'EdDSA'];

/** What our own dialog tokens are signed with. */
const dialogAlgorithms = ['EdDSA'];

/** What Node takes as headers in all; anything larger is no token. */
const maxTokenLength = 16 * 1024;

export interface VerifiedToken {
  readonly kind: IssuerKind;
  readonly payload: JWTPayload;
  /** Milliseconds since 1970, real time: from then on the token is void. */
  readonly expiresAt: number;
}

/** `lapsedMillis`: for how long a token may have run out. */
export type TokenVerifier = (token: string, lapsedMillis?: number) => Promise<VerifiedToken | 'invalid'>;

/**
 * Verifies a signed JWT of one of `issuers`: signature, `exp` (required) and `nbf` by the machine's own clock with no
 * skew, issuer letter by letter. The audience is not looked at, as in the original, unless one is configured. Throws `KeysUnavailable` when the
 * issuer's keys cannot be had; whatever else is wrong with a token makes it invalid.
 * Source: compatibility.md, correspondence, §1.2.
 */
export function createTokenVerifier(issuers: readonly TrustedIssuer[], log: Log): TokenVerifier {
  const known = new Map(issuers.map((issuer) => [issuer.issuer, { ...issuer, keys: keySource(issuer, log) }]));
  return async (token, lapsedMillis = 0) => {
    const issuer = known.get(claimedIssuer(token) ?? '');
    if (!issuer) return 'invalid';
    try {
      const payload = await verifyByAny(token, issuer.keys, {
        algorithms: issuer.kind === 'dialog' ? dialogAlgorithms : algorithms,
        issuer: issuer.issuer,
        ...(issuer.audience === undefined ? {} : { audience: issuer.audience }),
        requiredClaims: ['exp'],
        clockTolerance: 0,
      });
      return { kind: issuer.kind, payload, expiresAt: payload.exp! * 1000 };
    } catch (error) {
      if (error instanceof KeysUnavailable) throw error;
      // Looked at last, when signature, issuer, audience and beginning hold.
      if (!(error instanceof errors.JWTExpired)) return 'invalid';
      const verified = { kind: issuer.kind, payload: error.payload, expiresAt: error.payload.exp! * 1000 };
      return verified.expiresAt + lapsedMillis > Date.now() ? verified : 'invalid';
    }
  };
}

/** Keys need no id, and may share one while they are rotated (RFC 7517 §4.5): then each that fits is tried. */
async function verifyByAny(token: string, keys: KeySource, options: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keys, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      const payload = await jwtVerify(token, key, options).then(
        (verified) => verified.payload,
        (failed: unknown) => {
          if (!(failed instanceof errors.JWSSignatureVerificationFailed)) throw failed;
        },
      );
      if (payload) return payload;
    }
    throw error;
  }
}

function keySource(issuer: TrustedIssuer, log: Log): KeySource {
  const { issuer: name, kind, keys } = issuer;
  if (typeof keys === 'function') return keys;
  return remoteKeys(name, keys === undefined ? discoverKeys(name, kind, log) : async () => keys, log);
}

/** Whose token it says it is; believed only after the signature. */
function claimedIssuer(token: string): string | undefined {
  if (token.length > maxTokenLength) return undefined;
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}
