/**
 * Policies of enterprise certificates that are trusted in production: of Buypass and of Commfides.
 * Source: compatibility.md, certificates, §3.
 */
export const enterprisePolicies: readonly string[] = [
  '2.16.578.1.26.1.3.2',
  '2.16.578.1.26.1.3.5',
  '2.16.578.1.29.13.200.*',
  '2.16.578.1.29.13.210.*',
  '2.16.578.1.29.13.220.*',
  '2.16.578.1.29.13.1.*',
];

/** Those of the issuers' test environments: in a sandbox only. */
export const testPolicies: readonly string[] = [
  '2.16.578.1.26.1.0.3.2',
  '2.16.578.1.29.913.200.*',
  '2.16.578.1.29.913.210.*',
  '2.16.578.1.29.913.220.*',
  '2.16.578.1.29.913.1.1.0',
];
