import { publishEvents } from '#events/index.ts';
import { type actorOf, reasonUri, recordEvidence } from '#evidence/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { findParties } from '#register/index.ts';
import { ownTransferEvent, recipientIs, senderIs } from '../events.ts';
import { findHashes, saveDispute } from '../store/custody.ts';
import type { Transfer } from '../store/transfer.ts';
import { whatIsHeld } from '../what.ts';
import { custodyOf } from './show-custody.ts';

export interface Dispute {
  readonly transfer: Transfer;
  readonly party: PartyId;
  /** Of what the recipient says it holds. */
  readonly sha256: string;
  readonly actor: ReturnType<typeof actorOf>;
  readonly at: Date;
}

/**
 * A recipient of a transfer that this transaction has locked says that it holds other bytes than were sent: evidence, an event to either
 * side, and an alarm for whoever runs this. Its watch stays as it is. The same
 * again changes nothing, unless it has said otherwise meanwhile.
 */
export async function disputeHash(ctx: Context, tx: Tx, { transfer, party, sha256, actor, at }: Dispute): Promise<void> {
  const { id, senderId } = transfer;
  const known = (await findHashes(tx, id, [party]))[0];
  if (known?.disputedSha256 === sha256 && custodyOf(known, transfer.sha256) === 'broken') return;
  const parties = await findParties(tx, [senderId, party]);
  recordEvidence(tx, [
    {
      event: 'ConsignmentRejection',
      about: id,
      recipient: party,
      at,
      proves: 'failed',
      core: { reason: reasonUri('hash-mismatch') },
      who: actor,
      what: whatIsHeld(transfer, sha256),
    },
  ]);
  saveDispute(tx, { id, party, sha256, at });
  publishEvents(
    tx,
    [senderIs(parties.get(senderId)!), recipientIs(parties.get(party)!)].map((to) => ownTransferEvent('hash-disputed', transfer, to, at)),
  );
  ctx.log.error({ fileTransfer: id }, 'a recipient says that it holds other bytes than were sent');
}
