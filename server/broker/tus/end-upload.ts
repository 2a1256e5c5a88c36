import type { Caller, Context } from '#kernel/context.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { brokerErrors as e } from '../errors.ts';
import { ownTransfer } from '../send/upload-transfer.ts';
import { uploadable } from '../states.ts';
import { lockTransfer } from '../store/transfer.ts';
import { forgetHash } from './running-hashes.ts';
import { dropUploads, findUpload, listUploadIds, lockUploads, saveNobodyUploads, type TusUploadId } from './store.ts';

/**
 * The sender gives up an upload, or a part of it: its bytes go, and it may begin anew at once. Whoever still writes to it writes
 * nothing more. Refuses transferNotFound, noAccess, alreadyUploaded. Source: compatibility.md, broker, §4.4.
 */
export function endUpload(ctx: Context, caller: Caller, id: FileTransferId, partId: TusUploadId | null): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    const transfer = await lockTransfer(tx, id);
    await ownTransfer(tx, caller, transfer);
    if (!uploadable.has(transfer!.state)) throw refuse(e.alreadyUploaded, { id });
    const upload = await findUpload(tx, id, partId);
    if (!upload) throw refuse(e.transferNotFound, { id });
    await lockUploads(tx, [upload.id]);
    await dropUploads(tx, [upload.id]);
    forgetHash(upload.id);
    if ((await listUploadIds(tx, id)).every((one) => one === upload.id)) saveNobodyUploads(tx, id);
  });
}
