-- feature: notifications
-- why:     a sender that hears nothing of its unread post is what must not happen: it is looked up each minute whose last mail has failed
-- locks:   notifications.notice, share, while the index is built: a minute for some tens of millions
create view notifications.notice_to_sender as
  select id, to_id, state, changed_at from notifications.notice
   where about is null and purpose in ('sender-unread', 'sender-decision', 'sender-failed', 'files-unread', 'files-decision', 'files-failed');
create index notice_mail_to_sender on notifications.notice (to_id, changed_at)
 where about is null and purpose in ('sender-unread', 'sender-decision', 'sender-failed', 'files-unread', 'files-decision', 'files-failed');

-- a letter on paper that comes back has been read by nobody, and its watch has ended
do $$
declare had text := (select pg_get_expr(conbin, conrelid) from pg_constraint
                      where conname = 'notice_purpose_check' and conrelid = 'notifications.notice'::regclass);
begin
  execute 'alter table notifications.notice drop constraint notice_purpose_check,
             add constraint notice_purpose_check check ((' || had || ') or purpose = ''paper-returned'') not valid';
end $$;
