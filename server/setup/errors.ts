import { catalogue } from '#kernel/refusal.ts';

/** Our own numbers, 9700 to 9799. */
export const setupErrors = catalogue('BUD', {
  // One answer for a link that never was, is used, or is too old: whoever guesses learns nothing.
  linkNotValid: {
    code: 9700,
    status: 404,
    origin: 'budstikke',
    text: 'This link is not valid: it works once, for a day. Ask the operator for another',
  },
  keyNotUsable: {
    code: 9701,
    status: 400,
    origin: 'budstikke',
    text: 'Give one public key, as publicKeyPem or as jwk: RSA of at least 2048 bits, EC or Ed25519; never a private one',
  },
});
