import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 bits that nobody can guess, as text for an address or a cookie. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** Whether it has the form of such a secret: anything else need not be looked up. */
export const isSecret = (text: string | undefined): text is string => text !== undefined && /^[A-Za-z0-9_-]{43}$/.test(text);

/** What is kept of a secret. */
export function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** What a page must show beside the cookie. Only who has the cookie's secret can make it, and the secret cannot be made from it. */
export function csrfTokenOf(secret: string): string {
  return createHash('sha256').update(`csrf ${secret}`).digest('base64url');
}

export function isCsrfTokenOf(secret: string, given: string | undefined): boolean {
  const [right, shown] = [Buffer.from(csrfTokenOf(secret)), Buffer.from(given ?? '')];
  return right.length === shown.length && timingSafeEqual(right, shown);
}

const keyOf = (secret: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', 'budstikke session', 32));

/** Encrypts a text so that only who brings the secret can read it (AES-256-GCM; nonce, tag, bytes). */
export function sealWith(secret: string, text: string): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret), nonce);
  const bytes = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), bytes]);
}

/** Throws for what was sealed with another secret. */
export function openWith(secret: string, sealed: Buffer): string {
  const decipher = createDecipheriv('aes-256-gcm', keyOf(secret), sealed.subarray(0, 12));
  decipher.setAuthTag(sealed.subarray(12, 28));
  return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]).toString('utf8');
}

/** Says yes so often in each second of real time. */
export function perSecond(most: number): () => boolean {
  let second = 0;
  let count = 0;
  return () => {
    const now = Math.floor(Date.now() / 1000);
    if (now !== second) [second, count] = [now, 0];
    count += 1;
    return count <= most;
  };
}
