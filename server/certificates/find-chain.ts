import { maySign } from './judge-certificate.ts';
import { hasSigned, type ReadCertificate } from './read-certificate.ts';

/** Whom an installation trusts: anchors, and authorities between them and others' certificates that need not be shown. */
export interface Trust {
  readonly anchors: readonly ReadCertificate[];
  readonly intermediates: readonly ReadCertificate[];
}

const mostAuthorities = 5;

/**
 * Pure. The way from a certificate to an anchor, the certificate first, or undefined: every signature is checked, every authority
 * valid at the time, allowed to sign and strong. `shown` came with the certificate, in any order.
 */
export function findChain(
  certificate: ReadCertificate,
  shown: readonly ReadCertificate[],
  { anchors, intermediates }: Trust,
  at: Date,
): readonly ReadCertificate[] | undefined {
  const between = distinct([...shown, ...intermediates]);

  function climb(chain: readonly ReadCertificate[]): readonly ReadCertificate[] | undefined {
    const top = chain.at(-1)!;
    const below = chain.length - 1;
    if (below >= mostAuthorities) return undefined;
    const anchor = anchors.find((each) => maySign(each, below, at, true) && hasSigned(each, top));
    if (anchor) return [...chain, anchor];
    for (const authority of between) {
      if (chain.includes(authority) || authority.isSelfSigned) continue;
      if (!maySign(authority, below, at, false) || !hasSigned(authority, top)) continue;
      const whole = climb([...chain, authority]);
      if (whole) return whole;
    }
    return undefined;
  }

  return climb([certificate]);
}

function distinct(certificates: readonly ReadCertificate[]): ReadCertificate[] {
  return [...new Map(certificates.map((each) => [each.thumbprint, each])).values()];
}
