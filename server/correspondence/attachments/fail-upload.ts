import { untilWritten } from '#db/index.ts';
import type { Context } from '#kernel/context.ts';
import { type AttachmentId, type BlobKey, newId } from '#kernel/ids.ts';
import { attachmentTexts, movedAttachment } from '../states.ts';
import { lockAttachment, lockStaleUploads, saveAttachmentMoves, saveAttachmentStatuses } from '../store/attachment.ts';

/** An upload that came to nothing. No event is sent: whoever uploads reads the refusal. Nothing happens to one that has ended otherwise. */
export function failUpload(ctx: Context, id: AttachmentId, text: string): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    const attachment = await lockAttachment(tx, id);
    if (attachment?.state !== 'UploadProcessing' || attachment.blobKey !== null) return;
    const state = movedAttachment(attachment.state, 'fail');
    saveAttachmentMoves(tx, [{ id, state }]);
    saveAttachmentStatuses(tx, [{ attachmentId: id, status: state, text, at: ctx.now(), party: null }]);
  });
}

/**
 * An upload that came to nothing for a reason of ours that passes: its sender may send the file again, under another key, since a store that
 * was away may still finish what it had begun. Kept until the database takes it; nothing happens to one that has ended otherwise meanwhile.
 */
export async function letGoUpload(ctx: Context, id: AttachmentId, key: BlobKey): Promise<void> {
  await untilWritten(ctx, () =>
    ctx.db.transaction(async (tx) => {
      const attachment = await lockAttachment(tx, id);
      if (attachment?.state !== 'UploadProcessing' || attachment.blobKey !== null || attachment.uploadKey !== key) return;
      const state = movedAttachment(attachment.state, 'letGo');
      saveAttachmentMoves(tx, [{ id, state, uploadKey: newId<BlobKey>() }]);
      saveAttachmentStatuses(tx, [{ attachmentId: id, status: state, text: attachmentTexts.uploadLetGo, at: ctx.now(), party: null }]);
    }),
  );
}

/** After how long it is asked whether bytes still come. */
const staleAfterMillis = 24 * 60 * 60 * 1000;
const batch = 100;

/** Uploads whose process died on the way, however long those take whose bytes still come: they would else be `UploadProcessing` for ever. Safe to run twice. */
export function failStaleUploads(ctx: Context): Promise<number> {
  return ctx.db.transaction(async (tx) => {
    const at = ctx.now();
    const stale = await lockStaleUploads(tx, new Date(at.getTime() - staleAfterMillis), batch);
    saveAttachmentMoves(
      tx,
      stale.map(({ id, state }) => ({ id, state: movedAttachment(state, 'fail') })),
    );
    saveAttachmentStatuses(
      tx,
      stale.map(({ id }) => ({ attachmentId: id, status: 'Failed' as const, text: attachmentTexts.uploadInterrupted, at, party: null })),
    );
    return stale.length;
  });
}
