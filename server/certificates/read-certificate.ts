import { type KeyObject, X509Certificate } from 'node:crypto';
import { fromBER } from 'asn1js';
import {
  type BasicConstraints,
  Certificate,
  type CertificatePolicies,
  type CRLDistributionPoints,
  type ExtKeyUsage,
  type GeneralName,
  type InfoAccess,
} from 'pkijs';

/** What is asked of a certificate. Names and signatures are Node's to compare and check, the rest is read here. */
export interface ReadCertificate {
  readonly x509: X509Certificate;
  readonly parsed: Certificate;
  readonly publicKey: KeyObject;
  readonly validFrom: Date;
  readonly validTo: Date;
  /** SHA-256 of the whole, lower-case hex: what a certificate is called in the log. */
  readonly thumbprint: string;
  readonly isSelfSigned: boolean;
  /** Undefined where the extension is missing. */
  readonly keyUsage: ReadonlySet<KeyUsage> | undefined;
  /** Object identifiers, undefined where the extension is missing. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  readonly isAuthority: boolean;
  /** How many authorities may stand below this one. */
  readonly pathLength: number | undefined;
  readonly policies: readonly string[];
  readonly criticalExtensions: readonly string[];
  /** Where the list of what its issuer has revoked lies; only `http` and `https`. */
  readonly revocationLists: readonly string[];
  /** Where its issuer answers whether it is revoked; only `http` and `https`. */
  readonly responders: readonly string[];
  readonly signatureAlgorithm: string;
}

export type KeyUsage = 'digitalSignature' | 'keyCertSign' | 'cRLSign';

export const oid = {
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  policies: '2.5.29.32',
  extendedKeyUsage: '2.5.29.37',
  revocationLists: '2.5.29.31',
  issuerAccess: '1.3.6.1.5.5.7.1.1',
  responder: '1.3.6.1.5.5.7.48.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
  anyUsage: '2.5.29.37.0',
} as const;

/** Real ones are some 2 KB; one whose parsing costs much is no certificate that we want to know. */
const mostBytes = 16 * 1024;

/** Takes a certificate (DER) apart. Undefined for what is none, for one whose key or other parts cannot be read, and for one of more than 16 KB. */
export function readCertificate(der: Uint8Array): ReadCertificate | undefined {
  if (der.byteLength > mostBytes) return undefined;
  try {
    const x509 = new X509Certificate(der);
    if (x509.raw.byteLength !== der.byteLength) return undefined; // something stands behind it
    const parsed = new Certificate({ schema: fromBER(der).result });
    if (parsed.signature.algorithmId !== parsed.signatureAlgorithm.algorithmId) return undefined;
    const ids = (parsed.extensions ?? []).map(({ extnID }) => extnID);
    if (new Set(ids).size !== ids.length) return undefined; // RFC 5280 §4.2: each at most once
    const value = <T>(id: string): T | undefined => readExtension<T>(parsed, id);
    const constraints = value<BasicConstraints>(oid.basicConstraints);
    const length = constraints?.pathLenConstraint;
    return {
      x509,
      parsed,
      publicKey: x509.publicKey, // throws for a key that is none
      validFrom: x509.validFromDate,
      validTo: x509.validToDate,
      thumbprint: x509.fingerprint256.replaceAll(':', '').toLowerCase(),
      isSelfSigned: x509.checkIssued(x509),
      keyUsage: usagesOf(parsed),
      extendedKeyUsage: value<ExtKeyUsage>(oid.extendedKeyUsage)?.keyPurposes,
      isAuthority: constraints?.cA === true,
      pathLength: typeof length === 'number' ? length : undefined,
      policies: value<CertificatePolicies>(oid.policies)?.certificatePolicies.map((each) => each.policyIdentifier) ?? [],
      criticalExtensions: (parsed.extensions ?? []).filter((each) => each.critical).map((each) => each.extnID),
      revocationLists: listsOf(value<CRLDistributionPoints>(oid.revocationLists)),
      responders: respondersOf(value<InfoAccess>(oid.issuerAccess)),
      signatureAlgorithm: parsed.signatureAlgorithm.algorithmId,
    };
  } catch {
    return undefined;
  }
}

/** Throws where it is there and cannot be read: a rule that is not understood must not count as none. */
function readExtension<T>(certificate: Certificate, id: string): T | undefined {
  const extension = certificate.extensions?.find((each) => each.extnID === id);
  if (!extension) return undefined;
  const value = extension.parsedValue as (T & { readonly parsingError?: string }) | undefined;
  if (value === undefined || value === null || value.parsingError) throw new Error(`the extension ${id} cannot be read`);
  return value;
}

/** Bits of RFC 5280 §4.2.1.3, in the first byte. */
const usageBits: readonly (readonly [KeyUsage, number])[] = [
  ['digitalSignature', 0x80],
  ['keyCertSign', 0x04],
  ['cRLSign', 0x02],
];

function usagesOf(certificate: Certificate): ReadonlySet<KeyUsage> | undefined {
  const bits = readExtension<{ valueBlock: { valueHexView: Uint8Array } }>(certificate, oid.keyUsage);
  if (!bits) return undefined;
  const first = bits.valueBlock.valueHexView[0] ?? 0;
  return new Set(usageBits.filter(([, bit]) => (first & bit) !== 0).map(([name]) => name));
}

/** A list for some reasons only, or one by another issuer, says too little. */
function listsOf(points: CRLDistributionPoints | undefined): string[] {
  return (points?.distributionPoints ?? [])
    .filter((point) => point.reasons === undefined && point.cRLIssuer === undefined)
    .flatMap((point) => (Array.isArray(point.distributionPoint) ? point.distributionPoint.flatMap(webAddress) : []));
}

function respondersOf(access: InfoAccess | undefined): string[] {
  return (access?.accessDescriptions ?? [])
    .filter(({ accessMethod }) => accessMethod === oid.responder)
    .flatMap(({ accessLocation }) => webAddress(accessLocation));
}

const uniformResourceIdentifier = 6;

function webAddress({ type, value }: GeneralName): string[] {
  if (type !== uniformResourceIdentifier || typeof value !== 'string' || !URL.canParse(value)) return [];
  return ['http:', 'https:'].includes(new URL(value).protocol) ? [value] : [];
}

/** Whether the key of an authority has signed a certificate that names it as its issuer. */
export function hasSigned(authority: ReadCertificate, { x509 }: ReadCertificate): boolean {
  try {
    return x509.checkIssued(authority.x509) && x509.verify(authority.publicKey);
  } catch {
    return false; // a signature of another kind than the key
  }
}
