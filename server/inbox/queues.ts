import { eventsAfter } from '#events/index.ts';
import { sql } from '#kernel/database.ts';
import type { Queue } from '#kernel/queue.ts';
import { followedTo } from './store/entry.ts';

/** What has happened and has not come to the inboxes: there people find their post. */
export const inboxQueues: readonly Queue[] = [
  { name: 'inbox', due: sql`select at from (${eventsAfter(followedTo)}) behind`, calmSeconds: 60 },
];
