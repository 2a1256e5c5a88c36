import { type Invariant, sql } from '#kernel/database.ts';

/** Each query must return no rows. */
export const correspondenceInvariants: readonly Invariant[] = [
  {
    name: 'no complete message is a minute late with its publication',
    find: sql`
      select id from correspondence.message
       where state = 'ReadyForPublish' and requested_publish_at < clock.now() - interval '1 minute' limit 100`,
  },
  {
    name: 'no due date has passed for an hour untold',
    find: sql`
      select id from correspondence.submission
       where due_at < clock.now() - interval '1 hour' and due_told_at is null limit 100`,
  },
  {
    name: 'no message waits for attachments that are all published',
    find: sql`
      select m.id from correspondence.message m
       where m.state = 'Initialized'
         and not exists (select from correspondence.submission_attachment l join correspondence.attachment a on a.id = l.attachment_id
                          where l.submission_id = m.submission_id and a.state <> 'Published') limit 100`,
  },
  {
    name: 'no message waits for an attachment that will never come',
    find: sql`
      select m.id from correspondence.message m
        join correspondence.submission_attachment l on l.submission_id = m.submission_id
        join correspondence.attachment a on a.id = l.attachment_id
       where m.state = 'Initialized' and a.state in ('Failed', 'Purged', 'Expired') limit 100`,
  },
  {
    name: 'no message that can be read has lost a file to a purge',
    find: sql`
      select m.id from correspondence.message m
        join correspondence.submission_attachment l on l.submission_id = m.submission_id
        join correspondence.attachment a on a.id = l.attachment_id
       where a.state = 'Purged' and m.purged_at is null and m.published_at is not null
         and m.id >= clock.first_id('1 day') limit 100`,
  },
  {
    name: 'no attachment is ten minutes late with its expiry, nor kept bytes with what becomes of them',
    find: sql`
      select id from (
        (select a.id from correspondence.submission_attachment l join correspondence.attachment a on a.id = l.attachment_id
          where l.expires_at is not null and not l.expiry_seen and l.expires_at < clock.now() - interval '10 minutes'
            and a.state not in ('Initialized', 'UploadProcessing') limit 100)
        union all
        (select id from correspondence.attachment where keep_look_at < clock.now() - interval '10 minutes' limit 100)) late
       limit 100`,
  },
  {
    name: 'no letter that is sent on is ten minutes late',
    find: sql`
      select id from correspondence.forwarding
       where state in ('due', 'handing-over') and due_at < clock.now() - interval '10 minutes'
         and (leased_until is null or leased_until < statement_timestamp() - interval '10 minutes') limit 100`,
  },
  {
    name: 'no message stands in a dialog that is gone, of another owner, recipient or resource, not published while it is, or older than it',
    find: sql`
      select t.id from correspondence.message t join correspondence.message d on d.id = t.transmission_of
       where t.transmission_of is not null and t.id >= clock.first_id('1 day')
         and (d.owner_id <> t.owner_id or d.recipient_id <> t.recipient_id or d.resource_id <> t.resource_id
              or d.transmission_of is not null or (d.published_at is null and t.published_at is not null)
              or d.purged_at is not null or d.state = 'Failed'
              or d.transmitted_at is distinct from greatest(d.transmitted_at, t.published_at)) limit 100`,
  },
];
