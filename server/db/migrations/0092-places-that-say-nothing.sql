-- feature: inbox
-- why:     where a list goes on may be at an entry that its reader must not know of: the place is sealed with a key that all processes share
-- locks:   none: a new table
create table inbox.place_key (
  is_one boolean primary key default true check (is_one),
  key    bytea   not null check (length(key) = 32)
);
insert into inbox.place_key (key) values (sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));
