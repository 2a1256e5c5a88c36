import { refuse } from '#kernel/refusal.ts';
import type { Party } from '#register/index.ts';
import { brokerErrors as e } from '../errors.ts';
import type { Carriage } from '../resources/carriage.ts';

/**
 * Pure. Whether these may send each other files on a resource that asks for a party of its own to be among them.
 * Refuses requiredPartyOneRecipient, requiredPartyMissing. Source: compatibility.md, broker, §2.2.
 */
export function refuseUnlessAllowed({
  carriage,
  sender,
  recipients,
}: {
  readonly carriage: Carriage;
  readonly sender: Party;
  readonly recipients: readonly Party[];
}): void {
  const required = carriage.requiredParty?.match(/\d{9}$/)?.[0];
  if (required === undefined || sender.number === required) return;
  if (recipients.length > 1) throw refuse(e.requiredPartyOneRecipient);
  if (recipients[0]?.number !== required) throw refuse(e.requiredPartyMissing);
}
