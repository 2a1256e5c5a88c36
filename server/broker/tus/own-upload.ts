import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import { Refusal } from '#kernel/refusal.ts';
import type { Acting } from '../acting-for.ts';
import { ownTransfer } from '../send/upload-transfer.ts';
import type { Transfer } from '../store/transfer.ts';
import { tusErrors as e } from './errors.ts';
import { isTokenOf } from './store.ts';

/**
 * The sender by its token, or by one that has run out while its upload was under way: large files take longer than tokens live. That one
 * must have begun this very upload or brought bytes to it while it was good, and opens nothing else; whether its holder may still send for
 * the sender is asked each time. See decision 065.
 *
 * Refuses tokenLapsed, before it can be told whether there is such a transfer; transferNotFound, noAccess.
 * Source: compatibility.md, broker, §4.3.
 */
export async function ownUpload(reader: Reader, caller: Caller, transfer: Transfer | undefined): Promise<Acting> {
  const { lapsedAt, token } = caller;
  const goesOn = lapsedAt === undefined || (transfer && token !== undefined && (await isTokenOf(reader, transfer, token)));
  if (!goesOn) throw new Refusal(e.tokenLapsed, {}, { 'www-authenticate': 'Bearer error="invalid_token"' });
  return ownTransfer(reader, caller, transfer);
}
