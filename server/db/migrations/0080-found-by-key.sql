-- feature: watch, register
-- why:     why a watch is unread is asked watch by watch, and a plan that was kept since there were few open ones walked past all of them each
--          time: no index of open watches alone may fit, so that the primary key is what is left
-- locks:   none that anybody waits for

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
   where num_nulls(i.settled_at) = 1;

-- As a function in SQL it was planned anew with every opening.
create or replace function register.used(party uuid, addresses text[], at timestamptz) returns void language plpgsql as $$
begin
  update register.contact_point set fresh_at = $3
   where party_id = $1 and lower(address) = any ($2) and fresh_at < $3 - interval '1 day';
end $$;
