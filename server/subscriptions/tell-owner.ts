import { type OutboxRow, publishEvents } from '#events/index.ts';
import type { Tx } from '#kernel/database.ts';
import { newId } from '#kernel/ids.ts';
import { composeNotices, leadTo, planNotices } from '#notifications/index.ts';
import { contactPoints, findParty, type Party, partyUrn } from '#register/index.ts';
import type { SubscriptionContext } from './context.ts';
import type { Leased } from './store/lease.ts';

export interface News {
  readonly what: 'paused' | 'event-given-up';
  readonly subscription: Leased;
  /** The event that was tried last. */
  readonly event: OutboxRow;
  readonly at: Date;
}

/**
 * Tells whose subscription it is: by an event, which others of its subscriptions may hear, and of a pause by mail too. Nobody
 * is told that what tells them of a subscription was given up: that would go round for ever.
 */
export async function tellOwner(tx: Tx, { addresses }: SubscriptionContext, { what, subscription, event, at }: News): Promise<void> {
  const owner = await findParty(tx, subscription.partyId);
  if (!owner || (what === 'event-given-up' && event.type.startsWith('no.budstikke.subscription.'))) return;
  publishEvents(tx, [
    {
      type: `no.budstikke.subscription.${what}`,
      source: '/budstikke/v1/subscriptions',
      subject: partyUrn(owner),
      alternativeSubject: owner.kind === 'organization' ? `/organisation/${owner.number}` : null,
      resource: subscription.resource,
      resourceInstance: String(subscription.id),
      at,
      data: { subscription: subscription.id, ...(what === 'event-given-up' ? { event: event.id } : {}) },
    },
  ]);
  if (what === 'paused') await mailOwner(tx, addresses, owner, at);
}

async function mailOwner(tx: Tx, addresses: SubscriptionContext['addresses'], owner: Party, at: Date): Promise<void> {
  const points = (await contactPoints(tx, [owner.id])).get(owner.id) ?? [];
  const values = {
    senderName: owner.name,
    recipientName: '',
    confidential: false,
    dueAt: null,
    ...leadTo(addresses, { purpose: 'subscription-paused', sender: owner }),
  };
  planNotices(
    tx,
    composeNotices({ about: null, step: newId(), purpose: 'subscription-paused', channel: 'preferred', values, at }, [
      { id: owner.id, language: owner.language, contactPoints: points },
    ]),
  );
}
