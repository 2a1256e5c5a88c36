-- feature: watch, notifications
-- why:     what a mail to a sender was to say is said anew where the mail has reached nobody: by another address, as soon as there is one
-- locks:   watch.said, access exclusive, milliseconds
alter table watch.said add column missed_at timestamptz;   -- when it was known that the mail has reached nobody
create index said_missed on watch.said (reader_id) where missed_at is not null;

create view watch.said_face as select step_id, purpose from watch.said;

create or replace view notifications.notice_to_sender as
  select id, to_id, state, changed_at, step_id, purpose
    from notifications.notice
   where about is null and purpose in ('sender-unread', 'sender-decision', 'sender-failed', 'sender-expiring', 'files-unread', 'files-decision',
         'files-failed', 'files-expiring', 'paper-returned');
