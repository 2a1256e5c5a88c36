import { readFileSync } from 'node:fs';
import {
  type CertificateChecker,
  createCertificateChecker,
  createFetch,
  enterprisePolicies,
  readTrust,
  testPolicies,
} from './certificates/index.ts';
import type { Config } from './config.ts';
import type { TlsOptions } from './http/index.ts';
import type { Log } from './kernel/log.ts';
import { StartError } from './kernel/start-error.ts';
import { isOrganizationNumber } from './register/index.ts';

/** What judges enterprise certificates, where the installation says whom it trusts; without that none is ever taken. Refuses (StartError) roots that cannot be read. */
export function createCertificates(
  config: Config,
  log: Log,
  judge: (networks: readonly string[]) => (address: string) => boolean,
): CertificateChecker | undefined {
  if (config.CERTIFICATE_ROOTS === undefined) return undefined;
  return createCertificateChecker({
    trust: readTrust(config.CERTIFICATE_ROOTS),
    policies: config.CERTIFICATE_POLICIES ?? (config.MODE === 'production' ? enterprisePolicies : [...enterprisePolicies, ...testPolicies]),
    revocation: config.CERTIFICATE_REVOCATION,
    isOrganizationNumber,
    fetch: createFetch(judge(config.CERTIFICATE_NETWORKS)),
    log,
  });
}

/** The second listener, where its certificate is given. Refuses (StartError) half of what it needs, and files that cannot be read. */
export function tlsOf({ TLS_CERT, TLS_KEY, TLS_PORT }: Config): { readonly tls?: TlsOptions } {
  if (TLS_CERT === undefined && TLS_KEY === undefined) return {};
  if (TLS_CERT === undefined || TLS_KEY === undefined)
    throw new StartError('BUDSTIKKE_TLS_CERT and BUDSTIKKE_TLS_KEY must be given together.');
  return { tls: { port: TLS_PORT, certificate: readPem('BUDSTIKKE_TLS_CERT', TLS_CERT), key: readPem('BUDSTIKKE_TLS_KEY', TLS_KEY) } };
}

function readPem(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new StartError(`${name} names ${path}, which cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}
