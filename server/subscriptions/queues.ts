import { sql } from '#kernel/database.ts';
import type { Queue } from '#kernel/queue.ts';

/** Events that a webhook has not taken, though it was their turn. One that answers nothing is tried again for days. -- index: delivery_pending */
export const subscriptionQueues: readonly Queue[] = [
  {
    name: 'webhooks',
    due: sql`select next_at as at from subscriptions.delivery where state = 'Pending' and next_at <= clock.now()`,
    calmSeconds: 300,
  },
];
