-- feature: access
-- why:     one set of edges answers may() and, walked backwards, whoCanOpen()
-- locks:   none
create schema access;

create table access.role (
  code        text    primary key,             -- 'daglig-leder', 'a0236'
  urn         text    not null unique,
  legacy_code text,                            -- 'DAGL'
  is_key_role boolean not null default false,
  entity_type text,
  name        jsonb   not null
);
create unique index role_legacy on access.role (lower(legacy_code)) where legacy_code is not null;

create table access.package (
  code          text    primary key,
  urn           text    not null unique,
  id            uuid    not null unique,
  area          text    not null,
  entity_type   text    not null,
  is_delegable  boolean not null,
  is_assignable boolean not null,
  name          jsonb   not null
);

-- Holding `has` at a party gives `gets` there: to use, or only to hand on to others.
create table access.role_implication (
  has  text not null,
  gets text not null,
  kind text not null check (kind in ('has', 'can-delegate')),
  primary key (has, gets, kind)
);
create index role_implication_gets on access.role_implication (gets);

create table access.role_package (
  role         text    not null references access.role,
  package      text    not null references access.package,
  unit_type    text,                            -- null: any
  has_access   boolean not null,
  can_delegate boolean not null,
  unique nulls not distinct (role, package, unit_type)
);
create index role_package_package on access.role_package (package);

create table access.role_assignment (
  holder_id  uuid        not null references register.party,
  at_id      uuid        not null references register.party,
  role       text        not null references access.role,
  source     text        not null,              -- 'ccr', 'town', 'implicit', …
  changed_at timestamptz not null,
  primary key (at_id, holder_id, role)
);
create index role_assignment_holder on access.role_assignment (holder_id);

create table access.access_grant (
  id          uuid        primary key,
  from_id     uuid        not null references register.party,
  to_id       uuid        not null references register.party,
  package     text        references access.package,
  resource_id text,
  instance    uuid,                             -- one message or attachment; with resource_id
  actions     text[]      not null,             -- of a package: empty, the package decides
  granted_by  uuid        references register.party,
  reason      text,
  expires_at  timestamptz,
  created_at  timestamptz not null,
  revoked_at  timestamptz,
  revoked_by  uuid        references register.party,
  check ((package is null) <> (resource_id is null)),
  check (instance is null or resource_id is not null),
  check (resource_id is null or cardinality(actions) > 0)
);
create index access_grant_from on access.access_grant (from_id) where revoked_at is null;
create index access_grant_to on access.access_grant (to_id) where revoked_at is null;
create unique index access_grant_once on access.access_grant (from_id, to_id, package, resource_id, instance) nulls not distinct where revoked_at is null;

create table access.resource (
  id             text    primary key,
  type           text    not null check (type in ('CorrespondenceService', 'BrokerService', 'GenericAccessResource', 'AltinnApp')),
  owner_id       uuid    not null references register.party,
  title          jsonb   not null,
  confidential   boolean not null default false,
  strict_altinn  boolean not null default false,
  min_level      smallint not null default 0 check (min_level between 0 and 4),
  access_list    text,
  ladder         text    not null default 'ordinary',
  unreachable    text    not null default 'accept' check (unreachable in ('accept', 'refuse', 'fallback')),
  packages       text[]  not null default '{}',  -- access packages that its rules name
  broker         jsonb,
  shorthand      jsonb,                          -- senders and readers as they were given, for a policy that was not written as XACML
  policy_version integer not null default 1,
  policy_class   text    not null,               -- hash of the rules: resources that ask the same of a reader share it
  implicit       boolean not null default false
);

-- One rule of a policy: it applies to `actions`, to subjects that match `target` = all of (any of (all of matches)),
-- a match being {category, attribute, match, value}.
create table access.rule (
  resource_id text     not null references access.resource on delete cascade,
  ordinal     smallint not null,
  effect      text     not null check (effect in ('permit', 'deny')),
  actions     text[]   not null,
  target      jsonb    not null,
  primary key (resource_id, ordinal)
);

create table access.access_list (
  id       text not null,
  owner_id uuid not null references register.party,
  primary key (id)
);
create table access.access_list_member (
  list_id  text not null references access.access_list on delete cascade,
  party_id uuid not null references register.party,
  primary key (list_id, party_id)
);

-- Rises with every change of who may do what at a party. A party without a row stands at 0.
create table access.party_version (
  party_id uuid   primary key,
  version  bigint not null
);

-- Published: the version that a stored openability must be compared with.
create view access.current_version as select party_id, version from access.party_version;

-- Published: what a watch needs to know of a resource when its policy changes.
create view access.policy_face as select id as resource_id, policy_version, policy_class, confidential from access.resource;
