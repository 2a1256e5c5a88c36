-- feature: access
-- why:     one set of edges answers may() and, walked backwards, whoCanOpen()
-- locks:   none
create schema access;

create table access.role (
  code        text    primary key,             -- 'daglig-leder', 'a0236'
  urn         text    not null unique,
  legacy_code text    unique,                  -- 'dagl'; codes of both kinds are kept in lower case
  is_key_role boolean not null default false,
  entity_type text,
  name        jsonb   not null
);

-- Which document of roles and packages was loaded last.
create table access.seed (
  single    boolean     primary key default true check (single),
  version   integer     not null,
  loaded_at timestamptz not null
);

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

-- Holding `has` at a party gives `gets` there: to use, or only to hand on to others. Whatever follows by several steps
-- stands here as one, so that nobody who asks has to walk.
create table access.role_implication (
  has  text not null,
  gets text not null,
  kind text not null check (kind in ('has', 'can-delegate')),
  primary key (has, gets, kind)
);
create index role_implication_gets on access.role_implication (gets);

-- What roles that follow from a role give stands with the role itself.
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
  primary key (at_id, holder_id, role),
  check (role not in ('privatperson', 'selvregistrert'))   -- everybody is that in their own matters, and nobody in another's
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
create index access_grant_expiry on access.access_grant (expires_at) where revoked_at is null and expires_at is not null;
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
  policy_class   text    not null,               -- hash of what is asked of a reader: resources that ask the same share it
  policy_hash    text    not null,               -- hash of all rules
  changed_in     xid8    not null default pg_current_xact_id(),  -- the transaction that last changed who may do what
  implicit       boolean not null default false
);
create index resource_changed_in on access.resource (changed_in);

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

create index access_list_member_party on access.access_list_member (party_id);

-- When somebody last opened post on a resource for a party.
create table access.opening (
  party_id    uuid        not null,
  resource_id text        not null,
  opened_at   timestamptz not null,
  primary key (party_id, resource_id)
);

-- Rises with every change of who may do what at a party. A party without a row stands at 0.
create table access.party_version (
  party_id   uuid   primary key,
  version    bigint not null,
  changed_in xid8   not null default pg_current_xact_id()
);
create index party_version_changed_in on access.party_version (changed_in);

-- Parties whose post others may open than before. `changed`: parties where somebody gains or loses something.
-- `led`: organizations whose key roles change hands: with them goes what others have given to the organization.
create function access.affected(changed uuid[], led uuid[]) returns setof uuid language sql stable as $$
  with unit as (
    select unnest(led) as id
    union select p.id from register.party p where p.parent_id = any (led)),
  place as (
    select unnest(changed) as id
    union select id from unit
    union select g.from_id from access.access_grant g join unit u on u.id = g.to_id where g.revoked_at is null
    union select a.at_id from access.role_assignment a join unit u on u.id = a.holder_id)
  select id from place
  union select p.id from register.party p join place on p.parent_id = place.id where p.kind = 'organization'
$$;

-- In the order of the ids, so that two transactions never wait for each other crosswise.
create function access.bump(changed uuid[], led uuid[]) returns void language sql set plan_cache_mode = force_custom_plan as $$
  insert into access.party_version as v (party_id, version)
  select id, 1 from access.affected(changed, led) as a (id) order by id
  on conflict (party_id) do update set version = v.version + 1, changed_in = excluded.changed_in
$$;

-- No writer can forget to raise the version: the tables do it themselves.
create function access.roles_changed() returns trigger language plpgsql set plan_cache_mode = force_custom_plan as $$
begin
  if tg_op = 'INSERT' then
    perform access.bump(array_agg(f.at_id), array_agg(f.at_id) filter (where r.is_key_role))
       from fresh f join access.role r on r.code = f.role having count(*) > 0;
  elsif tg_op = 'DELETE' then
    perform access.bump(array_agg(g.at_id), array_agg(g.at_id) filter (where r.is_key_role))
       from gone g join access.role r on r.code = g.role having count(*) > 0;
  else
    perform access.bump(array_agg(c.at_id), array_agg(c.at_id))
       from (select at_id from fresh union select at_id from gone) c having count(*) > 0;
  end if;
  return null;
