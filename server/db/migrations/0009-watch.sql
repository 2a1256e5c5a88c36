-- feature: watch
-- why:     an accepted message that nobody is watched to open must be impossible, not merely unusual
-- locks:   none
create schema watch;

-- Steps of a ladder as an array of {name, after, workingDays, when, who, channel, text}. A version is never changed.
create table watch.ladder (
  id      text    not null,
  version integer not null,
  steps   jsonb   not null,
  primary key (id, version)
);

create table watch.item (
  about              uuid        not null,
  party_id           uuid        not null,
  sender_id          uuid        not null,
  resource_id        text        not null,
  confidential       boolean     not null,
  confirm_needed     boolean     not null,
  begun_at           timestamptz not null,
  due_at             timestamptz,
  ladder             text        not null,
  ladder_version     integer     not null,
  published_at       timestamptz,
  opened_at          timestamptz,
  class              text        not null check (class in ('UNREACHABLE', 'GRANTABLE', 'COLD', 'REACHABLE', 'PROVEN', 'UNKNOWN')),
  openers            integer     not null check (openers >= 0),
  grantors           integer     not null check (grantors >= 0),
  attachment_locked  boolean     not null default false,
  access_version     bigint      not null,
  computed_at        timestamptz not null,
  next_action        text,
  next_action_at     timestamptz,
  settled_at         timestamptz,
  outcome            text        check (outcome in ('opened', 'confirmed', 'handed-over', 'read-elsewhere', 'relayed', 'recalled',
                                 'deleted-by-recipient', 'failed', 'accepted-unread')),
  settled_by         uuid,
  settled_reason     text,
  primary key (about, party_id),
  foreign key (ladder, ladder_version) references watch.ladder,
  check ((settled_at is null) = (outcome is null)),
  check (settled_at is not null or (next_action is not null and next_action_at is not null)),
  check (outcome <> 'accepted-unread' or (settled_by is not null and settled_reason is not null))
);
create index item_open_party on watch.item (party_id) where settled_at is null;
create index item_open_next on watch.item (next_action_at) where settled_at is null;
create index item_open_sender on watch.item (sender_id, about) where settled_at is null;

create table watch.need (
  about          uuid    not null,
  party_id       uuid    not null,
  resource_id    text    not null,
  action         text    not null,
  instance       uuid    not null,               -- the message, or the attachment with a resource of its own
  policy_version integer not null,
  primary key (about, party_id, instance),
  foreign key (about, party_id) references watch.item
);

create table watch.step (
  id         uuid        primary key,
  about      uuid        not null,
  party_id   uuid        not null,
  name       text        not null,               -- 'notify', 'notify-grantors', 'remind', 'tell-sender', 'ask-sender'
  spec       jsonb       not null,               -- the step as the ladder's version has it
  source     text        not null check (source in ('policy', 'sender')),
  order_id   uuid,                               -- the sender's wording
  due_at     timestamptz not null,
  state      text        not null default 'due' check (state in ('due', 'done', 'skipped', 'cancelled')),
  reason     text,
  changed_at timestamptz not null,
  foreign key (about, party_id) references watch.item
);
create index step_due on watch.step (due_at) where state = 'due';
create index step_about on watch.step (about, party_id);
create unique index step_once on watch.step (about, party_id, name, source, due_at);

insert into watch.ladder (id, version, steps) values
  ('ordinary', 1, '[
    {"name": "notify",          "after": "PT0S", "when": [],                     "who": "openers",  "channel": "preferred", "text": "new-mail"},
    {"name": "notify-grantors", "after": "PT0S", "when": ["grant-needed"],       "who": "grantors", "channel": "preferred", "text": "sealed"},
    {"name": "remind",          "after": "P7D",  "when": [],                     "who": "openers",  "channel": "preferred", "text": "reminder"},
    {"name": "tell-sender",     "after": "P8D",  "when": [],                     "who": "sender",   "channel": "preferred", "text": "sender-unread"},
    {"name": "ask-sender",      "after": "P14D", "when": [],                     "who": "sender",   "channel": "preferred", "text": "sender-decision"}
  ]'),
  ('confidential', 1, '[
    {"name": "notify",          "after": "PT0S", "when": [],                     "who": "openers",  "channel": "preferred", "text": "new-mail"},
    {"name": "notify-grantors", "after": "PT0S", "when": ["grant-needed"],       "who": "grantors", "channel": "preferred", "text": "sealed"},
    {"name": "remind",          "after": "P7D",  "when": [],                     "who": "openers",  "channel": "preferred", "text": "reminder"},
    {"name": "tell-sender",     "after": "P8D",  "when": [],                     "who": "sender",   "channel": "preferred", "text": "sender-unread"},
    {"name": "ask-sender",      "after": "P14D", "when": [],                     "who": "sender",   "channel": "preferred", "text": "sender-decision"}
  ]');

-- Published: what is open, for boards and statements.
create view watch.item_face as
  select about, party_id, sender_id, resource_id, confidential, begun_at, published_at, opened_at, class, next_action, next_action_at,
         settled_at, outcome
    from watch.item;
