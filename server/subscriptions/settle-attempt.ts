import type { OutboxRow } from '#events/index.ts';
import type { SubscriptionContext } from './context.ts';
import { answerOf, decideAttempt, isTaken, waits } from './decide-attempt.ts';
import type { Delivery } from './store/delivery.ts';
import { holdLease, type Leased, saveHealth, savePaused, saveSettled, saveUnvalidated, saveValidated } from './store/lease.ts';
import { tellOwner } from './tell-owner.ts';
import type { PostResult } from './webhook/post-webhook.ts';

/** How long a subscriber is one worker's, from each attempt that it settles: longer than any attempt may take. */
export const leaseSeconds = 60;

export interface MadeAttempt {
  readonly delivery: Delivery;
  readonly event: OutboxRow;
  readonly result: PostResult;
}

/**
 * Writes what an attempt came to, in one transaction with what its owner is told. Nothing is written when the lease has gone
 * to another process. `go on`: the subscriber takes more.
 */
export function settleAttempt(ctx: SubscriptionContext, subscription: Leased, made: MadeAttempt): Promise<'go on' | 'leave'> {
  const { delivery, result } = made;
  const at = ctx.now();
  const attempts = delivery.attempts + 1;
  const failures = subscription.failures + 1;
  const failingSince = subscription.failures === 0 ? at : (subscription.failingSince ?? at);
  const settled = decideAttempt(result, { attempts, failures, failingSince, at });
  const answer = answerOf(result);
  return ctx.db.transaction(async (tx) => {
    if (!(await holdLease(tx, subscription, leaseSeconds))) return 'leave';
    const row = { number: delivery.number, attempts, answer, nextAt: null };
    switch (settled.kind) {
      case 'delivered':
        saveSettled(tx, subscription.id, [{ ...row, state: 'Delivered' }], at);
        if (failures > 1) saveHealth(tx, subscription.id, { failures: 0, failingSince: null, notBefore: null });
        return 'go on';
      case 'later':
        saveSettled(tx, subscription.id, [{ ...row, state: 'Pending', nextAt: settled.nextAt }], at);
        saveHealth(tx, subscription.id, { failures, failingSince, notBefore: settled.notBefore });
        return 'leave';
      case 'given-up':
        saveSettled(tx, subscription.id, [{ ...row, state: 'GivenUp' }], at);
        saveHealth(tx, subscription.id, { failures, failingSince, notBefore: null });
        await tellOwner(tx, ctx, { what: 'event-given-up', subscription, event: made.event, at });
        return 'leave';
      case 'paused':
        saveSettled(tx, subscription.id, [{ ...row, state: 'Pending', nextAt: at }], at);
        saveHealth(tx, subscription.id, { failures, failingSince, notBefore: null });
        savePaused(tx, subscription.id, at);
        await tellOwner(tx, ctx, { what: 'paused', subscription, event: made.event, at });
        return 'leave';
    }
  });
}

/** Whoever has lost the right hears nothing of it; the number stays, and shows that there was something. */
export function withhold(ctx: SubscriptionContext, subscription: Leased, delivery: Delivery): Promise<'go on' | 'leave'> {
  const at = ctx.now();
  return ctx.db.transaction(async (tx) => {
    if (!(await holdLease(tx, subscription, leaseSeconds))) return 'leave';
    const { number, attempts } = delivery;
    saveSettled(tx, subscription.id, [{ number, attempts, answer: 'no right', nextAt: null, state: 'Withheld' }], at);
    return 'go on';
  });
}

/** An endpoint that does not answer its validation event is asked again at the times of any event, and then left alone. */
export async function settleValidation(ctx: SubscriptionContext, subscription: Leased, result: PostResult): Promise<void> {
  const at = ctx.now();
  const failures = subscription.failures + 1;
  await ctx.db.transaction(async (tx) => {
    if (!(await holdLease(tx, subscription, leaseSeconds))) return;
    if (isTaken(result)) {
      saveValidated(tx, subscription.id, at);
      return;
    }
    const wait = waits[failures - 1];
    const nextAt = wait === undefined ? null : new Date(at.getTime() + wait);
    saveUnvalidated(tx, subscription.id, failures, subscription.failingSince ?? at, nextAt);
  });
}
