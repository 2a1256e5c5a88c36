import { budstikkeItself, type EvidenceRow, reasonUri } from '#evidence/index.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { whatIsToldTogether } from '../hooks.ts';
import type { Purpose } from '../texts.ts';
import type { FailureReason } from './decide-delivery.ts';

/** What became of a notice, and by whose word. */
export interface DeliveryFact {
  readonly id: string;
  readonly about: string | null;
  readonly party: PartyId | null;
  readonly to: PartyId | null;
  readonly step: string;
  readonly purpose: Purpose;
  readonly channel: 'email' | 'sms';
  readonly address: string;
  readonly messageId: string;
  readonly attempts: number;
  readonly answer: string | null;
  readonly became: 'handed-over' | 'delivered' | FailureReason;
}

/**
 * The evidence of them. A notice that told of several has its own with each of them. Mails to a sender are no step of any one message, and
 * have none. Source: compatibility.md, evidence, §1.5 rows 7 to 9.
 */
export async function evidenceOfDelivery(tx: Tx, facts: readonly DeliveryFact[], at: Date): Promise<EvidenceRow[]> {
  const shared = facts.filter(({ about }) => about === null);
  const told = shared.length > 0 ? ((await whatIsToldTogether.call(tx, [...new Set(shared.map(({ step }) => step))])) ?? []) : [];
  return facts.flatMap((fact) => {
    const { about, party } = fact;
    const of = about === null ? told.filter(({ step }) => step === fact.step) : [{ about, party }];
    return of.map((thing) => deliveryEvidence(fact, thing, at));
  });
}

/** Pure. */
function deliveryEvidence(fact: DeliveryFact, { about, party }: { about: string; party: PartyId | null }, at: Date): EvidenceRow {
  const common = {
    about,
    recipient: party,
    at,
    who: {
      ...budstikkeItself,
      ...(fact.to === null ? {} : { to: fact.to }),
      address: fact.address,
      carrierAnswer: fact.answer ?? undefined,
      carrierMessageId: fact.messageId,
    },
  };
  const together = fact.about === null ? { together: true } : {};
  const core = { notice: fact.id, purpose: fact.purpose, channel: fact.channel, attempt: fact.attempts, ...together };
  switch (fact.became) {
    case 'handed-over':
      return { ...common, event: 'ConsignmentNotification', proves: 'notice-handed-over', core };
    case 'delivered':
      return { ...common, event: 'NotificationDelivered', proves: 'notice-delivered', core };
    default:
      return { ...common, event: 'ConsignmentNotificationFailure', proves: 'failed', core: { ...core, reason: reasonUri(fact.became) } };
  }
}
