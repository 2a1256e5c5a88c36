-- feature: unread, watch
-- why:     a sender must see at any time who has not opened, and why; and hear each day, in numbers that add up, what became of all that
--          it sent
-- locks:   watch.item, share, while an index by blocks is built
create schema unread;

create function unread.age_band(age interval) returns text language sql immutable parallel safe as $$
  select case when age < interval '1 day' then 'd0' when age < interval '2 days' then 'd1' when age < interval '8 days' then 'd2to7'
              when age < interval '31 days' then 'd8to30' else 'd31plus' end
$$;
create function unread.instant(at timestamptz) returns text language sql stable parallel safe as
  $$ select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;

-- What has begun or ended on a day is read by blocks: rows lie in the order in which they came.
create index item_begun_blocks on watch.item using brin (begun_at);

-- Published by watch: every watch, for boards and statements.
create view watch.board_item as
  select about, party_id, sender_id, resource_id, confidential, confirm_needed, is_file, begun_at, due_at, published_at, opened_at, confirmed_at,
         class, openers, grantors, attachment_locked, told_at, asked_at, failed_at, next_action, next_action_at, settled_at, outcome, settled_name
    from watch.item;

-- Published by watch: steps of ladders, without their wording.
create view watch.step_face as
  select id, about, party_id, name, source, due_at, state, reason, changed_at from watch.step;

-- Why each open watch is open. The one place in SQL that knows: the same order, and the same facts, as watch has in its own words
-- (cause-of.ts), which a test holds against each other.
create view watch.open_cause as
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
                          when s.last = 'no-contact-point' and n.failed = 0 and n.sent = 0 then 'no-contact-point'
                          when n.failed > 0 and n.sent = 0 then 'notification-failed'
                          when n.sent = 0 and n.due + s.due = 0 then 'not-notified'
                          when n.sent = 0 then 'waiting'
                          when i.class = 'UNKNOWN' then 'unknown'
                          else 'notified-not-opened'
                        end
                   from (select count(*) filter (where m.state in ('handed-over', 'delivered')) as sent,
                                count(*) filter (where m.state = 'failed') as failed,
                                count(*) filter (where m.state in ('due', 'handing-over')) as due
                           from notifications.notice_face m
                          where m.about = i.about and m.party_id = i.party_id
                            and m.purpose in ('new-mail', 'reminder', 'reminder-confirm')) n,
                        (select count(*) filter (where t.state = 'due') as due,
                                (array_agg(t.reason order by t.due_at desc, t.id desc) filter (where t.state in ('done', 'skipped')))[1] as last
                           from watch.step t
                          where t.about = i.about and t.party_id = i.party_id and t.spec ->> 'who' = 'openers') s)
         end as cause
    from watch.item i
   where i.settled_at is null;

-- A new message in the place of an old one that nobody opened.
create table unread.resending (
  old_id  uuid        primary key,
  new_id  uuid        not null unique,
  at      timestamptz not null,
  check (old_id <> new_id)
);

-- What each sender was told of a day. Never changed: its hash is what will be signed.
create table unread.statement (
  sender_id       uuid        not null,
  day             date        not null,
  made_at         timestamptz not null,
  canonical       text        not null,        -- canonical JSON (RFC 8785)
  sha256          text        not null check (sha256 ~ '^[0-9a-f]{64}$'),
  previous_sha256 text,                        -- of the sender's statement before it
  broken          text[]      not null,        -- the parts that do not add up, by name
  primary key (sender_id, day)
);
create table unread.statement_day (
  day     date        primary key,
  made_at timestamptz not null,
  senders integer     not null
);
create function unread.refuse_change() returns trigger language plpgsql as
  $$ begin raise exception 'a statement is never changed' using errcode = 'BS040'; end $$;
create trigger statement_stays before update or delete on unread.statement for each statement execute function unread.refuse_change();
create trigger statement_is_not_emptied before truncate on unread.statement for each statement execute function unread.refuse_change();
