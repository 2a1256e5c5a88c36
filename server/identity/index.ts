export type { OnCaller } from './activity.ts';
export { type CertificateCaller, callerOfCertificate } from './certificate/caller-of-certificate.ts';
export { type Claimed, readClaims } from './claims.ts';
export { createIdentity, type Identity, type IdentityOptions, type RequestHeaders } from './create-identity.ts';
export { dialogClaimsOf } from './dialog/claims.ts';
export { createDialogTokens, type DialogTokens } from './dialog/dialog-tokens.ts';
export { type IssuerKind, issuerKind, issuerKinds, type KeySource, KeysUnavailable, type TrustedIssuer } from './issuers.ts';
export { noteQuietMachines } from './note-quiet-machines.ts';
export { publicJwkOf } from './public-key.ts';
export {
  type Client,
  findClient,
  findClients,
  findNextQuiet,
  listCertificatesOf,
  listClientsOf,
  listSeenClients,
  type Seen,
  saveCertificateSeen,
  saveClients,
} from './store.ts';
export { createTokenVerifier, type TokenVerifier, type VerifiedToken } from './verify-token.ts';
