-- feature: access, register
-- why:     accountants act for their clients through agents, systems through what their vendor registered, and post to the
--          dead and to the closed must be known to be opened by nobody; who asked for access, and what became of it, is kept
-- locks:   register.party, access.role_assignment, access exclusive, milliseconds

-- Who goes on where a merged organization was: what it left is opened by those who may at its successor.
alter table register.party add column successor_id uuid references register.party,
  add check (successor_id is null or kind = 'organization'), add check (successor_id <> id);
create index party_successor on register.party (successor_id) where successor_id is not null;

create or replace view register.party_face as
  select p.id, p.party_id, p.kind, p.number, p.name, p.org_code, p.unit_type, p.parent_id, p.language, p.reserved, p.last_login_on,
         p.died_on is null and p.deleted_at is null as alive,
         exists (select from register.contact_point c where c.party_id = p.id) as has_contact,
         p.successor_id
    from register.party p;

-- Where what holds at a party comes about: there, at its main unit, and, once it has been merged, at its successor. A party
-- without a row is gone: it is dead or closed, or the main unit is that it was part of, and nobody opens what lies there.
create view access.place as
  select p.id as at, p.id as via, null::text as main
    from register.party_face p
   where p.alive and (p.kind <> 'organization' or p.parent_id is null
                      or (select true from register.party_face m left join register.party_face s on s.id = m.successor_id
                           where m.id = p.parent_id and (m.alive or s.alive)))
  union all
  select p.id, m.id, m.number
    from register.party p join register.party_face m on m.id = p.parent_id and m.kind = 'organization' and m.alive
   where p.kind = 'organization'
  union all
  select p.id, s.id, s.number
    from register.party_face p join register.party_face s on s.id = p.successor_id and s.alive
   where not p.alive
  union all
  select p.id, s.id, s.number
    from register.party p join register.party_face m on m.id = p.parent_id and not m.alive join register.party_face s on s.id = m.successor_id and s.alive
   where p.kind = 'organization';

-- What a provider lets one of its agents do for one of its clients: of what it has there itself, an access package.
create table access.client_delegation (
  id          uuid        primary key,
  client_id   uuid        not null references register.party,
  provider_id uuid        not null references register.party,
  agent_id    uuid        not null references register.party,   -- an employee, or a system user of the provider
  package     text        not null references access.package,
  created_by  uuid        references register.party,
  created_at  timestamptz not null,
  revoked_at  timestamptz,
  revoked_by  uuid        references register.party,
  check (client_id <> provider_id and agent_id <> provider_id and agent_id <> client_id)
);
create unique index client_delegation_once on access.client_delegation (client_id, provider_id, agent_id, package) where revoked_at is null;
create index client_delegation_agent on access.client_delegation (agent_id, client_id) where revoked_at is null;
create index client_delegation_provider on access.client_delegation (provider_id, agent_id) where revoked_at is null;

create function access.delegations_changed() returns trigger language plpgsql set plan_cache_mode = force_custom_plan as $$
begin
  if tg_op = 'INSERT' then
    perform access.bump(array_agg(client_id), null) from fresh having count(*) > 0;
  elsif tg_op = 'DELETE' then
    perform access.bump(array_agg(client_id), null) from gone having count(*) > 0;
  else
    perform access.bump(array_agg(c.client_id), null) from (select client_id from fresh union select client_id from gone) c having count(*) > 0;
  end if;
  return null;
end $$;
create trigger delegations_made after insert on access.client_delegation
  referencing new table as fresh for each statement execute function access.delegations_changed();
create trigger delegations_deleted after delete on access.client_delegation
  referencing old table as gone for each statement execute function access.delegations_changed();
create trigger delegations_altered after update on access.client_delegation
  referencing old table as gone new table as fresh for each statement execute function access.delegations_changed();

-- Whoever is no agent any longer has nothing as one, whoever ended it.
create function access.agents_left() returns trigger language plpgsql set plan_cache_mode = force_custom_plan as $$
begin
  update access.client_delegation d set revoked_at = clock.now()
    from gone g
   where g.role = 'agent' and d.provider_id = g.at_id and d.agent_id = g.holder_id and d.revoked_at is null;
  return null;
end $$;
create trigger agents_left after delete on access.role_assignment
  referencing old table as gone for each statement execute function access.agents_left();

