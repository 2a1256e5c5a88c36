-- feature: watch, notifications
-- why:     a letter that went by paper and was opened here before it came back was taken up again as unread; and a mail about one that came
--          back rang no alarm where it came to nothing
-- locks:   watch.item, access exclusive, milliseconds; notifications.notice, share, while the index is built

-- Of what ended as relayed: how it would have ended since, had it not gone by paper. Should it come back, it ends as that.
alter table watch.item add column ended_since text;
alter table watch.item add constraint item_ended_since_check
  check (ended_since in ('opened', 'handed-over', 'confirmed', 'deleted-by-recipient', 'recalled')) not valid;

drop view notifications.notice_to_sender;
drop index notifications.notice_mail_to_sender;
create view notifications.notice_to_sender as
  select id, to_id, state, changed_at from notifications.notice
   where about is null and purpose in ('sender-unread', 'sender-decision', 'sender-failed', 'sender-expiring',
                                       'files-unread', 'files-decision', 'files-failed', 'files-expiring', 'paper-returned');
create index notice_mail_to_sender on notifications.notice (to_id, changed_at)
 where about is null and purpose in ('sender-unread', 'sender-decision', 'sender-failed', 'sender-expiring',
                                     'files-unread', 'files-decision', 'files-failed', 'files-expiring', 'paper-returned');
