import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { type ErrorRow, refuse } from '#kernel/refusal.ts';
import { subscriptionErrors as e } from './errors.ts';
import { deliverSweeper } from './jobs.ts';
import { ownSubscription } from './own-subscriptions.ts';
import { saveAfresh } from './store/delivery.ts';
import {
  deleteSubscription,
  lockSubscription,
  type Subscription,
  saveRest,
  saveResumed,
  saveRevalidation,
  saveSecret,
} from './store/subscription.ts';
import { newSecret, writtenSecret } from './webhook/sign.ts';

/** How long a former secret still signs. Real time, as all that is secret. */
const formerHours = 24;

/** The caller's own, locked; who delivers to it waits until the transaction ends. */
export async function lockOwn(tx: Tx, caller: Caller, id: number, missing: ErrorRow = e.subscriptionNotFound): Promise<Subscription> {
  await ownSubscription(tx, caller, id, missing);
  const locked = await lockSubscription(tx, id);
  if (!locked) throw refuse(missing, { id });
  return locked;
}

/** Ends a subscription, with all that still waits for it. Refuses notFound, also when it is repeated. */
export function unsubscribe(ctx: Context, caller: Caller, id: number, missing: ErrorRow): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    await lockOwn(tx, caller, id, missing);
    deleteSubscription(tx, id);
  });
}

/**
 * Asks the endpoint again whether it wants events; one that was paused begins anew when it answers, and what waits goes on
 * waiting until then. Refuses notFound. In the original the platform says so itself; **ours** is the subscriber's.
 */
export function revalidate(ctx: Context, caller: Caller, id: number): Promise<Subscription> {
  return ctx.db.transaction(async (tx) => {
    const subscription = await lockOwn(tx, caller, id, e.notFound);
    const at = ctx.now();
    if (subscription.state === 'Paused') saveAfresh(tx, id, at);
    saveRevalidation(tx, id, at);
    tx.afterCommit(deliverSweeper.wake);
    return subscription;
  });
}

/** A new secret, shown this once; the former one signs beside it for a day. Refuses subscriptionNotFound. */
export function renewSecret(ctx: Context, caller: Caller, id: number): Promise<{ secret: string }> {
  const secret = newSecret();
  return ctx.db.transaction(async (tx) => {
    await lockOwn(tx, caller, id);
    saveSecret(tx, id, secret, new Date(Date.now() + formerHours * 3_600_000));
    return { secret: writtenSecret(secret) };
  });
}

/** Rests until it is resumed; what comes meanwhile waits, and nobody is told. Again changes nothing. Refuses subscriptionNotFound, notActive. */
export function pause(ctx: Context, caller: Caller, id: number): Promise<Subscription> {
  return ctx.db.transaction(async (tx) => {
    const subscription = await lockOwn(tx, caller, id);
    if (subscription.state === 'Unvalidated') throw refuse(e.notActive, { id });
    if (subscription.state === 'Paused') return subscription;
    saveRest(tx, id, ctx.now());
    return (await lockSubscription(tx, id))!;
  });
}

/** A paused subscription goes on where it stopped: nothing of what came meanwhile is lost. Refuses subscriptionNotFound, notPaused. */
export function resume(ctx: Context, caller: Caller, id: number): Promise<Subscription> {
  return ctx.db.transaction(async (tx) => {
    const subscription = await lockOwn(tx, caller, id);
    if (subscription.state !== 'Paused') throw refuse(e.notPaused, { id });
    const at = ctx.now();
    saveAfresh(tx, id, at);
    saveResumed(tx, id, at);
    tx.afterCommit(deliverSweeper.wake);
    return (await lockSubscription(tx, id))!;
  });
}