-- What is done at a successor is done at those that went into it.
create or replace function access.affected(changed uuid[], led uuid[]) returns setof uuid language sql stable as $$
  with unit as (
    select unnest(led) as id
    union select p.id from register.party p where p.parent_id = any (led)),
  place as (
    select unnest(changed) as id
    union select id from unit
    union select g.from_id from access.access_grant g join unit u on u.id = g.to_id where g.revoked_at is null
    union select a.at_id from access.role_assignment a join unit u on u.id = a.holder_id),
  heir as (
    select id from place
    union select p.id from register.party p join place on p.successor_id = place.id)
  select id from heir
  union select p.id from register.party p join heir on p.parent_id = heir.id where p.kind = 'organization'
$$;

create or replace function access.standing_changed() returns trigger language plpgsql set plan_cache_mode = force_custom_plan as $$
declare moved uuid[];
begin
  select array_agg(f.id) into moved from fresh f join gone g on g.id = f.id
   where (f.died_on, f.deleted_at, f.parent_id, f.unit_type, f.successor_id)
         is distinct from (g.died_on, g.deleted_at, g.parent_id, g.unit_type, g.successor_id);
  if moved is null then return null; end if;
  perform access.bump(
    moved || array(select g.from_id from access.access_grant g where g.to_id = any (moved) and g.revoked_at is null)
          || array(select d.client_id from access.client_delegation d where d.agent_id = any (moved) and d.revoked_at is null)
          || array(select d.client_id from access.client_delegation d join register.party u on u.id = d.agent_id
                    where u.parent_id = any (moved) and d.revoked_at is null),
    moved || array(select a.at_id from access.role_assignment a where a.holder_id = any (moved)));
  return null;
end $$;

-- As before, but that it says of a party whether it is gone (`is_gone`).
drop function access.standing(uuid[], uuid[], text[]);
create function access.standing(places uuid[], subjects uuid[], resources text[])
returns table (what text, id uuid, resource text, version text, is_own boolean, kind text, number text, org_code text, party_id integer,
               unit_type text, alive boolean, is_plain boolean, has_contact boolean, is_known boolean, is_recent boolean, fetches boolean,
               level integer, seconds double precision, is_gone boolean)
language plpgsql stable set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_material = off
set plan_cache_mode = force_generic_plan set jit = off as $$
#variable_conflict use_column
declare
  present   timestamptz := clock.now();
  long_ago  timestamptz := present - interval '180 days';   -- persons
  some_time timestamptz := present - interval '30 days';    -- machines
  own       xid8        := pg_current_xact_id_if_assigned();
begin
  return query
  select 'time', null::uuid, null::text, (select s.version || ' ' || extract(epoch from s.loaded_at) from access.seed s), null::boolean,
         null::text, null::text, null::text, null::integer, null::text, null::boolean, null::boolean, null::boolean, null::boolean,
         null::boolean, null::boolean, null::integer, extract(epoch from present)::double precision, null::boolean
  union all
  select 'policy', r.owner_id, r.id, r.policy_version || ' ' || r.policy_hash, coalesce(r.changed_in = own, false),
         null, null, null, null, null, null, null, null, null, null, null, null, null, null
    from access.resource r
   where r.id = any (resources)
  union all
  select 'place', p.id, null, coalesce(v.version, 0)::text, coalesce(v.changed_in = own, false), p.kind, p.number, p.org_code, p.party_id,
         p.unit_type, p.alive,
         p.kind = 'person' and (select true from access.role_assignment h where h.at_id = p.id limit 1) is null
                           and (select true from access.access_grant g where g.from_id = p.id and g.revoked_at is null limit 1) is null,
         p.has_contact, p.last_login_on is not null, coalesce(p.last_login_on::timestamptz > long_ago, false), null, null, null,
         case when p.alive and (p.kind <> 'organization' or p.parent_id is null) then false
              else (select true from access.place w where w.at = p.id limit 1) is not true end
    from access.subject p
    left join lateral (select v.version, v.changed_in from access.party_version v where v.party_id = p.id offset 0) v on true
   where p.id = any (places)
  union all
  select 'seen', a.party_id, null, null, null, null, null, null, null, null, null, null, null, null, a.last_seen_at > long_ago,
         a.read_scope and a.last_seen_at > some_time, a.auth_level::integer, null, null
    from identity.activity_face a
   where a.party_id = any (places)
  union all
  select 'opened', o.party_id, o.resource_id, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null
    from access.opening o
   where o.party_id = any (places) and o.resource_id = any (resources) and o.opened_at > present - interval '90 days';
  if cardinality(subjects) = 0 then return; end if;
  return query
  select 'subject', p.id, null::text, null::text, null::boolean, p.kind, p.number, p.org_code, p.party_id, null::text, p.alive, null::boolean,
         p.has_contact, p.last_login_on is not null, coalesce(p.last_login_on::timestamptz > long_ago, false), null::boolean, null::integer, null::double precision, null::boolean
    from access.subject p
   where p.id = any (subjects)
  union all
  select 'seen', a.party_id, null, null, null, null, null, null, null, null, null, null, null, null, a.last_seen_at > long_ago,
         a.read_scope and a.last_seen_at > some_time, a.auth_level::integer, null, null
    from identity.activity_face a
   where a.party_id = any (subjects);
