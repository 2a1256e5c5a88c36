import { budstikkeItself, recordEvidence } from '#evidence/index.ts';
import type { Tx } from '#kernel/database.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import type { BrokerContext } from '../context.ts';
import { malwareText } from '../states.ts';
import { findTransfer, lockTransfer } from '../store/transfer.ts';
import { whatOf } from '../what.ts';
import { failTransfer } from './fail-transfer.ts';
import { publishTransfer } from './publish-transfer.ts';

/** What a scanner says of a file, and what more it has to say where it is not clean. */
export interface Verdict {
  readonly result: 'clean' | { readonly malware: string };
  readonly details?: object;
  readonly scanner: string;
}

/**
 * Scans a transfer whose bytes are here, and draws the consequences. Safe to run twice: one that has left `UploadProcessing` is left
 * alone. Throws when the scanner cannot tell, and then nothing is published.
 */
export async function scanAndSettle(ctx: BrokerContext, id: FileTransferId): Promise<void> {
  const transfer = await findTransfer(ctx.db, id);
  if (transfer?.state !== 'UploadProcessing' || transfer.blobKey === null) return;
  const bytes = await ctx.blobs.read(transfer.blobKey);
  const result = await ctx.scanner.scan(bytes).finally(() => bytes.destroy());
  await ctx.db.transaction((tx) => settleScan(tx, id, { result, scanner: ctx.scanner.name }, ctx.now()));
}

/** Clean: published. Else it fails, and its bytes go at once. The first verdict counts; the transfer is locked. */
export async function settleScan(tx: Tx, id: FileTransferId, { result, details, scanner }: Verdict, at: Date): Promise<void> {
  const transfer = await lockTransfer(tx, id);
  if (transfer?.state !== 'UploadProcessing') return;
  const scanned = { event: 'Scanned', about: id, at, proves: 'recorded', who: budstikkeItself } as const;
  if (result === 'clean') {
    recordEvidence(tx, [{ ...scanned, core: { scanner, result: 'clean' }, what: whatOf(transfer) }]);
    await publishTransfer(tx, transfer, at);
    return;
  }
  const { malware } = result;
  recordEvidence(tx, [{ ...scanned, core: { scanner, result: 'malware' }, what: { ...whatOf(transfer), malware } }]);
  await failTransfer(
    tx,
    transfer,
    {
      text: details ? malwareText(malware, details) : malwareText('Malicious', { malwareNamesFound: [malware] }),
      reason: 'malware',
      told: false,
    },
    at,
  );
}
