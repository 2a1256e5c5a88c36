-- feature: events, subscriptions, statistics, notifications
-- why:     events get a number after commit, so that no reader misses one that came in late; those who subscribe have a queue
--          each, so that nobody waits for another; sums per day spare the report a walk through all messages
-- locks:   events.outbox and correspondence.submission, access exclusive, milliseconds; the index on a submission's time is built
--          from summaries and blocks writes for seconds
alter table events.outbox add column position bigint;
create unique index outbox_position on events.outbox (position) where position is not null;
create index outbox_resource on events.outbox (resource, position) where position is not null;
create index outbox_at on events.outbox using brin (at) with (autosummarize = on);

-- The last number given. Whoever numbers holds the row, so that numbers become visible in their order.
create table events.counter (
  "only" boolean primary key default true check ("only"),
  last   bigint  not null default 0
);
insert into events.counter default values;

create schema subscriptions;

create table subscriptions.subscription (
  id                  integer     primary key generated always as identity,
  party_id            uuid        not null,              -- whose it is
  consumer            text        not null,              -- /org/skd, /organisation/991825827, /user/50001, /systemuser/…
  endpoint            text        not null,
  resource            text        not null,              -- without its URN
  source_filter       text,
  subject_filter      text,
  alternative_subject text,
  subject_id          uuid,                              -- the party that either names
  type_filter         text,
  include_subunits    boolean     not null,
  own_events          boolean     not null,              -- without a type: those that the original does not have, too
  media_type          text        not null check (media_type in ('application/cloudevents+json', 'application/json')),
  fingerprint         text        not null,              -- of all that was asked for
  caller              jsonb       not null,              -- in whose name each event is judged again
  secret              bytea       not null,
  former_secret       bytea,                             -- signs beside the new one until then
  former_until        timestamptz,
  state               text        not null check (state in ('Unvalidated', 'Active', 'Paused')),
  last_number         bigint      not null default 0,
  failures            integer     not null default 0,    -- attempts in a row without a success
  failing_since       timestamptz,
  not_before          timestamptz,                       -- it has failed, and is left alone until then
  due_at              timestamptz,                       -- when somebody must look after it; null: nothing waits
  lease               uuid,
  leased_until        timestamptz,                       -- real time
  created_at          timestamptz not null,
  validated_at        timestamptz,
  paused_at           timestamptz,
  unique (party_id, consumer, fingerprint),
  check (subject_id is not null or (subject_filter is null and alternative_subject is null)),
  check ((state = 'Paused') = (paused_at is not null)),
  check (state <> 'Active' or validated_at is not null)
);
create index subscription_resource on subscriptions.subscription (resource, subject_id);
create index subscription_due on subscriptions.subscription (due_at) where due_at is not null;

create table subscriptions.delivery (
  subscription_id integer     not null references subscriptions.subscription on delete cascade,
  number          bigint      not null,                  -- 1, 2, 3 … for this subscriber
  event_id        uuid        not null references events.outbox on delete cascade,
  state           text        not null check (state in ('Pending', 'Delivered', 'GivenUp', 'Withheld')),
  attempts        integer     not null default 0,
  next_at         timestamptz,
  last_answer     text,                                  -- a status, or why there was none
  changed_at      timestamptz not null,
  primary key (subscription_id, number),
  unique (subscription_id, event_id),
  check ((state = 'Pending') = (next_at is not null))
);
create index delivery_pending on subscriptions.delivery (subscription_id, next_at) where state = 'Pending';
create index delivery_event on subscriptions.delivery (event_id);

create schema statistics;

-- Sums of a day that is over, in UTC.
create table statistics.day_sum (
  day              date   not null,
  owner_id         uuid   not null,
  message_sender   text   not null,                      -- empty: none
  sender_number    text   not null,
  resource_id      text   not null,
  recipient_kind   text   not null,
  messages         bigint not null,
  database_bytes   bigint not null,
  attachment_bytes bigint not null,
  primary key (day, owner_id, resource_id, message_sender, sender_number, recipient_kind)
);

create table statistics.report (
  id            uuid        primary key,
  file_name     text        not null,
  blob_key      uuid        not null,
  sha256        text        not null,
  size_bytes    bigint      not null,
  owners        integer     not null,
  messages      bigint      not null,
  generated_at  timestamptz not null
);
create index report_generated on statistics.report (generated_at);

-- One row: which days are summed, and when the next report is made.
create table statistics.schedule (
  "only"     boolean     primary key default true check ("only"),
  summed_to  date,                                       -- the first day that is not summed
  next_at    timestamptz not null
);

-- Calls of the last hour. The address is kept as a digest only.
create table statistics.call (
  bucket    text        not null,
  address   text        not null,
  called_at timestamptz not null
);
create index call_address on statistics.call (bucket, address, called_at);
create index call_time on statistics.call (called_at);

create index submission_created on correspondence.submission using brin (created_at) with (autosummarize = on);

-- Published: what statistics count.
create view correspondence.counted_message as
  select m.id, s.id as submission_id, s.created_at, m.owner_id, m.resource_id, s.message_sender, s.property_list ->> 'senderOrgNumber' as sender_number,
         p.kind as recipient_kind,
         octet_length(s.title) + octet_length(s.body) + coalesce(octet_length(s.summary), 0) as content_bytes
    from correspondence.submission s
    join correspondence.message m on m.submission_id = s.id
    join register.party p on p.id = m.recipient_id;

create view correspondence.counted_attachment as
  select l.submission_id, sum(a.size_bytes)::bigint as bytes
    from correspondence.submission_attachment l join correspondence.attachment a on a.id = l.attachment_id
   group by l.submission_id;

-- Published: what no subscriber has heard of yet.
create view events.untold as select id, at from events.outbox where told_at is null;

alter table notifications.notice drop constraint notice_purpose_check;
alter table notifications.notice add constraint notice_purpose_check check (purpose in ('new-mail', 'reminder', 'reminder-confirm', 'sealed',
  'sealed-attachment', 'sender-unread', 'sender-decision', 'sender-failed', 'subscription-paused')) not valid;
