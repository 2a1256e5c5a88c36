import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { brokerErrors as e } from '../errors.ts';
import { uploadable } from '../states.ts';
import { lockTransfer } from '../store/transfer.ts';
import { ownUpload } from './own-upload.ts';
import { forgetHash } from './running-hashes.ts';
import {
  dropUploads,
  findUpload,
  listUploadIds,
  lockUploads,
  saveNobodyUploads,
  type TusUpload,
  type TusUploadId,
  type UploadNamed,
} from './store.ts';

/**
 * The sender gives up an upload, or a part of it: its bytes go, and it may begin anew at once. Whoever still writes to it writes
 * nothing more, and a file that is being made of a part that goes is made no more.
 * Refuses tokenLapsed, transferNotFound, noAccess, alreadyUploaded. Source: compatibility.md, broker, §4.4.
 */
export function endUpload(ctx: Context, caller: Caller, { id, partId }: UploadNamed): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    const transfer = await lockTransfer(tx, id);
    await ownUpload(tx, caller, transfer);
    if (!uploadable.has(transfer!.state)) throw refuse(e.alreadyUploaded, { id });
    const upload = await findUpload(tx, id, partId);
    if (!upload) throw refuse(e.transferNotFound, { id });
    const joined = await findJoinedOf(tx, upload);
    await giveUp(tx, id, joined ? [joined.id, upload.id] : [upload.id]);
  });
}

async function findJoinedOf(tx: Tx, { id, transferId, kind }: TusUpload): Promise<TusUpload | undefined> {
  const joined = kind === 'part' ? await findUpload(tx, transferId, null) : undefined;
  return joined?.parts?.includes(id) ? joined : undefined;
}

/** These uploads of a transfer that the transaction has locked are no more. When none is left, another may begin at once. */
export async function giveUp(tx: Tx, id: FileTransferId, uploads: readonly TusUploadId[]): Promise<void> {
  await lockUploads(tx, uploads);
  await dropUploads(tx, uploads);
  for (const upload of uploads) forgetHash(upload);
  if ((await listUploadIds(tx, id)).every((one) => uploads.includes(one))) saveNobodyUploads(tx, id);
}
