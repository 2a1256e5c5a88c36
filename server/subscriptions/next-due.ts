import { isAnyUntold } from '#events/index.ts';
import type { Reader } from '#kernel/database.ts';
import { findNextDue } from './store/lease.ts';
import { isAnySubscription } from './store/subscription.ts';

/** When a subscriber is next to be looked after, in domain time; long ago when events wait to be told to any. Null when nothing waits. */
export async function nextDeliveryDueAt(reader: Reader): Promise<Date | null> {
  return (await isAnySubscription(reader)) && (await isAnyUntold(reader)) ? new Date(0) : findNextDue(reader);
}
