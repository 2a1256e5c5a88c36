import { budstikkeItself, recordEvidence } from '#evidence/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import { type SettledScan, scanStored } from '#scanning/index.ts';
import type { BrokerContext } from '../context.ts';
import { malwareText, malwareTextOf, type TransferState } from '../states.ts';
import { findTransfer, lockTransfer } from '../store/transfer.ts';
import { whatOf } from '../what.ts';
import { failTransfer } from './fail-transfer.ts';
import { publishTransfers } from './publish-transfer.ts';
import { takeBackMalware } from './take-back-malware.ts';

/** What a scanner says of a file, and what more it has to say where it is not clean. */
export interface Verdict {
  readonly id: FileTransferId;
  readonly result: SettledScan;
  readonly details?: object;
  readonly scanner: string;
}

const scannable: ReadonlySet<TransferState> = new Set(['UploadProcessing', 'Published', 'AllConfirmedDownloaded']);

/**
 * Scans a transfer whose bytes are here, and draws the consequences; also one that a scanner outside has called clean meanwhile. Safe to
 * run twice. Throws when the scanner cannot tell, and then nothing is published; at the last attempt a file of which it says so has failed.
 * One that no scanner was there for waits.
 */
export async function scanAndSettle(ctx: BrokerContext, id: FileTransferId, attempt: { readonly isLast?: boolean } = {}): Promise<void> {
  const transfer = await findTransfer(ctx.db, id);
  if (!transfer || !scannable.has(transfer.state) || transfer.blobKey === null) return;
  const isAwaited = transfer.state === 'UploadProcessing';
  const result = await scanStored(ctx, { about: id, blobKey: transfer.blobKey }, isAwaited ? attempt : {});
  await ctx.db.transaction((tx) => settleScan(ctx, tx, { id, result, scanner: ctx.scanner.name }));
}

/** Clean: published. Malicious, or never to be known: it fails, and its bytes go at once; what has a password is told as such. The first verdict counts, but malware is taken back whoever has called it clean; the transfer is locked. */
export async function settleScan(ctx: Context, tx: Tx, verdict: Verdict): Promise<void> {
  const { id, result, details, scanner } = verdict;
  const at = ctx.now();
  const transfer = await lockTransfer(tx, id);
  if (transfer?.state !== 'UploadProcessing') {
    if (transfer && isMalware(result)) await takeBackMalware(ctx, tx, { transfer, malware: result.malware, details, scanner });
    return;
  }
  const scanned = { event: 'Scanned', about: id, at, proves: 'recorded', who: budstikkeItself } as const;
  if (result === 'clean') {
    recordEvidence(tx, [{ ...scanned, core: { scanner, result: 'clean' }, what: whatOf(transfer) }]);
    await publishTransfers(tx, [{ transfer, at }]);
    return;
  }
  const what = { ...whatOf(transfer), ...result };
  if ('unknown' in result) {
    recordEvidence(tx, [{ ...scanned, core: { scanner, result: 'unknown' }, what }]);
    await failTransfer(
      tx,
      transfer,
      { text: malwareText('Unknown', { notScannedReason: result.unknown }), reason: 'scanner-unavailable', told: false },
      at,
    );
    return;
  }
  if (result.isEncrypted) {
    recordEvidence(tx, [{ ...scanned, core: { scanner, result: 'encrypted' }, what }]);
    const text = malwareText('Encrypted', { notScannedReason: 'The file, or one within it, has a password and cannot be scanned.' });
    await failTransfer(tx, transfer, { text, reason: 'format', told: false }, at);
    return;
  }
  const { malware } = result;
  recordEvidence(tx, [{ ...scanned, core: { scanner, result: 'malware' }, what }]);
  await failTransfer(tx, transfer, { text: malwareTextOf(malware, details), reason: 'malware', told: false }, at);
}

function isMalware(result: SettledScan): result is Exclude<SettledScan, 'clean' | { readonly unknown: string }> {
  return result !== 'clean' && 'malware' in result && !result.isEncrypted;
}
