import { releaseUnbound } from '#blobs/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import { beforeAnswer } from '../send/let-go.ts';
import { lockTransfer } from '../store/transfer.ts';
import { letGoUpload } from '../store/upload.ts';
import { type Claim, isWritten, releaseClaim, type TusUpload, type TusUploadId } from './store.ts';

/** The next request may write to this upload at once. */
export function letGoClaim(ctx: Context, { id, transferId }: Pick<TusUpload, 'id' | 'transferId'>, claimId: string): Promise<void> {
  return beforeAnswer(ctx, transferId, releaseClaim(ctx.db, id, claimId));
}

/** How an upload is named before it is known whether it has begun. */
export interface Named {
  readonly id: TusUploadId;
  readonly uploadId: string;
  readonly claim: Claim;
}

/** Of one of which nobody knows whether it has begun: it may be gone on with, or begun again, at once. */
export function letGoUnknown(ctx: Context, transferId: FileTransferId, { id, uploadId, claim }: Named): Promise<void> {
  const letting = async () => {
    await releaseClaim(ctx.db, id, claim.id);
    await releaseUnbound(ctx.db, claim.firstKey);
    await ctx.db.transaction((tx) => letGoLease(tx, { transferId, uploadId }));
  };
  return beforeAnswer(ctx, transferId, letting());
}

/** The transfer may be begun again at once, where no other request writes to it and no bytes of it are there. */
export async function letGoLease(tx: Tx, { transferId, uploadId }: Pick<TusUpload, 'transferId' | 'uploadId'>): Promise<void> {
  await lockTransfer(tx, transferId);
  if (!(await isWritten(tx, transferId, uploadId))) await letGoUpload(tx, transferId, uploadId);
}
