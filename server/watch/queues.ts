import { sql } from '#kernel/database.ts';
import type { Queue } from '#kernel/queue.ts';

/** Steps of ladders that are due. -- index: step_due */
export const watchQueues: readonly Queue[] = [
  { name: 'steps', due: sql`select due_at as at from watch.step where state = 'due' and due_at <= clock.now()`, calmSeconds: 60 },
];
