-- feature: watch
-- why:     why a watch is open is counted, shown and proved every day, and must be what it was when it was counted
-- locks:   watch.item, access exclusive, milliseconds: no row is rewritten; the indexes are built while its writers wait
alter table watch.item
  add column cause       text check (cause in ('not-published', 'receiver-gone', 'no-opener', 'grant-needed', 'attachment-locked',
                         'opened-not-confirmed', 'file-not-fetched', 'no-contact-point', 'notification-failed', 'not-notified', 'waiting',
                         'unknown', 'notified-not-opened')),   -- of a watch older than a day; the last one stays when it ends
  add column cause_since timestamptz;
alter table watch.item add constraint item_cause_since_check check ((cause is null) = (cause_since is null));
create index item_open_uncaused on watch.item (begun_at) where settled_at is null and cause is null;
create index item_open_unaddressed on watch.item (about, party_id) where settled_at is null and cause = 'no-contact-point';

-- What was the cause before. The present one stands in the watch.
create table watch.cause_past (
  about    uuid        not null,
  party_id uuid        not null,
  cause    text        not null,
  from_at  timestamptz not null,
  to_at    timestamptz not null,
  primary key (about, party_id, from_at, cause),
  check (from_at <= to_at)
);

-- How far the comparing of stored causes with the facts has come, and what it has found.
create table watch.cause_sweep (
  only_row      boolean     primary key default true check (only_row),
  after_about   uuid,
  after_party   uuid,
  round_began   timestamptz,
  rounds        bigint      not null default 0,
  compared      bigint      not null default 0,
  mended        bigint      not null default 0,
  last_mended_at timestamptz
);
insert into watch.cause_sweep default values;

-- The cause as the facts give it: the first that holds, in this order (cause-of.ts has the same list in words of its own, and a test
-- compares them). Everything but the watch itself is looked up by key.
create view watch.cause_by_facts as
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
                                (array_agg(t.reason order by t.due_at desc, t.id desc) filter (where t.state in ('done', 'skipped')))[1] as last
                           from watch.step t
                          where t.about = i.about and t.party_id = i.party_id and t.spec ->> 'who' = 'openers') s)
         end as cause
    from watch.item i
   where i.settled_at is null;

-- Published by watch: the stored cause of each watch, for boards and statements.
create view watch.item_cause as
  select about, party_id, sender_id, begun_at, cause, cause_since, settled_at from watch.item;
