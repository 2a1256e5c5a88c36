import { forgetEvents } from '#events/index.ts';
import { type AnySweeper, sweeper } from '#jobs/index.ts';
import type { SubscriptionContext } from './context.ts';
import { deliverDue } from './deliver.ts';
import { tellEvents } from './tell-events.ts';

/** Delivers what is due to subscribers. */
export const deliverSweeper = sweeper({ name: 'subscriptions.deliver-due', everySeconds: 1, run: deliverDue });

/** Lays committed events into the queues of those who asked for them. */
export const tellSweeper = sweeper<SubscriptionContext>({
  name: 'subscriptions.tell-events',
  everySeconds: 1,
  run: (ctx) => tellEvents(ctx, deliverSweeper.wake),
});

export const subscriptionSweepers: readonly AnySweeper[] = [tellSweeper, deliverSweeper];

/** Once an hour is often enough to forget. */
export const forgetSweeper = sweeper({ name: 'events.forget', everySeconds: 3600, run: forgetEvents });
