import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { actingForSender } from './acting-for.ts';
import { decideErrors } from './decide/errors.ts';
import { findTransfer, type Transfer } from './store/transfer.ts';

/** The transfer, for its sender and whoever stands in for it. Everybody else is told the same as of one that does not exist. Refuses notYours. */
export async function findSentTransfer(reader: Reader, caller: Caller, id: FileTransferId): Promise<Transfer> {
  const transfer = await findTransfer(reader, id);
  const acting = transfer && (await actingForSender(reader, caller, transfer));
  if (!acting) throw refuse(decideErrors.notYours, { id });
  return transfer;
}
