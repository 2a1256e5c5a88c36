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
  /** Of which certificates it says all: an issuer may have a list for authorities and one for the others. */
  readonly covers: 'all' | 'authorities' | 'others';
}

/** A list may name a million certificates; its bytes are bounded where they are fetched. */
const parsing = { maxNodes: 10_000_000, maxContentLength: 64 * 1024 * 1024 } as const;
const issuingDistributionPoint = '2.5.29.28';
const understood: readonly string[] = [issuingDistributionPoint, '2.5.29.20', '2.5.29.35'];

/**
 * Takes a list of revoked certificates (DER, or PEM as some servers have it) apart, and checks that `issuer` has signed it for
 * this address: lists come unencrypted, and another one of the same issuer must not pass for the one that was asked for.
 * Throws an Error that says why it does not count: another's, badly signed, without an end, for another address, of some reasons
 * or of other issuers only, or with what is critical and not understood (a list of differences is among these).
 */
export async function readRevocationList(bytes: Uint8Array, issuer: ReadCertificate, url: string): Promise<RevocationList> {
  const { result, offset } = fromBER(derOf(bytes), parsing);
  if (offset === -1) throw new Error('it is no list of revoked certificates');
  const list = new CertificateRevocationList({ schema: result });
  if (!isStrongSignature(list.signatureAlgorithm.algorithmId)) throw new Error('it is weakly signed');
  if (issuer.keyUsage && !issuer.keyUsage.has('cRLSign')) throw new Error('its issuer may not sign one');
  if (!list.issuer.isEqual(issuer.parsed.subject)) throw new Error('it is of another issuer');
  const extensions = list.crlExtensions?.extensions ?? [];
  const strange = extensions.find(({ extnID, critical }) => critical && !understood.includes(extnID));
  if (strange) throw new Error(`it has the critical extension ${strange.extnID}`);
  const point = extensions.find(({ extnID }) => extnID === issuingDistributionPoint)?.parsedValue as IssuingDistributionPoint | undefined;
  if (point && !isWhole(point)) throw new Error('it is a part of a list');
  if (point && !isFor(point, url)) throw new Error('it is for another address');
  if (!list.nextUpdate) throw new Error('it does not say until when it holds');
  if (!(await list.verify({ issuerCertificate: issuer.parsed }))) throw new Error('its signature does not hold');
  return {
    serials: new Set((list.revokedCertificates ?? []).map(({ userCertificate }) => hexOf(userCertificate.valueBlock.valueHexView))),
    thisUpdate: list.thisUpdate.value,
    nextUpdate: list.nextUpdate.value,
    covers: point?.onlyContainsCACerts ? 'authorities' : point?.onlyContainsUserCerts ? 'others' : 'all',
  };
}

/** One by another issuer would need that one's chain. */
function isWhole(point: IssuingDistributionPoint): boolean {
  return !point.indirectCRL && !point.onlyContainsAttributeCerts && (point.onlySomeReasons ?? 0) === 0;
}

/** Where it says for which addresses it is, one of them must be this one. */
function isFor({ distributionPoint }: IssuingDistributionPoint, url: string): boolean {
  if (distributionPoint === undefined) return true;
  return Array.isArray(distributionPoint) && distributionPoint.some(({ type, value }) => type === 6 && value === url);
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
