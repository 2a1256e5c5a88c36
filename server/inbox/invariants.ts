import { eventsAfter } from '#events/index.ts';
import { type Invariant, sql } from '#kernel/database.ts';
import { followedTo } from './store/entry.ts';

/** Each query must return no rows. */
export const inboxInvariants: readonly Invariant[] = [
  {
    name: 'no event is an hour behind the inbox',
    find: sql`select id from (${eventsAfter(followedTo)}) behind where at < clock.now() - interval '1 hour' limit 100`,
  },
];
