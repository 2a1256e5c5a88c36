import { type KeyObject, X509Certificate } from 'node:crypto';
import { calculateJwkThumbprint, compactVerify, importJWK, type JWK } from 'jose';
import { type CertificateChecker, certificateErrors, type EnterpriseCertificate } from '#certificates/index.ts';
import type { Client } from '#identity/index.ts';
import type { Context } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty } from '#register/index.ts';
import { grantErrors as e } from './errors.ts';
import type { UnverifiedGrant } from './read-grant.ts';

/** How the client showed who it is, as a token's `client_amr` says it. */
export type ClientMethod = 'private_key_jwt' | 'virksomhetssertifikat';

export interface Signed {
  readonly method: ClientMethod;
  /** The enterprise certificate that it was, where the installation says whom it trusts. */
  readonly certificate?: EnterpriseCertificate;
}

/**
 * Holds a grant against who may sign for the client: its registered key (a `kid` must be the one that is registered, where one is),
 * or a certificate. Where the installation says whom it trusts, that is an enterprise certificate of the client's organization,
 * its chain and revocation checked, and no key need be registered. Where it does not, as in a sandbox that was just started, the
 * certificate must be valid now and hold the registered key: whoever registers a key is trusted there.
 * Refuses noKey, otherKey, signature, certificate, certificateStatus, otherOrganization.
 */
export async function checkSignature(
  ctx: Context & { certificates?: CertificateChecker | undefined },
  assertion: string,
  grant: UnverifiedGrant,
  client: Client,
): Promise<Signed> {
  const { certificates } = grant;
  if (certificates && ctx.certificates) {
    const certificate = await checkCertificate(ctx, ctx.certificates, certificates, client);
    await verify(assertion, new X509Certificate(certificates[0]!).publicKey, grant);
    return { method: 'virksomhetssertifikat', certificate };
  }
  const { publicJwk, keyId } = client;
  if (!publicJwk) throw refuse(e.noKey);
  if (grant.kid !== undefined && keyId !== null && grant.kid !== keyId) throw refuse(e.otherKey);
  if (certificates && !(await holdsKey(certificates[0]!, publicJwk))) throw refuse(e.otherKey);
  await verify(assertion, publicJwk as JWK, grant);
  return { method: certificates ? 'virksomhetssertifikat' : 'private_key_jwt' };
}

async function checkCertificate(
  ctx: Context,
  checker: CertificateChecker,
  shown: readonly Uint8Array[],
  client: Client,
): Promise<EnterpriseCertificate> {
  const verdict = await checker.check(shown);
  if ('problem' in verdict) {
    if (verdict.problem === 'statusUnknown') throw refuse(e.certificateStatus);
    throw refuse(e.certificate, { problem: certificateErrors[verdict.problem].text, thumbprint: verdict.thumbprint });
  }
  const { organizationNumber, thumbprint } = verdict.certificate;
  const organization = await findParty(ctx.db, client.organizationId);
  if (organization?.number !== organizationNumber) throw refuse(e.otherOrganization, { thumbprint });
  return verdict.certificate;
}

async function verify(assertion: string, key: JWK | KeyObject, { alg }: UnverifiedGrant): Promise<void> {
  try {
    await compactVerify(assertion, 'kty' in key ? await importJWK(key, alg) : key, { algorithms: [alg] });
  } catch {
    throw refuse(e.signature);
  }
}

async function holdsKey(certificate: Uint8Array, registered: object): Promise<boolean> {
  try {
    const { publicKey, validFromDate, validToDate } = new X509Certificate(certificate);
    const now = Date.now();
    if (now < validFromDate.getTime() || now > validToDate.getTime()) return false;
    const key = publicKey.export({ format: 'jwk' }) as JWK;
    return (await calculateJwkThumbprint(key)) === (await calculateJwkThumbprint(registered as JWK));
  } catch {
    return false;
  }
}
