import { type Invariant, sql } from '#kernel/database.ts';

/** Each query must return no rows. */
export const contactInvariants: readonly Invariant[] = [
  {
    name: 'the contact register answers within an hour',
    find: sql`select party_id as id from contacts.krr_question where wanted_at < clock.now() - interval '1 hour' order by due_at limit 100`,
  },
];
