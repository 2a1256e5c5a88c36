import { createPublicKey, type JsonWebKey } from 'node:crypto';

const shortestModulusBits = 2048;
/** Those that the signature algorithms of tokens are made for (RFC 7518 §3.4, RFC 8037 §3.1): X25519 agrees on keys and signs nothing. */
const signingCurves = ['P-256', 'P-384', 'P-521', 'Ed25519'];

/**
 * A client's public key as a JWK, from PEM or JWK; undefined when it is no public key that can verify a signature. A
 * private key is refused: whoever sends one has mixed up two files.
 */
export function publicJwkOf(key: {
  readonly pem?: string | undefined;
  readonly jwk?: Readonly<Record<string, unknown>> | undefined;
}): JsonWebKey | undefined {
  if (key.pem?.includes('PRIVATE KEY') || (key.jwk && ('d' in key.jwk || 'k' in key.jwk))) return undefined;
  try {
    const parsed = key.pem === undefined ? createPublicKey({ key: key.jwk as JsonWebKey, format: 'jwk' }) : createPublicKey(key.pem);
    const jwk = parsed.export({ format: 'jwk' });
    const canVerify =
      jwk.kty === 'RSA' ? (parsed.asymmetricKeyDetails?.modulusLength ?? 0) >= shortestModulusBits : signingCurves.includes(jwk.crv ?? '');
    return canVerify ? jwk : undefined;
  } catch {
    return undefined;
  }
}
