-- feature: identity
-- why:     which clients exist, and who has been seen: openability counts nobody who has never come
-- locks:   none
create schema identity;

create table identity.client (
  client_id       text   primary key,
  organization_id uuid   not null references register.party,
  key_id          text,
  public_jwk      jsonb,
  scopes          text[] not null default '{}'
);

create table identity.activity (
  party_id     uuid        not null references register.party,
  client_id    text        not null default '',        -- '' for a person's own login
  read_scope   boolean     not null default false,     -- a token that may read came through this client
  auth_level   smallint    not null default 0,         -- the highest seen
  last_seen_at timestamptz not null,
  primary key (party_id, client_id)
);

-- Published: who was last seen when, and at what level.
create view identity.activity_face as
  select party_id, client_id, read_scope, auth_level, last_seen_at from identity.activity;
