import { type Invariant, sql } from '#kernel/database.ts';

/**
 * Zero silent messages: what this system is for, as one query over messages and files. What was accepted within two days is looked up among
 * the watches, and whatever is open and late by the index of next actions; for all the rest the database refuses the contrary.
 */
export const unreadInvariants: readonly Invariant[] = [
  {
    name: 'zero silent messages: everything accepted has ended, or is watched with a next action that is not late',
    find: sql`
      (select m.id from correspondence.accepted_message m
        where m.id >= clock.first_id('2 days')
          and not exists (select from watch.board_item w where w.about = m.id and w.party_id = m.recipient_id
                             and (w.settled_at is not null or w.next_action_at is not null))
        limit 100)
       union all
      (select w.about from watch.board_item w where w.settled_at is null and w.next_action_at < clock.now() - interval '1 minute' limit 100)`,
  },
];
