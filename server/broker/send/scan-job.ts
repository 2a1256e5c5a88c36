import Type from 'typebox';
import { enqueue, job } from '#jobs/index.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import { IdOf } from '#kernel/schema.ts';
import type { BrokerContext } from '../context.ts';
import { listWaitingForScan } from '../store/transfer.ts';
import { scanAndSettle } from './settle-scan.ts';

/**
 * Scans a transfer after its bytes have come. Safe to run twice. When the scanner could not be asked in any attempt, it stays unscanned
 * and unpublished: its watch tells the sender, and `requeueScans` tries again. When it could not tell, the transfer has failed.
 */
export const scanTransfer = job({
  name: 'broker.scan-transfer',
  payload: Type.Object({ fileTransferId: IdOf<FileTransferId>() }),
  attempts: 10,
  run: (ctx: BrokerContext, { fileTransferId }, attempt) => scanAndSettle(ctx, fileTransferId, attempt),
});

const patienceMillis = 60 * 60 * 1000;
const batch = 100;

/** Puts transfers back into the queue that have waited for an hour and whose scan was parked, or lost. */
export function requeueScans(ctx: BrokerContext): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    const waiting = await listWaitingForScan(tx, new Date(ctx.now().getTime() - patienceMillis), batch);
    for (const fileTransferId of waiting) enqueue(tx, scanTransfer, { fileTransferId }, { key: fileTransferId });
  });
}
