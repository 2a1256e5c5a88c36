import { type Invariant, sql } from '#kernel/database.ts';

/** Each query must return no rows. The queue's times are real ones. */
export const jobInvariants: readonly Invariant[] = [
  {
    name: 'no side job has been due for ten minutes with nobody taking it',
    find: sql`
      select id::text from graphile_worker._private_jobs
       where locked_at is null and attempts < max_attempts
         and greatest(run_at, updated_at) < statement_timestamp() - interval '10 minutes' limit 100`,
  },
];
