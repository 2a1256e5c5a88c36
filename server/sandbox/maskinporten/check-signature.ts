import { X509Certificate } from 'node:crypto';
import { calculateJwkThumbprint, compactVerify, importJWK, type JWK } from 'jose';
import type { Client } from '#identity/index.ts';
import { refuse } from '#kernel/refusal.ts';
import { grantErrors as e } from './errors.ts';
import type { UnverifiedGrant } from './read-grant.ts';

/** How the client showed who it is, as a token's `client_amr` says it. */
export type ClientMethod = 'private_key_jwt' | 'virksomhetssertifikat';

/**
 * Holds a grant against the client's registered key. A `kid` must be the one that is registered, where one is; a certificate must
 * be valid now and hold the registered key. Its chain is not followed: in a sandbox whoever registers a key is trusted.
 * Refuses noKey, otherKey, signature.
 */
export async function checkSignature(assertion: string, grant: UnverifiedGrant, client: Client): Promise<ClientMethod> {
  const { publicJwk, keyId } = client;
  if (!publicJwk) throw refuse(e.noKey);
  if (grant.kid !== undefined && keyId !== null && grant.kid !== keyId) throw refuse(e.otherKey);
  if (grant.certificate !== undefined && !(await holdsKey(grant.certificate, publicJwk))) throw refuse(e.otherKey);
  try {
    await compactVerify(assertion, await importJWK(publicJwk as JWK, grant.alg), { algorithms: [grant.alg] });
  } catch {
    throw refuse(e.signature);
  }
  return grant.certificate === undefined ? 'private_key_jwt' : 'virksomhetssertifikat';
}

async function holdsKey(certificate: string, registered: object): Promise<boolean> {
  try {
    const { publicKey, validFromDate, validToDate } = new X509Certificate(Buffer.from(certificate, 'base64'));
    const now = Date.now();
    if (now < validFromDate.getTime() || now > validToDate.getTime()) return false;
    const key = publicKey.export({ format: 'jwk' }) as JWK;
    return (await calculateJwkThumbprint(key)) === (await calculateJwkThumbprint(registered as JWK));
  } catch {
    return false;
  }
}
