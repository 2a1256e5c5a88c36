-- feature: notifications, correspondence, watch
-- why:     a sender may name others to be notified, and learns what became of each; due dates that pass are told once and never lost
-- locks:   sender_order, notice, submission, access exclusive, milliseconds; the indexes are built while writers of their tables wait
alter table notifications.sender_order
  add column language           text    not null default 'nb',
  add column ignore_reservation boolean not null default false,
  add column custom             jsonb   not null default '[]',   -- others to be notified: {kind: email | sms, address} or {kind: organization | person, party}
  add column override           boolean not null default false;  -- they alone, and not those who can open

-- One order as clients know it: one message, one phase, one who is notified. Which notices belong to it, and what was told of them.
create table notifications.shipment (
  id          uuid        primary key,           -- follows from message, order and place: planned again, it is the same
  about       uuid        not null,
  party_id    uuid        not null,
  order_id    uuid        not null,
  step_id     uuid        not null,
  is_reminder boolean     not null,
  channel     text        not null,
  custom      smallint,                          -- place in the order's list; null: the recipient's own people
  otherwise   boolean     not null default false,-- the second try, by the other channel
  missing     boolean     not null default false,-- nobody had an address
  at          timestamptz not null,
  sent_at     timestamptz,                       -- the first of its notices was handed over, and the sender was told
  failed_at   timestamptz                        -- all are at an end and some have failed, and the sender was told
);
create index shipment_about on notifications.shipment (about);

alter table notifications.notice
  alter column to_id drop not null,              -- an address that a sender named belongs to nobody whom we know
  add column shipment_id uuid,
  add column failure     text check (failure in ('address-rejected', 'mailbox-full', 'carrier-refused', 'carrier-timeout')),
  add constraint notice_to_somebody check (to_id is not null or shipment_id is not null) not valid;

alter table correspondence.submission
  add column due_told_at timestamptz,            -- its due date has passed and everybody was told
  add column due_told_to uuid;                   -- the last of its messages that was looked after, while it is not
update correspondence.submission set due_told_at = clock.now() where due_at < clock.now();   -- nobody is told of years gone by
create index submission_due on correspondence.submission (due_at) where due_at is not null and due_told_at is null;

-- Messages that were not published when their due date passed: looked after again until they are, or never will be.
create table correspondence.due_late (
  message_id uuid        primary key,
  due_at     timestamptz not null
);

create index item_open_confidential on watch.item (party_id, published_at) where settled_at is null and confidential;

-- What somebody sent in a resource of another's: a list shows a sender what it has sent itself. An owner's own need no index.
create index submission_for_another on correspondence.submission (created_by, senders_reference) where created_by <> owner_id;

-- Searches for what seldom happens. What often does stands as a time of the message, or is found at once.
create index status_rare on correspondence.status (status, message_id)
  where status in ('Replied', 'PurgedByRecipient', 'PurgedByAltinn', 'Archived', 'Reserved', 'Failed', 'Forwarded');
