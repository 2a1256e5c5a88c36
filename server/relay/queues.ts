import { sql } from '#kernel/database.ts';
import type { Queue } from '#kernel/queue.ts';

/** Letters on their way to the print house. */
export const relayQueues: readonly Queue[] = [
  {
    name: 'paper',
    due: sql`select due_at as at from relay.shipment where state = 'accepted' and due_at <= clock.now()`,
    calmSeconds: 3600,
  },
];
