import { type BrokerEvent, type BrokerRole, brokerKind, type EventRow } from '#events/index.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { type Party, partyUrn } from '#register/index.ts';

interface Thing {
  readonly id: string;
  readonly resourceId: ResourceId;
}

/** An event of a transfer as one party is told it; its data says in which role. Source: compatibility.md, broker, §5.4. */
export function transferEvent(
  name: BrokerEvent,
  transfer: Thing,
  to: { readonly party: Party; readonly role: BrokerRole },
  at: Date,
): EventRow {
  return {
    ...brokerKind(name),
    subject: partyUrn(to.party),
    resource: transfer.resourceId,
    resourceInstance: transfer.id,
    at,
    data: { Role: to.role },
  };
}

export const senderIs = (party: Party) => ({ party, role: 'Sender' as const });
export const recipientIs = (party: Party) => ({ party, role: 'Recipient' as const });

/** What the original has no event for: either side hears that hashes differ, that a transfer was taken back, that
 * what was fetched is not confirmed, and that malware was found in what they may hold. */
export type OwnTransferEvent = 'hash-disputed' | 'recalled' | 'unconfirmed' | 'malware-found';

export function ownTransferEvent(
  name: OwnTransferEvent,
  transfer: Thing,
  to: { readonly party: Party; readonly role: BrokerRole },
  at: Date,
): EventRow {
  return { ...transferEvent('filepurged', transfer, to, at), type: `no.budstikke.broker.${name}` };
}
