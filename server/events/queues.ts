import { sql } from '#kernel/database.ts';
import type { Queue } from '#kernel/queue.ts';

/** What has happened and has not been laid out for subscribers. -- index: outbox_untold */
export const eventQueues: readonly Queue[] = [
  { name: 'events', due: sql`select at from events.outbox where told_at is null and at <= clock.now()`, calmSeconds: 60 },
];