end $$;

-- As before, but by all places of a party (`access.place`), and through agents: of what a provider has at a client each agent
-- has the package that it was given.
drop function access.ties(uuid[], uuid[], text[], text[], text[], uuid[], text[], text[], integer[], uuid[]);
create function access.ties(
  for_parties uuid[], for_subjects uuid[], want_roles text[], want_packages text[], want_resources text[], want_instances uuid[],
  named_numbers text[], named_codes text[], named_party_ids integer[], named_ids uuid[])
returns table (what text, at uuid, subject uuid, unit_type text, main text, role text, package text, resource text, instance uuid,
               actions text[], until_seconds double precision, lead_role text, lead_at text, kind text, number text, org_code text,
               party_id integer, has_contact boolean, is_known boolean, is_recent boolean, fetches boolean, level integer, agent_of text, agent_package text)
language plpgsql stable set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_material = off
set plan_cache_mode = force_generic_plan set jit = off as $$
#variable_conflict use_column
declare
  present   timestamptz := clock.now();
  long_ago  timestamptz := present - interval '180 days';
  some_time timestamptz := present - interval '30 days';
  key_roles text[]      := array(select r.code from access.role r where r.is_key_role);
begin
  return query
  with mine as materialized (   -- each subject with the organizations that it leads
    select s.id as subject, s.id from unnest(for_subjects) s (id) where s.id is not null
    union
    select s.id, unit.id
      from unnest(for_subjects) s (id)
     cross join lateral (select a.at_id from access.role_assignment a where a.holder_id = s.id and a.role = any (key_roles) offset 0) k
     cross join lateral (select k.at_id union all select p.id from register.party p where p.parent_id = k.at_id offset 0) unit (id)
    union   -- and those as whose agent it acts there
    select s.subject, d.provider_id
      from unnest(for_parties, for_subjects) s (at, subject)
     cross join lateral (select w.via from access.place w where w.at = s.at offset 0) v
     cross join lateral (select c.provider_id from access.client_delegation c
                          where c.agent_id = s.subject and c.client_id = v.via and c.revoked_at is null offset 0) d
     where s.subject is not null),
  place as materialized (
    select a.at, a.subject, x.unit_type, v.via, v.main
      from unnest(for_parties, for_subjects) a (at, subject)
     cross join lateral (select p.unit_type from register.party p where p.id = a.at offset 0) x
     cross join lateral (select w.via, w.main from access.place w where w.at = a.at offset 0) v),
  edge as (
    select p.at, p.via, p.subject as asker, p.unit_type, p.main, a.holder_id as holder, a.role,
           null::text as package, null::text as resource, null::uuid as instance, null::text[] as actions, null::timestamptz as expires_at
      from place p
     cross join lateral (select r.holder_id, r.role from access.role_assignment r where r.at_id = p.via and r.role = any (want_roles) offset 0) a
     where p.subject is null
    union all
    select p.at, p.via, p.subject, p.unit_type, p.main, a.holder_id, a.role, null, null, null, null, null
      from place p join mine m on m.subject = p.subject
     cross join lateral (select r.holder_id, r.role from access.role_assignment r
                          where r.at_id = p.via and r.holder_id = m.id and r.role = any (want_roles) offset 0) a
    union all
    select p.at, p.via, p.subject, p.unit_type, p.main, g.to_id, null, g.package, g.resource_id, g.instance, nullif(g.actions, '{}'), g.expires_at
      from place p
     cross join lateral (select f.* from access.access_grant f where f.from_id = p.via and f.revoked_at is null offset 0) g
     where p.subject is null and (g.expires_at is null or g.expires_at > present)
       and (g.package = any (want_packages)
            or (g.resource_id = any (want_resources) and (g.instance is null or g.instance = any (want_instances))))
    union all
    select p.at, p.via, p.subject, p.unit_type, p.main, g.to_id, null, g.package, g.resource_id, g.instance, nullif(g.actions, '{}'), g.expires_at
      from place p join mine m on m.subject = p.subject
     cross join lateral (select f.* from access.access_grant f where f.from_id = p.via and f.to_id = m.id and f.revoked_at is null offset 0) g
     where (g.expires_at is null or g.expires_at > present)
       and (g.package = any (want_packages)
            or (g.resource_id = any (want_resources) and (g.instance is null or g.instance = any (want_instances))))),
  held as materialized (
    select e.*, s.kind, s.number, s.org_code, s.party_id, s.has_contact, s.last_login_on, s.alive, s.parent_id
      from edge e cross join lateral (select x.* from access.subject x where x.id = e.holder offset 0) s),
  tie as (
    select h.at, h.holder as subject, h.unit_type, h.main, h.role, h.package, h.resource, h.instance, h.actions, h.expires_at,
           null::text as lead_role, null::text as lead_at, h.kind, h.number, h.org_code, h.party_id, h.has_contact, h.last_login_on,
           null::text as agent_of, null::text as agent_package
      from held h
     where h.alive and (h.kind = 'person' or h.role is null) and (h.asker is null or h.holder = h.asker)
    union all
    select h.at, k.holder_id, h.unit_type, h.main, h.role, h.package, h.resource, h.instance, h.actions, h.expires_at,
           k.role, u.number, s.kind, s.number, s.org_code, s.party_id, s.has_contact, s.last_login_on, null, null
      from held h
     cross join lateral (values (h.holder), (h.parent_id)) unit (id)
     cross join lateral (select x.number from register.party_face x where x.id = unit.id offset 0) u
     cross join lateral (select a.holder_id, a.role from access.role_assignment a
                          where a.at_id = unit.id and a.role = any (key_roles) and (h.asker is null or a.holder_id = h.asker) offset 0) k
     cross join lateral (select x.* from access.subject x where x.id = k.holder_id and x.alive offset 0) s
     where h.kind = 'organization' and h.alive
    union all
    select h.at, d.agent_id, h.unit_type, h.main, h.role, h.package, null, null, null, h.expires_at,
           null, null, s.kind, s.number, s.org_code, s.party_id, s.has_contact, s.last_login_on, h.number, d.package
      from held h
     cross join lateral (select c.agent_id, c.package from access.client_delegation c
                          where c.client_id = h.via and c.provider_id = h.holder and c.revoked_at is null
                            and c.package = any (want_packages) and (h.package is null or c.package = h.package)
                            and (h.asker is null or c.agent_id = h.asker) offset 0) d
     cross join lateral (select x.* from access.subject x where x.id = d.agent_id and x.alive offset 0) s
     where h.kind = 'organization' and h.alive and h.resource is null)
  select 'tie', t.at, t.subject, t.unit_type, t.main, t.role, t.package, t.resource, t.instance, t.actions,
         extract(epoch from t.expires_at)::double precision, t.lead_role, t.lead_at, t.kind, t.number, t.org_code, t.party_id,
         t.has_contact, t.last_login_on is not null or a.last_seen_at is not null,
         coalesce(greatest(t.last_login_on::timestamptz, a.last_seen_at) > long_ago, false),
         coalesce(a.read_scope and a.last_seen_at > some_time, false), a.auth_level::integer, t.agent_of, t.agent_package
    from tie t left join lateral (select v.* from identity.activity_face v where v.party_id = t.subject offset 0) a on true
  union all
  select 'items', p.at, p.subject, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null
    from place p
   where (select true from access.access_grant g
           where g.from_id = p.via and g.revoked_at is null and g.instance is not null and g.resource_id = any (want_resources)
             and (p.subject is null or g.to_id = any (array(select m.id from mine m where m.subject = p.subject))) limit 1);
  if cardinality(named_numbers) + cardinality(named_codes) + cardinality(named_party_ids) + cardinality(named_ids) = 0 then return; end if;
  return query
  select 'named', null::uuid, s.id, null::text, null::text, null::text, null::text, null::text, null::uuid, null::text[],
         null::double precision, null::text, null::text, s.kind, s.number, s.org_code, s.party_id,
         s.has_contact, s.last_login_on is not null or a.last_seen_at is not null,
         coalesce(greatest(s.last_login_on::timestamptz, a.last_seen_at) > long_ago, false),
         coalesce(a.read_scope and a.last_seen_at > some_time, false), a.auth_level::integer, null::text, null::text
    from access.subject s left join lateral (select v.* from identity.activity_face v where v.party_id = s.id offset 0) a on true
   where (s.number = any (named_numbers) or s.org_code = any (named_codes) or s.party_id = any (named_party_ids) or s.id = any (named_ids))
     and s.alive;
