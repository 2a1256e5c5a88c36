import { createHash, randomBytes } from 'node:crypto';
import type { AttachmentId } from '#kernel/ids.ts';
import type { FileLink } from '../store/forwarding.ts';

const dayMillis = 24 * 60 * 60 * 1000;
/** How long links in a forwarded mail open their file, in domain time. */
export const linkDays = 7;
/** How often: more than once, since mail servers open links to look at them before their reader does. */
export const linkUses = 5;

export const linkPath = '/budstikke/v1/forwarded';

export function linkDigest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

export function linksUntil(at: Date): Date {
  return new Date(at.getTime() + linkDays * dayMillis);
}

/** A new link to a file: the token that stands in the mail, and the row that is kept of it. */
export function newFileLink(
  forwardingId: string,
  attachmentId: AttachmentId,
  at: Date,
): { readonly token: string; readonly row: FileLink } {
  const token = randomBytes(32).toString('base64url');
  return { token, row: { digest: linkDigest(token), forwardingId, attachmentId, expiresAt: linksUntil(at), usesLeft: linkUses } };
}
