import { type Invariant, sql } from '#kernel/database.ts';

/** What must hold of mailings. Each query must return no rows. */
export const mailingInvariants: readonly Invariant[] = [
  {
    // index: chunk_pkey, recipient_pkey, message_pkey
    name: 'mailings: every line that counts as sent has its message',
    find: sql`
      select r.message_id as id
        from mailings.chunk c
        join mailings.mailing m on m.id = c.mailing_id and m.forgotten_at is null
        join mailings.recipient r on r.mailing_id = c.mailing_id and r.line between c.first_line and c.last_line
       where c.sent_at > clock.now() - interval '10 minutes'
         and not exists (select from correspondence.accepted_message a where a.id = r.message_id)
       limit 100`,
  },
  {
    name: 'mailings: no message is there for a line that does not count as sent',
    find: sql`
      select r.message_id as id
        from mailings.mailing m
        join mailings.chunk c on c.mailing_id = m.id and c.sent_at is null
        join lateral (select message_id from mailings.recipient r
                       where r.mailing_id = c.mailing_id and r.line between c.first_line and c.last_line order by r.line limit 1) r on true
       where m.state in ('Released', 'Paused')
         and exists (select from correspondence.accepted_message a where a.id = r.message_id)
       limit 100`,
  },
  {
    name: 'mailings: all lines received are in a chunk, and a finished mailing has none unsent',
    find: sql`
      select m.id
        from mailings.mailing m
        left join lateral (select coalesce(sum(last_line - first_line + 1), 0) as lines, bool_or(sent_at is null) as unsent
                             from mailings.chunk where mailing_id = m.id) c on true
       where m.forgotten_at is null and (m.ended_at is null or m.ended_at > clock.now() - interval '10 minutes')
         and (c.lines <> m.received or (m.state = 'Finished' and c.unsent))
       limit 100`,
  },
];