end $$;

-- Who changed access at a party last and why, where one act has done it. It says so of `change_version` only: a later change that
-- nobody told of leaves it behind.
alter table access.party_version add column change jsonb, add column change_version bigint;

-- What somebody asks a party to give: a sender for one who should open, an end user for itself.
create table access.delegation_request (
  id           uuid        primary key,
  at_id        uuid        not null references register.party,   -- whose access it is
  to_id        uuid        not null references register.party,   -- who should get it
  package      text        references access.package,
  resource_id  text        references access.resource,
  actions      text[]      not null default '{}',
  requested_by uuid        not null references register.party,   -- the service owner
  status       text        not null check (status in ('Draft', 'Pending', 'Approved', 'Rejected', 'Withdrawn')),
  created_at   timestamptz not null,
  decided_at   timestamptz,
  decided_by   uuid        references register.party,
  check ((package is null) <> (resource_id is null)),
  check ((decided_at is null) = (status in ('Draft', 'Pending')))
);
create unique index delegation_request_once on access.delegation_request (at_id, to_id, package, resource_id, requested_by) nulls not distinct where status = 'Pending';
create index delegation_request_at on access.delegation_request (at_id, id) where status = 'Pending';

-- Systems that vendors offer, and what they need at those that use them.
create table access.system (
  id              text        primary key,                        -- '991825827_name'
  internal_id     uuid        not null unique,
  vendor_id       uuid        not null references register.party,
  name            jsonb       not null,
  description     jsonb       not null,
  rights          jsonb       not null default '[]',              -- [{resource, action}]
  packages        text[]      not null default '{}',
  client_ids      text[]      not null default '{}',
  is_visible      boolean     not null default false,
  redirect_urls   text[]      not null default '{}',
  created_at      timestamptz not null,
  changed_at      timestamptz not null,
  deleted_at      timestamptz
);
create index system_vendor on access.system (vendor_id);
create index system_clients on access.system using gin (client_ids) where deleted_at is null;

