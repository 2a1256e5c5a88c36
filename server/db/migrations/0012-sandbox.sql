-- feature: sandbox
-- why:     what a laptop needs in place of Maskinporten, a mail server and an SMS gateway; empty in production
-- locks:   none
create schema sandbox;

create table sandbox.signing_key (
  kid         text        primary key,
  private_jwk jsonb       not null,
  public_jwk  jsonb       not null,
  created_at  timestamptz not null
);

-- Mail and SMS as they were handed over; the id's order is the order of arrival.
create table sandbox.caught (
  id         uuid        primary key,
  channel    text        not null check (channel in ('email', 'sms')),
  message_id text        not null,
  sender     text        not null,
  address    text        not null,
  subject    text,
  body       text        not null,
  caught_at  timestamptz not null
);
create index caught_address on sandbox.caught (lower(address), id);

-- What town documents have said, by digest: identity numbers stand in the register and nowhere else.
create table sandbox.town_item (
  list    text not null,
  key     text not null,
  content text not null,
  primary key (list, key)
);
