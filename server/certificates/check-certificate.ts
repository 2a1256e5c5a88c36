import type { Log } from '#kernel/log.ts';
import type { CertificateProblem } from './errors.ts';
import type { FetchBounded } from './fetch-bounded.ts';
import { findChain, type Trust } from './find-chain.ts';
import { judgeCertificate } from './judge-certificate.ts';
import { organizationNumberOf } from './organization-number.ts';
import { type ReadCertificate, readCertificate } from './read-certificate.ts';
import { createRevocation } from './revocation.ts';

/** An enterprise certificate that holds. */
export interface EnterpriseCertificate {
  /** Nine digits. */
  readonly organizationNumber: string;
  /** SHA-256, lower-case hex. */
  readonly thumbprint: string;
  readonly validTo: Date;
  /** False where nobody could say and the installation lets that pass. */
  readonly isKnownNotRevoked: boolean;
}

export type CertificateVerdict =
  | { readonly certificate: EnterpriseCertificate }
  | { readonly problem: CertificateProblem; readonly thumbprint?: string };

export interface CertificateCheckerOptions {
  readonly trust: Trust;
  /** Policies that count; see `judgeCertificate`. */
  readonly policies: readonly string[];
  /** What holds when nobody says whether a certificate is revoked: `hard` refuses it, `soft` lets it pass and logs it. */
  readonly revocation: 'hard' | 'soft';
  /** Whether nine digits can be an organization. */
  readonly isOrganizationNumber: (text: string) => boolean;
  readonly fetch: FetchBounded;
  readonly log: Log;
}

export interface CertificateChecker {
  /** Judges a certificate (DER) at a time, with those that came with it in any order. Never throws. */
  check(shown: readonly Uint8Array[], at?: Date): Promise<CertificateVerdict>;
}

/** A client that shows more wants us to search. */
const mostShown = 8;

/**
 * Judges enterprise certificates: by themselves, by the chain to whom the installation trusts, by the organization that they name,
 * and, last since it may ask others, by whether they or an authority of the chain have been revoked. Certificates live in real time.
 * Source: compatibility.md, certificates.
 */
export function createCertificateChecker(options: CertificateCheckerOptions): CertificateChecker {
  const { trust, policies, isOrganizationNumber, log } = options;
  const revocation = createRevocation(options);

  async function statusOf(chain: readonly ReadCertificate[], at: Date): Promise<'good' | 'revoked' | 'unknown'> {
    const links = chain.slice(0, -1).map((each, i) => revocation.statusOf(each, chain[i + 1]!, at));
    const states = await Promise.all(links);
    return states.find((each) => each === 'revoked') ?? states.find((each) => each === 'unknown') ?? 'good';
  }

  return {
    async check(shown, at = new Date()) {
      const read = shown.slice(0, mostShown).map(readCertificate);
      const certificate = read[0];
      if (shown.length === 0) return { problem: 'missing' };
      if (!certificate || shown.length > mostShown) return { problem: 'unreadable' };
      const problem = judgeCertificate(certificate, policies, at);
      const { thumbprint, validTo } = certificate;
      const refused = (problem: CertificateProblem): CertificateVerdict => ({ problem, thumbprint });
      if (problem) return refused(problem);
      const organizationNumber = organizationNumberOf(certificate);
      if (organizationNumber === undefined || !isOrganizationNumber(organizationNumber)) return refused('noNumber');
      const others = read.slice(1).filter((each) => each !== undefined);
      const chain = findChain(certificate, others, trust, at);
      if (!chain) return refused('untrusted');
      const status = await statusOf(chain, at);
      if (status === 'revoked') return refused('revoked');
      if (status === 'unknown' && options.revocation === 'hard') return refused('statusUnknown');
      if (status === 'unknown') log.warn({ thumbprint }, 'a certificate was taken though nobody says whether it is revoked');
      return { certificate: { organizationNumber, thumbprint, validTo, isKnownNotRevoked: status === 'good' } };
    },
  };
}