create table access.system_change (
  id         uuid        primary key,
  system_id  text        not null references access.system,
  kind       text        not null check (kind in ('create', 'update', 'rights_update', 'access_package_update', 'delete')),
  changed_by text,                                                -- the client
  changed_at timestamptz not null,
  change     jsonb       not null
);
create index system_change_system on access.system_change (system_id, id);

-- Which system a system user is of; the party itself stands in the register, its rights are grants and client delegations.
create table access.system_user (
  id                uuid        primary key references register.party,
  system_id         text        not null,
  owner_id          uuid        not null references register.party,
  kind              text        not null check (kind in ('standard', 'agent')),
  external_ref      text        not null,
  integration_title text        not null,
  packages          text[]      not null default '{}',            -- of an agent: what its owner may let it do for clients
  created_at        timestamptz not null,
  deleted_at        timestamptz
);
create unique index system_user_once on access.system_user (system_id, owner_id, external_ref, kind) where deleted_at is null;
create index system_user_owner on access.system_user (owner_id) where deleted_at is null;
create index system_user_system on access.system_user (system_id, id) where deleted_at is null;

-- A vendor asks an organization for a system user, or for other rights of one.
create table access.system_user_request (
  id                uuid        primary key,
  kind              text        not null check (kind in ('standard', 'agent', 'change')),
  system_id         text        not null references access.system,
  owner_id          uuid        not null references register.party,
  external_ref      text        not null,
  system_user_id    uuid        references access.system_user,     -- of a change, and once accepted
  rights            jsonb       not null default '[]',
  packages          text[]      not null default '{}',
  unwanted_rights   jsonb       not null default '[]',
  unwanted_packages text[]      not null default '{}',
  redirect_url      text,
  integration_title text        not null,
  status            text        not null check (status in ('New', 'Accepted', 'Rejected', 'Denied', 'Timedout')),
  escalated         boolean     not null default false,
  created_at        timestamptz not null,
  decided_at        timestamptz,
  decided_by        uuid        references register.party,
  deleted_at        timestamptz,
  check ((decided_at is null) = (status = 'New'))
);
create unique index system_user_request_once on access.system_user_request (kind, system_id, owner_id, external_ref) where status = 'New' and deleted_at is null;
create index system_user_request_open on access.system_user_request (created_at) where status = 'New' and deleted_at is null;
create index system_user_request_owner on access.system_user_request (owner_id, id) where status = 'New' and deleted_at is null;
create index system_user_request_system on access.system_user_request (system_id, id) where deleted_at is null;
