-- feature: relay
-- why:     a letter that nobody opens may go by paper: what was taken for a print house is a row, so that it goes at least once, under
--          one id, and its watch ends only when the house has said that it was posted
-- locks:   none; the tables are new
create schema relay;

-- A letter on its way to paper. One at a time for each watch.
create table relay.shipment (
  id           uuid        primary key,               -- of the ladder's step
  about        uuid        not null,
  party_id     uuid        not null,
  sender_id    uuid        not null,
  resource_id  text        not null,
  confidential boolean     not null,
  address      text[]      not null check (cardinality(address) between 1 and 8),
  state        text        not null check (state in ('accepted', 'dropped', 'printed', 'posted', 'returned', 'refused', 'cancelled')),
  reason       text,                                  -- why it was refused, returned or cancelled
  letter_sha256 text,                                 -- of the letter as it was dropped
  attempts     smallint    not null default 0,
  due_at       timestamptz not null,                  -- of the next attempt, while it is accepted
  leased_until timestamptz,                           -- real time
  accepted_at  timestamptz not null,
  dropped_at   timestamptz,
  printed_at   timestamptz,
  posted_at    timestamptz,
  changed_at   timestamptz not null,
  check (reason is null or state in ('returned', 'refused', 'cancelled')),
  check (state <> 'refused' or reason is not null),
  check (state <> 'posted' or posted_at is not null)
);
create unique index shipment_open on relay.shipment (about, party_id) where state in ('accepted', 'dropped', 'printed');
create index shipment_due on relay.shipment (due_at) where state = 'accepted';
create index shipment_about on relay.shipment (about);

-- Where a party gets letters, as whoever knows has said; it goes before what the Register of Legal Entities says.
create table relay.postal_address (
  party_id   uuid        primary key,
  lines      text[]      not null check (cardinality(lines) between 1 and 6),
  changed_at timestamptz not null
);
