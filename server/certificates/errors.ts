import { catalogue } from '#kernel/refusal.ts';

/** Why a certificate is not taken for an organization. Texts are on the wire: add rows, never reword. */
export const certificateErrors = catalogue('BUD', {
  missing: { code: 9324, status: 401, origin: 'budstikke', text: 'No certificate was shown.' },
  unreadable: { code: 9325, status: 403, origin: 'budstikke', text: 'The certificate cannot be read, or it is too large.' },
  selfSigned: { code: 9326, status: 403, origin: 'budstikke', text: 'The certificate is signed by itself.' },
  expired: { code: 9327, status: 403, origin: 'budstikke', text: 'The certificate has expired.' },
  notYetValid: { code: 9328, status: 403, origin: 'budstikke', text: 'The certificate is not yet valid.' },
  untrusted: {
    code: 9329,
    status: 403,
    origin: 'budstikke',
    text: 'No chain of valid certificates leads from the certificate to an issuer that is trusted here. Show the intermediate certificates with it.',
  },
  weak: {
    code: 9330,
    status: 403,
    origin: 'budstikke',
    text: 'The key or the signature of the certificate is too weak: RSA from 2048 bits, or P-256, P-384, P-521, signed with SHA-2.',
  },
  usage: {
    code: 9331,
    status: 403,
    origin: 'budstikke',
    text: 'The certificate is not one for authentication: its key usage must have digitalSignature, and its extended key usage, where it has one, clientAuth.',
  },
  extension: {
    code: 9332,
    status: 403,
    origin: 'budstikke',
    text: 'The certificate has a critical extension that is not understood.',
  },
  policy: {
    code: 9333,
    status: 403,
    origin: 'budstikke',
    text: 'The certificate is not an enterprise certificate of a kind that is trusted here: none of its policies is among them.',
  },
  noNumber: {
    code: 9334,
    status: 403,
    origin: 'budstikke',
    text: 'The certificate names no Norwegian organization number: neither organizationIdentifier (NTRNO-…) nor serialNumber has a valid one.',
  },
  revoked: { code: 9335, status: 403, origin: 'budstikke', text: 'The certificate, or one that its chain needs, has been revoked.' },
  statusUnknown: {
    code: 9336,
    status: 503,
    origin: 'budstikke',
    text: 'Whether the certificate has been revoked cannot be found out now. Try again later.',
  },
});

export type CertificateProblem = keyof typeof certificateErrors;
