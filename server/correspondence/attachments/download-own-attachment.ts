import type { Readable } from 'node:stream';
import type { Blobs, ByteRange } from '#blobs/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { AttachmentId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { findAttachment, listMessagesWith } from '../store/attachment.ts';
import { ownAttachment } from './find-own-attachment.ts';

/** A file that its sender may fetch: its size, a strong entity tag with its quotes, and its bytes. */
export interface OwnFile {
  readonly sizeBytes: number;
  readonly entityTag: string;
  read(bytes?: ByteRange): Promise<Readable>;
}

/**
 * The sender fetches its own file back, until a message that carries it has been published.
 * Refuses attachmentNotFound (also before the bytes have come), noAccess, attachmentPurged, attachmentExpired,
 * attachmentIsPublished. Source: compatibility.md, correspondence, §4.1.
 */
export async function downloadOwnAttachment(ctx: Context & { readonly blobs: Blobs }, caller: Caller, id: AttachmentId): Promise<OwnFile> {
  const { attachment } = await ownAttachment(ctx.db, caller, await findAttachment(ctx.db, id));
  const { state, blobKey, sizeBytes, sha256 } = attachment;
  if (state === 'Purged') throw refuse(e.attachmentPurged, { id });
  if (state === 'Expired') throw refuse(e.attachmentExpired, { id });
  const messages = await listMessagesWith(ctx.db, id);
  if (messages.some((message) => message.publishedAt !== null)) throw refuse(e.attachmentIsPublished, { id });
  if (blobKey === null || state === 'Failed') throw refuse(e.attachmentNotFound, { id });
  return { sizeBytes: sizeBytes ?? 0, entityTag: `"${sha256}"`, read: (bytes) => ctx.blobs.read(blobKey, bytes) };
}
