-- feature: watch
-- why:     who sends on a service of another hears of its post itself; a letter on paper that comes back is unread again; unread bytes that
--          go are told of by mail; and a sender that nobody could tell is told when somebody can be
-- locks:   watch.item, access exclusive, milliseconds, then its rows of post sent for others, that could not be told of or whose bytes go;
--          notifications.notice, share, while the index is built: a minute for some tens of millions

alter table watch.item
  add sent_by     uuid,          -- who sent it on a service of the sender's, and hears of it
  add told_to     uuid,          -- who was told last, where it was not the sender
  add unheard     text,          -- what somebody was to be told, and nobody could be
  add bytes_until timestamptz,   -- the first of its bytes go then, unread
  add relayed_at  timestamptz,   -- of a letter that came back: when it was posted on paper
  add returned_at timestamptz,   -- and when it came back
  add constraint item_returned_check check (returned_at is null or relayed_at <= returned_at) not valid,
  add constraint item_unheard_check
    check (unheard in ('sender-unread', 'sender-decision', 'sender-failed', 'sender-expiring')) not valid;

do $$
declare cause_check text := (select conname from pg_constraint
                              where conrelid = 'watch.item'::regclass and contype = 'c' and pg_get_constraintdef(oid) like '%notified-not-opened%');
declare had text := (select pg_get_expr(conbin, conrelid) from pg_constraint
                      where conname = 'notice_purpose_check' and conrelid = 'notifications.notice'::regclass);
begin
  execute format('alter table watch.item drop constraint %I', cause_check);
  execute 'alter table notifications.notice drop constraint notice_purpose_check,
             add constraint notice_purpose_check check ((' || had || ') or purpose in (''sender-expiring'', ''files-expiring'')) not valid';
end $$;
alter table watch.item add constraint item_cause_check
  check (cause in ('not-published', 'returned', 'receiver-gone', 'no-opener', 'grant-needed', 'attachment-locked', 'opened-not-confirmed',
                   'file-not-fetched', 'no-contact-point', 'notification-failed', 'not-notified', 'waiting', 'unknown', 'notified-not-opened')) not valid;

update watch.item i set sent_by = s.sent_by
  from (select a.about, case p.kind when 'system-user' then p.parent_id else p.id end as sent_by
          from correspondence.sent_for_another a join register.party p on p.id = a.created_by) s
 where i.about = s.about and i.settled_at is null and not i.is_file and s.sent_by <> i.sender_id;

update watch.item i set unheard = u.text
  from (select distinct on (s.about, s.party_id) s.about, s.party_id, s.spec ->> 'text' as text
          from watch.step s where s.reason = 'no-contact-point' and s.spec ->> 'who' = 'sender'
         order by s.about, s.party_id, s.changed_at desc) u
 where i.about = u.about and i.party_id = u.party_id and i.settled_at is null;

update watch.item i set bytes_until = b.until
  from (select m.id as about, m.recipient_id as party_id, min(a.kept_until) as until
          from correspondence.attachment a
          join correspondence.submission_attachment l on l.attachment_id = a.id
          join correspondence.message m on m.submission_id = l.submission_id
         where a.kept_until is not null
         group by 1, 2
         union all
        select t.id, r.party_id, t.kept_until
          from broker.file_transfer t join broker.recipient r on r.file_transfer_id = t.id
         where t.kept_until is not null) b
 where i.about = b.about and i.party_id = b.party_id and i.settled_at is null;

-- Of whom each is told: as many as it was told of, and not as many as it has.
create index item_open_told on watch.item ((coalesce(told_to, sender_id))) where settled_at is null and told_at is not null;
drop index watch.item_open_failed;
create index item_open_failed on watch.item ((coalesce(told_to, sender_id))) where failed_at is not null and settled_at is null;
create index item_open_going on watch.item ((coalesce(sent_by, sender_id))) where settled_at is null and bytes_until is not null;
create index item_open_unheard on watch.item (sender_id, (coalesce(sent_by, sender_id)), about, party_id)
 where settled_at is null and unheard is not null;

