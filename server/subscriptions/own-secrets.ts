import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import { ownSubscriptions } from './own-subscriptions.ts';
import { listFormerSecrets } from './store/subscription.ts';
import type { SubscriptionStatus } from './wire.ts';

/** A webhook whose events are signed with a secret, told by its number: the secret itself is shown to nobody again. */
export interface OwnSecret {
  readonly id: number;
  readonly endPoint: string;
  readonly state: SubscriptionStatus['state'];
  /** Until when the secret before this one signs too, where it does. */
  readonly formerUntil: Date | null;
}

/** Which of the caller's webhooks sign with a secret, oldest first. */
export async function ownSecrets(reader: Reader, caller: Caller): Promise<OwnSecret[]> {
  const subscriptions = await ownSubscriptions(reader, caller);
  const former = await listFormerSecrets(
    reader,
    subscriptions.map(({ id }) => id),
  );
  return subscriptions.map(({ id, endpoint, state }) => ({ id, endPoint: endpoint, state, formerUntil: former.get(id) ?? null }));
}
