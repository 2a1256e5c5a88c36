-- Printed from the catalogs by `npm run print`. Change a migration, never this file.


-- access

create table access.access_grant (
  id          uuid        not null,
  from_id     uuid        not null,
  to_id       uuid        not null,
  package     text,
  resource_id text,
  instance    uuid,
  actions     text[]      not null,
  granted_by  uuid,
  reason      text,
  expires_at  timestamptz,
  created_at  timestamptz not null,
  revoked_at  timestamptz,
  revoked_by  uuid,
  primary key (id),
  check ((package is null) <> (resource_id is null)),
  check (instance is null or resource_id is not null),
  check (resource_id is null or cardinality(actions) > 0),
  foreign key (from_id) references register.party(id),
  foreign key (granted_by) references register.party(id),
  foreign key (package) references access.package(code),
  foreign key (revoked_by) references register.party(id),
  foreign key (to_id) references register.party(id)
);
create index access_grant_expiry on access.access_grant (expires_at) where ((revoked_at is null) and (expires_at is not null));
create index access_grant_from on access.access_grant (from_id) where (revoked_at is null);
create unique index access_grant_once on access.access_grant (from_id, to_id, package, resource_id, instance) nulls not distinct where (revoked_at is null);
create index access_grant_to on access.access_grant (to_id) where (revoked_at is null);
create trigger grants_altered after update on access.access_grant referencing old table as gone new table as fresh for each statement execute function access.grants_changed();
create trigger grants_deleted after delete on access.access_grant referencing old table as gone for each statement execute function access.grants_changed();
create trigger grants_made after insert on access.access_grant referencing new table as fresh for each statement execute function access.grants_changed();

create table access.access_list (
  id          text        not null,
  owner_id    uuid        not null,
  identifier  text        not null,
  name        text        not null,
  description text        not null default ''::text,
  version     integer     not null default 1,
  created_at  timestamptz not null default clock.now(),
  updated_at  timestamptz not null default clock.now(),
  primary key (id),
  constraint access_list_named unique (owner_id, identifier),
  foreign key (owner_id) references register.party(id)
);

create table access.access_list_member (
  list_id  text        not null,
  party_id uuid        not null,
  since    timestamptz not null default clock.now(),
  primary key (list_id, party_id),
  foreign key (list_id) references access.access_list(id) on delete cascade,
  foreign key (party_id) references register.party(id)
);
create index access_list_member_party on access.access_list_member (party_id);
create trigger list_gains_members after insert on access.access_list_member referencing new table as fresh for each statement execute function access.list_changed();
create trigger list_loses_members after delete on access.access_list_member referencing old table as gone for each statement execute function access.list_changed();
create trigger members_added after insert on access.access_list_member referencing new table as fresh for each statement execute function access.members_changed();
create trigger members_removed after delete on access.access_list_member referencing old table as gone for each statement execute function access.members_changed();

create table access.access_list_resource (
  list_id        text        not null,
  resource_id    text        not null,
  action_filters text[],
  created_at     timestamptz not null default clock.now(),
  primary key (list_id, resource_id),
  check (cardinality(action_filters) > 0),
  foreign key (list_id) references access.access_list(id) on delete cascade,
  foreign key (resource_id) references access.resource(id) on delete cascade
);
create index access_list_resource_resource on access.access_list_resource (resource_id);
create trigger connections_added after insert on access.access_list_resource referencing new table as fresh for each statement execute function access.connections_changed();
create trigger connections_altered after update on access.access_list_resource referencing new table as fresh for each statement execute function access.connections_changed();
create trigger connections_removed after delete on access.access_list_resource referencing old table as gone for each statement execute function access.connections_changed();
create trigger list_alters_resources after update on access.access_list_resource referencing new table as fresh for each statement execute function access.list_changed();
create trigger list_gains_resources after insert on access.access_list_resource referencing new table as fresh for each statement execute function access.list_changed();
create trigger list_loses_resources after delete on access.access_list_resource referencing old table as gone for each statement execute function access.list_changed();

create table access.audit_entry (
  id          uuid        not null,
  at          timestamptz not null,
  party_id    uuid        not null,
  subject_id  uuid,
  asked_by    uuid,
  client_id   text,
  resource_id text        not null,
  instance    text,
  action      text        not null,
  decision    text        not null,
  path        text[]      not null,
  refused_in  timestamptz,
  primary key (id),
  check (decision = any (array['Permit'::text, 'Deny'::text, 'NotApplicable'::text, 'Indeterminate'::text]))
);
create index audit_entry_attempts on access.audit_entry (instance, id) where (refused_in is not null);
create index audit_entry_party on access.audit_entry (party_id, id);
create unique index audit_entry_refused on access.audit_entry (instance, subject_id, asked_by, action, refused_in) nulls not distinct where (refused_in is not null);
create trigger audit_is_final before delete or update on access.audit_entry for each statement execute function access.refuse_change();
create trigger audit_is_kept before truncate on access.audit_entry for each statement execute function access.refuse_change();

create table access.client_delegation (
  id          uuid        not null,
  client_id   uuid        not null,
  provider_id uuid        not null,
  agent_id    uuid        not null,
  package     text        not null,
  created_by  uuid,
  created_at  timestamptz not null,
  revoked_at  timestamptz,
  revoked_by  uuid,
  primary key (id),
  check (client_id <> provider_id and agent_id <> provider_id and agent_id <> client_id),
  foreign key (agent_id) references register.party(id),
  foreign key (client_id) references register.party(id),
  foreign key (created_by) references register.party(id),
  foreign key (package) references access.package(code),
  foreign key (provider_id) references register.party(id),
  foreign key (revoked_by) references register.party(id)
);
create index client_delegation_agent on access.client_delegation (agent_id, client_id) where (revoked_at is null);
create index client_delegation_ended on access.client_delegation (client_id, provider_id, revoked_at) where (revoked_at is not null);
create unique index client_delegation_once on access.client_delegation (client_id, provider_id, agent_id, package) where (revoked_at is null);
create index client_delegation_provider on access.client_delegation (provider_id, agent_id) where (revoked_at is null);
create trigger delegations_altered after update on access.client_delegation referencing old table as gone new table as fresh for each statement execute function access.delegations_changed();
create trigger delegations_deleted after delete on access.client_delegation referencing old table as gone for each statement execute function access.delegations_changed();
create trigger delegations_made after insert on access.client_delegation referencing new table as fresh for each statement execute function access.delegations_changed();

create table access.delegation_request (
  id           uuid        not null,
  at_id        uuid        not null,
  to_id        uuid        not null,
  package      text,
  resource_id  text,
  actions      text[]      not null default '{}'::text[],
  requested_by uuid        not null,
  status       text        not null,
  created_at   timestamptz not null,
  decided_at   timestamptz,
  decided_by   uuid,
  primary key (id),
  check ((package is null) <> (resource_id is null)),
  check ((decided_at is null) = (status = any (array['Draft'::text, 'Pending'::text]))),
  check (status = any (array['Draft'::text, 'Pending'::text, 'Approved'::text, 'Rejected'::text, 'Withdrawn'::text])),
  foreign key (at_id) references register.party(id),
  foreign key (decided_by) references register.party(id),
  foreign key (package) references access.package(code),
  foreign key (requested_by) references register.party(id),
  foreign key (resource_id) references access.resource(id),
  foreign key (to_id) references register.party(id)
);
create index delegation_request_at on access.delegation_request (at_id, id) where (status = 'Pending'::text);
create unique index delegation_request_once on access.delegation_request (at_id, to_id, package, resource_id, requested_by) nulls not distinct where (status = 'Pending'::text);

create table access.name_guess (
  about    text        not null,
  since    timestamptz not null,
  failures integer     not null,
  primary key (about)
);
create index name_guess_since on access.name_guess (since);

create table access.opening (
  party_id    uuid        not null,
  resource_id text        not null,
  opened_at   timestamptz not null,
  primary key (party_id, resource_id)
);

create table access.package (
  code          text    not null,
  urn           text    not null,
  id            uuid    not null,
  area          text    not null,
  entity_type   text    not null,
  is_delegable  boolean not null,
  is_assignable boolean not null,
  name          jsonb   not null,
  primary key (code),
  unique (id),
  unique (urn)
);

create table access.party_version (
  party_id       uuid   not null,
  version        bigint not null,
  changed_in     xid8   not null default pg_current_xact_id(),
  change         jsonb,
  change_version bigint,
  primary key (party_id)
);
create index party_version_changed_in on access.party_version (changed_in);

create table access.resource (
  id             text        not null,
  type           text        not null,
  owner_id       uuid        not null,
  title          jsonb       not null,
  confidential   boolean     not null default false,
  strict_altinn  boolean     not null default false,
  min_level      smallint    not null default 0,
  access_list    text,
  ladder         text        not null default 'ordinary'::text,
  unreachable    text        not null default 'accept'::text,
  packages       text[]      not null default '{}'::text[],
  broker         jsonb,
  shorthand      jsonb,
  policy_version integer     not null default 1,
  policy_class   text        not null,
  policy_hash    text        not null,
  changed_in     xid8        not null default pg_current_xact_id(),
  implicit       boolean     not null default false,
  policy_xml     text,
  min_level_org  smallint,
  document       jsonb,
  version_id     integer     not null default 1,
  lists_enabled  boolean     not null default false,
  fallback_id    uuid,
  deleted_at     timestamptz,
  updated_at     timestamptz not null default clock.now(),
  touched_in     xid8        not null default pg_current_xact_id(),
  person_since   timestamptz,
  primary key (id),
  check (min_level >= 0 and min_level <= 4),
  check (min_level_org >= 0 and min_level_org <= 4),
  check (type = any (array['Default'::text, 'Systemresource'::text, 'MaskinportenSchema'::text, 'Altinn2Service'::text, 'AltinnApp'::text, 'GenericAccessResource'::text, 'BrokerService'::text, 'CorrespondenceService'::text, 'Consent'::text, 'MigratedApp'::text])),
  check (unreachable = any (array['accept'::text, 'refuse'::text, 'fallback'::text])),
  foreign key (fallback_id) references register.party(id),
  foreign key (owner_id) references register.party(id)
);
create index resource_changed_in on access.resource (changed_in);
create index resource_touched_in on access.resource (touched_in, id);
create trigger resource_is_touched before update on access.resource for each row execute function access.resource_touched();
comment on column access.resource.person_since is 'since when its letters lie until a person opens them; null: a system opens them too';

create table access.resource_document (
  resource_id text        not null,
  version_id  integer     not null,
  document    jsonb       not null,
  saved_by    uuid,
  saved_at    timestamptz not null,
  primary key (resource_id, version_id),
  foreign key (saved_by) references register.party(id)
);

create table access.resource_subject (
  resource_id text        not null,
  subject     text        not null,
  gone        boolean     not null default false,
  updated_at  timestamptz not null,
  touched_in  xid8        not null default pg_current_xact_id(),
  primary key (resource_id, subject),
  foreign key (resource_id) references access.resource(id) on delete cascade
);
create index resource_subject_subject on access.resource_subject (subject) where (not gone);
create index resource_subject_touched on access.resource_subject (touched_in, resource_id, subject);

create table access.role (
  code        text    not null,
  urn         text    not null,
  legacy_code text,
  is_key_role boolean not null default false,
  entity_type text,
  name        jsonb   not null,
  primary key (code),
  unique (legacy_code),
  unique (urn)
);

create table access.role_assignment (
  holder_id  uuid        not null,
  at_id      uuid        not null,
  role       text        not null,
  source     text        not null,
  changed_at timestamptz not null,
  primary key (at_id, holder_id, role),
  check (role <> all (array['privatperson'::text, 'selvregistrert'::text])),
  foreign key (at_id) references register.party(id),
  foreign key (holder_id) references register.party(id),
  foreign key (role) references access.role(code)
);
create index role_assignment_holder on access.role_assignment (holder_id);
create trigger agents_left after delete on access.role_assignment referencing old table as gone for each statement execute function access.agents_left();
create trigger roles_added after insert on access.role_assignment referencing new table as fresh for each statement execute function access.roles_changed();
create trigger roles_ended after delete on access.role_assignment referencing old table as gone for each statement execute function access.roles_changed();
create trigger roles_moved after update on access.role_assignment referencing old table as gone new table as fresh for each statement execute function access.roles_changed();

create table access.role_implication (
  has  text not null,
  gets text not null,
  kind text not null,
  primary key (has, gets, kind),
  check (kind = any (array['has'::text, 'can-delegate'::text]))
);
create index role_implication_gets on access.role_implication (gets);

create table access.role_package (
  role         text    not null,
  package      text    not null,
  unit_type    text,
  has_access   boolean not null,
  can_delegate boolean not null,
  unique nulls not distinct (role, package, unit_type),
  foreign key (package) references access.package(code),
  foreign key (role) references access.role(code)
);
create index role_package_package on access.role_package (package);

create table access.rule (
  resource_id text     not null,
  ordinal     smallint not null,
  effect      text     not null,
  actions     text[]   not null,
  target      jsonb    not null,
  primary key (resource_id, ordinal),
  check (effect = any (array['permit'::text, 'deny'::text])),
  foreign key (resource_id) references access.resource(id) on delete cascade
);

create table access.seed (
  single    boolean     not null default true,
  version   integer     not null,
  loaded_at timestamptz not null,
  primary key (single),
  check (single)
);

create table access.system (
  id            text        not null,
  internal_id   uuid        not null,
  vendor_id     uuid        not null,
  name          jsonb       not null,
  description   jsonb       not null,
  rights        jsonb       not null default '[]'::jsonb,
  packages      text[]      not null default '{}'::text[],
  client_ids    text[]      not null default '{}'::text[],
  is_visible    boolean     not null default false,
  redirect_urls text[]      not null default '{}'::text[],
  created_at    timestamptz not null,
  changed_at    timestamptz not null,
  deleted_at    timestamptz,
  primary key (id),
  unique (internal_id),
  foreign key (vendor_id) references register.party(id)
);
create index system_clients on access.system using gin (client_ids) where (deleted_at is null);
create index system_vendor on access.system (vendor_id);

create table access.system_change (
  id         uuid        not null,
  system_id  text        not null,
  kind       text        not null,
  changed_by text,
  changed_at timestamptz not null,
  change     jsonb       not null,
  primary key (id),
  check (kind = any (array['create'::text, 'update'::text, 'rights_update'::text, 'access_package_update'::text, 'delete'::text])),
  foreign key (system_id) references access.system(id)
);
create index system_change_system on access.system_change (system_id, id);

create table access.system_user (
  id                uuid        not null,
  system_id         text        not null,
  owner_id          uuid        not null,
  kind              text        not null,
  external_ref      text        not null,
  integration_title text        not null,
  packages          text[]      not null default '{}'::text[],
  created_at        timestamptz not null,
  deleted_at        timestamptz,
  primary key (id),
  check (kind = any (array['standard'::text, 'agent'::text])),
  foreign key (id) references register.party(id),
  foreign key (owner_id) references register.party(id)
);
create unique index system_user_once on access."system_user" (system_id, owner_id, external_ref, kind) where (deleted_at is null);
create index system_user_owner on access."system_user" (owner_id) where (deleted_at is null);
create index system_user_system on access."system_user" (system_id, id) where (deleted_at is null);

