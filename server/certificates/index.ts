export {
  type CertificateChecker,
  type CertificateVerdict,
  createCertificateChecker,
  type EnterpriseCertificate,
} from './check-certificate.ts';
export { type CertificateProblem, certificateErrors } from './errors.ts';
export { createFetch } from './fetch-bounded.ts';
export { enterprisePolicies, testPolicies } from './policies.ts';
export { readTrust } from './read-trust.ts';
