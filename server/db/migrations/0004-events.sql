-- feature: events
-- why:     an event to tell is a row of the transaction that made it true
-- locks:   none
create schema events;

create table events.outbox (
  id                  uuid        primary key,
  type                text        not null,
  source              text        not null,
  subject             text        not null,
  alternative_subject text,
  resource            text        not null,
  resource_instance   text        not null,
  at                  timestamptz not null,
  data                jsonb,
  told_at             timestamptz
);
create index outbox_untold on events.outbox (id) where told_at is null;
create index outbox_instance on events.outbox (resource_instance);
