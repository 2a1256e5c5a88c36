-- feature: db
-- why:     domain time is one row that every process reads, so that a sandbox can move it and production never does
-- locks:   none
create schema clock;

create table clock.shift (
  "only" boolean  primary key default true check ("only"),
  by     interval not null default '0' check (by >= '0'::interval)
);
insert into clock.shift default values;

create function clock.now() returns timestamptz language sql stable parallel safe as
  $$ select statement_timestamp() + (select by from clock.shift) $$;

-- The least UUID version 7 that can have been made within `age`: a range of the primary key instead of a scan. Real time,
-- since ids are made in real time.
create function clock.first_id(age interval) returns uuid language sql stable parallel safe as
  $$ select (lpad(to_hex((extract(epoch from statement_timestamp() - age) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid $$;
