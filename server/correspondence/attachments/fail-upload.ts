import type { Context } from '#kernel/context.ts';
import type { AttachmentId } from '#kernel/ids.ts';
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
