import type { CertificateProblem } from './errors.ts';
import { oid, type ReadCertificate } from './read-certificate.ts';

/** Signatures by SHA-2: RSA, RSA-PSS, ECDSA. */
const strongSignatures: ReadonlySet<string> = new Set([
  '1.2.840.113549.1.1.11',
  '1.2.840.113549.1.1.12',
  '1.2.840.113549.1.1.13',
  '1.2.840.113549.1.1.10',
  '1.2.840.10045.4.3.2',
  '1.2.840.10045.4.3.3',
  '1.2.840.10045.4.3.4',
]);
const strongCurves = ['prime256v1', 'secp384r1', 'secp521r1'];

export const isStrongSignature = (algorithm: string): boolean => strongSignatures.has(algorithm);

/** Pure. Whether key and signature are such that nobody else can have made them. The signature of an anchor is not asked for. */
export function isStrong({ publicKey, signatureAlgorithm }: ReadCertificate, isAnchor = false): boolean {
  if (!isAnchor && !isStrongSignature(signatureAlgorithm)) return false;
  const { asymmetricKeyType: kind, asymmetricKeyDetails: key } = publicKey;
  if (kind === 'rsa' || kind === 'rsa-pss') return (key?.modulusLength ?? 0) >= 2048;
  return kind === 'ec' && strongCurves.includes(key?.namedCurve ?? '');
}

const understood = { end: [oid.keyUsage, oid.basicConstraints], authority: [oid.keyUsage, oid.basicConstraints, oid.policies] } as const;
const hasOnly = (certificate: ReadCertificate, known: readonly string[]): boolean =>
  certificate.criticalExtensions.every((id) => known.includes(id));

/**
 * Pure. What is wrong with somebody's certificate by itself, the first in this order, or undefined. `policies` are those that
 * count: an object identifier, or everything below one (`2.16.578.1.29.13.200.*`).
 * Source: compatibility.md, certificates, §2.
 */
export function judgeCertificate(certificate: ReadCertificate, policies: readonly string[], at: Date): CertificateProblem | undefined {
  if (certificate.isSelfSigned) return 'selfSigned';
  if (at > certificate.validTo) return 'expired';
  if (at < certificate.validFrom) return 'notYetValid';
  if (!isStrong(certificate)) return 'weak';
  if (!hasOnly(certificate, understood.end)) return 'extension';
  if (certificate.isAuthority || !certificate.keyUsage?.has('digitalSignature')) return 'usage';
  const extended = certificate.extendedKeyUsage;
  if (extended && !extended.includes(oid.clientAuth) && !extended.includes(oid.anyUsage)) return 'usage';
  if (!certificate.policies.some((policy) => policies.some((known) => isPolicy(policy, known)))) return 'policy';
  return undefined;
}

function isPolicy(policy: string, known: string): boolean {
  return known.endsWith('.*') ? policy.startsWith(known.slice(0, -1)) || policy === known.slice(0, -2) : policy === known;
}

/** Pure. Whether an authority may sign a certificate that has `below` authorities beneath it. */
export function maySign(authority: ReadCertificate, below: number, at: Date, isAnchor: boolean): boolean {
  const { isAuthority, keyUsage, pathLength, validFrom, validTo } = authority;
  if (!isAuthority || at < validFrom || at > validTo) return false;
  if (keyUsage ? !keyUsage.has('keyCertSign') : !isAnchor) return false;
  if (pathLength !== undefined && below > pathLength) return false;
  return isStrong(authority, isAnchor) && hasOnly(authority, understood.authority);
}
