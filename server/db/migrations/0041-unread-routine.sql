-- feature: unread, evidence, watch
-- why:     the extract that each sender schedules was the wish from which this system came; and an alarm that nobody reads is none
-- locks:   none
-- The extract that a sender has asked for, and when.
create table unread.routine (
  sender_id     uuid        primary key,
  days          smallint[]  not null check (days <@ array[1, 2, 3, 4, 5, 6, 7]::smallint[] and cardinality(days) between 1 and 7),
  hour          smallint    not null check (hour between 0 and 23),
  causes        text[]      not null,
  resources     text[]      not null,
  older_than    interval,
  send_as       text        not null check (send_as in ('link', 'attachment')),
  send_empty    boolean     not null,
  is_on         boolean     not null,
  next_at       timestamptz not null,
  changed_at    timestamptz not null
);
create index routine_due on unread.routine (next_at) where is_on;

create table unread.address (
  sender_id    uuid        not null,
  email        text        not null,
  token_sha256 text,                           -- of the link that confirms it; null for a contact point of the sender
  asked_at     timestamptz not null,
  confirmed_at timestamptz,
  primary key (sender_id, email)
);
create unique index address_token on unread.address (token_sha256) where token_sha256 is not null;

create table unread.extract (
  id         uuid        primary key,
  sender_id  uuid        not null,
  due_at     timestamptz not null,             -- the time of the routine that it is of
  made_at    timestamptz not null,
  items      integer     not null,
  sent_as    text        not null check (sent_as in ('link', 'attachment', 'nothing')),
  addresses  integer     not null,
  unique (sender_id, due_at)
);

-- Mail to senders and to the operator, which is not about one message to one recipient.
create table unread.mail (
  id           uuid        primary key,
  address      text        not null,
  subject      text        not null,
  body         text        not null,
  file_name    text,
  file_text    text,
  due_at       timestamptz not null,
  attempts     smallint    not null default 0,
  state        text        not null default 'due' check (state in ('due', 'handed-over', 'failed')),
  answer       text,
  changed_at   timestamptz not null,
  check ((file_name is null) = (file_text is null))
);
create index mail_due on unread.mail (due_at) where state = 'due';

-- Rules that do not hold now: an alarm is raised when one begins to be broken, and not each minute after.
create table unread.alarm (
  rule      text        primary key,
  since     timestamptz not null
);

insert into evidence.event (code, name, uri) values (120, 'Resent', 'urn:budstikke:event:Resent');

-- Published by watch: why a watch is open, as it is stored; of one that is younger than a day, by the facts.
create or replace view watch.open_cause as
  select i.about, i.party_id,
         coalesce(i.cause, (select f.cause from watch.cause_by_facts f where f.about = i.about and f.party_id = i.party_id)) as cause
    from watch.item i
   where i.settled_at is null;

-- Published by watch: why a watch was open, and when; one cause at any time since it was a day old.
create view watch.cause_span as
  select about, party_id, cause, from_at, to_at from watch.cause_past
   union all
  select about, party_id, cause, cause_since, settled_at from watch.item where cause is not null;