create table access.system_user_request (
  id                uuid        not null,
  kind              text        not null,
  system_id         text        not null,
  owner_id          uuid        not null,
  external_ref      text        not null,
  system_user_id    uuid,
  rights            jsonb       not null default '[]'::jsonb,
  packages          text[]      not null default '{}'::text[],
  unwanted_rights   jsonb       not null default '[]'::jsonb,
  unwanted_packages text[]      not null default '{}'::text[],
  redirect_url      text,
  integration_title text        not null,
  status            text        not null,
  escalated         boolean     not null default false,
  created_at        timestamptz not null,
  decided_at        timestamptz,
  decided_by        uuid,
  deleted_at        timestamptz,
  primary key (id),
  check ((decided_at is null) = (status = 'New'::text)),
  check (kind = any (array['standard'::text, 'agent'::text, 'change'::text])),
  check (status = any (array['New'::text, 'Accepted'::text, 'Rejected'::text, 'Denied'::text, 'Timedout'::text])),
  foreign key (decided_by) references register.party(id),
  foreign key (owner_id) references register.party(id),
  foreign key (system_id) references access.system(id),
  foreign key (system_user_id) references access."system_user"(id)
);
create unique index system_user_request_once on access.system_user_request (kind, system_id, owner_id, external_ref) where ((status = 'New'::text) and (deleted_at is null));
create index system_user_request_open on access.system_user_request (created_at) where ((status = 'New'::text) and (deleted_at is null));
create index system_user_request_owner on access.system_user_request (owner_id, id) where ((status = 'New'::text) and (deleted_at is null));
create index system_user_request_system on access.system_user_request (system_id, id) where (deleted_at is null);

create view access.current_version as
 select party_id,
    version
   from access.party_version;

create view access.place as
 select p.id as at,
    p.id as via,
    null::text as main
   from register.party_face p
  where p.alive and (p.kind <> 'organization'::text or p.parent_id is null or ( select true
           from register.party_face m
             left join register.party_face s on s.id = m.successor_id
          where m.id = p.parent_id and (m.alive or s.alive)))
union all
 select p.id as at,
    m.id as via,
    m.number as main
   from register.party p
     join register.party_face m on m.id = p.parent_id and m.kind = 'organization'::text and m.alive
  where p.kind = 'organization'::text
union all
 select p.id as at,
    s.id as via,
    s.number as main
   from register.party_face p
     join register.party_face s on s.id = p.successor_id and s.alive
  where not p.alive
union all
 select p.id as at,
    s.id as via,
    s.number as main
   from register.party p
     join register.party_face m on m.id = p.parent_id and not m.alive
     join register.party_face s on s.id = m.successor_id and s.alive
  where p.kind = 'organization'::text;

create view access.policy_face as
 select id as resource_id,
    policy_version,
    policy_class,
    confidential
   from access.resource;

create view access.subject as
 select id,
    kind,
    number,
    org_code,
    party_id,
    unit_type,
    parent_id,
    (( select true
           from register.contact_point c
          where c.party_id = p.id and (p.kind <> 'person'::text or c.fresh_at > (( select clock.now() - '1 year 6 mons'::interval)))
         limit 1)) is true as has_contact,
    last_login_on,
    alive and (kind <> 'system-user'::text or (( select o.alive
           from register.party_face o
          where o.id = p.parent_id)) is not false) as alive
   from register.party_face p;

create function access.affected(changed uuid[], led uuid[])
 returns setof uuid
 language sql
 stable
as $function$
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
$function$;

create function access.agents_left()
 returns trigger
 language plpgsql
 set plan_cache_mode to 'force_custom_plan'
as $function$
begin
  update access.client_delegation d set revoked_at = clock.now()
    from gone g
   where g.role = 'agent' and d.provider_id = g.at_id and d.agent_id = g.holder_id and d.revoked_at is null;
  return null;
end $function$;

create function access.bump(changed uuid[], led uuid[])
 returns void
 language sql
 set plan_cache_mode to 'force_custom_plan'
as $function$
  insert into access.party_version as v (party_id, version)
  select id, 1 from access.affected(changed, led) as a (id) order by id
  on conflict (party_id) do update set version = v.version + 1, changed_in = excluded.changed_in
$function$;

create function access.connections_changed()
 returns trigger
 language plpgsql
 set plan_cache_mode to 'force_custom_plan'
as $function$
declare ids text[];
begin
  if tg_op = 'DELETE' then select array_agg(distinct resource_id) into ids from gone;
  else select array_agg(distinct resource_id) into ids from fresh; end if;
  update access.resource set policy_version = policy_version + 1, changed_in = pg_current_xact_id() where id = any (ids);
  return null;
end $function$;

create function access.delegations_changed()
 returns trigger
 language plpgsql
 set plan_cache_mode to 'force_custom_plan'
as $function$
begin
  if tg_op = 'INSERT' then
    perform access.bump(array_agg(client_id), null) from fresh having count(*) > 0;
  elsif tg_op = 'DELETE' then
    perform access.bump(array_agg(client_id), null) from gone having count(*) > 0;
  else
    perform access.bump(array_agg(c.client_id), null) from (select client_id from fresh union select client_id from gone) c having count(*) > 0;
  end if;
  return null;
end $function$;

create function access.grants_changed()
 returns trigger
 language plpgsql
 set plan_cache_mode to 'force_custom_plan'
as $function$
begin
  if tg_op = 'INSERT' then
    perform access.bump(array_agg(from_id), null) from fresh having count(*) > 0;
  elsif tg_op = 'DELETE' then
    perform access.bump(array_agg(from_id), null) from gone having count(*) > 0;
  else
    perform access.bump(array_agg(c.from_id), null) from (select from_id from fresh union select from_id from gone) c having count(*) > 0;
  end if;
  return null;
end $function$;

create function access.life_shown()
 returns trigger
 language plpgsql
 set plan_cache_mode to 'force_custom_plan'
as $function$
declare alive uuid[];
begin
  if tg_op = 'INSERT' then
    select array_agg(distinct f.party_id) into alive from fresh f;
  else
    -- 30 days: until then a machine counts as fetching (`noteQuietMachines`); persons count for longer
    select array_agg(distinct f.party_id) into alive from fresh f join gone g using (party_id, client_id)
     where (f.read_scope and not g.read_scope) or f.auth_level > g.auth_level or f.last_seen_at >= g.last_seen_at + interval '30 days'
        or (f.quiet_at is null) <> (g.quiet_at is null);
  end if;
  if alive is null then return null; end if;
  perform access.bump(
    alive || array(select g.from_id from access.access_grant g where g.to_id = any (alive) and g.revoked_at is null)
          || array(select a.at_id from access.role_assignment a where a.holder_id = any (alive)),
    alive || array(select a.at_id from access.role_assignment a join access.role r on r.code = a.role and r.is_key_role where a.holder_id = any (alive)));
  return null;
end $function$;

create function access.list_changed()
 returns trigger
 language plpgsql
 set plan_cache_mode to 'force_custom_plan'
as $function$
declare ids text[];
begin
  if tg_op = 'DELETE' then select array_agg(distinct list_id) into ids from gone;
  else select array_agg(distinct list_id) into ids from fresh; end if;
  update access.access_list set version = version + 1, updated_at = clock.now() where id = any (ids);
  return null;
end $function$;

create function access.members_changed()
 returns trigger
 language plpgsql
 set plan_cache_mode to 'force_custom_plan'
as $function$
begin
  if tg_op = 'INSERT' then
    perform access.bump(array_agg(party_id), null) from fresh having count(*) > 0;
  else
    perform access.bump(array_agg(party_id), null) from gone having count(*) > 0;
  end if;
  return null;
end $function$;

create function access.package_code(wanted text)
 returns text
 language plpgsql
 stable strict
as $function$
declare found_code text;
begin
  select code into found_code from access.package where code = wanted;
  if found_code is null then raise exception 'there is no access package %', wanted using errcode = 'BS005'; end if;
  return found_code;
end $function$;

create function access.refuse_change()
 returns trigger
 language plpgsql
as $function$ begin raise exception 'what was decided is never changed' using errcode = 'BS004'; end $function$;

create function access.resource_touched()
 returns trigger
 language plpgsql
as $function$
begin
  new.updated_at := clock.now();
  new.touched_in := pg_current_xact_id();
  if new.lists_enabled <> old.lists_enabled or (new.access_list is null) <> (old.access_list is null) then
    new.policy_version := greatest(new.policy_version, old.policy_version + 1);
    new.changed_in := pg_current_xact_id();
  end if;
  return new;
end $function$;

create function access.role_code(wanted text)
 returns text
 language plpgsql
 stable strict
as $function$
declare found_code text;
begin
  select code into found_code from access.role where code = wanted or legacy_code = wanted;
  if found_code is null then raise exception 'there is no role %', wanted using errcode = 'BS005'; end if;
  return found_code;
end $function$;

create function access.roles_changed()
 returns trigger
 language plpgsql
 set plan_cache_mode to 'force_custom_plan'
as $function$
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
end $function$;

create function access.standing(places uuid[], subjects uuid[], resources text[])
 returns table(what text, id uuid, resource text, version text, is_own boolean, kind text, number text, org_code text, party_id integer, unit_type text, alive boolean, is_plain boolean, has_contact boolean, is_known boolean, is_recent boolean, fetches boolean, level integer, seconds double precision, is_gone boolean)
 language plpgsql
 stable
 set enable_seqscan to 'off'
 set enable_hashjoin to 'off'
 set enable_mergejoin to 'off'
 set enable_material to 'off'
 set plan_cache_mode to 'force_generic_plan'
 set jit to 'off'
as $function$
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
   where o.party_id = any (places) and o.resource_id = any (resources) and o.opened_at > present - interval '90 days'
     and not exists (select from access.resource r where r.id = o.resource_id and r.person_since >= o.opened_at);   -- a system may have
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
end $function$;

create function access.standing_changed()
 returns trigger
 language plpgsql
 set plan_cache_mode to 'force_custom_plan'
as $function$
declare
  moved  uuid[];
  actors uuid[];
begin
  select array_agg(f.id) into moved from fresh f join gone g on g.id = f.id
   where (f.died_on, f.deleted_at, f.parent_id, f.unit_type, f.successor_id)
         is distinct from (g.died_on, g.deleted_at, g.parent_id, g.unit_type, g.successor_id);
  if moved is null then return null; end if;
  actors := moved || array(select s.id from register.party s where s.parent_id = any (moved) and s.kind = 'system-user');
  perform access.bump(
    moved || array(select g.from_id from access.access_grant g where g.to_id = any (actors) and g.revoked_at is null)
          || array(select d.client_id from access.client_delegation d where d.agent_id = any (actors) and d.revoked_at is null),
    moved || array(select a.at_id from access.role_assignment a where a.holder_id = any (actors)));
  return null;
end $function$;

create function access.ties(for_parties uuid[], for_subjects uuid[], want_roles text[], want_packages text[], want_resources text[], want_instances uuid[], named_numbers text[], named_codes text[], named_party_ids integer[], named_ids uuid[])
 returns table(what text, at uuid, subject uuid, unit_type text, main text, role text, package text, resource text, instance uuid, actions text[], until_seconds double precision, lead_role text, lead_at text, kind text, number text, org_code text, party_id integer, has_contact boolean, is_known boolean, is_recent boolean, fetches boolean, level integer, agent_of text, agent_package text)
 language plpgsql
 stable
 set enable_seqscan to 'off'
 set enable_hashjoin to 'off'
 set enable_mergejoin to 'off'
 set enable_material to 'off'
 set plan_cache_mode to 'force_generic_plan'
 set jit to 'off'
as $function$
#variable_conflict use_column
declare
  present   timestamptz := clock.now();
  long_ago  timestamptz := present - interval '180 days';
  some_time timestamptz := present - interval '30 days';
  key_roles text[]      := array(select r.code from access.role r where r.is_key_role);
  many constant integer := 16;
  enough constant integer := 1000;
  most constant integer := 20000;
  -- of each subject that leads more than many, how many units it leads, as far as it matters
  leads     jsonb       := (
    select jsonb_object_agg(n.id, n.led)
      from (select s.id, (select count(*) from (
                     select from access.role_assignment l where l.holder_id = s.id and l.role = any (key_roles)
                     union all
                     select from access.role_assignment l join register.party u on u.parent_id = l.at_id
                      where l.holder_id = s.id and l.role = any (key_roles)
                     limit enough) c) as led
              from (select distinct a.id from unnest(for_subjects) a (id) where a.id is not null) s) n
     where n.led > many);
begin
  return query
  with place as materialized (   -- looked at from here: where everybody is asked about, or less has come about than the subject leads
    select a.at, a.subject, x.unit_type, v.via, v.main,
           case when a.subject is null then true
                when leads -> a.subject::text is null then false
                when (leads -> a.subject::text)::integer < enough then here.n < (leads -> a.subject::text)::integer
                when here.n < enough then true
                else here.n < most and here.n < (
                       select count(*) from (select from access.role_assignment l
                                              where l.holder_id = a.subject and l.role = any (key_roles) limit here.n + 1) c) end as from_here
      from unnest(for_parties, for_subjects) a (at, subject)
     cross join lateral (select p.unit_type from register.party p where p.id = a.at offset 0) x
     cross join lateral (select w.via, w.main from access.place w where w.at = a.at offset 0) v
     cross join lateral (
       select case when leads -> a.subject::text is null then 0
                   else (select count(*) from (
                           select from (select from access.role_assignment r where r.at_id = v.via
                                        union all select from access.access_grant f where f.from_id = v.via and f.revoked_at is null) there
                            limit case when (leads -> a.subject::text)::integer < enough then (leads -> a.subject::text)::integer else most end) c)
              end as n offset 0) here),
  agency as materialized (   -- as whose agent a subject acts at what is looked at from there
    select p.via, p.subject, d.provider_id
      from place p
     cross join lateral (select c.provider_id from access.client_delegation c
                          where c.agent_id = p.subject and c.client_id = p.via and c.revoked_at is null offset 0) d
     where p.from_here and p.subject is not null),
  mine as materialized (   -- each subject with the organizations that it leads
    select s.id as subject, s.id from unnest(for_subjects) s (id) where s.id is not null
    union
    select s.id, unit.id
      from (select distinct p.subject from place p where not p.from_here) s (id)
     cross join lateral (select a.at_id from access.role_assignment a where a.holder_id = s.id and a.role = any (key_roles) offset 0) k
     cross join lateral (select k.at_id union all select p.id from register.party p where p.parent_id = k.at_id offset 0) unit (id)
    union   -- and those as whose agent it acts there
    select p.subject, d.provider_id
      from place p
     cross join lateral (select c.provider_id from access.client_delegation c
                          where c.agent_id = p.subject and c.client_id = p.via and c.revoked_at is null offset 0) d
     where not p.from_here),
  edge as (
    select p.at, p.via, p.subject as asker, p.from_here, p.unit_type, p.main, a.holder_id as holder, a.role,
           null::text as package, null::text as resource, null::uuid as instance, null::text[] as actions, null::timestamptz as expires_at
      from place p
     cross join lateral (select r.holder_id, r.role from access.role_assignment r where r.at_id = p.via and r.role = any (want_roles) offset 0) a
     where p.from_here
    union all
    select p.at, p.via, p.subject, p.from_here, p.unit_type, p.main, a.holder_id, a.role, null, null, null, null, null
      from place p join mine m on m.subject = p.subject
     cross join lateral (select r.holder_id, r.role from access.role_assignment r
                          where r.at_id = p.via and r.holder_id = m.id and r.role = any (want_roles) offset 0) a
     where not p.from_here
    union all
    select p.at, p.via, p.subject, p.from_here, p.unit_type, p.main, g.to_id, null, g.package, g.resource_id, g.instance, nullif(g.actions, '{}'), g.expires_at
      from place p
     cross join lateral (select f.* from access.access_grant f where f.from_id = p.via and f.revoked_at is null offset 0) g
     where p.from_here and (g.expires_at is null or g.expires_at > present)
       and (g.package = any (want_packages)
            or (g.resource_id = any (want_resources) and (g.instance is null or g.instance = any (want_instances))))
    union all
    select p.at, p.via, p.subject, p.from_here, p.unit_type, p.main, g.to_id, null, g.package, g.resource_id, g.instance, nullif(g.actions, '{}'), g.expires_at
      from place p join mine m on m.subject = p.subject
     cross join lateral (select f.* from access.access_grant f where f.from_id = p.via and f.to_id = m.id and f.revoked_at is null offset 0) g
     where not p.from_here and (g.expires_at is null or g.expires_at > present)
       and (g.package = any (want_packages)
            or (g.resource_id = any (want_resources) and (g.instance is null or g.instance = any (want_instances))))),
  near as (   -- of what was found from the place, what leads to the one that is asked about
    select e.* from edge e
     where e.asker is null or not e.from_here or e.holder = e.asker
        or (select true from access.role_assignment k where k.at_id = e.holder and k.holder_id = e.asker and k.role = any (key_roles) limit 1)
        or (select true from register.party u join access.role_assignment k on k.at_id = u.parent_id
             where u.id = e.holder and k.holder_id = e.asker and k.role = any (key_roles) limit 1)
        or (select true from agency a where a.via = e.via and a.subject = e.asker and a.provider_id = e.holder limit 1)),
  held as materialized (
    select e.*, s.kind, s.number, s.org_code, s.party_id, s.has_contact, s.last_login_on, s.alive, s.parent_id
      from near e cross join lateral (select x.* from access.subject x where x.id = e.holder offset 0) s),
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
             and (p.from_here or g.to_id = any (array(select m.id from mine m where m.subject = p.subject))) limit 1);
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
end $function$;


