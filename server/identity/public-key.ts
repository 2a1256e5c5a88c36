import { createPublicKey, type JsonWebKey } from 'node:crypto';

const kinds = ['RSA', 'EC', 'OKP'];
const shortestModulusBits = 2048;

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
    const bits = parsed.asymmetricKeyDetails?.modulusLength ?? shortestModulusBits;
    return kinds.includes(jwk.kty ?? '') && bits >= shortestModulusBits ? jwk : undefined;
  } catch {
    return undefined;
  }
}