end $$;
create trigger roles_added after insert on access.role_assignment
  referencing new table as fresh for each statement execute function access.roles_changed();
create trigger roles_ended after delete on access.role_assignment
  referencing old table as gone for each statement execute function access.roles_changed();
create trigger roles_moved after update on access.role_assignment
  referencing old table as gone new table as fresh for each statement execute function access.roles_changed();

create function access.grants_changed() returns trigger language plpgsql set plan_cache_mode = force_custom_plan as $$
begin
  if tg_op = 'INSERT' then
    perform access.bump(array_agg(from_id), null) from fresh having count(*) > 0;
  elsif tg_op = 'DELETE' then
    perform access.bump(array_agg(from_id), null) from gone having count(*) > 0;
  else
    perform access.bump(array_agg(c.from_id), null) from (select from_id from fresh union select from_id from gone) c having count(*) > 0;
  end if;
  return null;
end $$;
create trigger grants_made after insert on access.access_grant
  referencing new table as fresh for each statement execute function access.grants_changed();
create trigger grants_deleted after delete on access.access_grant
  referencing old table as gone for each statement execute function access.grants_changed();
create trigger grants_altered after update on access.access_grant
  referencing old table as gone new table as fresh for each statement execute function access.grants_changed();

create function access.members_changed() returns trigger language plpgsql set plan_cache_mode = force_custom_plan as $$
begin
  if tg_op = 'INSERT' then
    perform access.bump(array_agg(party_id), null) from fresh having count(*) > 0;
  else
    perform access.bump(array_agg(party_id), null) from gone having count(*) > 0;
  end if;
  return null;
end $$;
create trigger members_added after insert on access.access_list_member
  referencing new table as fresh for each statement execute function access.members_changed();
create trigger members_removed after delete on access.access_list_member
  referencing old table as gone for each statement execute function access.members_changed();

-- A death, a closed organization, another main unit or another form: access changes although no row of access does,
-- at the party itself and wherever it acts.
create function access.standing_changed() returns trigger language plpgsql set plan_cache_mode = force_custom_plan as $$
declare moved uuid[];
begin
  select array_agg(f.id) into moved from fresh f join gone g on g.id = f.id
   where (f.died_on, f.deleted_at, f.parent_id, f.unit_type) is distinct from (g.died_on, g.deleted_at, g.parent_id, g.unit_type);
  if moved is null then return null; end if;
  perform access.bump(
    moved || array(select g.from_id from access.access_grant g where g.to_id = any (moved) and g.revoked_at is null),
    moved || array(select a.at_id from access.role_assignment a where a.holder_id = any (moved)));
  return null;
end $$;
create trigger standing_changes_access after update on register.party
  referencing old table as gone new table as fresh for each statement execute function access.standing_changed();

-- The code of a role by either of its codes. Loud when there is no such role: a mistyped one must not read as nobody.
create function access.role_code(wanted text) returns text language plpgsql stable strict as $$
declare found_code text;
begin
  select code into found_code from access.role where code = wanted or legacy_code = wanted;
  if found_code is null then raise exception 'there is no role %', wanted using errcode = 'BS005'; end if;
  return found_code;
end $$;
create function access.package_code(wanted text) returns text language plpgsql stable strict as $$
declare found_code text;
begin
  select code into found_code from access.package where code = wanted;
  if found_code is null then raise exception 'there is no access package %', wanted using errcode = 'BS005'; end if;
  return found_code;
end $$;

