-- feature: watch, notifications
-- why:     a service owner writes its own ladders, by working days and toward whoever may help; a sender may choose among them for a message
-- locks:   watch.ladder, watch.item, notifications.notice, access exclusive, milliseconds: a ladder's few rows are rewritten, no other is

-- Easter by the Gregorian reckoning (Meeus, Jones, Butcher): whole numbers, every division rounds down.
create function watch.easter_sunday(year integer) returns date language sql immutable strict parallel safe as $$
  select make_date(year, (h + l - 7 * m + 114) / 31, (h + l - 7 * m + 114) % 31 + 1)
    from (select year % 19 as a, year / 100 as b, year % 100 as c) x
   cross join lateral (select (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30 as h) y
   cross join lateral (select (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7 as l) z
   cross join lateral (select (a + 11 * h + 22 * l) / 451 as m) w
$$;

-- The public holidays of Norway. Christmas Eve and New Year's Eve are none.
create function watch.holidays(year integer) returns table (day date, name text) language sql immutable strict parallel safe as $$
  select make_date(year, f.month, f.day), f.name
    from (values (1, 1, 'nyttårsdag'), (5, 1, 'arbeidernes dag'), (5, 17, 'grunnlovsdag'), (12, 25, 'første juledag'), (12, 26, 'andre juledag'))
      as f (month, day, name)
   union all
  select watch.easter_sunday(year) + m.days, m.name
    from (values (-3, 'skjærtorsdag'), (-2, 'langfredag'), (0, 'første påskedag'), (1, 'andre påskedag'), (39, 'Kristi himmelfartsdag'),
                 (49, 'første pinsedag'), (50, 'andre pinsedag')) as m (days, name)
$$;

-- Monday to Friday (the first of January of year 1 was a Monday), and no holiday. One expression, to be inlined.
create function watch.is_working_day(day date, easter date) returns boolean language sql immutable parallel safe as $$
  select ($1 - date '0001-01-01') % 7 < 5
     and $1 - $2 not in (-3, -2, 1, 39, 50)
     and (extract(month from $1) * 100 + extract(day from $1)) not in (101, 501, 517, 1225, 1226)
$$;

create function watch.is_working_day(day date) returns boolean language sql immutable parallel safe as $$
  select watch.is_working_day($1, watch.easter_sunday(extract(year from $1)::integer))
$$;

-- So many working days after an instant, at the same time of day in Norway. What happens on a day off counts from when the next working
-- day begins, so that a later instant never gives an earlier one. Summer time begins and ends on Sundays, which are never answers.
create function watch.add_working_days(at timestamptz, days integer) returns timestamptz language plpgsql immutable strict parallel safe as $$
declare
  here   timestamp := at at time zone 'Europe/Oslo';
  day    date := here::date;
  hour   time := here::time;
  year   integer := extract(year from day);
  easter date := watch.easter_sunday(year);
  n      integer := days;
begin
  if not watch.is_working_day(day, easter) then
    hour := time '00:00';
    n := n + 1;
  end if;
  while n > 0 loop
    day := day + 1;
    if extract(year from day) <> year then
      year := extract(year from day);
      easter := watch.easter_sunday(year);
    end if;
    if watch.is_working_day(day, easter) then n := n - 1; end if;
  end loop;
  return (day + hour) at time zone 'Europe/Oslo';
end $$;

create function watch.step_due_at(published_at timestamptz, after interval, working_days boolean) returns timestamptz
  language sql stable parallel safe as $$
  select case when working_days then watch.add_working_days(published_at, extract(day from after)::integer) else published_at + after end
$$;

-- What may stand in a ladder is decided where it is written (ladders/definition.ts); no check of the table says it again.
do $$
declare each record;
begin
  for each in select conname from pg_constraint where conrelid = 'watch.ladder'::regclass and contype = 'c'
               and pg_get_constraintdef(oid) ~ 'jsonb_path_exists' loop
    execute format('alter table watch.ladder drop constraint %I', each.conname);
  end loop;
end $$;

alter table watch.ladder
  add column owner_id   uuid,                                  -- null: a preset, which comes with the program
  add column message_id uuid,                                  -- of one message alone, whose sender wrote it
  add column is_draft   boolean     not null default false,    -- off: to be copied, not to be used
  add column fact       text,                                  -- what a draft is drawn from
  add column fact_from  text,
  add column made_at    timestamptz not null default clock.now(),
  -- Its first steps depend on the watch: on the day of publication, or on whether it has any for it at all.
  add column by_watch   boolean     not null generated always as (
    jsonb_path_exists(steps, '$[*] ? (@.workingDays == true)')
    or not jsonb_path_exists(steps, '$[*] ? (@.when.size() == 0 || exists (@.when[*] ? (@ != "grant-needed" && @ != "attachment-locked")))')
  ) stored;
create index ladder_owner on watch.ladder (owner_id, id) where message_id is null;

create or replace function watch.refuse_ladder_change() returns trigger language plpgsql as
  $$ begin raise exception 'a version of a ladder is never changed' using errcode = 'BS038'; end $$;
create trigger ladder_stays before update or delete on watch.ladder for each statement execute function watch.refuse_ladder_change();

alter table watch.item add column ladder_turn smallint not null default 0;   -- how often its ladder was changed after publication

-- What tells a watch's steps apart: of the ladder that it began with, and of each that came in its place.
create function watch.ladder_key(turn smallint, rank smallint) returns text language sql immutable parallel safe as $$
  select 'ladder ' || case turn when 0 then '' else turn || '/' end || rank
$$;

-- The steps of each version. `rank` names a step within it; the order in which they fall due is that of `watch.step_due_at`.
create or replace view watch.ladder_step as
  select l.id as ladder, l.version, s.spec, s.after, s.only_sealed,
         (row_number() over (partition by l.id, l.version order by s.after, s.only_sealed desc, s.n))::smallint as rank,
         s.working_days, l.by_watch
    from watch.ladder l
   cross join lateral (select e.spec, e.n, (e.spec ->> 'after')::interval as after,
                              coalesce((e.spec ->> 'workingDays')::boolean, false) as working_days,
                              jsonb_array_length(e.spec -> 'when') > 0 and e.spec -> 'when' <@ '["grant-needed", "attachment-locked"]' as only_sealed
                         from jsonb_array_elements(l.steps) with ordinality as e(spec, n)) s;

-- The first steps of a ladder for one watch. One that has none for it has the sender asked in a week.
create function watch.first_steps(of_ladder text, of_version integer, published_at timestamptz, sealed boolean)
  returns table (rank smallint, spec jsonb, due_at timestamptz) language sql stable as $$
  with step as (
    select s.rank, s.spec, s.only_sealed, watch.step_due_at($3, s.after, s.working_days) as due_at
      from watch.ladder_step s
     where s.ladder = $1 and s.version = $2 and ($4 or not s.only_sealed))
  (select s.rank, s.spec, s.due_at from step s where s.due_at = (select min(f.due_at) from step f) order by s.only_sealed desc, s.rank)
   union all
  select null::smallint, '{"name": "await-decision", "after": "P7D", "when": [], "who": "sender", "channel": "preferred", "text": "sender-decision"}'::jsonb,
         $3 + interval '7 days'
   where not exists (select from step)
$$;

-- What the owner of a resource lets senders choose for a message; no row: nothing.
create table watch.ladder_limit (
  resource_id text        primary key,
  limits      jsonb       not null,
  changed_at  timestamptz not null
);

-- Who else at a sender hears of its unread post.
create table watch.second_contact (
  sender_id  uuid        primary key,
  email      text,
  sms        text,
  changed_at timestamptz not null,
  check (email is not null or sms is not null)
);

-- Drawn from a practice of others: nobody uses it unasked.
insert into watch.ladder (id, version, steps, is_draft, fact, fact_from) values ('ks-paper', 1, '[
    {"name": "notify",          "after": "PT0S", "when": [], "who": "openers",  "channel": "preferred", "text": "new-mail"},
    {"name": "notify-grantors", "after": "PT0S", "when": ["grant-needed", "attachment-locked"], "who": "grantors", "channel": "preferred", "text": "sealed"},
    {"name": "print",           "after": "P2D",  "workingDays": true, "when": [], "who": "print",  "channel": "event",     "text": "print"},
    {"name": "tell-sender",     "after": "P3D",  "workingDays": true, "when": [], "who": "sender", "channel": "preferred", "text": "sender-unread"},
    {"name": "ask-sender",      "after": "P14D", "when": [], "who": "sender",   "channel": "preferred", "text": "sender-decision"}
  ]'::jsonb, true,
  'Digital post that is unread after two working days (40 working hours) is printed and sent on paper, unless it may go digitally only.',
  'KS SvarUt (Norway)');

-- Words for those whom ladders may turn to; what else there may be stays.
do $$
declare had text := (select pg_get_expr(conbin, conrelid) from pg_constraint
                      where conname = 'notice_purpose_check' and conrelid = 'notifications.notice'::regclass);
begin
  execute 'alter table notifications.notice drop constraint notice_purpose_check,
             add constraint notice_purpose_check check ((' || had || ') or purpose in (''key-roles'', ''fallback-unread'')) not valid';
end $$;
