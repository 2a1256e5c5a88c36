import { fromBER } from 'asn1js';
import { CertificateRevocationList, type IssuingDistributionPoint } from 'pkijs';
import { isStrongSignature } from './judge-certificate.ts';
import type { ReadCertificate } from './read-certificate.ts';

/** A list whose signature has been checked. */
export interface RevocationList {
  /** Serial numbers, as `serialOf` gives them. */
  readonly serials: ReadonlySet<string>;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
}

/** A list may name a million certificates; its bytes are bounded where they are fetched. */
const parsing = { maxNodes: 10_000_000, maxContentLength: 64 * 1024 * 1024 } as const;
const issuingDistributionPoint = '2.5.29.28';
const understood: readonly string[] = [issuingDistributionPoint, '2.5.29.20', '2.5.29.35'];

/**
 * Takes a list of revoked certificates (DER, or PEM as some servers have it) apart, and checks that `issuer` has signed it.
 * Throws an Error that says why it does not count: another's, badly signed, without an end, of some reasons or of other issuers
 * only, or with what is critical and not understood (a list of differences is among these).
 */
export async function readRevocationList(bytes: Uint8Array, issuer: ReadCertificate): Promise<RevocationList> {
  const { result, offset } = fromBER(derOf(bytes), parsing);
  if (offset === -1) throw new Error('it is no list of revoked certificates');
  const list = new CertificateRevocationList({ schema: result });
  if (!isStrongSignature(list.signatureAlgorithm.algorithmId)) throw new Error('it is weakly signed');
  if (issuer.keyUsage && !issuer.keyUsage.has('cRLSign')) throw new Error('its issuer may not sign one');
  if (!list.issuer.isEqual(issuer.parsed.subject)) throw new Error('it is of another issuer');
  for (const { extnID, critical, parsedValue } of list.crlExtensions?.extensions ?? []) {
    if (critical && !understood.includes(extnID)) throw new Error(`it has the critical extension ${extnID}`);
    if (extnID === issuingDistributionPoint && !isWhole(parsedValue)) throw new Error('it is a part of a list');
  }
  if (!list.nextUpdate) throw new Error('it does not say until when it holds');
  if (!(await list.verify({ issuerCertificate: issuer.parsed }))) throw new Error('its signature does not hold');
  return {
    serials: new Set((list.revokedCertificates ?? []).map(({ userCertificate }) => hexOf(userCertificate.valueBlock.valueHexView))),
    thisUpdate: list.thisUpdate.value,
    nextUpdate: list.nextUpdate.value,
  };
}

/** One by another issuer would need that one's chain. Lists for ends only, or for authorities only, are told apart by their addresses. */
function isWhole(point: IssuingDistributionPoint): boolean {
  return !point.indirectCRL && !point.onlyContainsAttributeCerts && (point.onlySomeReasons ?? 0) === 0;
}

function derOf(bytes: Uint8Array): Uint8Array {
  const pem = /^\s*-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/.exec(
    Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 64)).toString('latin1').includes('-----BEGIN')
      ? Buffer.from(bytes).toString('latin1')
      : '',
  );
  return pem ? new Uint8Array(Buffer.from(pem[1]!, 'base64')) : bytes;
}

/** A serial number as hex, without zeros before it. */
export const serialOf = (certificate: ReadCertificate): string => hexOf(certificate.parsed.serialNumber.valueBlock.valueHexView);

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').replace(/^0+/, '');