-- Everything that holds at these parties, for one subject or (null) for everybody living, by all edges at once: roles at
-- the party and at its main unit with what follows from them, access packages of roles, grants, what is given to an
-- organization for those who lead it, system users, and the party itself. Only what is wanted: an organization has
-- thousands of facts. Both ways of asking walk the same edges.
-- The plan is made once per connection and by indexes, whatever the tables held when it was made: planning this takes ten
-- times as long as running it, and a plan made on empty tables would read them whole when they are full.
create function access.facts(
  for_parties uuid[], for_subject uuid, want_roles text[], want_packages text[], want_resources text[], want_instances uuid[],
  want_handed_on text[], want_administrators boolean, want_self boolean, named_numbers text[], named_codes text[], named_party_ids integer[], named_ids uuid[])
returns table (at uuid, subject uuid, kind text, value text, alias text, actions text[], instance uuid, path text[],
               subject_kind text, number text, org_code text, party_id integer)
language plpgsql stable set enable_seqscan = off set plan_cache_mode = force_generic_plan set jit = off as $$
#variable_conflict use_column
declare
  mine uuid[];   -- the subject and the organizations it leads
  administering text[] := case when want_administrators then array['hovedadministrator', 'tilgangsstyrer'] else '{}' end;
begin
  if for_subject is not null then
    select array_agg(h.id) into mine from (
      select for_subject as id
      union select k.at_id from access.role_assignment k join access.role r on r.code = k.role and r.is_key_role where k.holder_id = for_subject
      union select p.id from access.role_assignment k join access.role r on r.code = k.role and r.is_key_role
                        join register.party p on p.parent_id = k.at_id where k.holder_id = for_subject) h;
  end if;
  return query
  with wanted_role as materialized (
    select r.code, r.legacy_code from access.role r where r.code = any (want_roles) or r.legacy_code = any (want_roles)),
  gives as materialized (
    select w.code as role, 'role' as kind, w.code as value, w.legacy_code as alias, null::text as unit_type, null::text as step from wanted_role w
    union all
    select i.has, 'role', w.code, w.legacy_code, null, 'gives role ' || w.code
      from wanted_role w join access.role_implication i on i.gets = w.code and i.kind = 'has'
    union all
    select rp.role, 'package', rp.package, null, rp.unit_type, 'package ' || rp.package
      from access.role_package rp where rp.has_access and rp.package = any (want_packages)
    union all
    select rp.role, 'hands-on', rp.package, null, rp.unit_type, 'may give package ' || rp.package
      from access.role_package rp join access.package k on k.code = rp.package and k.is_assignable
     where rp.can_delegate and rp.package = any (want_handed_on)
    union all
    select rp.role, 'administrator', rp.package, null, rp.unit_type, rp.package
      from access.role_package rp where rp.has_access and rp.package = any (administering)
    union all
    select v.role, 'administrator', v.means, null, null, v.means
      from (values ('hovedadministrator', 'hovedadministrator'), ('hadm', 'hovedadministrator'), ('admai', 'tilgangsstyrer')) v (role, means)
     where v.means = any (administering)),
  place as materialized (
    select x.id as at, x.id as via, x.kind, x.unit_type, case when x.kind = 'organization' then x.number else 'the person' end as label
      from register.party_face x where x.id = any (for_parties)
    union all
    select x.id, m.id, x.kind, x.unit_type, m.number
      from register.party_face x join register.party_face m on m.id = x.parent_id and m.kind = 'organization'
     where x.id = any (for_parties) and x.kind = 'organization'),
  edge as (
    select p.at, a.holder_id as holder, g.kind, g.value, g.alias, null::text[] as actions, null::uuid as instance, false as granted,
           array_remove(array['role ' || a.role || ' at ' || p.label, g.step], null) as path
      from place p
     cross join lateral (
           select r.holder_id, r.role from access.role_assignment r where mine is null and r.at_id = p.via
           union all
           select r.holder_id, r.role from access.role_assignment r where mine is not null and r.at_id = p.via and r.holder_id = any (mine)) a
      join gives g on g.role = a.role and (g.unit_type is null or g.unit_type = p.unit_type)
    union all
    select p.at, p.at, g.kind, g.value, g.alias, null, null, false, array_remove(array['self', g.step], null)
      from place p join gives g on g.role = 'privatperson' where p.kind = 'person' and (mine is null or p.at = for_subject)
    union all
    select p.at, g.to_id, meaning.kind, coalesce(g.package, g.resource_id), null, g.actions, g.instance, true,
           array['grant of ' || case when g.package is not null then 'package ' || g.package
                                     when g.instance is not null then 'one item of resource ' || g.resource_id
                                     else 'resource ' || g.resource_id end || ' at ' || p.label]
      from place p
     cross join lateral (
           select f.* from access.access_grant f where mine is null and f.from_id = p.via and f.revoked_at is null
           union all
           select f.* from access.access_grant f where mine is not null and f.from_id = p.via and f.to_id = any (mine) and f.revoked_at is null) g
     cross join lateral (values ('package', g.package = any (want_packages)),
                                ('administrator', g.package = any (administering)),
                                ('grant', g.resource_id = any (want_resources) and (g.instance is null or g.instance = any (want_instances))))
           meaning (kind, asked)
     where meaning.asked and (g.expires_at is null or g.expires_at > clock.now())),
  held as materialized (
    select e.at, e.holder as subject, e.kind, e.value, e.alias, e.actions, e.instance, e.path
      from edge e join register.party_face s on s.id = e.holder and (s.kind = 'person' or e.granted)
     where mine is null or s.id = for_subject
    union all
    select e.at, k.holder_id, e.kind, e.value, e.alias, e.actions, e.instance, e.path || ('role ' || k.role || ' at ' || u.number)
      from edge e join register.party_face b on b.id = e.holder and b.kind = 'organization' and b.alive
     cross join lateral (values (b.id), (b.parent_id)) unit (id)
      join register.party_face u on u.id = unit.id
      join access.role_assignment k on k.at_id = u.id
      join access.role r on r.code = k.role and r.is_key_role
     where mine is null or k.holder_id = for_subject
    union all
    select p.at, p.at, 'self', p.kind, null, null, null,
           array[case when p.kind = 'organization' then 'organization ' || p.label || ' itself' else 'self' end]
      from place p where want_self and p.via = p.at and (mine is null or p.at = for_subject)
    union all
    select p.at, for_subject, 'named', '', null, null, null, '{}' from place p where p.via = p.at and for_subject is not null
    union all
    select p.at, s.id, 'named', '', null, null, null, '{}'
      from register.party_face s cross join place p
     where mine is null and p.via = p.at
       and (s.number = any (named_numbers) or s.org_code = any (named_codes) or s.party_id = any (named_party_ids) or s.id = any (named_ids))),
  handed as (
    select h.at, h.subject, 'hands-on', rp.package, null::text, null::text[], null::uuid, h.path
      from held h join place p on p.at = h.at and p.via = h.at
      join access.role_package rp on rp.role = h.value and rp.can_delegate and (rp.unit_type is null or rp.unit_type = p.unit_type)
      join access.package k on k.code = rp.package and k.is_assignable
     where h.kind = 'administrator' and rp.package = any (want_handed_on))
  select f.at, f.subject, f.kind, f.value, f.alias, f.actions, f.instance, f.path, s.kind, s.number, s.org_code, s.party_id
    from (select * from held union all select * from handed) f
    join register.party_face s on s.id = f.subject and s.alive
    left join register.party o on o.id = s.parent_id
   where s.kind <> 'system-user' or (o.died_on is null and o.deleted_at is null);
end $$;

-- Published: the version that a stored openability must be compared with.
create view access.current_version as select party_id, version from access.party_version;

-- Published: what a watch needs to know of a resource when its policy changes.
create view access.policy_face as select id as resource_id, policy_version, policy_class, confidential from access.resource;
