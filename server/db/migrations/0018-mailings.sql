-- feature: mailings, correspondence
-- why:     one letter to any number of recipients: their lines are kept before anything is sent, and what a line says of its own is
--          kept with its message, so that the letter itself is stored once
-- locks:   correspondence.message, access exclusive, milliseconds: no row is rewritten
create schema mailings;

create table mailings.mailing (
  id              uuid        primary key,
  party_id        uuid        not null,              -- who made it; nobody else sees it
  idempotency_key uuid        not null,
  content_sha256  text        not null,              -- of what was asked for, so that a used key can be told from a repeated request
  resource_id     text        not null,
  letter          jsonb       not null,              -- as the request said it
  attachments     uuid[]      not null,
  state           text        not null check (state in ('Open', 'Released', 'Paused', 'Cancelled', 'Finished')),
  stalled_by      text,                              -- why it was paused by itself
  received        integer     not null default 0 check (received >= 0),   -- lines taken for good: 1 up to this
  check_asked_at  timestamptz,
  check_asked_by  jsonb,
  release_at      timestamptz,
  released_by     jsonb,                             -- the caller in whose name it is sent
  created_at      timestamptz not null,
  ended_at        timestamptz,
  forgotten_at    timestamptz,                       -- its lines are deleted
  unique (party_id, idempotency_key),
  check (state = 'Open' or state = 'Cancelled' or (release_at is not null and released_by is not null)),
  check ((ended_at is not null) = (state in ('Cancelled', 'Finished'))),
  check ((check_asked_at is null) = (check_asked_by is null)),
  check (stalled_by is null or state = 'Paused')
);
create index mailing_own on mailings.mailing (party_id, id);
create index mailing_released on mailings.mailing (release_at) where state = 'Released';
create index mailing_ended on mailings.mailing (ended_at) where ended_at is not null and forgotten_at is null;

-- Lines that were taken together, and will be sent together: a transaction marks the whole of it and writes its messages.
create table mailings.chunk (
  mailing_id    uuid        not null references mailings.mailing,
  first_line    integer     not null,
  last_line     integer     not null,
  staged        integer     not null check (staged >= 0),
  refused       integer     not null check (refused >= 0),
  unreachable   integer     not null,
  grantable     integer     not null,
  cold          integer     not null,
  reachable     integer     not null,
  proven        integer     not null,
  policies      jsonb       not null,                -- versions of the policies that openability was computed on
  checked_at    timestamptz not null,
  failures      smallint    not null default 0,
  retry_at      timestamptz,
  sent          integer     not null default 0,
  dropped       integer     not null default 0,      -- staged, and refused when they were to be sent
  submission_id uuid,
  publish_at    timestamptz,                         -- when its messages are published, where that is later than `sent_at`
  sent_at       timestamptz,
  primary key (mailing_id, first_line),
  check (last_line >= first_line and staged + refused = last_line - first_line + 1),
  check (unreachable + grantable + cold + reachable + proven = staged),
  check (sent_at is null or sent + dropped = staged)
);
create index chunk_unsent on mailings.chunk (mailing_id, first_line) where sent_at is null;

-- Who will be sent the letter. No foreign key to the mailing: checked row by row it costs more than the row.
create table mailings.recipient (
  mailing_id        uuid     not null,
  line              integer  not null,
  party_id          uuid     not null,
  message_id        uuid     not null,
  class             text     not null,
  openers           integer  not null,
  grantors          integer  not null,
  attachment_locked boolean  not null,
  access_version    bigint   not null,
  grantor_ids       uuid[],                          -- who could let somebody in, while nobody can open
  own               jsonb,                           -- what the line says of its own
  primary key (mailing_id, line)
);
create unique index recipient_once on mailings.recipient (mailing_id, party_id);

create table mailings.refusal (
  mailing_id uuid     not null,
  line       integer  not null,
  code       smallint not null,
  field      text,
  primary key (mailing_id, line)
);

-- What a recipient of a mailing is told of its own: { sendersReference, externalReferences, propertyList, fields }.
alter table correspondence.message add column own jsonb;
create index message_own_reference on correspondence.message (owner_id, (own ->> 'sendersReference')) where own ->> 'sendersReference' is not null;
