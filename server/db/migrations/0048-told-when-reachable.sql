-- feature: watch
-- why:     whoever could not be told is told once somebody can be, whatever else the ladder did meanwhile
-- locks:   notifications.notice, access exclusive, milliseconds; indexes of watches and steps are built while their writers wait

-- The cause as the facts give it: the first that holds, in this order. The only place that knows; whoever asks, asks here, and a test
-- goes through every combination of facts. Everything but the watch itself is looked up by key.
-- A step toward those who can open is an attempt to tell them when it was taken, or found nobody to send to; one that was passed over for
-- another reason, or went into inboxes alone, has tried nothing.
create or replace view watch.cause_by_facts as
  select i.about, i.party_id,
         case
           when i.published_at is null then 'not-published'
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

-- Where nobody was reached: what may have become possible since.
drop index watch.item_open_unaddressed;
create index item_open_unaddressed on watch.item (about, party_id) where settled_at is null and cause in ('no-contact-point', 'notification-failed');
create index step_reached_nobody on watch.step (changed_at) where reason = 'no-contact-point' or name = 'notify-otherwise';

-- Who else hears of a sender's post has said so itself. One row for each address that a sender has named, also after it is named no more:
-- whoever was asked is not asked again within the week.
create table watch.second_address (
  sender_id    uuid        not null,
  address      text        not null,
  token_sha256 text        unique,                -- of the link that confirms it; null for an address of the sender's own
  asked_at     timestamptz not null,
  confirmed_at timestamptz,
  primary key (sender_id, address)
);

do $$
declare had text := (select pg_get_expr(conbin, conrelid) from pg_constraint
                      where conname = 'notice_purpose_check' and conrelid = 'notifications.notice'::regclass);
begin
  execute 'alter table notifications.notice drop constraint notice_purpose_check,
             add constraint notice_purpose_check check ((' || had || ') or purpose = ''confirm-address'') not valid';
end $$;

-- The first steps of a ladder for one watch. One that has none for it has the sender asked: `otherwise`, whose words the program has.
drop function watch.first_steps(text, integer, timestamptz, boolean);
create function watch.first_steps(of_ladder text, of_version integer, published_at timestamptz, sealed boolean, otherwise jsonb)
  returns table (rank smallint, spec jsonb, due_at timestamptz) language sql stable as $$
  with step as (
    select s.rank, s.spec, s.only_sealed, watch.step_due_at($3, s.after, s.working_days) as due_at
      from watch.ladder_step s
     where s.ladder = $1 and s.version = $2 and ($4 or not s.only_sealed))
  (select s.rank, s.spec, s.due_at from step s where s.due_at = (select min(f.due_at) from step f) order by s.only_sealed desc, s.rank)
   union all
  select null::smallint, $5, $3 + ($5 ->> 'after')::interval
   where not exists (select from step)
$$;
