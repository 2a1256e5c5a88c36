import { budstikkeItself, recordEvidence } from '#evidence/index.ts';
import type { Tx } from '#kernel/database.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import { type SettledScan, scanStored } from '#scanning/index.ts';
import type { BrokerContext } from '../context.ts';
import { malwareText } from '../states.ts';
import { findTransfer, lockTransfer } from '../store/transfer.ts';
import { whatOf } from '../what.ts';
import { failTransfer } from './fail-transfer.ts';
import { publishTransfers } from './publish-transfer.ts';

/** What a scanner says of a file, and what more it has to say where it is not clean. */
export interface Verdict {
  readonly result: SettledScan;
  readonly details?: object;
  readonly scanner: string;
}

/**
 * Scans a transfer whose bytes are here, and draws the consequences. Safe to run twice: one that has left `UploadProcessing` is left
 * alone. Throws when the scanner cannot tell, and then nothing is published; at the last attempt a file of which it says so has failed.
 * One that no scanner was there for waits.
 */
export async function scanAndSettle(ctx: BrokerContext, id: FileTransferId, attempt: { readonly isLast?: boolean } = {}): Promise<void> {
  const transfer = await findTransfer(ctx.db, id);
  if (transfer?.state !== 'UploadProcessing' || transfer.blobKey === null) return;
  const result = await scanStored(ctx, { about: id, blobKey: transfer.blobKey }, attempt);
  await ctx.db.transaction((tx) => settleScan(tx, id, { result, scanner: ctx.scanner.name }, ctx.now()));
}

/** Clean: published. Malicious, or never to be known: it fails, and its bytes go at once; what has a password is told as such. The first verdict counts; the transfer is locked. */
export async function settleScan(tx: Tx, id: FileTransferId, { result, details, scanner }: Verdict, at: Date): Promise<void> {
  const transfer = await lockTransfer(tx, id);
  if (transfer?.state !== 'UploadProcessing') return;
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
  const text = details ? malwareText(malware, details) : malwareText('Malicious', { malwareNamesFound: [malware] });
  await failTransfer(tx, transfer, { text, reason: 'malware', told: false }, at);
}
