import type { Readable } from 'node:stream';
import type { Blobs } from '#blobs/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { AttachmentId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { findAttachment, listMessagesWith } from '../store/attachment.ts';
import { ownAttachment } from './find-own-attachment.ts';

/**
 * The sender fetches its own file back, until a message that carries it has been published.
 * Refuses attachmentNotFound (also before the bytes have come), noAccess, attachmentPurged, attachmentExpired,
 * attachmentIsPublished. Source: compatibility.md, correspondence, §4.1.
 */
export async function downloadOwnAttachment(ctx: Context & { readonly blobs: Blobs }, caller: Caller, id: AttachmentId): Promise<Readable> {
  const { attachment } = await ownAttachment(ctx.db, caller, await findAttachment(ctx.db, id));
  if (attachment.state === 'Purged') throw refuse(e.attachmentPurged, { id });
  if (attachment.state === 'Expired') throw refuse(e.attachmentExpired, { id });
  const messages = await listMessagesWith(ctx.db, id);
  if (messages.some((message) => message.publishedAt !== null)) throw refuse(e.attachmentIsPublished, { id });
  if (attachment.blobKey === null || attachment.state === 'Failed') throw refuse(e.attachmentNotFound, { id });
  return ctx.blobs.read(attachment.blobKey);
}
