-- feature: watch, notifications, unread
-- why:     a token that may send letters alone is shown no mail about files, nor the other way round: of a mail that speaks of both it is kept what it says
-- locks:   notifications.notice, watch.told_elsewhere and unread.extract, access exclusive, milliseconds

-- Of a mail to a sender: all that it tells. Null of other notices, and of mails from before, which tell what their purpose says.
alter table notifications.notice add column tells text[];

create or replace view notifications.notice_to_sender as
  select id, to_id, state, changed_at, step_id, purpose, tells
    from notifications.notice
   where about is null and purpose in ('sender-unread', 'sender-decision', 'sender-failed', 'sender-expiring', 'files-unread', 'files-decision',
         'files-failed', 'files-expiring', 'paper-returned');

-- What it tells of this sender; null of mails from before.
alter table watch.told_elsewhere add column purposes text[];
create or replace view watch.told_elsewhere_face as select reader_id, step_id, purposes from watch.told_elsewhere;

-- How many of the items are files; null of extracts from before.
alter table unread.extract add column files integer;
