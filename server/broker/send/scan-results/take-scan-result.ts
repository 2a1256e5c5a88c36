import type { Context } from '#kernel/context.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { type ScanEvent, scannerOutside as scanner } from '#scanning/index.ts';
import { brokerErrors as e } from '../../errors.ts';
import { findTransfer } from '../../store/transfer.ts';
import { settleScan } from '../settle-scan.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * A scanner outside has looked through a file. Its word counts as our own scanner's does, and of the two the first; what comes
 * later, or again, changes nothing, but malware takes back what was called clean.
 *
 * Refuses transferNotFound, also where the scanner looked through other bytes than ours, and scanBeforeUpload while its bytes are on
 * their way: the scanner then comes again.
 * Source: compatibility.md, broker, §10.1.
 */
export async function takeScanResult(ctx: Context, found: ScanEvent & { readonly kind: 'result' }): Promise<void> {
  const { blobName, isClean, verdict, sha256, details } = found;
  const id = blobName as FileTransferId;
  const transfer = uuid.test(blobName) ? await findTransfer(ctx.db, id) : undefined;
  if (!transfer) throw refuse(e.transferNotFound);
  if (transfer.state === 'UploadStarted') throw refuse(e.scanBeforeUpload, { id });
  if (sha256 !== null && sha256 !== transfer.sha256) throw refuse(e.transferNotFound, { id });
  const result = isClean ? 'clean' : { malware: verdict };
  await ctx.db.transaction((tx) => settleScan(ctx, tx, { id, result, details, scanner }));
}