-- blobs

create table blobs.blob (
  key         uuid        not null,
  state       text        not null,
  size_bytes  bigint,
  md5         text,
  sha256      text,
  at          timestamptz not null default now(),
  key_id      text,
  wrapped_key bytea,
  meant_for   uuid,
  primary key (key),
  check ((key_id is null) = (wrapped_key is null)),
  check (md5 ~ '^[0-9a-f]{32}$'::text),
  check (sha256 ~ '^[0-9a-f]{64}$'::text),
  check (size_bytes >= 0),
  check (state = any (array['receiving'::text, 'stored'::text, 'bound'::text, 'released'::text])),
  constraint blob_whole check ((state = any (array['receiving'::text, 'released'::text])) or size_bytes is not null and sha256 is not null),
  foreign key (key_id) references blobs.encryption_key(id)
);
create index blob_encrypted on blobs.blob (key_id, key) where (key_id is not null);
create index blob_unbound on blobs.blob (at) where (state <> 'bound'::text);
create constraint trigger unread_bytes_stay after update of state on blobs.blob deferrable initially deferred for each row when (old.state = 'bound'::text and new.state = 'released'::text) execute function watch.refuse_loss();

create table blobs.content_key (
  id          uuid        not null,
  key_id      text        not null,
  wrapped_key bytea       not null,
  made_at     timestamptz not null,
  primary key (id),
  foreign key (key_id) references blobs.encryption_key(id)
);
create index content_key_wrapped on blobs.content_key (key_id, id);

create table blobs.encryption_key (
  id      text  not null,
  witness bytea not null,
  primary key (id)
);

create table blobs.installation (
  is_one boolean not null default true,
  id     uuid    not null,
  primary key (is_one),
  check (is_one)
);

create table blobs.ring (
  id         uuid        not null,
  key_ids    text[]      not null,
  current_id text,
  seen_at    timestamptz not null,
  primary key (id)
);

create table blobs.segment (
  blob_key    uuid   not null,
  start_byte  bigint not null,
  size_bytes  bigint not null,
  segment_key uuid   not null,
  primary key (blob_key, start_byte),
  check (size_bytes > 0),
  check (start_byte >= 0),
  foreign key (blob_key) references blobs.blob(key) on delete cascade
);
create unique index segment_key on blobs.segment (segment_key);


-- broker

create table broker.file_transfer (
  id                uuid        not null,
  resource_id       text        not null,
  sender_id         uuid        not null,
  sender_given      text        not null,
  senders_reference text,
  file_name         text        not null,
  property_list     jsonb       not null default '{}'::jsonb,
  declared_md5      text,
  use_virus_scan    boolean     not null,
  created_by        uuid,
  state             text        not null,
  state_text        text        not null,
  state_changed_at  timestamptz not null,
  upload_id         uuid,
  upload_began_at   timestamptz,
  upload_seen_at    timestamptz,
  blob_key          uuid,
  size_bytes        bigint,
  md5               text,
  sha256            text,
  created_at        timestamptz not null,
  expires_at        timestamptz not null,
  published_at      timestamptz,
  purge_at          timestamptz,
  kept_until        timestamptz,
  keep_look_at      timestamptz,
  keep_warned       smallint    not null default 0,
  declared_sha256   text,
  unread_until      timestamptz,
  primary key (id),
  check ((state <> all (array['UploadProcessing'::text, 'Published'::text, 'AllConfirmedDownloaded'::text])) or blob_key is not null),
  check (state <> 'UploadStarted'::text or upload_id is not null and upload_began_at is not null),
  check ((state <> all (array['Published'::text, 'AllConfirmedDownloaded'::text])) or published_at is not null),
  check ((kept_until is null) = (keep_look_at is null)),
  check (state <> 'Purged'::text or purge_at is null),
  check (declared_sha256 ~ '^[0-9a-f]{64}$'::text),
  check (state = any (array['Initialized'::text, 'UploadStarted'::text, 'UploadProcessing'::text, 'Published'::text, 'Cancelled'::text, 'AllConfirmedDownloaded'::text, 'Purged'::text, 'Failed'::text])),
  foreign key (sender_id) references register.party(id)
);
create index file_transfer_blob on broker.file_transfer (blob_key) where (blob_key is not null);
create index file_transfer_created on broker.file_transfer (created_at);
create index file_transfer_kept on broker.file_transfer (keep_look_at) where (keep_look_at is not null);
create index file_transfer_mine on broker.file_transfer (sender_id, id);
create index file_transfer_open on broker.file_transfer (sender_id, state, id) where (state = any (array['Initialized'::text, 'UploadStarted'::text, 'UploadProcessing'::text, 'Published'::text]));
create index file_transfer_purge on broker.file_transfer (purge_at) where (purge_at is not null);
create index file_transfer_sent on broker.file_transfer (sender_id, resource_id, created_at desc, id);
create index file_transfer_uploading on broker.file_transfer (upload_began_at) where (state = any (array['UploadStarted'::text, 'UploadProcessing'::text]));
create trigger file_transfer_is_kept before delete on broker.file_transfer for each statement execute function watch.refuse_removal();
create trigger file_transfer_is_not_emptied before truncate on broker.file_transfer for each statement execute function watch.refuse_removal();

create table broker.recipient (
  file_transfer_id  uuid           not null,
  party_id          uuid           not null,
  ordinal           integer        not null,
  resource_id       text           not null,
  status            text           not null default 'Initialized'::text,
  changed_at        timestamptz    not null,
  created_at        timestamptz    not null,
  downloads         integer        not null default 0,
  fetched_at        timestamptz,
  confirmed_at      timestamptz,
  confirmed_sha256  text,
  disputed_sha256   text,
  disputed_at       timestamptz,
  remind_at         timestamptz,
  vendor_id         uuid,
  fetched_bytes     int8multirange,
  confirmed_hash_at timestamptz,
  primary key (file_transfer_id, party_id),
  check ((disputed_sha256 is null) = (disputed_at is null)),
  check (confirmed_sha256 is null or confirmed_hash_at is not null),
  check (confirmed_sha256 ~ '^[0-9a-f]{64}$'::text),
  check (disputed_sha256 ~ '^[0-9a-f]{64}$'::text),
  check (status = any (array['Initialized'::text, 'DownloadStarted'::text, 'DownloadConfirmed'::text])),
  foreign key (file_transfer_id) references broker.file_transfer(id),
  foreign key (party_id) references register.party(id)
);
create index recipient_disputed on broker.recipient (disputed_at) where (disputed_at is not null);
create index recipient_mine on broker.recipient (party_id, file_transfer_id);
create index recipient_received on broker.recipient (party_id, resource_id, created_at desc, file_transfer_id);
create index recipient_remind on broker.recipient (remind_at) where (remind_at is not null);
create index recipient_standing on broker.recipient (party_id, resource_id, status, file_transfer_id);
create index recipient_waiting on broker.recipient (party_id, file_transfer_id) where (status <> 'DownloadConfirmed'::text);
create trigger accepted_is_watched after insert on broker.recipient referencing new table as fresh for each statement execute function broker.require_watch();
create trigger recipient_is_kept before delete on broker.recipient for each statement execute function watch.refuse_removal();
create trigger recipient_is_not_emptied before truncate on broker.recipient for each statement execute function watch.refuse_removal();
create trigger recipient_stays before update of file_transfer_id, party_id on broker.recipient for each statement execute function watch.refuse_removal();

create table broker.recipient_status (
  id               uuid        not null,
  file_transfer_id uuid        not null,
  party_id         uuid        not null,
  status           text        not null,
  at               timestamptz not null,
  by_party         uuid,
  primary key (id),
  foreign key (file_transfer_id, party_id) references broker.recipient(file_transfer_id, party_id)
);
create index recipient_status_party on broker.recipient_status (file_transfer_id, party_id, at, id);

create table broker.resource (
  id                        text        not null,
  owner_id                  uuid        not null,
  max_file_transfer_size    bigint,
  time_to_live_seconds      bigint,
  purge_after_all_confirmed boolean     not null default true,
  grace_seconds             integer,
  use_manifest_file_shim    boolean,
  service_code              text,
  service_edition_code      integer,
  required_party            text,
  unscanned_approved        boolean     not null default false,
  created_at                timestamptz not null,
  changed_at                timestamptz not null,
  primary key (id),
  check (grace_seconds >= 0 and grace_seconds <= 86400),
  check (max_file_transfer_size > 0),
  check (time_to_live_seconds >= 0 and time_to_live_seconds <= (365 * 86400))
);

create table broker.service_owner (
  party_id   uuid        not null,
  name       text        not null,
  created_at timestamptz not null,
  primary key (party_id),
  check (length(name) <= 500),
  foreign key (party_id) references register.party(id)
);

create table broker.status (
  id               uuid        not null,
  file_transfer_id uuid        not null,
  status           text        not null,
  text             text        not null,
  at               timestamptz not null,
  primary key (id),
  foreign key (file_transfer_id) references broker.file_transfer(id)
);
create index status_file_transfer on broker.status (file_transfer_id);
create trigger change_is_recorded after insert on broker.status referencing new table as fresh for each statement execute function broker.require_evidence();

create table broker.tus_piece (
  tus_upload_id uuid   not null,
  start_byte    bigint not null,
  size_bytes    bigint not null,
  blob_key      uuid   not null,
  primary key (tus_upload_id, start_byte),
  check (size_bytes > 0),
  foreign key (tus_upload_id) references broker.tus_upload(id) on delete cascade
);

create table broker.tus_upload (
  id               uuid        not null,
  file_transfer_id uuid        not null,
  upload_id        uuid        not null,
  kind             text        not null,
  length_bytes     bigint      not null,
  offset_bytes     bigint      not null default 0,
  pieces           integer     not null default 0,
  metadata         text,
  concat           text,
  parts            uuid[],
  who              jsonb       not null,
  claim_id         uuid,
  claimed_at       timestamptz,
  finished_at      timestamptz,
  expires_at       timestamptz not null,
  tokens           text[]      not null default '{}'::text[],
  tries            integer     not null default 0,
  try_at           timestamptz,
  primary key (id),
  check (offset_bytes >= 0 and offset_bytes <= length_bytes),
  check ((claim_id is null) = (claimed_at is null)),
  check ((kind = 'joined'::text) = (parts is not null)),
  check (kind = any (array['whole'::text, 'part'::text, 'joined'::text])),
  check (length_bytes >= 0),
  foreign key (file_transfer_id) references broker.file_transfer(id)
);
create index tus_upload_complete on broker.tus_upload (claimed_at) where ((finished_at is null) and (kind <> 'part'::text) and (offset_bytes = length_bytes));
create index tus_upload_expires on broker.tus_upload (expires_at);
create unique index tus_upload_one on broker.tus_upload (file_transfer_id) where (kind <> 'part'::text);
create index tus_upload_transfer on broker.tus_upload (file_transfer_id);

create view broker.accepted_file as
 select r.file_transfer_id as id,
    t.sender_id as owner_id,
    r.party_id as recipient_id,
    r.resource_id,
    t.created_at
   from broker.file_transfer t
     join broker.recipient r on r.file_transfer_id = t.id;

create view broker.file_face as
 select id,
    state,
    kept_until
   from broker.file_transfer;

create view broker.inbox_face as
 select t.id,
    r.party_id as recipient_id,
    t.sender_id,
    t.resource_id,
    t.published_at,
    t.file_name,
    t.expires_at,
        case
            when r.status <> 'Initialized'::text then r.changed_at
            else null::timestamptz
        end as opened_at,
        case
            when r.status = 'DownloadConfirmed'::text then r.changed_at
            else null::timestamptz
        end as confirmed_at,
    r.status <> 'DownloadConfirmed'::text as awaits_confirmation
   from broker.file_transfer t
     join broker.recipient r on r.file_transfer_id = t.id
  where t.published_at is not null and (t.state = any (array['Published'::text, 'AllConfirmedDownloaded'::text]));

create function broker.require_evidence()
 returns trigger
 language plpgsql
 set plan_cache_mode to 'force_custom_plan'
as $function$
declare bad uuid;
begin
  select s.file_transfer_id into bad from fresh s
   where s.status <> 'UploadStarted'
     and not exists (select from evidence.evidence e where e.about = s.file_transfer_id and e.xact = pg_current_xact_id()) limit 1;
  if found then raise exception 'file transfer % changes its state without evidence', bad using errcode = 'BS003'; end if;
  return null;
end $function$;

create function broker.require_watch()
 returns trigger
 language plpgsql
 set plan_cache_mode to 'force_custom_plan'
as $function$
declare bad uuid;
begin
  select r.file_transfer_id into bad from fresh r
   where not exists (select from watch.item w where w.about = r.file_transfer_id and w.party_id = r.party_id) limit 1;
  if found then raise exception 'file transfer % is accepted without a watch', bad using errcode = 'BS001'; end if;
  return null;
end $function$;


-- clock

create table clock.shift (
  "only" boolean  not null default true,
  by     interval not null default '00:00:00'::interval,
  primary key ("only"),
  check (by >= '00:00:00'::interval),
  check ("only")
);

create function clock.first_id(age interval)
 returns uuid
 language sql
 stable parallel safe
