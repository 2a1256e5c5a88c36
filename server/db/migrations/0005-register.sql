-- feature: register
-- why:     one row for everyone who can be written to or act; identity numbers stand here and nowhere else
-- locks:   none
create schema register;

create table register.party (
  id            uuid        primary key,
  party_id      integer     generated always as identity (start with 50000000) unique,  -- the number that clients of the original know a party by
  kind          text        not null check (kind in ('person', 'organization', 'system-user')),
  number        text        unique,
  name          text        not null,
  org_code      text        unique,
  unit_type     text,
  parent_id     uuid        references register.party,
  language      text        not null default 'nb' check (language in ('nb', 'nn', 'en')),
  reserved      boolean     not null default false,
  last_login_on date,
  died_on       date,
  deleted_at    timestamptz,
  implicit      boolean     not null default false,
  check ((kind = 'person' and number ~ '^[0-9]{11}$') or (kind = 'organization' and number ~ '^[0-9]{9}$') or (kind = 'system-user' and number is null)),
  check (parent_id is null or kind <> 'person')   -- of a unit: the main unit; of a system user: its owner
);
create index party_parent on register.party (parent_id) where parent_id is not null;

create table register.contact_point (
  party_id uuid     not null references register.party on delete cascade,
  ordinal  smallint not null,
  channel  text     not null check (channel in ('email', 'sms')),
  address  text     not null,
  primary key (party_id, ordinal)
);

-- Who has a number that somebody is said to belong to. Loud when nobody has it: a unit must not lose its main unit unseen.
create function register.party_of(wanted text) returns uuid language plpgsql stable strict as $$
declare found_id uuid;
begin
  select id into found_id from register.party where number = wanted;
  if found_id is null then raise exception 'no organization has the number % that a main unit was named by', wanted using errcode = 'BS006'; end if;
  return found_id;
end $$;

-- Published: what other features may read of a party.
create view register.party_face as
  select p.id, p.party_id, p.kind, p.number, p.name, p.org_code, p.unit_type, p.parent_id, p.language, p.reserved, p.last_login_on,
         p.died_on is null and p.deleted_at is null as alive,
         exists (select from register.contact_point c where c.party_id = p.id) as has_contact
    from register.party p;
