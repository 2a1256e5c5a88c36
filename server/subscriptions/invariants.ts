import { type Invariant, sql } from '#kernel/database.ts';

/** What is Active is looked at by those that wait; their number is that of subscribers, not of events. */
export const subscriptionInvariants: readonly Invariant[] = [
  {
    name: 'no event waits for a subscriber whom nobody is to look after',
    find: sql`
      select s.id from subscriptions.subscription s
       where s.state = 'Active' and s.due_at is null
         and exists (select from subscriptions.delivery d where d.subscription_id = s.id and d.state = 'Pending'
                        and d.next_at < clock.now() - interval '5 minutes') limit 100`,
  },
  {
    name: 'no committed event is ten minutes old and not told',
    find: sql`select e.id from events.untold e where e.id < clock.first_id('10 minutes') limit 100`,
  },
];