as $function$ select (lpad(to_hex((extract(epoch from statement_timestamp() - age) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid $function$;

create function clock.now()
 returns timestamptz
 language sql
 stable parallel safe
as $function$ select statement_timestamp() + (select by from clock.shift) $function$;


-- contacts

create table contacts.krr_question (
  party_id    uuid        not null,
  due_at      timestamptz,
  wanted_at   timestamptz,
  tries       smallint    not null default 0,
  trouble     text,
  answered_at timestamptz,
  primary key (party_id),
  check ((due_at is null) = (wanted_at is null))
);
create index krr_question_due on contacts.krr_question (due_at) where (due_at is not null);

create table contacts.proof (
  id          uuid        not null,
  party_id    uuid        not null,
  at_id       uuid,
  resources   text[],
  point_id    uuid,
  channel     text        not null,
  address     text        not null,
  code_sha256 text        not null,
  wrong       smallint    not null default 0,
  asked_by    uuid        not null,
  asked_at    timestamptz not null,
  expires_at  timestamptz not null,
  spent_at    timestamptz,
  primary key (id),
  check (channel = any (array['email'::text, 'sms'::text]))
);
create index proof_address on contacts.proof (lower(address), asked_at);
create index proof_party on contacts.proof (party_id, asked_at);


-- correspondence

create table correspondence.attachment (
  id                uuid        not null,
  resource_id       text        not null,
  owner_id          uuid        not null,
  file_name         text        not null,
  display_name      text,
  senders_reference text        not null,
  is_encrypted      boolean     not null default false,
  declared_md5      text,
  expiration_days   integer,
  state             text        not null,
  upload_began_at   timestamptz,
  blob_key          uuid,
  size_bytes        bigint,
  md5               text,
  sha256            text,
  created_at        timestamptz not null,
  kept_until        timestamptz,
  keep_look_at      timestamptz,
  keep_warned       smallint    not null default 0,
  unread_until      timestamptz,
  upload_key        uuid,
  primary key (id),
  check (state <> 'Published'::text or blob_key is not null),
  check (state = any (array['Initialized'::text, 'UploadProcessing'::text, 'Published'::text, 'Purged'::text, 'Failed'::text, 'Expired'::text])),
  constraint kept_has_expired check (kept_until is null or state = 'Expired'::text) not valid,
  constraint kept_is_looked_at check ((kept_until is null) = (keep_look_at is null)) not valid
);
create index attachment_blob on correspondence.attachment (blob_key) where (blob_key is not null);
create index attachment_kept on correspondence.attachment (keep_look_at) where (keep_look_at is not null);
create index attachment_processing on correspondence.attachment (upload_began_at) where (state = 'UploadProcessing'::text);
comment on column correspondence.attachment.upload_key is 'Under which the next or present upload keeps its bytes. Null: under the id of the attachment.';

create table correspondence.attachment_status (
  id            uuid        not null,
  attachment_id uuid        not null,
  status        text        not null,
  text          text        not null,
  at            timestamptz not null,
  party_id      uuid,
  primary key (id),
  foreign key (attachment_id) references correspondence.attachment(id)
);
create index attachment_status_attachment on correspondence.attachment_status (attachment_id);

create table correspondence.due_late (
  message_id uuid        not null,
  due_at     timestamptz not null,
  primary key (message_id)
);

create table correspondence.file_link (
  digest        bytea       not null,
  forwarding_id uuid        not null,
  attachment_id uuid        not null,
  expires_at    timestamptz not null,
  uses_left     smallint    not null,
  primary key (digest),
  check (uses_left >= 0),
  foreign key (attachment_id) references correspondence.attachment(id),
  foreign key (forwarding_id) references correspondence.forwarding(id)
);
create index file_link_expires on correspondence.file_link (expires_at);

create table correspondence.forwarding (
  id              uuid        not null,
  message_id      uuid        not null,
  address         text        not null,
  words           text,
  party_id        uuid        not null,
  forwarded_at    timestamptz not null,
  state           text        not null default 'due'::text,
  due_at          timestamptz not null,
  attempts        smallint    not null default 0,
  leased_until    timestamptz,
  mail_id         text,
  carrier_answer  text,
  changed_at      timestamptz not null,
  encrypted_words bytea,
  primary key (id),
  unique (message_id, address),
  check ((state = 'handing-over'::text) = (leased_until is not null)),
  check ((state = any (array['due'::text, 'withdrawn'::text])) or mail_id is not null),
  check (state = any (array['due'::text, 'handing-over'::text, 'handed-over'::text, 'failed'::text, 'withdrawn'::text])),
  constraint words_once check (encrypted_words is null or words is null) not valid,
  foreign key (message_id) references correspondence.message(id)
);
create index forwarding_due on correspondence.forwarding (due_at) where (state = any (array['due'::text, 'handing-over'::text]));

create table correspondence.going (
  attachment_id uuid        not null,
  until         timestamptz not null,
  since         timestamptz not null,
  after         uuid,
  telling       jsonb       not null default '[]'::jsonb,
  primary key (attachment_id),
  foreign key (attachment_id) references correspondence.attachment(id)
);

create table correspondence.login_attempt (
  digest     bytea       not null,
  verifier   text        not null,
  nonce      text        not null,
  target     text        not null,
  again      boolean     not null,
  expires_at timestamptz not null,
  primary key (digest)
);
create index login_attempt_expires on correspondence.login_attempt (expires_at);

create table correspondence.login_session (
  digest     bytea       not null,
  party_id   uuid,
  auth_level smallint    not null,
  client_id  text,
  expires_at timestamptz not null,
  primary key (digest),
  check (auth_level >= 0 and auth_level <= 4)
);
create index login_session_expires on correspondence.login_session (expires_at);

create table correspondence.message (
  id                   uuid        not null,
  submission_id        uuid        not null,
  resource_id          text        not null,
  owner_id             uuid        not null,
  recipient_id         uuid        not null,
  requested_publish_at timestamptz not null,
  state                text        not null,
  personal_name        text,
  published_at         timestamptz,
  fetched_at           timestamptz,
  opened_at            timestamptz,
  read_at              timestamptz,
  confirmed_at         timestamptz,
  purged_at            timestamptz,
  own                  jsonb,
  transmission_of      uuid,
  transmitted_at       timestamptz,
  encrypted_fields     bytea,
  answers_out          smallint    not null default 0,
  awaits_person        boolean     not null default false,
  primary key (id),
  constraint fields_once check (encrypted_fields is null or not own ? 'fields'::text) not valid,
  check (state = any (array['Initialized'::text, 'ReadyForPublish'::text, 'Published'::text, 'Fetched'::text, 'Read'::text, 'Confirmed'::text, 'PurgedByRecipient'::text, 'PurgedByAltinn'::text, 'Reserved'::text, 'Failed'::text])),
  foreign key (recipient_id) references register.party(id),
  foreign key (submission_id) references correspondence.submission(id),
  foreign key (transmission_of) references correspondence.message(id)
);
create index message_dialog on correspondence.message (recipient_id, resource_id, greatest(transmitted_at, published_at), id) where ((published_at is not null) and (purged_at is null) and (transmission_of is null));
create index message_inbox on correspondence.message (recipient_id, resource_id, requested_publish_at desc, id);
create index message_own_reference on correspondence.message (owner_id, ((own ->> 'sendersReference'::text))) where ((own ->> 'sendersReference'::text) is not null);
create index message_sent on correspondence.message (owner_id, resource_id, requested_publish_at desc, id);
create index message_submission on correspondence.message (submission_id);
create index message_transmission on correspondence.message (transmission_of) where (transmission_of is not null);
create index message_unpublished on correspondence.message (requested_publish_at) where (state = any (array['Initialized'::text, 'ReadyForPublish'::text]));
create trigger accepted_is_watched after insert on correspondence.message referencing new table as fresh for each statement execute function correspondence.require_watch();
create trigger change_is_told after update on correspondence.message referencing old table as former new table as fresh for each statement execute function correspondence.require_history();
create trigger message_is_kept before delete on correspondence.message for each statement execute function watch.refuse_removal();
create trigger message_is_not_emptied before truncate on correspondence.message for each statement execute function watch.refuse_removal();
create trigger message_stays_with_its_recipient before update of id, recipient_id on correspondence.message for each statement execute function watch.refuse_removal();
comment on column correspondence.message.awaits_person is 'a system has fetched it or marked it as read, and its service demands a person: only a person''s opening counts';

create table correspondence.status (
  id         uuid        not null,
  message_id uuid        not null,
  status     text        not null,
  text       text        not null,
  at         timestamptz not null,
  party_id   uuid,
  primary key (id),
  foreign key (message_id) references correspondence.message(id)
);
create index status_message on correspondence.status (message_id);
create index status_rare on correspondence.status (status, message_id) where (status = any (array['Replied'::text, 'PurgedByRecipient'::text, 'PurgedByAltinn'::text, 'Archived'::text, 'Reserved'::text, 'Failed'::text, 'Forwarded'::text]));
create trigger change_is_recorded after insert on correspondence.status referencing new table as fresh for each statement execute function correspondence.require_evidence();

create table correspondence.submission (
  id                      uuid        not null,
  resource_id             text        not null,
  owner_id                uuid        not null,
  senders_reference       text        not null,
  message_sender          text,
  language                text        not null,
  title                   text        not null,
  summary                 text,
  body                    text        not null,
  requested_publish_at    timestamptz not null,
  due_at                  timestamptz,
  is_confirmation_needed  boolean     not null default false,
  is_confidential         boolean     not null default false,
  ignore_reservation      boolean     not null default false,
  allow_forwarding        boolean     not null default false,
  property_list           jsonb       not null default '{}'::jsonb,
  reply_options           jsonb       not null default '[]'::jsonb,
  external_references     jsonb       not null default '[]'::jsonb,
  notification_order_id   uuid,
  reminder_order_id       uuid,
  idempotent_key          uuid,
  content_sha256          text        not null,
  created_by              uuid        not null,
  created_at              timestamptz not null,
  due_told_at             timestamptz,
  due_told_to             uuid,
  encrypted_body          bytea,
  encrypted_summary       bytea,
  encrypted_reply_options bytea,
  translations            text,
  encrypted_translations  bytea,
  translated_to           text[],
  primary key (id),
  constraint body_once check (encrypted_body is null or body = ''::text) not valid,
  constraint reply_options_once check (encrypted_reply_options is null or reply_options = '[]'::jsonb) not valid,
  check (content_sha256 ~ '^[0-9a-f]{64}$'::text),
  constraint summary_once check (encrypted_summary is null or summary is null) not valid,
  constraint translations_named check ((translations is null and encrypted_translations is null) = (translated_to is null)) not valid,
  constraint translations_once check (encrypted_translations is null or translations is null) not valid
);
create index submission_created on correspondence.submission using brin (created_at) with (autosummarize='on');
create index submission_due on correspondence.submission (due_at) where ((due_at is not null) and (due_told_at is null));
create index submission_for_another on correspondence.submission (created_by, senders_reference) where (created_by <> owner_id);
create unique index submission_once on correspondence.submission (owner_id, idempotent_key) where (idempotent_key is not null);
create index submission_reference on correspondence.submission (owner_id, senders_reference);

create table correspondence.submission_attachment (
  submission_id uuid        not null,
  ordinal       smallint    not null,
  attachment_id uuid        not null,
  expires_at    timestamptz,
  expiry_seen   boolean     not null default false,
  primary key (submission_id, ordinal),
  foreign key (attachment_id) references correspondence.attachment(id),
  foreign key (submission_id) references correspondence.submission(id)
);
create index submission_attachment_attachment on correspondence.submission_attachment (attachment_id, submission_id);
create index submission_attachment_expiring on correspondence.submission_attachment (expires_at) where ((expires_at is not null) and (not expiry_seen));

create view correspondence.accepted_message as
 select m.id,
    m.owner_id,
    m.recipient_id,
    m.resource_id,
    m.state,
    m.published_at,
    m.opened_at,
    least(m.read_at, m.opened_at) as read_at,
    m.confirmed_at,
    m.purged_at,
    s.created_at,
    s.created_by
   from correspondence.message m
     join correspondence.submission s on s.id = m.submission_id;

create view correspondence.counted_attachment as
 select l.submission_id,
    sum(a.size_bytes)::bigint as bytes
   from correspondence.submission_attachment l
     join correspondence.attachment a on a.id = l.attachment_id
  group by l.submission_id;

create view correspondence.counted_message as
 select m.id,
    s.id as submission_id,
    s.created_at,
    m.owner_id,
    m.resource_id,
    s.message_sender,
    s.property_list ->> 'senderOrgNumber'::text as sender_number,
    p.kind as recipient_kind,
    octet_length(s.title) + coalesce(octet_length(s.encrypted_body) - 45, octet_length(s.body)) + coalesce(octet_length(s.encrypted_summary) - 45, octet_length(s.summary), 0) + coalesce(octet_length(s.encrypted_translations) - 45, octet_length(s.translations), 0) as content_bytes
   from correspondence.submission s
     join correspondence.message m on m.submission_id = s.id
     join register.party p on p.id = m.recipient_id;

create view correspondence.dialog_face as
 select m.id,
    m.owner_id,
    m.recipient_id,
    m.resource_id,
    m.transmission_of,
    greatest(m.transmitted_at, m.published_at) as content_at,
    m.published_at as own_content_at,
    greatest(m.transmitted_at, m.published_at, m.opened_at, m.confirmed_at, ( select max(t.opened_at) as max
           from correspondence.message t
          where t.transmission_of = m.id)) as updated_at,
    greatest(m.published_at, m.opened_at, m.confirmed_at) as own_updated_at,
    s.created_at,
    s.due_at,
    s.is_confirmation_needed and m.confirmed_at is null as awaits_confirmation,
    coalesce(m.own ->> 'sendersReference'::text, s.senders_reference) as senders_reference,
    coalesce(m.own -> 'externalReferences'::text, s.external_references) as external_references
   from correspondence.message m
     join correspondence.submission s on s.id = m.submission_id
  where m.published_at is not null and m.purged_at is null;

create view correspondence.dialog_key as
 select id,
    recipient_id,
    resource_id,
    transmission_of,
    greatest(transmitted_at, published_at) as content_at,
    published_at as own_content_at
   from correspondence.message m
  where published_at is not null and purged_at is null;

create view correspondence.inbox_face as
 select m.id,
    m.recipient_id,
    m.owner_id,
    m.resource_id,
    m.submission_id,
    m.transmission_of,
    coalesce(m.transmission_of, m.id) as dialog_id,
    m.published_at,
    greatest(m.transmitted_at, m.published_at) as content_at,
        case
            when m.awaits_person then m.opened_at
            else coalesce(m.read_at, m.opened_at)
        end as opened_at,
    m.confirmed_at,
    s.title,
    s.summary,
    s.body,
    s.message_sender,
    s.due_at,
    s.is_confirmation_needed,
    s.is_confidential,
    s.is_confirmation_needed and m.confirmed_at is null as awaits_confirmation,
    m.own
   from correspondence.message m
     join correspondence.submission s on s.id = m.submission_id
  where m.published_at is not null and m.purged_at is null;

create view correspondence.sent_for_another as
 select m.id as about,
    s.created_by,
    s.owner_id,
    m.recipient_id,
    s.created_at
   from correspondence.submission s
     join correspondence.message m on m.submission_id = s.id
  where s.created_by <> s.owner_id;

create function correspondence.require_evidence()
 returns trigger
 language plpgsql
 set plan_cache_mode to 'force_generic_plan'
 set enable_seqscan to 'off'
as $function$
declare bad uuid;
begin
  select s.message_id into bad from fresh s
   where s.status in ('Published', 'Read', 'Confirmed', 'PurgedByRecipient', 'PurgedByAltinn', 'Failed')
     and (select true from evidence.evidence e where e.about = s.message_id and e.xact = pg_current_xact_id() limit 1) is null limit 1;
  if found then raise exception 'message % changes its state without evidence', bad using errcode = 'BS003'; end if;
  return null;
end $function$;

create function correspondence.require_history()
 returns trigger
 language plpgsql
 set plan_cache_mode to 'force_generic_plan'
 set enable_seqscan to 'off'
 set enable_nestloop to 'off'
 set enable_mergejoin to 'off'
as $function$
declare bad uuid;
begin
  select n.id into bad from fresh n join former o on o.id = n.id
   where n.state <> o.state
     and ((select true from correspondence.status s
            where s.message_id = n.id and s.status = n.state and s.xmin = pg_current_xact_id()::xid limit 1) is null
          or (select true from evidence.evidence e where e.about = n.id and e.xact = pg_current_xact_id() limit 1) is null) limit 1;
  if found then raise exception 'message % changes its state without history or evidence; those are written first', bad using errcode = 'BS008'; end if;
  return null;
end $function$;

create function correspondence.require_watch()
 returns trigger
 language plpgsql
 set plan_cache_mode to 'force_generic_plan'
 set enable_seqscan to 'off'
as $function$
declare bad uuid;
begin
  select m.id into bad from fresh m
   where (select true from watch.item w where w.about = m.id and w.party_id = m.recipient_id limit 1) is null limit 1;
  if found then raise exception 'message % is accepted without a watch', bad using errcode = 'BS001'; end if;
  return null;
end $function$;


-- db

create table db.call_window (
  operation text        not null,
  client    text        not null,
  began_at  timestamptz not null,
  calls     integer     not null,
  primary key (operation, client)
);
create index call_window_began on db.call_window (began_at);

create table db.installation (
  "only" boolean not null default true,
  mode   text    not null,
  primary key ("only"),
  check (mode = any (array['sandbox'::text, 'production'::text])),
  check ("only")
);

create table db.migration (
  name     text        not null,
  checksum text        not null,
  ran_at   timestamptz not null default now(),
  primary key (name)
);


-- dialogs

create table dialogs.context (
  message_id         uuid        not null,
  revision           uuid        not null,
  folder             text        not null default 'Default'::text,
  folder_at          timestamptz,
  is_marked_unopened boolean     not null default false,
  seen_at            timestamptz,
  primary key (message_id),
  check (folder = any (array['Default'::text, 'Bin'::text, 'Archive'::text])),
  foreign key (message_id) references correspondence.message(id)
);

create table dialogs.label_change (
  id         uuid        not null,
  message_id uuid        not null,
  label      text        not null,
  action     text        not null,
  at         timestamptz not null,
  party_id   uuid        not null,
  primary key (id),
  check (action = any (array['set'::text, 'remove'::text])),
  check (label = any (array['Default'::text, 'Bin'::text, 'Archive'::text, 'MarkedAsUnopened'::text])),
  foreign key (message_id) references dialogs.context(message_id)
);
create index label_change_message on dialogs.label_change (message_id);

create table dialogs.seen (
  id         uuid        not null,
  message_id uuid        not null,
  party_id   uuid        not null,
  at         timestamptz not null,
  primary key (id),
  foreign key (message_id) references dialogs.context(message_id)
);
create index seen_message on dialogs.seen (message_id);

create view dialogs.label_face as
 select message_id,
    folder,
    folder_at,
    is_marked_unopened
   from dialogs.context c;


-- enhetsregister

create table enhetsregister.import (
  id         uuid        not null,
  files      text        not null,
  step       text        not null,
  through    text        not null default ''::text,
  staged     jsonb       not null default '{}'::jsonb,
  counts     jsonb       not null default '{}'::jsonb,
  started_at timestamptz not null,
  ended_at   timestamptz,
  primary key (id),
  check (step = any (array['stage'::text, 'main'::text, 'parents'::text, 'sub'::text, 'roles'::text, 'gone'::text, 'done'::text]))
);
create index import_done on enhetsregister.import (ended_at) where (step = 'done'::text);
create unique index import_open on enhetsregister.import (files) where (step <> 'done'::text);

create table enhetsregister.staged_role (
  at_number     text not null,
  role          text not null,
  holder_number text,
  holder_kind   text not null,
  holder_name   text,
  born          text,
  check (holder_kind = any (array['organization'::text, 'person'::text]))
);
create index staged_role_at on enhetsregister.staged_role (at_number);

create table enhetsregister.staged_unit (
  number           text  not null,
  kind             text  not null,
  name             text  not null,
  unit_type        text,
  parent_number    text,
  language         text,
  deleted_on       date,
  business_address jsonb,
  postal_address   jsonb
);
create index staged_unit_any on enhetsregister.staged_unit (number);
create index staged_unit_number on enhetsregister.staged_unit (kind, number);

create table enhetsregister.unit (
  number           text  not null,
  kind             text  not null,
  business_address jsonb,
  postal_address   jsonb,
  primary key (number),
  check (kind = any (array['main'::text, 'sub'::text]))
);


-- events

create table events.counter (
  "only" boolean not null default true,
  last   bigint  not null default 0,
  primary key ("only"),
  check ("only")
);

create table events.outbox (
  id                  uuid        not null,
  type                text        not null,
  source              text        not null,
  subject             text        not null,
  alternative_subject text,
  resource            text        not null,
  resource_instance   text        not null,
  at                  timestamptz not null,
  data                jsonb,
  told_at             timestamptz,
  "position"          bigint,
  primary key (id)
);
create index outbox_at on events.outbox using brin (at) with (autosummarize='on');
create index outbox_instance on events.outbox (resource_instance);
create unique index outbox_position on events.outbox ("position") where ("position" is not null);
create index outbox_resource on events.outbox (resource, "position") where ("position" is not null);
create index outbox_untold on events.outbox (id) where (told_at is null);

create view events.untold as
 select id,
    at
   from events.outbox
  where told_at is null;


-- evidence

create table evidence.event (
  code smallint not null,
  name text     not null,
  uri  text     not null,
  primary key (code),
  unique (name),
  unique (uri)
);

create table evidence.evidence (
  id        uuid        not null,
  about     uuid        not null,
  recipient uuid,
  event     smallint    not null,
  at        timestamptz not null,
  proves    text        not null,
  core      text        not null,
  who       text        not null,
  what      text        not null,
  xact      xid8        not null default pg_current_xact_id(),
  primary key (id),
  check (proves = any (array['nothing'::text, 'recorded'::text, 'accepted'::text, 'deposited'::text, 'available'::text, 'notice-handed-over'::text, 'notice-delivered'::text, 'notice-seen'::text, 'opened'::text, 'handed-over'::text, 'confirmed'::text, 'integrity-confirmed'::text, 'relayed'::text, 'reported-opened'::text, 'failed'::text, 'closed-by-sender'::text])),
  foreign key (event) references evidence.event(code)
);
create index evidence_about on evidence.evidence (about);
create index evidence_acts_at on evidence.evidence (recipient, id) where (event = any (array[8, 9, 17, 18, 102, 103, 104, 106, 108, 112, 118, 119]));
create trigger evidence_is_final before delete or update on evidence.evidence for each statement execute function evidence.refuse_change();
create trigger evidence_is_kept before truncate on evidence.evidence for each statement execute function evidence.refuse_change();

create table evidence.log_feed (
  xact xid8    not null default pg_current_xact_id(),
  lo   uuid    not null,
  hi   uuid    not null,
  n    integer not null,
  primary key (xact),
  check (n > 0)
);

create view evidence.event_face as
 select e.about,
    e.recipient,
    e.at,
    n.name as event
   from evidence.evidence e
     join evidence.event n on n.code = e.event;

create function evidence.refuse_change()
 returns trigger
 language plpgsql
as $function$ begin raise exception 'evidence is never changed or deleted' using errcode = 'BS004'; end $function$;


-- identity

create table identity.activity (
  party_id     uuid        not null,
  client_id    text        not null default ''::text,
  read_scope   boolean     not null default false,
  auth_level   smallint    not null default 0,
  last_seen_at timestamptz not null,
  quiet_at     timestamptz,
  primary key (party_id, client_id),
  foreign key (party_id) references register.party(id)
);
create index activity_not_quiet on identity.activity (last_seen_at) where (read_scope and (client_id <> ''::text) and (quiet_at is null));
create trigger life_shown_again after update on identity.activity referencing old table as gone new table as fresh for each statement execute function access.life_shown();
create trigger life_shown_first after insert on identity.activity referencing new table as fresh for each statement execute function access.life_shown();

create table identity.certificate (
  thumbprint      text        not null,
  organization_id uuid        not null,
  valid_to        timestamptz not null,
  first_seen_at   timestamptz not null,
  last_seen_at    timestamptz not null,
  primary key (thumbprint),
  check (thumbprint ~ '^[0-9a-f]{64}$'::text),
  foreign key (organization_id) references register.party(id)
);
create index certificate_organization on identity.certificate (organization_id, last_seen_at desc);

create table identity.client (
  client_id       text   not null,
  organization_id uuid   not null,
  key_id          text,
  public_jwk      jsonb,
  scopes          text[] not null default '{}'::text[],
  primary key (client_id),
  foreign key (organization_id) references register.party(id)
);
create index client_organization on identity.client (organization_id, client_id);

create table identity.dialog_key (
  kid         text        not null,
  private_jwk jsonb       not null,
  public_jwk  jsonb       not null,
  created_at  timestamptz not null,
  primary key (kid)
);

create view identity.activity_face as
 select party_id,
    client_id,
    read_scope,
    auth_level,
    last_seen_at
   from identity.activity;


-- inbox

create table inbox.content (
  submission_id uuid     not null,
  words         tsvector not null,
  primary key (submission_id)
);

create table inbox.entry (
  id                  uuid        not null,
  party_id            uuid        not null,
  kind                text        not null,
  resource_id         text        not null,
  dialog_id           uuid        not null,
  submission_id       uuid,
  at                  timestamptz not null,
  due_at              timestamptz,
  is_confidential     boolean     not null,
  is_shared           boolean     not null,
  folder              text        not null,
  is_unread           boolean     not null,
  awaits_confirmation boolean     not null,
  primary key (id, party_id),
  check (folder = any (array['inbox'::text, 'archive'::text, 'bin'::text])),
  check (kind = any (array['message'::text, 'file'::text]))
);
create index entry_dialog on inbox.entry (dialog_id);
create index entry_due on inbox.entry (party_id, due_at, id) where (due_at is not null);
create index entry_folder on inbox.entry (party_id, folder, at desc, id desc);
create index entry_open on inbox.entry (party_id, at desc, id desc) where ((folder = 'inbox'::text) and (is_unread or awaits_confirmation));
create index entry_shared on inbox.entry (party_id) where is_shared;

create table inbox.label (
  id       uuid not null,
  party_id uuid not null,
  word     text not null,
  primary key (id, party_id, word),
  check (length(word) >= 1 and length(word) <= 40)
);
create index label_word on inbox.label (party_id, word, id);

create table inbox.place_key (
  is_one boolean not null default true,
  key    bytea   not null,
  primary key (is_one),
  check (is_one),
  check (length(key) = 32)
);

create table inbox.progress (
  is_one      boolean not null default true,
  number      bigint  not null,
  taken_until uuid,
  taken_to    uuid,
  primary key (is_one),
  check (is_one)
);

create table inbox.touched (
  id uuid not null,
  primary key (id)
);

create table inbox.words (
  id    uuid     not null,
  words tsvector not null,
  primary key (id)
);
create index words_words on inbox.words using gin (words);

create view inbox.followed as
 select number
   from inbox.progress;

create function inbox.query_of(looked_for text, beginnings text)
 returns tsquery
 language sql
 immutable parallel safe
as $function$
  select websearch_to_tsquery('pg_catalog.norwegian', looked_for) || websearch_to_tsquery('pg_catalog.english', looked_for)
      || coalesce(to_tsquery('pg_catalog.simple', beginnings), ''::tsquery)
$function$;

create function inbox.word_of(party uuid)
 returns text
 language sql
 immutable parallel safe
as $function$
  select 'p' || replace(party::text, '-', '') $function$;

create function inbox.words_of(title text, sender text, body text)
 returns tsvector
 language sql
 immutable parallel safe
as $function$
  select setweight(to_tsvector('pg_catalog.simple', t) || to_tsvector('pg_catalog.norwegian', t) || to_tsvector('pg_catalog.english', t), 'A')
      || setweight(to_tsvector('pg_catalog.simple', s), 'B')
      || setweight(to_tsvector('pg_catalog.norwegian', b) || to_tsvector('pg_catalog.english', b), 'C')
    from (select translate(left(title, 1000), '_', ' ') as t, translate(left(sender, 1000), '_', ' ') as s,
                 translate(left(body, 50000), '_', ' ') as b) as written
$function$;


-- mailings

create table mailings.chunk (
  mailing_id    uuid        not null,
  first_line    integer     not null,
  last_line     integer     not null,
  staged        integer     not null,
  refused       integer     not null,
  unreachable   integer     not null,
  grantable     integer     not null,
  cold          integer     not null,
  reachable     integer     not null,
  proven        integer     not null,
  policies      jsonb       not null,
  checked_at    timestamptz not null,
  failures      smallint    not null default 0,
  retry_at      timestamptz,
  sent          integer     not null default 0,
  dropped       integer     not null default 0,
  submission_id uuid,
  publish_at    timestamptz,
  sent_at       timestamptz,
  primary key (mailing_id, first_line),
  check (last_line >= first_line and (staged + refused) = (last_line - first_line + 1)),
  check ((unreachable + grantable + cold + reachable + proven) = staged),
  check (sent_at is null or (sent + dropped) = staged),
  check (refused >= 0),
  check (staged >= 0),
  foreign key (mailing_id) references mailings.mailing(id)
);
create index chunk_unsent on mailings.chunk (mailing_id, first_line) where (sent_at is null);

create table mailings.mailing (
  id               uuid        not null,
  party_id         uuid        not null,
  idempotency_key  uuid        not null,
  content_sha256   text        not null,
  resource_id      text        not null,
  letter           jsonb       not null,
  attachments      uuid[]      not null,
  state            text        not null,
  stalled_by       text,
  received         integer     not null default 0,
  check_asked_at   timestamptz,
  check_asked_by   jsonb,
  release_at       timestamptz,
  released_by      jsonb,
  created_at       timestamptz not null,
  ended_at         timestamptz,
  forgotten_at     timestamptz,
  encrypted_letter bytea,
  leave_out        text[]      not null default '{}'::text[],
  primary key (id),
  unique (party_id, idempotency_key),
  constraint letter_once check (encrypted_letter is null or letter = '{}'::jsonb) not valid,
  check (state = 'Open'::text or state = 'Cancelled'::text or release_at is not null and released_by is not null),
  check ((ended_at is not null) = (state = any (array['Cancelled'::text, 'Finished'::text]))),
  check ((check_asked_at is null) = (check_asked_by is null)),
  check (stalled_by is null or state = 'Paused'::text),
  check (leave_out <@ array['UNREACHABLE'::text, 'GRANTABLE'::text, 'COLD'::text]),
  check (received >= 0),
  check (state = any (array['Open'::text, 'Released'::text, 'Paused'::text, 'Cancelled'::text, 'Finished'::text]))
);
create index mailing_ended on mailings.mailing (ended_at) where ((ended_at is not null) and (forgotten_at is null));
create index mailing_own on mailings.mailing (party_id, id);
create index mailing_released on mailings.mailing (release_at) where (state = 'Released'::text);

create table mailings.recipient (
  mailing_id        uuid    not null,
  line              integer not null,
  party_id          uuid    not null,
  message_id        uuid    not null,
  class             text    not null,
  openers           integer not null,
  grantors          integer not null,
  attachment_locked boolean not null,
  access_version    bigint  not null,
  grantor_ids       uuid[],
  own               jsonb,
  encrypted_own     bytea,
  primary key (mailing_id, line),
  constraint own_once check (encrypted_own is null or own is null) not valid
);
create unique index recipient_once on mailings.recipient (mailing_id, party_id);

create table mailings.refusal (
  mailing_id uuid     not null,
  line       integer  not null,
  code       smallint not null,
  field      text,
  primary key (mailing_id, line)
);


-- notifications

create table notifications.attempt (
  notice_id uuid        not null,
  attempt   smallint    not null,
  at        timestamptz not null,
  outcome   text        not null,
  reason    text,
  answer    text,
  primary key (notice_id, attempt),
  check (outcome = any (array['handed-over'::text, 'later'::text, 'refused'::text]))
);
create index attempt_at on notifications.attempt using brin (at) with (autosummarize='on');

create table notifications.notice (
  id             uuid        not null,
  about          uuid,
  party_id       uuid,
  to_id          uuid,
  step_id        uuid        not null,
  purpose        text        not null,
  channel        text        not null,
  address        text        not null,
  subject        text,
  body           text        not null,
  html           boolean     not null default false,
  message_id     text,
  state          text        not null default 'due'::text,
  due_at         timestamptz not null,
  attempts       smallint    not null default 0,
  leased_until   timestamptz,
  cancelled_at   timestamptz,
  carrier_answer text,
  changed_at     timestamptz not null,
  shipment_id    uuid,
  failure        text,
  any_hour       boolean     not null default false,
  needed_by      timestamptz,
  encrypted_text bytea,
  twin           smallint    not null default 0,
  tells          text[],
  reported       jsonb,
  access_lost    boolean     not null default false,
  primary key (id),
  unique (message_id),
  unique (step_id, channel, address, twin),
  check (channel = any (array['email'::text, 'sms'::text])),
  check ((about is null) = (party_id is null)),
  check ((state = 'handing-over'::text) = (leased_until is not null)),
  check ((state = any (array['due'::text, 'cancelled'::text])) or message_id is not null),
  check (state <> 'cancelled'::text or cancelled_at is not null),
  check (failure = any (array['address-rejected'::text, 'mailbox-full'::text, 'carrier-refused'::text, 'carrier-timeout'::text, 'reserved'::text, 'address-gone'::text])) not valid,
  check ((purpose = any (array['new-mail'::text, 'reminder'::text, 'reminder-confirm'::text, 'sealed'::text, 'sealed-attachment'::text, 'sender-unread'::text, 'sender-decision'::text, 'sender-failed'::text, 'subscription-paused'::text])) or purpose = 'fallback'::text or (purpose = any (array['new-file'::text, 'file-reminder'::text, 'file-confirm'::text, 'file-sealed'::text, 'file-fallback'::text, 'file-key-roles'::text, 'files-unread'::text, 'files-decision'::text, 'files-failed'::text])) or (purpose = any (array['key-roles'::text, 'fallback-unread'::text])) or purpose = 'confirm-address'::text or (purpose = any (array['prove-address'::text, 'stale-address'::text])) or purpose = 'paper-returned'::text or (purpose = any (array['sender-expiring'::text, 'files-expiring'::text])) or purpose = 'sender-deleted'::text or (purpose = any (array['attachment-unlocked'::text, 'attachment-reminder'::text]))) not valid,
  check (state = any (array['due'::text, 'handing-over'::text, 'handed-over'::text, 'delivered'::text, 'failed'::text, 'cancelled'::text])),
  constraint notice_to_somebody check (to_id is not null or shipment_id is not null) not valid,
  constraint text_once check (encrypted_text is null or subject is null and body = ''::text) not valid
);
create index notice_about on notifications.notice (about) where (about is not null);
create index notice_due on notifications.notice (channel, due_at) where (state = any (array['due'::text, 'handing-over'::text]));
create index notice_mail_to_sender on notifications.notice (to_id, changed_at) where ((about is null) and (purpose = any (array['sender-unread'::text, 'sender-decision'::text, 'sender-failed'::text, 'sender-expiring'::text, 'sender-deleted'::text, 'files-unread'::text, 'files-decision'::text, 'files-failed'::text, 'files-expiring'::text, 'paper-returned'::text])));
create index notice_mail_to_subscriber on notifications.notice (to_id) where (purpose = 'subscription-paused'::text);
comment on column notifications.notice.access_lost is 'called off since its addressee may not open any more, or let somebody in; it goes when that is so again within a day';

create table notifications.pace (
  channel text        not null,
  free_at timestamptz not null,
  primary key (channel),
  check (channel = any (array['email'::text, 'sms'::text]))
);

create table notifications.sender_order (
  id                 uuid        not null,
  sender_id          uuid        not null,
  template           text        not null,
  channel            text        not null,
  email_subject      text,
  email_body         text,
  email_html         boolean     not null default false,
  sms_body           text,
  created_at         timestamptz not null,
  language           text        not null default 'nb'::text,
  ignore_reservation boolean     not null default false,
  custom             jsonb       not null default '[]'::jsonb,
  override           boolean     not null default false,
  encrypted_texts    bytea,
  primary key (id),
  check (channel = any (array['Email'::text, 'Sms'::text, 'EmailPreferred'::text, 'SmsPreferred'::text, 'EmailAndSms'::text])),
  check (template = any (array['CustomMessage'::text, 'GenericAltinnMessage'::text])),
  constraint texts_once check (encrypted_texts is null or coalesce(email_subject, email_body, sms_body) is null) not valid
);

create table notifications.shipment (
  id          uuid        not null,
  about       uuid        not null,
  party_id    uuid        not null,
  order_id    uuid        not null,
  step_id     uuid        not null,
  is_reminder boolean     not null,
  channel     text        not null,
  custom      smallint,
  otherwise   boolean     not null default false,
  missing     boolean     not null default false,
  at          timestamptz not null,
  sent_at     timestamptz,
  failed_at   timestamptz,
  primary key (id)
);
create index shipment_about on notifications.shipment (about);

create table notifications.suppressed (
  id        uuid        not null,
  about     uuid,
  party_id  uuid,
  to_id     uuid,
  step_id   uuid        not null,
  notice_id uuid,
  purpose   text        not null,
  channel   text        not null,
  address   text        not null,
  at        timestamptz not null,
  primary key (id),
  unique nulls not distinct (step_id, channel, to_id, address),
  check (channel = any (array['email'::text, 'sms'::text]))
);
create index suppressed_about on notifications.suppressed (about) where (about is not null);

create view notifications.failing_to_sender as
 select to_id,
    channel,
    address,
    changed_at
   from ( select distinct on (n.to_id, n.channel, (lower(n.address))) n.to_id,
            n.channel,
            n.address,
            n.changed_at,
            n.state
           from notifications.notice n
          where n.about is null and (n.purpose = any (array['sender-unread'::text, 'sender-decision'::text, 'sender-failed'::text, 'sender-expiring'::text, 'sender-deleted'::text, 'files-unread'::text, 'files-decision'::text, 'files-failed'::text, 'files-expiring'::text, 'paper-returned'::text])) and (n.state = any (array['handed-over'::text, 'delivered'::text, 'failed'::text]))
          order by n.to_id, n.channel, (lower(n.address)), n.changed_at desc) last
  where state = 'failed'::text;

create view notifications.mail_to_sender as
 select id,
    to_id,
    step_id,
    purpose,
    channel,
    address,
    state,
    due_at,
    changed_at,
    failure,
    carrier_answer,
    coalesce(( select json_agg(json_build_object('at', a.at, 'outcome', a.outcome, 'reason', a.reason, 'answer', a.answer) order by a.attempt) as json_agg
           from notifications.attempt a
          where a.notice_id = n.id), '[]'::json) as attempts
   from notifications.notice n
  where about is null and (purpose = any (array['sender-unread'::text, 'sender-decision'::text, 'sender-failed'::text, 'sender-expiring'::text, 'sender-deleted'::text, 'files-unread'::text, 'files-decision'::text, 'files-failed'::text, 'files-expiring'::text, 'paper-returned'::text]));

create view notifications.mail_to_subscriber as
 select id,
    to_id,
    step_id,
    purpose,
    channel,
    address,
    state,
    due_at,
    changed_at,
    failure,
    carrier_answer,
    coalesce(( select json_agg(json_build_object('at', a.at, 'outcome', a.outcome, 'reason', a.reason, 'answer', a.answer) order by a.attempt) as json_agg
           from notifications.attempt a
          where a.notice_id = n.id), '[]'::json) as attempts
   from notifications.notice n
  where purpose = 'subscription-paused'::text;

create view notifications.notice_face as
 select id,
    about,
    party_id,
    step_id,
    purpose,
    channel,
    state,
    due_at,
    attempts,
    cancelled_at,
    changed_at,
    to_id,
    state = 'cancelled'::text and (exists ( select
           from notifications.suppressed s
          where s.step_id = n.step_id and s.notice_id = n.id)) as told_already
   from notifications.notice n;

create view notifications.notice_to_sender as
 select id,
    to_id,
    state,
    changed_at,
    step_id,
    purpose,
    tells
   from notifications.notice
  where about is null and (purpose = any (array['sender-unread'::text, 'sender-decision'::text, 'sender-failed'::text, 'sender-expiring'::text, 'sender-deleted'::text, 'files-unread'::text, 'files-decision'::text, 'files-failed'::text, 'files-expiring'::text, 'paper-returned'::text]));


-- register

create table register.contact_point (
  party_id  uuid        not null,
  ordinal   smallint    not null,
  channel   text        not null,
  address   text        not null,
  id        uuid        not null default gen_random_uuid(),
  source    text        not null default 'register'::text,
  fresh_at  timestamptz not null default clock.now(),
  asked_at  timestamptz,
  at_id     uuid,
  resources text[],
  primary key (party_id, source, ordinal),
  constraint contact_point_at check (at_id is null or source = 'own'::text and at_id <> party_id),
  check (channel = any (array['email'::text, 'sms'::text])),
  constraint contact_point_resources check (resources is null or at_id is not null),
  check (source = any (array['register'::text, 'krr'::text, 'own'::text])),
  foreign key (at_id) references register.party(id),
  foreign key (party_id) references register.party(id) on delete cascade
);
create index contact_point_fresh on register.contact_point (fresh_at);
create unique index contact_point_id on register.contact_point (id);
create unique index contact_point_own on register.contact_point (party_id, channel, lower(address), at_id) nulls not distinct where (source = 'own'::text);

create table register.party (
  id            uuid        not null,
  party_id      integer     not null generated always as identity,
  kind          text        not null,
  number        text,
  name          text        not null,
  org_code      text,
  unit_type     text,
  parent_id     uuid,
  language      text        not null default 'nb'::text,
  reserved      boolean     not null default false,
  last_login_on date,
  died_on       date,
  deleted_at    timestamptz,
  implicit      boolean     not null default false,
  successor_id  uuid,
  primary key (id),
  unique (number),
  unique (org_code),
  unique (party_id),
  check (kind = 'person'::text and number ~ '^[0-9]{11}$'::text or kind = 'organization'::text and number ~ '^[0-9]{9}$'::text or kind = 'system-user'::text and number is null),
  check (parent_id is null or kind <> 'person'::text),
  check (successor_id is null or kind = 'organization'::text),
  check (successor_id <> id),
  check (kind = any (array['person'::text, 'organization'::text, 'system-user'::text])),
  check (language = any (array['nb'::text, 'nn'::text, 'en'::text])),
  foreign key (parent_id) references register.party(id),
  foreign key (successor_id) references register.party(id)
);
create index party_parent on register.party (parent_id) where (parent_id is not null);
create index party_successor on register.party (successor_id) where (successor_id is not null);
create trigger standing_changes_access after update on register.party referencing old table as gone new table as fresh for each statement execute function access.standing_changed();

create table register.quiet_hours (
  party_id    uuid        not null,
  from_minute smallint    not null,
  to_minute   smallint    not null,
  changed_at  timestamptz not null,
  primary key (party_id),
  check (from_minute <> to_minute),
  check (from_minute >= 0 and from_minute <= 1439),
  check (to_minute >= 0 and to_minute <= 1439),
  foreign key (party_id) references register.party(id) on delete cascade
);

create view register.party_face as
 select id,
    party_id,
    kind,
    number,
    name,
    org_code,
    unit_type,
    parent_id,
    language,
    reserved,
    last_login_on,
    died_on is null and deleted_at is null as alive,
    (exists ( select
           from register.contact_point c
          where c.party_id = p.id)) as has_contact,
    successor_id
   from register.party p;

create function register.party_of(wanted text)
 returns uuid
 language plpgsql
 stable strict
as $function$
declare found_id uuid;
begin
  select id into found_id from register.party where number = wanted;
  if found_id is null then raise exception 'no organization has the number % that a main unit was named by', wanted using errcode = 'BS006'; end if;
  return found_id;
end $function$;

create function register.used(party uuid, addresses text[], at timestamptz)
 returns void
 language plpgsql
as $function$
begin
  update register.contact_point set fresh_at = $3
   where party_id = $1 and lower(address) = any ($2) and fresh_at < $3 - interval '1 day';
end $function$;


-- relay

create table relay.postal_address (
  party_id   uuid        not null,
  lines      text[]      not null,
  changed_at timestamptz not null,
  primary key (party_id),
  check (cardinality(lines) >= 1 and cardinality(lines) <= 6)
);

create table relay.shipment (
  id             uuid        not null,
  about          uuid        not null,
  party_id       uuid        not null,
  sender_id      uuid        not null,
  resource_id    text        not null,
  confidential   boolean     not null,
  address        text[]      not null,
  state          text        not null,
  reason         text,
  letter_sha256  text,
  attempts       smallint    not null default 0,
  due_at         timestamptz not null,
  leased_until   timestamptz,
  accepted_at    timestamptz not null,
  dropped_at     timestamptz,
  printed_at     timestamptz,
  posted_at      timestamptz,
  changed_at     timestamptz not null,
  not_stopped_at timestamptz,
  primary key (id),
  check (cardinality(address) >= 1 and cardinality(address) <= 8),
  check (reason is null or (state = any (array['returned'::text, 'refused'::text, 'cancelled'::text]))),
  check (state <> 'refused'::text or reason is not null),
  check (state <> 'posted'::text or posted_at is not null),
  check (state = any (array['accepted'::text, 'dropped'::text, 'printed'::text, 'posted'::text, 'returned'::text, 'refused'::text, 'cancelled'::text]))
);
create index shipment_about on relay.shipment (about);
create index shipment_at_house on relay.shipment (about, party_id) where ((state = any (array['dropped'::text, 'printed'::text])) and (not_stopped_at is null));
create index shipment_due on relay.shipment (due_at) where (state = 'accepted'::text);
create unique index shipment_open on relay.shipment (about, party_id) where (state = any (array['accepted'::text, 'dropped'::text, 'printed'::text]));
comment on column relay.shipment.not_stopped_at is 'when it was found that the house has what nobody wants printed any more';

create view relay.on_its_way as
 select about,
    party_id
   from relay.shipment
  where state = any (array['accepted'::text, 'dropped'::text, 'printed'::text]);


-- sandbox

create table sandbox.caught (
  id         uuid        not null,
  channel    text        not null,
  message_id text        not null,
  sender     text        not null,
  address    text        not null,
  subject    text,
  body       text        not null,
  caught_at  timestamptz not null,
  primary key (id),
  check (channel = any (array['email'::text, 'sms'::text]))
);
create index caught_address on sandbox.caught (lower(address), id);

create table sandbox.login_client (
  client_id                 text   not null,
  redirect_uris             text[] not null,
  post_logout_redirect_uris text[] not null,
  frontchannel_logout_uri   text,
  primary key (client_id)
);

create table sandbox.login_state (
  model      text        not null,
  id         text        not null,
  payload    jsonb       not null,
  uid        text,
  grant_id   text,
  used_at    timestamptz,
  expires_at timestamptz not null,
  primary key (model, id)
);
create index login_state_expiry on sandbox.login_state (expires_at);
create index login_state_grant on sandbox.login_state (grant_id) where (grant_id is not null);
create index login_state_uid on sandbox.login_state (uid) where (uid is not null);

create table sandbox.signing_key (
  kid         text        not null,
  private_jwk jsonb       not null,
  public_jwk  jsonb       not null,
  created_at  timestamptz not null,
  issuer      text        not null,
  primary key (kid),
  check (issuer = any (array['altinn'::text, 'maskinporten'::text, 'idporten'::text]))
);

create table sandbox.town_item (
  list    text not null,
  key     text not null,
  content text not null,
  primary key (list, key)
);

create table sandbox.used_grant (
  digest     text        not null,
  expires_at timestamptz not null,
  primary key (digest)
);
create index used_grant_expiry on sandbox.used_grant (expires_at);


-- session

create table session.login_attempt (
  digest     bytea       not null,
  browser    bytea       not null,
  verifier   text        not null,
  nonce      text        not null,
  return_to  text        not null,
  expires_at timestamptz not null,
  primary key (digest)
);
create index login_attempt_expires on session.login_attempt (expires_at);

create table session.session (
  digest       bytea       not null,
  party_id     uuid        not null,
  auth_level   smallint    not null,
  issuer       text        not null,
  provider_sid text,
  provider_sub text        not null,
  id_token     bytea       not null,
  began_at     timestamptz not null,
  ends_at      timestamptz not null,
  expires_at   timestamptz not null,
  primary key (digest),
  check (auth_level >= 0 and auth_level <= 4),
  check (expires_at <= ends_at)
);
create index session_expires on session.session (expires_at);
create index session_party on session.session (party_id);
create index session_sid on session.session (provider_sid) where (provider_sid is not null);
create index session_sub on session.session (provider_sub);


-- setup

create table setup.invitation (
  token_sha256 text        not null,
  client_id    text        not null,
  created_at   timestamptz not null,
  expires_at   timestamptz not null,
  used_at      timestamptz,
  primary key (token_sha256),
  check (token_sha256 ~ '^[0-9a-f]{64}$'::text)
);


-- statistics

create table statistics.call (
  bucket    text        not null,
  address   text        not null,
  called_at timestamptz not null
);
create index call_address on statistics.call (bucket, address, called_at);
create index call_time on statistics.call (called_at);

create table statistics.day_sum (
  day              date   not null,
  owner_id         uuid   not null,
  message_sender   text   not null,
  sender_number    text   not null,
  resource_id      text   not null,
  recipient_kind   text   not null,
  messages         bigint not null,
  database_bytes   bigint not null,
  attachment_bytes bigint not null,
  primary key (day, owner_id, resource_id, message_sender, sender_number, recipient_kind)
);

create table statistics.report (
  id           uuid        not null,
  file_name    text        not null,
  blob_key     uuid        not null,
  sha256       text        not null,
  size_bytes   bigint      not null,
  owners       integer     not null,
  messages     bigint      not null,
  generated_at timestamptz not null,
  about        text        not null default 'letters'::text,
  primary key (id),
  check (about = any (array['letters'::text, 'files'::text]))
);
create index report_generated on statistics.report (about, generated_at);

create table statistics.schedule (
  "only"    boolean     not null default true,
  summed_to date,
  next_at   timestamptz not null,
  primary key ("only"),
  check ("only")
);


-- subscriptions

create table subscriptions.delivery (
  subscription_id integer     not null,
  number          bigint      not null,
  event_id        uuid        not null,
  state           text        not null,
  attempts        integer     not null default 0,
  next_at         timestamptz,
  last_answer     text,
  changed_at      timestamptz not null,
  primary key (subscription_id, number),
  unique (subscription_id, event_id),
  check ((state = 'Pending'::text) = (next_at is not null)),
  check (state = any (array['Pending'::text, 'Delivered'::text, 'GivenUp'::text, 'Withheld'::text])),
  foreign key (event_id) references events.outbox(id) on delete cascade,
  foreign key (subscription_id) references subscriptions.subscription(id) on delete cascade
);
create index delivery_event on subscriptions.delivery (event_id);
create index delivery_pending on subscriptions.delivery (subscription_id, next_at) where (state = 'Pending'::text);

create table subscriptions.subscription (
  id                  integer     not null generated always as identity,
  party_id            uuid        not null,
  consumer            text        not null,
  endpoint            text        not null,
  resource            text        not null,
  source_filter       text,
  subject_filter      text,
  alternative_subject text,
  subject_id          uuid,
  type_filter         text,
  include_subunits    boolean     not null,
  own_events          boolean     not null,
  media_type          text        not null,
  fingerprint         text        not null,
  caller              jsonb       not null,
  secret              bytea       not null,
  former_secret       bytea,
  former_until        timestamptz,
  state               text        not null,
  last_number         bigint      not null default 0,
  failures            integer     not null default 0,
  failing_since       timestamptz,
  not_before          timestamptz,
  due_at              timestamptz,
  lease               uuid,
  leased_until        timestamptz,
  created_at          timestamptz not null,
  validated_at        timestamptz,
  paused_at           timestamptz,
  primary key (id),
  unique (party_id, consumer, fingerprint),
  check (subject_id is not null or subject_filter is null and alternative_subject is null),
  check ((state = 'Paused'::text) = (paused_at is not null)),
  check (state <> 'Active'::text or validated_at is not null),
  check (media_type = any (array['application/cloudevents+json'::text, 'application/json'::text])),
  check (state = any (array['Unvalidated'::text, 'Active'::text, 'Paused'::text]))
);
create index subscription_due on subscriptions.subscription (due_at) where (due_at is not null);
create index subscription_resource on subscriptions.subscription (resource, subject_id);


-- unread

create table unread.address (
  sender_id    uuid        not null,
  email        text        not null,
  token_sha256 text,
  asked_at     timestamptz not null,
  confirmed_at timestamptz,
  asked_by     uuid,
  primary key (sender_id, email)
);
create unique index address_token on unread.address (token_sha256) where (token_sha256 is not null);

create table unread.alarm (
  rule  text        not null,
  since timestamptz not null,
  primary key (rule)
);

create table unread.asking (
  email     text not null,
  on_day    date not null,
  sender_id uuid not null,
  primary key (email, on_day)
);
create index asking_sender on unread.asking (sender_id, on_day);

create table unread.extract (
  id          uuid        not null,
  sender_id   uuid        not null,
  due_at      timestamptz not null,
  made_at     timestamptz not null,
  items       integer     not null,
  sent_as     text        not null,
  addresses   integer     not null,
  stand_in_id uuid,
  files       integer,
  primary key (id),
  unique (sender_id, due_at),
  check (sent_as = any (array['link'::text, 'attachment'::text, 'nothing'::text, 'stopped'::text])) not valid
);

create table unread.file_resending (
  old_id   uuid        not null,
  party_id uuid        not null,
  new_id   uuid        not null,
  at       timestamptz not null,
  primary key (old_id, party_id),
  unique (new_id),
  check (old_id <> new_id)
);

create table unread.mail (
  id         uuid        not null,
  address    text        not null,
  subject    text        not null,
  body       text        not null,
  file_name  text,
  file_text  text,
  due_at     timestamptz not null,
  attempts   smallint    not null default 0,
  state      text        not null default 'due'::text,
  answer     text,
  changed_at timestamptz not null,
  extract_id uuid,
  primary key (id),
  check ((file_name is null) = (file_text is null)),
  check (state = any (array['due'::text, 'handed-over'::text, 'failed'::text]))
);
create index mail_due on unread.mail (due_at) where (state = 'due'::text);
create index mail_extract on unread.mail (extract_id) where (extract_id is not null);

create table unread.resending (
  old_id uuid        not null,
  new_id uuid        not null,
  at     timestamptz not null,
  primary key (old_id),
  unique (new_id),
  check (old_id <> new_id)
);

create table unread.routine (
  sender_id  uuid        not null,
  days       smallint[]  not null,
  hour       smallint    not null,
  causes     text[]      not null,
  resources  text[]      not null,
  older_than interval,
  send_as    text        not null,
  send_empty boolean     not null,
  is_on      boolean     not null,
  next_at    timestamptz not null,
  changed_at timestamptz not null,
  retry_at   timestamptz,
  recipients uuid[]      not null default '{}'::uuid[],
  primary key (sender_id),
  check (days <@ array[1::smallint, 2::smallint, 3::smallint, 4::smallint, 5::smallint, 6::smallint, 7::smallint] and cardinality(days) >= 1 and cardinality(days) <= 7),
  check (hour >= 0 and hour <= 23),
  check (send_as = any (array['link'::text, 'attachment'::text]))
);
create index routine_due on unread.routine (next_at) where is_on;

create table unread.statement (
  sender_id       uuid        not null,
  day             date        not null,
  made_at         timestamptz not null,
  canonical       text        not null,
  sha256          text        not null,
  previous_sha256 text,
  broken          text[]      not null,
  primary key (sender_id, day),
  check (sha256 ~ '^[0-9a-f]{64}$'::text)
);
create trigger statement_is_not_emptied before truncate on unread.statement for each statement execute function unread.refuse_change();
create trigger statement_stays before delete or update on unread.statement for each statement execute function unread.refuse_change();

create table unread.statement_day (
  day     date        not null,
  made_at timestamptz not null,
  senders integer     not null,
  failed  uuid[]      not null default '{}'::uuid[],
  primary key (day)
);

create function unread.age_band(age interval)
 returns text
 language sql
 immutable parallel safe
as $function$
  select case when age < interval '1 day' then 'd0' when age < interval '2 days' then 'd1' when age < interval '8 days' then 'd2to7'
              when age < interval '31 days' then 'd8to30' else 'd31plus' end
$function$;

create function unread.instant(at timestamptz)
 returns text
 language sql
 stable parallel safe
as $function$ select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $function$;

create function unread.refuse_change()
 returns trigger
 language plpgsql
as $function$ begin raise exception 'a statement is never changed' using errcode = 'BS040'; end $function$;


-- watch

create table watch.cause_past (
  about    uuid        not null,
  party_id uuid        not null,
  cause    text        not null,
  from_at  timestamptz not null,
  to_at    timestamptz not null,
  primary key (about, party_id, from_at, cause),
  check (from_at <= to_at)
);

create table watch.cause_sweep (
  only_row       boolean     not null default true,
  after_about    uuid,
  after_party    uuid,
  round_began    timestamptz,
  rounds         bigint      not null default 0,
  compared       bigint      not null default 0,
  mended         bigint      not null default 0,
  last_mended_at timestamptz,
  primary key (only_row),
  check (only_row)
);

create table watch.deleted_unread (
  about     uuid        not null,
  party_id  uuid        not null,
  sender_id uuid        not null,
  sent_by   uuid,
  at        timestamptz not null,
  reader_id uuid,
  step_id   uuid,
  primary key (about, party_id)
);
create index deleted_unread_reader on watch.deleted_unread (reader_id) where (reader_id is not null);
create index deleted_unread_step on watch.deleted_unread (step_id) where (step_id is not null);
create index deleted_unread_untold on watch.deleted_unread (sender_id, coalesce(sent_by, sender_id)) where (step_id is null);

create table watch.fault_found (
  about    uuid        not null,
  party_id uuid        not null,
  found_at timestamptz not null default clock.now(),
  primary key (about, party_id)
);

create table watch.grantor (
  grantor_id uuid not null,
  about      uuid not null,
  party_id   uuid not null,
  primary key (about, party_id, grantor_id)
);
create index grantor_grantor on watch.grantor (grantor_id, about);

create table watch.item (
  about                uuid        not null,
  party_id             uuid        not null,
  sender_id            uuid        not null,
  resource_id          text        not null,
  confidential         boolean     not null,
  confirm_needed       boolean     not null,
  begun_at             timestamptz not null,
  due_at               timestamptz,
  ladder               text        not null,
  ladder_version       integer     not null,
  sender_steps         jsonb       not null default '[]'::jsonb,
  published_at         timestamptz,
  opened_at            timestamptz,
  confirmed_at         timestamptz,
  class                text        not null,
  openers              integer     not null,
  grantors             integer     not null,
  attachment_locked    boolean     not null default false,
  access_version       bigint      not null,
  computed_at          timestamptz not null,
  told_at              timestamptz,
  asked_at             timestamptz,
  next_action          text,
  next_action_at       timestamptz,
  settled_at           timestamptz,
  outcome              text,
  settled_by           uuid,
  settled_reason       text,
  failed_at            timestamptz,
  failure              text,
  failure_notice_step  uuid,
  settled_name         text,
  no_opener_told_at    timestamptz,
  is_file              boolean     not null default false,
  ladder_turn          smallint    not null default 0,
  cause                text,
  cause_since          timestamptz,
  sent_by              uuid,
  told_to              uuid,
  unheard              text,
  bytes_until          timestamptz,
  relayed_at           timestamptz,
  returned_at          timestamptz,
  ended_since          text,
  unreached_at         timestamptz,
  fetched_by_system_at timestamptz,
  let_lie              boolean     not null default false,
  primary key (about, party_id),
  check (cause = any (array['not-published'::text, 'returned'::text, 'receiver-gone'::text, 'no-opener'::text, 'grant-needed'::text, 'attachment-locked'::text, 'opened-not-confirmed'::text, 'file-not-fetched'::text, 'no-contact-point'::text, 'notification-failed'::text, 'not-notified'::text, 'waiting'::text, 'unknown'::text, 'notified-not-opened'::text])) not valid,
  check ((cause is null) = (cause_since is null)),
  check ((settled_at is null) = (outcome is null)),
  check (
case class
    when 'UNREACHABLE'::text then openers = 0 and grantors = 0
    when 'GRANTABLE'::text then openers = 0 and grantors > 0
    when 'UNKNOWN'::text then true
    else openers > 0
end),
  check (settled_at is not null or next_action is not null and next_action_at is not null),
  check (outcome <> 'accepted-unread'::text or settled_by is not null and settled_reason is not null),
  check (class = any (array['UNREACHABLE'::text, 'GRANTABLE'::text, 'COLD'::text, 'REACHABLE'::text, 'PROVEN'::text, 'UNKNOWN'::text])),
  check (outcome <> 'accepted-unread'::text or settled_name is not null) not valid,
  check (ended_since = any (array['opened'::text, 'handed-over'::text, 'confirmed'::text, 'deleted-by-recipient'::text, 'recalled'::text])) not valid,
  check ((failed_at is null) = (failure is null)),
  check (grantors >= 0),
  check (openers >= 0),
  check (outcome = any (array['opened'::text, 'confirmed'::text, 'handed-over'::text, 'read-elsewhere'::text, 'relayed'::text, 'recalled'::text, 'deleted-by-recipient'::text, 'failed'::text, 'accepted-unread'::text])),
  check (returned_at is null or relayed_at <= returned_at) not valid,
  check (unheard = any (array['sender-unread'::text, 'sender-decision'::text, 'sender-failed'::text, 'sender-expiring'::text])) not valid,
  foreign key (ladder, ladder_version) references watch.ladder(id, version)
);
create index item_begun_blocks on watch.item using brin (begun_at);
create index item_ended_sender on watch.item (sender_id, published_at) where (settled_at is not null);
create index item_let_lie on watch.item (party_id) include (access_version) where (let_lie and (ended_since is null));
create index item_open_caused on watch.item (about, party_id) where ((settled_at is null) and (cause is not null));
create index item_open_confidential on watch.item (party_id, published_at) where ((settled_at is null) and confidential);
create index item_open_failed on watch.item (coalesce(told_to, sender_id)) where ((failed_at is not null) and (settled_at is null));
create index item_open_failure_notice on watch.item (failure_notice_step) where ((failure_notice_step is not null) and (settled_at is null));
create index item_open_files on watch.item (sender_id, about) where ((settled_at is null) and is_file);
create index item_open_files_of on watch.item (party_id, sender_id) where ((settled_at is null) and is_file);
create index item_open_going on watch.item (coalesce(sent_by, sender_id)) where ((settled_at is null) and (bytes_until is not null));
create index item_open_next on watch.item (next_action_at) where (settled_at is null);
create index item_open_party on watch.item (party_id) include (access_version) where (settled_at is null);
create index item_open_sender on watch.item (sender_id, about) where (settled_at is null);
create index item_open_told on watch.item (coalesce(told_to, sender_id)) where ((settled_at is null) and (told_at is not null));
create index item_open_uncaused on watch.item (begun_at) where ((settled_at is null) and (cause is null));
create index item_open_unheard on watch.item (sender_id, coalesce(sent_by, sender_id), about, party_id) where ((settled_at is null) and (unheard is not null));
create index item_open_unreached on watch.item (about, party_id) where ((settled_at is null) and (unreached_at is not null));
create index item_settled on watch.item (settled_at) where (settled_at is not null);
create trigger watch_is_kept before delete on watch.item for each statement execute function watch.refuse_removal();
create trigger watch_is_not_emptied before truncate on watch.item for each statement execute function watch.refuse_removal();
create trigger watch_stays_where_it_is before update of about, party_id on watch.item for each statement execute function watch.refuse_removal();
comment on column watch.item.let_lie is 'its sender has let it lie while nobody could open it, or an attachment of it';

create table watch.ladder (
  id         text        not null,
  version    integer     not null,
  steps      jsonb       not null,
  owner_id   uuid,
  message_id uuid,
  is_draft   boolean     not null default false,
  fact       text,
  fact_from  text,
  made_at    timestamptz not null default clock.now(),
  by_watch   boolean     not null generated always as ((jsonb_path_exists(steps, '$[*]?(@."workingDays" == true)'::jsonpath) or (not jsonb_path_exists(steps, '$[*]?(@."when".size() == 0 || exists (@."when"[*]?(@ != "grant-needed" && @ != "attachment-locked")))'::jsonpath)))),
  made_by    jsonb,
  primary key (id, version),
  check (jsonb_array_length(steps) > 0)
);
create index ladder_owner on watch.ladder (owner_id, id) where (message_id is null);
create trigger ladder_stays before delete or update on watch.ladder for each statement execute function watch.refuse_ladder_change();

create table watch.ladder_choice (
  id          uuid        not null,
  resource_id text        not null,
  ladder      text        not null,
  limits      jsonb,
  who         jsonb       not null,
  at          timestamptz not null,
  primary key (id)
);
create index ladder_choice_resource on watch.ladder_choice (resource_id, id);
create trigger choice_stays before delete or update on watch.ladder_choice for each statement execute function watch.refuse_choice_change();

create table watch.ladder_limit (
  resource_id text        not null,
  limits      jsonb       not null,
  changed_at  timestamptz not null,
  primary key (resource_id)
);

create table watch.left_out (
  about    uuid        not null,
  party_id uuid        not null,
  error    text        not null,
  since    timestamptz not null,
  until    timestamptz not null,
  primary key (about, party_id)
);
create index left_out_until on watch.left_out (until);

create table watch.need (
  about          uuid    not null,
  party_id       uuid    not null,
  resource_id    text    not null,
  action         text    not null,
  instance       uuid    not null,
  policy_version integer not null,
  awaited        boolean not null default false,
  primary key (about, party_id, instance)
);
create index need_policy on watch.need (resource_id, policy_version);
comment on column watch.need.awaited is 'the letter was opened while nobody could open this part of it, which has not been handed over since';

create table watch.owed_act (
  about    uuid        not null,
  party_id uuid        not null,
  act      text        not null,
  at       timestamptz not null,
  by_id    uuid,
  error    text        not null,
  primary key (about, party_id, act),
  check (act = any (array['opened'::text, 'handed-over'::text, 'confirmed'::text, 'fetched'::text])) not valid
);
create index owed_act_at on watch.owed_act (at);

create table watch.said (
  reader_id    uuid        not null,
  is_second    boolean     not null,
  purpose      text        not null,
  step_id      uuid        not null,
  at           timestamptz not null,
  count        integer     not null,
  grant_needed integer     not null,
  unconfirmed  integer     not null,
  failed       integer     not null,
  missed_at    timestamptz,
  silent_since timestamptz,
  primary key (reader_id, is_second, purpose)
);
create index said_missed on watch.said (reader_id) where (missed_at is not null);
create index said_silent on watch.said (reader_id) where (silent_since is not null);
create index said_step on watch.said (step_id);

create table watch.second_address (
  sender_id    uuid        not null,
  address      text        not null,
  token_sha256 text,
  asked_at     timestamptz not null,
  confirmed_at timestamptz,
  primary key (sender_id, address),
  unique (token_sha256)
);

create table watch.second_contact (
  sender_id  uuid        not null,
  email      text,
  sms        text,
  changed_at timestamptz not null,
  primary key (sender_id),
  check (email is not null or sms is not null)
);

create table watch.step (
  id          uuid        not null,
  about       uuid        not null,
  party_id    uuid        not null,
  name        text        not null,
  spec        jsonb       not null,
  source      text        not null,
  order_id    uuid,
  due_at      timestamptz not null,
  state       text        not null default 'due'::text,
  reason      text,
  rank        smallint,
  changed_at  timestamptz not null,
  notice_step uuid,
  primary key (id),
  check (source = any (array['policy'::text, 'sender'::text])),
  check (state = any (array['due'::text, 'done'::text, 'skipped'::text, 'cancelled'::text]))
);
create index step_about on watch.step (about, party_id);
create index step_due on watch.step (due_at) where (state = 'due'::text);
create index step_notice on watch.step (notice_step) where (notice_step is not null);

create table watch.told_elsewhere (
  reader_id uuid   not null,
  step_id   uuid   not null,
  purposes  text[],
  primary key (reader_id, step_id)
);
create index told_elsewhere_step on watch.told_elsewhere (step_id);

create view watch.board_item as
 select about,
    party_id,
    sender_id,
    resource_id,
    confidential,
    confirm_needed,
    is_file,
    begun_at,
    due_at,
    published_at,
    opened_at,
    confirmed_at,
    class,
    openers,
    grantors,
    attachment_locked,
    told_at,
    asked_at,
    failed_at,
    next_action,
    next_action_at,
    settled_at,
    outcome,
    settled_name,
    cause,
    computed_at,
    bytes_until,
    relayed_at,
    returned_at,
    failure,
    fetched_by_system_at
   from watch.item;

create view watch.cause_by_facts as
 select about,
    party_id,
        case
            when published_at is null then 'not-published'::text
            when returned_at is not null and opened_at is null then 'returned'::text
            when (( select true
               from access.place p
              where p.at = i.party_id
             limit 1)) is null then 'receiver-gone'::text
            when class = 'UNREACHABLE'::text then 'no-opener'::text
            when class = 'GRANTABLE'::text then 'grant-needed'::text
            when attachment_locked then 'attachment-locked'::text
            when opened_at is not null and confirm_needed and confirmed_at is null then 'opened-not-confirmed'::text
            when is_file or opened_at is not null then 'file-not-fetched'::text
            else ( select
                    case
                        when w.came_to = 'told'::text then
                        case i.class
                            when 'UNKNOWN'::text then 'unknown'::text
                            else 'notified-not-opened'::text
                        end
                        when w.came_to = 'no-contact-point'::text and w.last <> 'due'::text then 'no-contact-point'::text
                        when w.came_to = 'failed'::text then 'notification-failed'::text
                        when w.came_to = 'systems-only'::text and w.last <> 'due'::text then 'not-notified'::text
                        when w.due = 0 then 'not-notified'::text
                        else 'waiting'::text
                    end as "case"
               from ( select count(*) filter (where t.state = 'due'::text or t.came_to = 'due'::text) as due,
                        (array_agg(t.came_to order by t.changed_at desc, t.due_at desc, t.id desc) filter (where t.came_to is not null))[1] as last,
                        (array_agg(t.came_to order by t.changed_at desc, t.due_at desc, t.id desc) filter (where t.came_to <> 'due'::text))[1] as came_to
                       from ( select s.id,
                                s.state,
                                s.changed_at,
                                s.due_at,
                                    case
when s.state = 'due'::text or (s.spec ->> 'channel'::text) = 'inbox'::text then null::text
when s.state = 'skipped'::text and (s.reason = any (array['no-contact-point'::text, 'systems-only'::text])) then s.reason
else ( select
  case
   when bool_or((m.state = any (array['handed-over'::text, 'delivered'::text])) or m.told_already) then 'told'::text
   when bool_or(m.state = any (array['due'::text, 'handing-over'::text])) then 'due'::text
   when bool_or(m.state = 'failed'::text) then 'failed'::text
   else null::text
  end as "case"
   from notifications.notice_face m
  where m.step_id = s.id and (m.purpose = any (array['new-mail'::text, 'reminder'::text, 'reminder-confirm'::text, 'attachment-unlocked'::text, 'attachment-reminder'::text])))
                                    end as came_to
                               from watch.step s
                              where s.about = i.about and s.party_id = i.party_id and (s.spec ->> 'who'::text) = 'openers'::text
                             offset 0) t) w)
        end as cause
   from watch.item i
  where num_nulls(settled_at) = 1;

create view watch.cause_span as
 select cause_past.about,
    cause_past.party_id,
    cause_past.cause,
    cause_past.from_at,
    cause_past.to_at
   from watch.cause_past
union all
 select item.about,
    item.party_id,
    item.cause,
    item.cause_since as from_at,
    item.settled_at as to_at
   from watch.item
  where item.cause is not null;

create view watch.faulty as
 select i.about,
    i.party_id,
        case
            when s.due_at is null then 'no step to come'::text
            when i.next_action_at > s.due_at then 'next action later than the next step'::text
            when not (exists ( select
               from watch.need n
              where n.about = i.about and n.party_id = i.party_id)) then 'nothing is known of what opening takes'::text
            else 'next action beyond all ladders'::text
        end as fault
   from watch.item i
     left join lateral ( select min(s_1.due_at) as due_at
           from watch.step s_1
          where s_1.about = i.about and s_1.party_id = i.party_id and s_1.state = 'due'::text) s on true
  where i.settled_at is null and (s.due_at is null or i.next_action_at > s.due_at or i.next_action <> 'publish'::text and i.next_action_at > (( select clock.now() + '400 days'::interval)) or not (exists ( select
           from watch.need n
          where n.about = i.about and n.party_id = i.party_id)));

create view watch.item_cause as
 select about,
    party_id,
    sender_id,
    begun_at,
    cause,
    cause_since,
    settled_at
   from watch.item;

create view watch.item_face as
 select about,
    party_id,
    sender_id,
    resource_id,
    confidential,
    confirm_needed,
    begun_at,
    due_at,
    published_at,
    opened_at,
    confirmed_at,
    class,
    openers,
    grantors,
    attachment_locked,
    next_action,
    next_action_at,
    settled_at,
    outcome,
    failed_at,
    is_file
   from watch.item;

create view watch.ladder_step as
 select l.id as ladder,
    l.version,
    s.spec,
    s.after,
    s.only_sealed,
    row_number() over (partition by l.id, l.version order by s.after, s.only_sealed desc, s.n)::smallint as rank,
    s.working_days,
    l.by_watch
   from watch.ladder l
     cross join lateral ( select e.spec,
            e.n,
            (e.spec ->> 'after'::text)::interval as after,
            coalesce((e.spec ->> 'workingDays'::text)::boolean, false) as working_days,
            jsonb_array_length(e.spec -> 'when'::text) > 0 and (e.spec -> 'when'::text) <@ '["grant-needed", "attachment-locked"]'::jsonb as only_sealed
           from jsonb_array_elements(l.steps) with ordinality e(spec, n)) s;

create view watch.open_cause as
 select about,
    party_id,
    coalesce(cause, ( select f.cause
           from watch.cause_by_facts f
          where f.about = i.about and f.party_id = i.party_id)) as cause
   from watch.item i
  where settled_at is null;

create view watch.open_item as
 select about,
    party_id
   from watch.item
  where settled_at is null;

create view watch.said_face as
 select step_id,
    purpose
   from watch.said;

create view watch.said_in_vain as
 select reader_id,
    is_second,
    purpose,
    step_id,
    silent_since,
    missed_at
   from watch.said
  where silent_since is not null;

create view watch.sender_unheard as
 select about
   from watch.item
  where settled_at is null and unheard is not null;

create view watch.step_face as
 select id,
    about,
    party_id,
    name,
    source,
    due_at,
    state,
    reason,
    changed_at
   from watch.step;

create view watch.told_elsewhere_face as
 select reader_id,
    step_id,
    purposes
   from watch.told_elsewhere;

create function watch.add_working_days(at timestamptz, days integer)
 returns timestamptz
 language plpgsql
 immutable parallel safe strict
as $function$
declare
  monday constant date := '0001-01-01';
  here   timestamp := at at time zone 'Europe/Oslo';
  hour   time := here::time;
  day    integer := here::date - monday;
  n      integer := days;
  year   integer := date_part('year', here);
  last   integer := make_date(year, 12, 31) - monday;
  off    integer[] := watch.days_off(year);
begin
  if day % 7 > 4 or day = any(off) then
    hour := time '00:00';
    n := n + 1;
  end if;
  while n > 0 loop
    day := day + 1;
    if day > last then
      year := year + 1;
      last := make_date(year, 12, 31) - monday;
      off := watch.days_off(year);
    end if;
    if day % 7 < 5 and day <> all(off) then n := n - 1; end if;
  end loop;
  return (monday + day + hour) at time zone 'Europe/Oslo';
end $function$;

create function watch.days_off(year integer)
 returns integer[]
 language plpgsql
 immutable parallel safe strict
as $function$
declare
  monday constant date := '0001-01-01';
  easter integer := watch.easter_sunday(year) - monday;
begin
  return array[easter - 3, easter - 2, easter + 1, easter + 39, easter + 50,
               make_date(year, 1, 1) - monday, make_date(year, 5, 1) - monday, make_date(year, 5, 17) - monday,
               make_date(year, 12, 25) - monday, make_date(year, 12, 26) - monday];
end $function$;

create function watch.easter_sunday(year integer)
 returns date
 language plpgsql
 immutable parallel safe strict
as $function$
declare
  a integer := year % 19;
  b integer := year / 100;
  c integer := year % 100;
  h integer := (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
  l integer := (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
  m integer := (a + 11 * h + 22 * l) / 451;
begin
  return make_date(year, (h + l - 7 * m + 114) / 31, (h + l - 7 * m + 114) % 31 + 1);
end $function$;

create function watch.first_steps(of_ladder text, of_version integer, published_at timestamptz, sealed boolean, otherwise jsonb)
 returns table(rank smallint, spec jsonb, due_at timestamptz)
 language sql
 stable
as $function$
  with step as (
    select s.rank, s.spec, s.only_sealed, watch.step_due_at($3, s.after, s.working_days) as due_at
      from watch.ladder_step s
     where s.ladder = $1 and s.version = $2 and ($4 or not s.only_sealed))
  (select s.rank, s.spec, s.due_at from step s where s.due_at = (select min(f.due_at) from step f) order by s.only_sealed desc, s.rank)
   union all
  select null::smallint, $5, $3 + ($5 ->> 'after')::interval
   where not exists (select from step)
$function$;

create function watch.holidays(year integer)
 returns table(day date, name text)
 language sql
 immutable parallel safe strict
as $function$
  select make_date(year, f.month, f.day), f.name
    from (values (1, 1, 'nyttårsdag'), (5, 1, 'arbeidernes dag'), (5, 17, 'grunnlovsdag'), (12, 25, 'første juledag'), (12, 26, 'andre juledag'))
      as f (month, day, name)
   union all
  select watch.easter_sunday(year) + m.days, m.name
    from (values (-3, 'skjærtorsdag'), (-2, 'langfredag'), (0, 'første påskedag'), (1, 'andre påskedag'), (39, 'Kristi himmelfartsdag'),
                 (49, 'første pinsedag'), (50, 'andre pinsedag')) as m (days, name)
$function$;

create function watch.is_working_day(day date)
 returns boolean
 language sql
 immutable parallel safe strict
as $function$
  select ($1 - date '0001-01-01') % 7 < 5 and $1 - date '0001-01-01' <> all(watch.days_off(date_part('year', $1)::integer))
$function$;

create function watch.ladder_key(turn smallint, rank smallint)
 returns text
 language sql
 immutable parallel safe
as $function$
  select 'ladder ' || case turn when 0 then '' else turn::text || '/' end || rank::text
$function$;

create function watch.refuse_choice_change()
 returns trigger
 language plpgsql
as $function$ begin raise exception 'that a ladder was chosen is never changed' using errcode = 'BS038'; end $function$;

create function watch.refuse_ladder_change()
 returns trigger
 language plpgsql
as $function$ begin raise exception 'a version of a ladder is never changed' using errcode = 'BS038'; end $function$;

create function watch.refuse_loss()
 returns trigger
 language plpgsql
 set plan_cache_mode to 'force_custom_plan'
as $function$
begin
  if exists (select from correspondence.attachment a
               join correspondence.submission_attachment l on l.attachment_id = a.id
               join correspondence.message m on m.submission_id = l.submission_id
               join watch.item w on w.about = m.id and w.party_id = m.recipient_id
              where a.blob_key = new.key and (a.unread_until is null or a.unread_until > clock.now())
                and m.purged_at is null and w.settled_at is null and w.failed_at is null)
  or exists (select from broker.file_transfer t
               join watch.item w on w.about = t.id
              where t.blob_key = new.key and (t.unread_until is null or t.unread_until > clock.now())
                and w.settled_at is null and w.failed_at is null) then
    raise exception 'the bytes of % are released while somebody is still to open or fetch them', new.key using errcode = 'BS046';
  end if;
  return null;
end $function$;

create function watch.refuse_removal()
 returns trigger
 language plpgsql
as $function$ begin raise exception 'what was accepted, and the watch over it, are kept' using errcode = 'BS007'; end $function$;

create function watch.step_due_at(published_at timestamptz, after interval, working_days boolean)
 returns timestamptz
 language sql
 stable parallel safe
as $function$
  select case when working_days then watch.add_working_days(published_at, extract(day from after)::integer) else published_at + after end
$function$;

create function watch.step_id(about uuid, party uuid, step text)
 returns uuid
 language sql
 immutable parallel safe
as $function$
  select overlay(overlay(md5(about::text || party::text || step) placing left(replace(about::text, '-', ''), 12) || '8' from 1)
                 placing '8' from 17)::uuid
$function$;
