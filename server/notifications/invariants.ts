import { type Invariant, sql } from '#kernel/database.ts';

/** Each query must return no rows. */
export const notificationInvariants: readonly Invariant[] = [
  {
    name: 'no notice is five minutes late',
    find: sql`
      select id from notifications.notice
       where state = 'due' and cancelled_at is null and due_at < clock.now() - interval '5 minutes' limit 100`,
  },
  {
    name: 'no attempt stays unsettled long after its lease',
    find: sql`
      select id from notifications.notice
       where state = 'handing-over' and leased_until < statement_timestamp() - interval '5 minutes' limit 100`,
  },
];
