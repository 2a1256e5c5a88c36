import { refuse } from '#kernel/refusal.ts';
import { fileNameError } from '../../attachments/file-name.ts';
import { correspondenceErrors as e } from '../../errors.ts';
import type { Facts, Rule } from '../facts.ts';
import { matchFiles } from './match-files.ts';

const mostAttachments = 100;
const forwardableBytes = 10_000_000;
/** Of a file in a form. Source: compatibility.md, correspondence, §3. */
export const formFileBytes = 2_000_000_000;
const expiresSoonMillis = 6 * 60 * 60 * 1000;

export const existingMissing: Rule<Facts> = ({ request, existing, othersAttachments, resource }) => {
  if (existing.some((attachment) => attachment.ownerId !== resource?.ownerId)) return refuse(e.attachmentOfAnotherSender);
  if (othersAttachments.length > 0) return refuse(e.attachmentOfAnotherSender);
  return existing.length < request.existingAttachments.length ? refuse(e.existingAttachmentNotFound) : undefined;
};

export const tooMany: Rule<Facts> = ({ request }) =>
  request.existingAttachments.length + request.newAttachments.length > mostAttachments ? refuse(e.tooManyAttachments) : undefined;

export const existingNotPublished: Rule<Facts> = ({ existing }) =>
  existing.some((attachment) => attachment.state !== 'Published') ? refuse(e.attachmentNotPublished) : undefined;

export const tooLargeToForward: Rule<Facts> = ({ request, existing, files }) => {
  if (!request.allowForwarding) return undefined;
  const sizes = [...existing.map((attachment) => attachment.sizeBytes ?? 0), ...files.map((file) => file.sizeBytes)];
  return sizes.reduce((sum, size) => sum + size, 0) > forwardableBytes ? refuse(e.forwardingTooLarge) : undefined;
};

export const fileUnfit: Rule<Facts> = ({ request, files }) => {
  for (const { fileName } of request.newAttachments) {
    const row = fileNameError(fileName);
    if (row) return refuse(row);
  }
  if (
    !matchFiles(
      request.newAttachments.map((a) => a.fileName),
      files,
    )
  )
    return refuse(e.filesMismatch);
  const unfit = files.some((file) => file.sizeBytes === 0 || file.sizeBytes > formFileBytes);
  return unfit ? refuse(e.fileSize, { limit: '2GB' }) : undefined;
};

export const expiresTooSoon: Rule<Facts> = ({ request, minimumAttachmentDays }) =>
  request.newAttachments.some((a) => a.expirationInDays !== null && a.expirationInDays < minimumAttachmentDays)
    ? refuse(e.expirationTooSoon, { days: minimumAttachmentDays })
    : undefined;

export const existingExpiresSoon: Rule<Facts> = ({ existing, now }) =>
  existing.some((a) => a.latestExpiry !== null && a.latestExpiry.getTime() - now.getTime() < expiresSoonMillis)
    ? refuse(e.attachmentExpiresSoon)
    : undefined;

/** What came is not what the sender meant to send. */
export const checksumUnfit: Rule<Facts> = ({ request, files }) => {
  const matched =
    matchFiles(
      request.newAttachments.map((a) => a.fileName),
      files,
    ) ?? [];
  const differs = request.newAttachments.some((a, i) => a.checksum !== null && a.checksum !== matched[i]?.md5);
  return differs ? refuse(e.checksumMismatch) : undefined;
};
