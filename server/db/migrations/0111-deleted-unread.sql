-- feature: watch, notifications
-- why:     what a recipient deleted unopened was told to its sender by no mail
-- locks:   notifications.notice, share, while the index is built: a minute for some tens of millions

-- What was deleted unopened and no mail that was taken has told.
create table watch.deleted_unread (
  about     uuid        not null,
  party_id  uuid        not null,
  sender_id uuid        not null,
  sent_by   uuid,
  at        timestamptz not null,
  reader_id uuid,   -- who hears of it; known when a mail is to tell it
  step_id   uuid,   -- of the mail that is to tell it
  primary key (about, party_id)
);
create index deleted_unread_untold on watch.deleted_unread (sender_id, coalesce(sent_by, sender_id)) where step_id is null;
create index deleted_unread_reader on watch.deleted_unread (reader_id) where reader_id is not null;
create index deleted_unread_step on watch.deleted_unread (step_id) where step_id is not null;

do $$
declare had text := (select pg_get_expr(conbin, conrelid) from pg_constraint
                      where conname = 'notice_purpose_check' and conrelid = 'notifications.notice'::regclass);
begin
  execute 'alter table notifications.notice drop constraint notice_purpose_check,
             add constraint notice_purpose_check check ((' || had || ') or purpose = ''sender-deleted'') not valid';
end $$;

create or replace view notifications.failing_to_sender as
  select to_id, channel, address, changed_at
    from (select distinct on (n.to_id, n.channel, lower(n.address)) n.to_id, n.channel, n.address, n.changed_at, n.state
            from notifications.notice n
           where n.about is null and n.purpose in ('sender-unread', 'sender-decision', 'sender-failed', 'sender-expiring', 'sender-deleted', 'files-unread',
         'files-decision', 'files-failed', 'files-expiring', 'paper-returned')
             and n.state in ('handed-over', 'delivered', 'failed')
           order by n.to_id, n.channel, lower(n.address), n.changed_at desc) last
   where state = 'failed';

create or replace view notifications.mail_to_sender as
  select n.id, n.to_id, n.step_id, n.purpose, n.channel, n.address, n.state, n.due_at, n.changed_at, n.failure, n.carrier_answer,
         coalesce((select json_agg(json_build_object('at', a.at, 'outcome', a.outcome, 'reason', a.reason, 'answer', a.answer) order by a.attempt)
                     from notifications.attempt a where a.notice_id = n.id), '[]') as attempts
    from notifications.notice n
   where n.about is null and n.purpose in ('sender-unread', 'sender-decision', 'sender-failed', 'sender-expiring', 'sender-deleted', 'files-unread',
         'files-decision', 'files-failed', 'files-expiring', 'paper-returned');

create or replace view notifications.notice_to_sender as
  select id, to_id, state, changed_at, step_id, purpose, tells
    from notifications.notice
   where about is null and purpose in ('sender-unread', 'sender-decision', 'sender-failed', 'sender-expiring', 'sender-deleted', 'files-unread',
         'files-decision', 'files-failed', 'files-expiring', 'paper-returned');

drop index notifications.notice_mail_to_sender;
create index notice_mail_to_sender on notifications.notice (to_id, changed_at)
 where about is null and purpose in ('sender-unread', 'sender-decision', 'sender-failed', 'sender-expiring', 'sender-deleted', 'files-unread',
         'files-decision', 'files-failed', 'files-expiring', 'paper-returned');
