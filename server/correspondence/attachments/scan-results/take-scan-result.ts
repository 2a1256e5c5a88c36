import type { Context } from '#kernel/context.ts';
import type { AttachmentId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { type ScanEvent, scannerOutside as scanner } from '#scanning/index.ts';
import { correspondenceErrors as e } from '../../errors.ts';
import { findAttachment } from '../../store/attachment.ts';
import { settleScan } from '../settle-scan.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * A scanner outside has looked through a file. Its word counts as our own scanner's does, and of the two the first: what comes
 * later, or again, changes nothing, but malware in what was called clean is taken back.
 *
 * Refuses attachmentNotFound, also while the bytes are not here and where the scanner looked through other bytes than ours: it
 * then comes again. Safe to repeat; the attachment is locked. Source: compatibility.md, correspondence, §4.1.
 */
export async function takeScanResult(ctx: Context, found: ScanEvent & { readonly kind: 'result' }): Promise<void> {
  const { blobName, isClean, verdict, sha256 } = found;
  const id = blobName as AttachmentId;
  const attachment = uuid.test(blobName) ? await findAttachment(ctx.db, id) : undefined;
  if (!attachment || attachment.blobKey === null) throw refuse(e.attachmentNotFound);
  if (sha256 !== null && sha256 !== attachment.sha256) throw refuse(e.attachmentNotFound, { id });
  await ctx.db.transaction((tx) => settleScan(ctx, tx, { id, result: isClean ? 'clean' : { malware: verdict }, scanner }));
}
