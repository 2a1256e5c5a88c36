import { sql } from '#kernel/database.ts';
import type { Queue } from '#kernel/queue.ts';

/** Side jobs that nobody has taken. The queue's times are real ones: what has waited is laid back from the clock of the domain. */
export const jobQueues: readonly Queue[] = [
  {
    name: 'jobs',
    due: sql`
      select clock.now() - (statement_timestamp() - greatest(run_at, updated_at)) as at from graphile_worker._private_jobs
       where locked_at is null and attempts < max_attempts and run_at <= statement_timestamp()`,
    calmSeconds: 300,
  },
];
