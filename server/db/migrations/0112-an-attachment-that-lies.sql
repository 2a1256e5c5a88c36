-- feature: watch, notifications
-- why:     that an attachment can be opened now was told as new mail, which an address that had just heard of the letter was not told again, and
--          its reminder was called off as the letter's, which was opened; it was said to be unconfirmed where it was confirmed. And post of which
--          nobody is told, since only systems can open it, was said to be told of later
-- locks:   open watches whose letter was opened, or that were to be told of later, while their cause is written

do $$
declare had text := (select pg_get_expr(conbin, conrelid) from pg_constraint
                      where conname = 'notice_purpose_check' and conrelid = 'notifications.notice'::regclass);
begin
  execute 'alter table notifications.notice drop constraint notice_purpose_check,
             add constraint notice_purpose_check check ((' || had || ') or purpose in (''attachment-unlocked'', ''attachment-reminder'')) not valid';
end $$;

-- What was opened, unlocked and waits for no confirmation lies for an attachment that was locked when it was opened.
-- A step toward those who can open is a try when it sent something, or found nobody to send to; one that was passed over for another reason,
-- or went into inboxes alone, has tried nothing. A try has told somebody when one of its notices was taken, or its address had just heard the
-- same; it waits while one is to go, and has failed when all have. While it waits, what the one before came to holds, but that nobody has an
-- address. Where the last try found systems alone nobody is told, whatever steps are to come.
create or replace view watch.cause_by_facts as
  select i.about, i.party_id,
         case
           when i.published_at is null then 'not-published'
           when i.returned_at is not null and i.opened_at is null then 'returned'
           when (select true from access.place p where p.at = i.party_id limit 1) is null then 'receiver-gone'
           when i.class = 'UNREACHABLE' then 'no-opener'
           when i.class = 'GRANTABLE' then 'grant-needed'
           when i.attachment_locked then 'attachment-locked'
           when i.opened_at is not null and i.confirm_needed and i.confirmed_at is null then 'opened-not-confirmed'
           when i.is_file or i.opened_at is not null then 'file-not-fetched'
           else (select case
                          when w.came_to = 'told' then case i.class when 'UNKNOWN' then 'unknown' else 'notified-not-opened' end
                          when w.came_to = 'no-contact-point' and w.last <> 'due' then 'no-contact-point'
                          when w.came_to = 'failed' then 'notification-failed'
                          when w.came_to = 'systems-only' and w.last <> 'due' then 'not-notified'
                          when w.due = 0 then 'not-notified'
                          else 'waiting'
                        end
                   from (select count(*) filter (where t.state = 'due' or t.came_to = 'due') as due,
                                (array_agg(t.came_to order by t.changed_at desc, t.due_at desc, t.id desc)
                                   filter (where t.came_to is not null))[1] as last,
                                (array_agg(t.came_to order by t.changed_at desc, t.due_at desc, t.id desc)
                                   filter (where t.came_to <> 'due'))[1] as came_to
                           from (select s.id, s.state, s.changed_at, s.due_at,
                                        case
                                          when s.state = 'due' or s.spec ->> 'channel' = 'inbox' then null
                                          when s.state = 'skipped' and s.reason in ('no-contact-point', 'systems-only') then s.reason
                                          else (select case
                                                         when bool_or(m.state in ('handed-over', 'delivered') or m.told_already) then 'told'
                                                         when bool_or(m.state in ('due', 'handing-over')) then 'due'
                                                         when bool_or(m.state = 'failed') then 'failed'
                                                       end
                                                  from notifications.notice_face m
                                                 where m.step_id = s.id and m.purpose in ('new-mail', 'reminder', 'reminder-confirm', 'attachment-unlocked', 'attachment-reminder'))
                                        end as came_to
                                   from watch.step s
                                  where s.about = i.about and s.party_id = i.party_id and s.spec ->> 'who' = 'openers'
                                 offset 0) t) w)
         end as cause
    from watch.item i
   where num_nulls(i.settled_at) = 1;

with changed as materialized (
  select i.about, i.party_id, i.cause as was, i.cause_since as since, f.cause as becomes
    from watch.item i
   cross join lateral (select c.cause from watch.cause_by_facts c where c.about = i.about and c.party_id = i.party_id offset 0) f
   where i.settled_at is null and (i.opened_at is not null or i.cause = 'waiting') and i.cause <> f.cause),
past as (
  insert into watch.cause_past (about, party_id, cause, from_at, to_at)
  select about, party_id, was, since, greatest(since, clock.now()) from changed
  on conflict do nothing)
update watch.item i set cause = c.becomes, cause_since = greatest(clock.now(), c.since)
  from changed c
 where i.about = c.about and i.party_id = c.party_id;
