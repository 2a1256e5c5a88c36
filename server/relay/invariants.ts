import { type Invariant, sql } from '#kernel/database.ts';

/** Each query must return no rows. */
export const relayInvariants: readonly Invariant[] = [
  {
    name: 'no letter for paper is an hour late with its next attempt',
    find: sql`select id from relay.shipment where state = 'accepted' and due_at < clock.now() - interval '1 hour' limit 100`,
  },
  {
    name: 'no letter for paper has found its print house out of reach four times', // for some twenty minutes
    find: sql`select id from relay.shipment where state = 'accepted' and attempts >= 4 and due_at > clock.now() limit 100`,
  },
  {
    name: 'no watch is open over a letter that the print house has posted, unless somebody had opened it',
    find: sql`
      select s.id from relay.shipment s join watch.item_face i on i.about = s.about and i.party_id = s.party_id
       where s.state = 'posted' and s.posted_at > clock.now() - interval '7 days' and i.settled_at is null and i.opened_at is null
       limit 100`,
  },
];
