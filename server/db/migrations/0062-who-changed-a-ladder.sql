-- feature: watch
-- why:     who is reminded, and when, is decided by whoever writes a ladder or chooses one for a service: it must be known who that was
-- locks:   watch.ladder, access exclusive, for a moment
alter table watch.ladder add column made_by jsonb;   -- as evidence names who acted; null: it came with the program, or is older than this

-- What a resource's watches climb was chosen, and what senders may choose. A row for each change; never changed, never deleted.
create table watch.ladder_choice (
  id          uuid        primary key,
  resource_id text        not null,
  ladder      text        not null,
  limits      jsonb,
  who         jsonb       not null,
  at          timestamptz not null
);
create index ladder_choice_resource on watch.ladder_choice (resource_id, id);

create function watch.refuse_choice_change() returns trigger language plpgsql as
  $$ begin raise exception 'that a ladder was chosen is never changed' using errcode = 'BS038'; end $$;
create trigger choice_stays before update or delete on watch.ladder_choice for each statement execute function watch.refuse_choice_change();