-- It is over when somebody has been told, and not when a week has passed.
drop view watch.sender_unheard;
create view watch.sender_unheard as select about from watch.item where settled_at is null and unheard is not null;

-- What the last mail to somebody has said of each thing: what it would only repeat on the same day is not said again.
create table watch.said (
  reader_id    uuid        not null,
  is_second    boolean     not null,              -- to its second contact
  purpose      text        not null,
  step_id      uuid        not null,              -- of the mail
  at           timestamptz not null,
  count        integer     not null,
  grant_needed integer     not null,
  unconfirmed  integer     not null,
  failed       integer     not null,
  primary key (reader_id, is_second, purpose)
);

-- A letter that came back from paper is unread because of that, whatever else holds.
create or replace view watch.cause_by_facts as
  select i.about, i.party_id,
         case
           when i.published_at is null then 'not-published'
           when i.returned_at is not null and i.opened_at is null then 'returned'
           when (select true from access.place p where p.at = i.party_id limit 1) is null then 'receiver-gone'
           when i.class = 'UNREACHABLE' then 'no-opener'
           when i.class = 'GRANTABLE' then 'grant-needed'
           when i.attachment_locked then 'attachment-locked'
           when i.opened_at is not null and i.confirm_needed then 'opened-not-confirmed'
           when i.is_file then 'file-not-fetched'
           else (select case
                          when n.sent > 0 then case i.class when 'UNKNOWN' then 'unknown' else 'notified-not-opened' end
                          when s.last = 'no-contact-point' and n.failed = 0 then 'no-contact-point'
                          when n.failed > 0 then 'notification-failed'
                          when n.due + s.due = 0 then 'not-notified'
                          else 'waiting'
                        end
                   from (select count(*) filter (where m.state in ('handed-over', 'delivered')) as sent,
                                count(*) filter (where m.state = 'failed') as failed,
                                count(*) filter (where m.state in ('due', 'handing-over')) as due
                           from notifications.notice_face m
                          where m.about = i.about and m.party_id = i.party_id and m.purpose in ('new-mail', 'reminder', 'reminder-confirm')) n,
                        (select count(*) filter (where t.state = 'due') as due,
                                (array_agg(t.reason order by t.changed_at desc, t.due_at desc, t.id desc)
                                   filter (where t.spec ->> 'channel' is distinct from 'inbox'
                                             and (t.state = 'done' or (t.state = 'skipped' and t.reason in ('no-contact-point', 'systems-only')))))[1] as last
                           from watch.step t
                          where t.about = i.about and t.party_id = i.party_id and t.spec ->> 'who' = 'openers') s)
         end as cause
    from watch.item i
   where i.settled_at is null;

create or replace view watch.board_item as
  select about, party_id, sender_id, resource_id, confidential, confirm_needed, is_file, begun_at, due_at, published_at, opened_at, confirmed_at,
         class, openers, grantors, attachment_locked, told_at, asked_at, failed_at, next_action, next_action_at, settled_at, outcome, settled_name,
         cause, computed_at, bytes_until, relayed_at, returned_at
    from watch.item;

drop view notifications.notice_to_sender;
drop index notifications.notice_mail_to_sender;
create view notifications.notice_to_sender as
  select id, to_id, state, changed_at from notifications.notice
   where about is null and purpose in ('sender-unread', 'sender-decision', 'sender-failed', 'sender-expiring',
                                       'files-unread', 'files-decision', 'files-failed', 'files-expiring');
create index notice_mail_to_sender on notifications.notice (to_id, changed_at)
 where about is null and purpose in ('sender-unread', 'sender-decision', 'sender-failed', 'sender-expiring',
                                     'files-unread', 'files-decision', 'files-failed', 'files-expiring');
