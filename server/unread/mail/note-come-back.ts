import type { Tx } from '#kernel/database.ts';
import type { DeliveryReport } from '#notifications/index.ts';
import { saveComeBack } from '../store/mail.ts';

/**
 * What mail servers say later of mails that are no notices: an extract, or the mail that asks whether an address is right, has come back.
 * Found by the Message-ID that it was sent with. Says how many. Fills the hook of notifications.
 */
export async function noteComeBack(tx: Tx, reports: readonly DeliveryReport[], at: Date): Promise<number> {
  const failed = reports.flatMap(({ messageId, outcome, answer }) => {
    const id = /^<?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@/i.exec(messageId ?? '')?.[1];
    return outcome === 'failed' && id ? [{ id, answer }] : [];
  });
  return failed.length === 0 ? 0 : saveComeBack(tx, failed, at);
}
