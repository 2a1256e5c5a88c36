import { type Invariant, sql } from '#kernel/database.ts';

/**
 * The standing query: no message is silently unread. It looks at what was accepted, and at what was closed, within two days,
 * each by a range of an index, so that it can run each minute at any volume. For all the rest the database holds what was
 * true then: it refuses a message without a watch, and that either is deleted or given to another recipient.
 */
export const deskInvariants: readonly Invariant[] = [
  {
    name: 'every accepted message is watched for its recipient',
    find: sql`
      select m.id from correspondence.accepted_message m
       where m.id >= clock.first_id('2 days') and not exists (select from watch.item_face w where w.about = m.id and w.party_id = m.recipient_id) limit 100`,
  },
  {
    name: 'no watch is closed as opened for a message that was never read',
    find: sql`
      select m.id from correspondence.accepted_message m join watch.item_face w on w.about = m.id and w.party_id = m.recipient_id
       where w.settled_at > clock.now() - interval '2 days' and w.outcome in ('opened', 'handed-over') and m.opened_at is null limit 100`,
  },
  {
    name: 'no watch is closed as confirmed for a message that was never confirmed, or never read',
    find: sql`
      select m.id from correspondence.accepted_message m join watch.item_face w on w.about = m.id and w.party_id = m.recipient_id
       where w.settled_at > clock.now() - interval '2 days' and w.outcome = 'confirmed' and (m.confirmed_at is null or m.opened_at is null) limit 100`,
  },
  {
    name: 'no watch is closed by somebody’s act without evidence of it',
    find: sql`
      select w.about, w.outcome from watch.item_face w
       where w.settled_at > clock.now() - interval '2 days'
         and w.outcome in ('recalled', 'read-elsewhere', 'accepted-unread', 'deleted-by-recipient', 'relayed')
         and not exists (
             select from evidence.event_face e
              where e.about = w.about
                and e.event = case w.outcome when 'recalled' then 'Recalled' when 'read-elsewhere' then 'ReadElsewhere'
                                             when 'accepted-unread' then 'AcceptedUnread' when 'deleted-by-recipient' then 'DeletedByRecipient'
                                             else 'RelayToNonERDS' end) limit 100`,
  },
  {
    name: 'no message has failed without its watch knowing, or with a watch that was closed without telling the sender',
    find: sql`
      select m.id from correspondence.accepted_message m join watch.item_face w on w.about = m.id and w.party_id = m.recipient_id
       where m.id >= clock.first_id('2 days') and m.state = 'Failed' and w.failed_at is null limit 100`,
  },
  {
    name: 'no published message hangs unpublished in its watch',
    find: sql`
      select m.id from correspondence.accepted_message m join watch.item_face w on w.about = m.id and w.party_id = m.recipient_id
       where m.id >= clock.first_id('2 days') and m.published_at is not null and w.published_at is null and w.settled_at is null limit 100`,
  },
];
