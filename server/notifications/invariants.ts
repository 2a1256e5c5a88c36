import { type Invariant, sql } from '#kernel/database.ts';

/** Each query must return no rows. */
export const notificationInvariants: readonly Invariant[] = [
  {
    name: 'no notice is five minutes late',
    find: sql`
      select n.id from notifications.notice n
       where n.state = 'due' and n.cancelled_at is null and n.due_at < clock.now() - interval '5 minutes'
         and not exists (select from notifications.pace p where p.channel = n.channel and p.free_at > statement_timestamp() - interval '10 seconds')
       limit 100`,
  },
  {
    name: 'no attempt stays unsettled long after its lease',
    find: sql`
      select id from notifications.notice
       where state = 'handing-over' and leased_until < statement_timestamp() - interval '5 minutes' limit 100`,
  },
];
