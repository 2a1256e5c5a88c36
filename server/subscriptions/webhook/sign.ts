import { createHmac, randomBytes } from 'node:crypto';

/** 32 random bytes; what signs and what checks are the same. */
export function newSecret(): Buffer {
  return randomBytes(32);
}

/** A secret as Standard Webhooks writes it. */
export function writtenSecret(secret: Buffer): string {
  return `whsec_${secret.toString('base64')}`;
}

/**
 * The headers of Standard Webhooks 1.0: the id stays the same however often the event is sent, the time is that of this
 * attempt (real time, so that a replay by a stranger is known by its age), and there is a signature for each secret that counts.
 */
export function signatureHeaders(id: string, body: string, secrets: readonly Buffer[], at: Date): Record<string, string> {
  const timestamp = Math.floor(at.getTime() / 1000);
  const signatures = secrets.map((secret) => `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`);
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signatures.join(' ') };
}
