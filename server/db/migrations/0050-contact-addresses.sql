-- feature: register, contacts, notifications
-- why:     an address that nobody has confirmed for 18 months is somebody else's as likely as not; people and organizations keep their own,
--          proved by a code, and say when they want to be left in peace; and every attempt to tell somebody is a fact that its sender sees
-- locks:   register.contact_point, access exclusive, while its key is built anew: half a minute for some millions; notifications.notice,
--          access exclusive, milliseconds: no row is rewritten
alter table register.contact_point
  add column id        uuid        not null default gen_random_uuid(),
  add column source    text        not null default 'register' check (source in ('register', 'krr', 'own')),  -- own: proved here, by a code
  add column fresh_at  timestamptz not null default clock.now(),   -- confirmed or used last; what stood before counts from this upgrade on
  add column asked_at  timestamptz,                                -- its owner was asked whether it is still theirs
  add column at_id     uuid        references register.party,      -- a person's for post to this organization; null: for their own, or the organization's
  add column resources text[],                                     -- of such a one: for post of these resources alone
  add constraint contact_point_at check (at_id is null or (source = 'own' and at_id <> party_id)),
  add constraint contact_point_resources check (resources is null or at_id is not null);
alter table register.contact_point drop constraint contact_point_pkey, add primary key (party_id, source, ordinal);
create unique index contact_point_id on register.contact_point (id);
create unique index contact_point_own on register.contact_point (party_id, channel, lower(address), at_id) nulls not distinct where source = 'own';
create index contact_point_fresh on register.contact_point (fresh_at);

-- When somebody wants no notices, by the clock in Norway, every day.
create table register.quiet_hours (
  party_id    uuid        primary key references register.party on delete cascade,
  from_minute smallint    not null check (from_minute between 0 and 1439),
  to_minute   smallint    not null check (to_minute between 0 and 1439),
  changed_at  timestamptz not null,
  check (from_minute <> to_minute)
);

-- Published: post that somebody was told of at these addresses was opened by them.
create function register.used(party uuid, addresses text[], at timestamptz) returns void language sql as $$
  update register.contact_point set fresh_at = $3
   where party_id = $1 and lower(address) = any ($2) and fresh_at < $3 - interval '1 day'
$$;

create schema contacts;

-- A code that was sent to an address. Whoever has it has the address. Its end is real time, as of all that is secret.
create table contacts.proof (
  id          uuid        primary key,
  party_id    uuid        not null,
  at_id       uuid,
  resources   text[],
  point_id    uuid,                              -- an address that stands and is confirmed anew
  channel     text        not null check (channel in ('email', 'sms')),
  address     text        not null,
  code_sha256 text        not null,
  wrong       smallint    not null default 0,    -- codes that were not it
  asked_by    uuid        not null,
  asked_at    timestamptz not null,              -- real time, too
  expires_at  timestamptz not null,
  spent_at    timestamptz
);
create index proof_party on contacts.proof (party_id, asked_at);
create index proof_address on contacts.proof (lower(address), asked_at);

-- What the Contact and Reservation Register is to be asked, and when it last answered. A question stays until it is answered.
create table contacts.krr_question (
  party_id    uuid        primary key,
  due_at      timestamptz,                       -- of the next try; null: nothing is to be asked
  wanted_at   timestamptz,                       -- since when it is
  tries       smallint    not null default 0,
  trouble     text,                              -- what the last try came to
  answered_at timestamptz,
  check ((due_at is null) = (wanted_at is null))
);
create index krr_question_due on contacts.krr_question (due_at) where due_at is not null;

alter table notifications.notice
  add column any_hour  boolean not null default false,   -- somebody waits for it: a code
  add column needed_by timestamptz;                      -- the post's due date: quiet hours that end later hold nothing up

do $$
declare had text := (select pg_get_expr(conbin, conrelid) from pg_constraint
                      where conname = 'notice_purpose_check' and conrelid = 'notifications.notice'::regclass);
begin
  execute 'alter table notifications.notice drop constraint notice_purpose_check,
             add constraint notice_purpose_check check ((' || had || ') or purpose in (''prove-address'', ''stale-address'')) not valid';
end $$;

-- Every time that a carrier was asked to take a notice, and what it said.
create table notifications.attempt (
  notice_id uuid        not null,
  attempt   smallint    not null,
  at        timestamptz not null,
  outcome   text        not null check (outcome in ('handed-over', 'later', 'refused')),
  reason    text,
  answer    text,
  primary key (notice_id, attempt)
);

-- What was not sent because the same address hears the same already.
create table notifications.suppressed (
  id        uuid        primary key,
  about     uuid,
  party_id  uuid,
  to_id     uuid,
  step_id   uuid        not null,
  notice_id uuid,                                -- planned, and called off when it was due; null: it came to no notice
  purpose   text        not null,
  channel   text        not null check (channel in ('email', 'sms')),
  address   text        not null,
  at        timestamptz not null,
  unique nulls not distinct (step_id, channel, to_id, address)
);
create index suppressed_about on notifications.suppressed (about) where about is not null;

-- From when on a gateway may be given the next one, where the installation says how many it takes a second. Real time.
create table notifications.pace (
  channel text        primary key check (channel in ('email', 'sms')),
  free_at timestamptz not null
);
insert into notifications.pace values ('email', '-infinity'), ('sms', '-infinity');
