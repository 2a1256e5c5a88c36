import { budstikkeItself, type EvidenceRow, reasonUri } from '#evidence/index.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { FailureReason } from './decide-delivery.ts';
import type { Purpose } from './texts.ts';

/** What became of a notice, and by whose word. */
export interface DeliveryFact {
  readonly id: string;
  readonly about: string | null;
  readonly party: PartyId | null;
  readonly to: PartyId | null;
  readonly purpose: Purpose;
  readonly channel: 'email' | 'sms';
  readonly address: string;
  readonly messageId: string;
  readonly attempts: number;
  readonly answer: string | null;
  readonly became: 'handed-over' | 'delivered' | FailureReason;
}

/**
 * Pure. The evidence of it. Notices to a sender about several messages are no step of any one message, and have none of their own.
 * Source: compatibility.md, evidence, §1.5 rows 7 to 9.
 */
export function deliveryEvidence(fact: DeliveryFact, at: Date): EvidenceRow[] {
  if (fact.about === null) return [];
  const common = {
    about: fact.about,
    recipient: fact.party,
    at,
    who: {
      ...budstikkeItself,
      ...(fact.to === null ? {} : { to: fact.to }),
      address: fact.address,
      carrierAnswer: fact.answer ?? undefined,
      carrierMessageId: fact.messageId,
    },
  };
  const core = { notice: fact.id, purpose: fact.purpose, channel: fact.channel, attempt: fact.attempts };
  switch (fact.became) {
    case 'handed-over':
      return [{ ...common, event: 'ConsignmentNotification', proves: 'notice-handed-over', core }];
    case 'delivered':
      return [{ ...common, event: 'NotificationDelivered', proves: 'notice-delivered', core }];
    default:
      return [{ ...common, event: 'ConsignmentNotificationFailure', proves: 'failed', core: { ...core, reason: reasonUri(fact.became) } }];
  }
}
