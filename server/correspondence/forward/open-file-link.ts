import type { Readable } from 'node:stream';
import type { Blobs } from '#blobs/index.ts';
import { actorOf, recordEvidence } from '#evidence/index.ts';
import { anonymous, type Context } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import { partOf } from '../send/content-hash.ts';
import { availableForRecipient } from '../states.ts';
import { listAttachmentsOf } from '../store/attachment.ts';
import { useFileLink } from '../store/forwarding.ts';
import { findMessage } from '../store/message.ts';
import { forwardErrors } from './errors.ts';
import { linkDigest } from './file-links.ts';

export interface LinkedFile {
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly stream: Readable;
}

/**
 * Whoever has a link of a forwarded mail fetches its file, without a login: a few times within some days, and not once the letter is
 * deleted or the file's time is over. It hands nothing over to the recipient. Refuses linkNotValid, whatever the reason, with
 * nothing used up.
 */
export async function openFileLink(ctx: Context & { readonly blobs: Blobs }, token: string): Promise<LinkedFile> {
  const file = await ctx.db.transaction(async (tx) => {
    const used = await useFileLink(tx, linkDigest(token));
    const message = used && (await findMessage(tx, used.messageId));
    if (!message || !availableForRecipient.has(message.state)) throw refuse(forwardErrors.linkNotValid);
    const at = ctx.now();
    const attachment = (await listAttachmentsOf(tx, message.submissionId)).find(({ id }) => id === used.attachmentId);
    const isThere = attachment?.state === 'Published' && (attachment.expiresAt === null || attachment.expiresAt > at);
    if (!isThere) throw refuse(forwardErrors.linkNotValid);
    recordEvidence(tx, [
      {
        event: 'Forwarded',
        about: message.id,
        recipient: message.recipientId,
        at,
        proves: 'nothing',
        core: { forwarding: used.forwardingId, act: 'a file was fetched by its link' },
        who: actorOf(anonymous),
        what: { parts: [partOf(attachment)] },
      },
    ]);
    return attachment;
  });
  return { fileName: file.fileName, sizeBytes: file.sizeBytes ?? 0, stream: await ctx.blobs.read(file.blobKey!) };
}
