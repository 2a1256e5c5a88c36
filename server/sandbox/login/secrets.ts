import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { TokenIssuer } from '../tokens/signing-key.ts';

/** What the login signs cookies and forms with, and names persons by: the same in every process, for it follows from the signing key. */
export interface LoginSecrets {
  readonly cookieKey: string;
  /** A person's name towards one client; another client sees another. */
  pairwise(accountId: string, clientId: string): string;
  /** What a form carries to prove that its page came from here, for this very login. */
  formToken(uid: string): string;
  isFormToken(uid: string, given: unknown): boolean;
}

export async function readSecrets(issuer: Pick<TokenIssuer, 'privateKeys'>): Promise<LoginSecrets> {
  const [key] = await issuer.privateKeys();
  const derived = (purpose: string) => Buffer.from(hkdfSync('sha256', String(key?.d), '', `budstikke login ${purpose}`, 32));
  const [names, forms] = [derived('names'), derived('forms')];
  const formToken = (uid: string) => createHmac('sha256', forms).update(uid).digest('base64url');
  return {
    cookieKey: derived('cookies').toString('base64url'),
    pairwise: (accountId, clientId) =>
      createHmac('sha256', names)
        .update(JSON.stringify([clientId, accountId]))
        .digest('base64url'),
    formToken,
    isFormToken(uid, given) {
      const [expected, shown] = [Buffer.from(formToken(uid)), Buffer.from(String(given))];
      return expected.length === shown.length && timingSafeEqual(expected, shown);
    },
  };
}
