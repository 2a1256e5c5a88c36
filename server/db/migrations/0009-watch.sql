-- feature: watch
-- why:     an accepted message that nobody is watched to open must be impossible, not merely unusual
-- locks:   none
create schema watch;

-- Steps of a ladder as an array of {name, after, when, who, otherwise, channel, text}. A version is never changed.
-- What the steps of this version of the program cannot do is refused, not ignored.
create table watch.ladder (
  id      text    not null,
  version integer not null,
  steps   jsonb   not null check (jsonb_array_length(steps) > 0),
  primary key (id, version),
  check (jsonb_path_exists(steps, '$[*] ? (@.when.size() == 0)')),   -- something is done whatever the cause
  check (not jsonb_path_exists(steps, '$[*] ? (@.workingDays == true)')),
  check (not jsonb_path_exists(steps, '$[*] ? (!(@.who == "openers" || @.who == "grantors" || @.who == "sender"))'))
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
  sender_steps       jsonb       not null default '[]',   -- notify and remind as the sender ordered them: [{name, orderId, channel}]
  published_at       timestamptz,
  opened_at          timestamptz,
  confirmed_at       timestamptz,
  class              text        not null check (class in ('UNREACHABLE', 'GRANTABLE', 'COLD', 'REACHABLE', 'PROVEN', 'UNKNOWN')),
  openers            integer     not null check (openers >= 0),
  grantors           integer     not null check (grantors >= 0),
  attachment_locked  boolean     not null default false,
  access_version     bigint      not null,
  computed_at        timestamptz not null,
  told_at            timestamptz,                         -- the sender was first told that it is unread
  asked_at           timestamptz,                         -- the sender was first asked to decide
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
  check (case class when 'UNREACHABLE' then openers = 0 and grantors = 0 when 'GRANTABLE' then openers = 0 and grantors > 0
                    when 'UNKNOWN' then true else openers > 0 end),
  check (settled_at is not null or (next_action is not null and next_action_at is not null)),
  check (outcome <> 'accepted-unread' or (settled_by is not null and settled_reason is not null))
);
create index item_open_party on watch.item (party_id) include (access_version) where settled_at is null;
create index item_open_next on watch.item (next_action_at) where settled_at is null;
create index item_open_sender on watch.item (sender_id, about) where settled_at is null;

-- Rows below belong to a watch, which is never deleted. No foreign key says so: checking it row by row is a third of what
-- planning a ladder costs, and an invariant looks for strays.

-- What opening takes. Only of open watches: a settled one needs nothing.
create table watch.need (
  about          uuid    not null,
  party_id       uuid    not null,
  resource_id    text    not null,
  action         text    not null,
  instance       uuid    not null,               -- the message, or the attachment with a resource of its own
  policy_version integer not null,
  primary key (about, party_id, instance)
);
create index need_policy on watch.need (resource_id, policy_version);

-- Who could let somebody in, of open watches that nobody can open: the list of those who can grant starts from here.
create table watch.grantor (
  grantor_id uuid not null,
  about      uuid not null,
  party_id   uuid not null,
  primary key (about, party_id, grantor_id)
);
create index grantor_grantor on watch.grantor (grantor_id, about);

create table watch.step (
  id         uuid        primary key,
  about      uuid        not null,
  party_id   uuid        not null,
  name       text        not null,               -- 'notify', 'notify-grantors', 'remind', 'tell-sender', 'ask-sender', …
  spec       jsonb       not null,               -- the step as the ladder's version has it
  source     text        not null check (source in ('policy', 'sender')),
  order_id   uuid,                               -- the sender's wording
  due_at     timestamptz not null,
  state      text        not null default 'due' check (state in ('due', 'done', 'skipped', 'cancelled')),
  reason     text,
  rank       smallint,                           -- of the ladder's step that it is; null for what the ladder does not have
  changed_at timestamptz not null
);
create index step_due on watch.step (due_at) where state = 'due';
create index step_about on watch.step (about, party_id);

-- The id of a planned step follows from what it is a step of, so that planning it again plans nothing. A UUID version 8
-- (RFC 9562) that begins with the time in `about`, so that keys lie in the order of time. One expression, to be inlined.
create function watch.step_id(about uuid, party uuid, step text) returns uuid language sql immutable parallel safe as $$
  select overlay(overlay(md5(about::text || party::text || step) placing left(replace(about::text, '-', ''), 12) || '8' from 1)
                 placing '8' from 17)::uuid
$$;

-- The steps of each version in the order in which they fall due; at one time those first that only sealed post knows.
create view watch.ladder_step as
  select l.id as ladder, l.version, s.spec, s.after, s.only_sealed,
         (row_number() over (partition by l.id, l.version order by s.after, s.only_sealed desc, s.n))::smallint as rank
    from watch.ladder l
   cross join lateral (select e.spec, e.n, (e.spec ->> 'after')::interval as after,
                              jsonb_array_length(e.spec -> 'when') > 0 and e.spec -> 'when' <@ '["grant-needed", "attachment-locked"]' as only_sealed
                         from jsonb_array_elements(l.steps) with ordinality as e(spec, n)) s;

insert into watch.ladder (id, version, steps)
select id, 1, '[
    {"name": "notify",          "after": "PT0S", "when": [], "who": "openers",  "channel": "preferred", "text": "new-mail"},
    {"name": "notify-grantors", "after": "PT0S", "when": ["grant-needed", "attachment-locked"], "who": "grantors", "channel": "preferred", "text": "sealed"},
    {"name": "remind",          "after": "P7D",  "when": [], "who": "openers",  "otherwise": "grantors", "channel": "preferred", "text": "reminder"},
    {"name": "tell-sender",     "after": "P8D",  "when": [], "who": "sender",   "channel": "preferred", "text": "sender-unread"},
    {"name": "ask-sender",      "after": "P14D", "when": [], "who": "sender",   "channel": "preferred", "text": "sender-decision"}
  ]'::jsonb
  from unnest(array['ordinary', 'confidential']) as id;

-- Published: what is watched, for boards, statements and the standing query.
create view watch.item_face as
  select about, party_id, sender_id, resource_id, confidential, confirm_needed, begun_at, due_at, published_at, opened_at, confirmed_at,
         class, openers, grantors, attachment_locked, next_action, next_action_at, settled_at, outcome
    from watch.item;
