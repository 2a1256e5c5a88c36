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
  id       text not null,
  owner_id uuid not null,
  primary key (id),
  foreign key (owner_id) references register.party(id)
);

create table access.access_list_member (
  list_id  text not null,
  party_id uuid not null,
  primary key (list_id, party_id),
  foreign key (list_id) references access.access_list(id) on delete cascade,
  foreign key (party_id) references register.party(id)
);
create index access_list_member_party on access.access_list_member (party_id);
create trigger members_added after insert on access.access_list_member referencing new table as fresh for each statement execute function access.members_changed();
create trigger members_removed after delete on access.access_list_member referencing old table as gone for each statement execute function access.members_changed();

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
  party_id   uuid   not null,
  version    bigint not null,
  changed_in xid8   not null default pg_current_xact_id(),
  primary key (party_id)
);
create index party_version_changed_in on access.party_version (changed_in);

create table access.resource (
  id             text     not null,
  type           text     not null,
  owner_id       uuid     not null,
  title          jsonb    not null,
  confidential   boolean  not null default false,
  strict_altinn  boolean  not null default false,
  min_level      smallint not null default 0,
  access_list    text,
  ladder         text     not null default 'ordinary'::text,
  unreachable    text     not null default 'accept'::text,
  packages       text[]   not null default '{}'::text[],
  broker         jsonb,
  shorthand      jsonb,
  policy_version integer  not null default 1,
  policy_class   text     not null,
  policy_hash    text     not null,
  changed_in     xid8     not null default pg_current_xact_id(),
  implicit       boolean  not null default false,
  primary key (id),
  check (min_level >= 0 and min_level <= 4),
  check (type = any (array['CorrespondenceService'::text, 'BrokerService'::text, 'GenericAccessResource'::text, 'AltinnApp'::text])),
  check (unreachable = any (array['accept'::text, 'refuse'::text, 'fallback'::text])),
  foreign key (owner_id) references register.party(id)
);
create index resource_changed_in on access.resource (changed_in);

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

create view access.current_version as
 select party_id,
    version
   from access.party_version;

create view access.policy_face as
 select id as resource_id,
    policy_version,
    policy_class,
    confidential
   from access.resource;

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
    union select a.at_id from access.role_assignment a join unit u on u.id = a.holder_id)
  select id from place
  union select p.id from register.party p join place on p.parent_id = place.id where p.kind = 'organization'
$function$;

create function access.bump(changed uuid[], led uuid[])
 returns void
 language sql
 set plan_cache_mode to 'force_custom_plan'
as $function$
  insert into access.party_version as v (party_id, version)
  select id, 1 from access.affected(changed, led) as a (id) order by id
  on conflict (party_id) do update set version = v.version + 1, changed_in = excluded.changed_in
$function$;

create function access.facts(for_parties uuid[], for_subject uuid, want_roles text[], want_packages text[], want_resources text[], want_instances uuid[], want_handed_on text[], want_administrators boolean, want_self boolean, named_numbers text[], named_codes text[], named_party_ids integer[], named_ids uuid[])
 returns table(at uuid, subject uuid, kind text, value text, alias text, actions text[], instance uuid, path text[], subject_kind text, number text, org_code text, party_id integer)
 language plpgsql
 stable
 set enable_seqscan to 'off'
 set plan_cache_mode to 'force_generic_plan'
 set jit to 'off'
as $function$
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

create function access.standing_changed()
 returns trigger
 language plpgsql
 set plan_cache_mode to 'force_custom_plan'
as $function$
declare moved uuid[];
begin
  select array_agg(f.id) into moved from fresh f join gone g on g.id = f.id
   where (f.died_on, f.deleted_at, f.parent_id, f.unit_type) is distinct from (g.died_on, g.deleted_at, g.parent_id, g.unit_type);
  if moved is null then return null; end if;
  perform access.bump(
    moved || array(select g.from_id from access.access_grant g where g.to_id = any (moved) and g.revoked_at is null),
    moved || array(select a.at_id from access.role_assignment a where a.holder_id = any (moved)));
  return null;
end $function$;


-- blobs

create table blobs.blob (
  key        uuid        not null,
  state      text        not null,
  size_bytes bigint,
  md5        text,
  sha256     text,
  at         timestamptz not null default now(),
  primary key (key),
  check (state = 'receiving'::text or size_bytes is not null and md5 is not null and sha256 is not null or state = 'released'::text),
  check (md5 ~ '^[0-9a-f]{32}$'::text),
  check (sha256 ~ '^[0-9a-f]{64}$'::text),
  check (size_bytes >= 0),
  check (state = any (array['receiving'::text, 'stored'::text, 'bound'::text, 'released'::text]))
);
create index blob_unbound on blobs.blob (at) where (state <> 'bound'::text);


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
  primary key (id),
  check (state <> 'Published'::text or blob_key is not null),
  check (state = any (array['Initialized'::text, 'UploadProcessing'::text, 'Published'::text, 'Purged'::text, 'Failed'::text, 'Expired'::text]))
);
create index attachment_processing on correspondence.attachment (upload_began_at) where (state = 'UploadProcessing'::text);

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
  primary key (id),
  check (state = any (array['Initialized'::text, 'ReadyForPublish'::text, 'Published'::text, 'Fetched'::text, 'Read'::text, 'Confirmed'::text, 'PurgedByRecipient'::text, 'PurgedByAltinn'::text, 'Reserved'::text, 'Failed'::text])),
  foreign key (recipient_id) references register.party(id),
  foreign key (submission_id) references correspondence.submission(id)
);
create index message_inbox on correspondence.message (recipient_id, resource_id, requested_publish_at desc, id);
create index message_sent on correspondence.message (owner_id, resource_id, requested_publish_at desc, id);
create index message_submission on correspondence.message (submission_id);
create index message_unpublished on correspondence.message (requested_publish_at) where (state = any (array['Initialized'::text, 'ReadyForPublish'::text]));
create trigger accepted_is_watched after insert on correspondence.message referencing new table as fresh for each statement execute function correspondence.require_watch();
create trigger message_is_kept before delete on correspondence.message for each statement execute function watch.refuse_removal();
create trigger message_is_not_emptied before truncate on correspondence.message for each statement execute function watch.refuse_removal();
create trigger message_stays_with_its_recipient before update of id, recipient_id on correspondence.message for each statement execute function watch.refuse_removal();

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
create trigger change_is_recorded after insert on correspondence.status referencing new table as fresh for each statement execute function correspondence.require_evidence();

create table correspondence.submission (
  id                     uuid        not null,
  resource_id            text        not null,
  owner_id               uuid        not null,
  senders_reference      text        not null,
  message_sender         text,
  language               text        not null,
  title                  text        not null,
  summary                text,
  body                   text        not null,
  requested_publish_at   timestamptz not null,
  due_at                 timestamptz,
  is_confirmation_needed boolean     not null default false,
  is_confidential        boolean     not null default false,
  ignore_reservation     boolean     not null default false,
  allow_forwarding       boolean     not null default false,
  property_list          jsonb       not null default '{}'::jsonb,
  reply_options          jsonb       not null default '[]'::jsonb,
  external_references    jsonb       not null default '[]'::jsonb,
  notification_order_id  uuid,
  reminder_order_id      uuid,
  idempotent_key         uuid,
  content_sha256         text        not null,
  created_by             uuid        not null,
  created_at             timestamptz not null,
  primary key (id),
  check (content_sha256 ~ '^[0-9a-f]{64}$'::text)
);
create unique index submission_once on correspondence.submission (owner_id, idempotent_key) where (idempotent_key is not null);
create index submission_reference on correspondence.submission (owner_id, senders_reference);

create table correspondence.submission_attachment (
  submission_id uuid        not null,
  ordinal       smallint    not null,
  attachment_id uuid        not null,
  expires_at    timestamptz,
  primary key (submission_id, ordinal),
  foreign key (attachment_id) references correspondence.attachment(id),
  foreign key (submission_id) references correspondence.submission(id)
);
create index submission_attachment_attachment on correspondence.submission_attachment (attachment_id);

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
    s.created_at
   from correspondence.message m
     join correspondence.submission s on s.id = m.submission_id;

create function correspondence.require_evidence()
 returns trigger
 language plpgsql
 set plan_cache_mode to 'force_custom_plan'
as $function$
declare bad uuid;
begin
  select s.message_id into bad from fresh s
   where s.status in ('Published', 'Read', 'Confirmed', 'PurgedByRecipient', 'PurgedByAltinn', 'Failed')
     and not exists (select from evidence.evidence e where e.about = s.message_id and e.xact = pg_current_xact_id()) limit 1;
  if found then raise exception 'message % changes its state without evidence', bad using errcode = 'BS003'; end if;
  return null;
end $function$;

create function correspondence.require_watch()
 returns trigger
 language plpgsql
 set plan_cache_mode to 'force_custom_plan'
as $function$    -- else a plan made on an empty table stays
declare bad uuid;
begin
  select m.id into bad from fresh m
   where not exists (select from watch.item w where w.about = m.id and w.party_id = m.recipient_id) limit 1;
  if found then raise exception 'message % is accepted without a watch', bad using errcode = 'BS001'; end if;
  return null;
end $function$;


-- db

create table db.migration (
  name     text        not null,
  checksum text        not null,
  ran_at   timestamptz not null default now(),
  primary key (name)
);


-- events

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
  primary key (id)
);
create index outbox_instance on events.outbox (resource_instance);
create index outbox_untold on events.outbox (id) where (told_at is null);


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
  primary key (party_id, client_id),
  foreign key (party_id) references register.party(id)
);

create table identity.client (
  client_id       text   not null,
  organization_id uuid   not null,
  key_id          text,
  public_jwk      jsonb,
  scopes          text[] not null default '{}'::text[],
  primary key (client_id),
  foreign key (organization_id) references register.party(id)
);

create view identity.activity_face as
 select party_id,
    client_id,
    read_scope,
    auth_level,
    last_seen_at
   from identity.activity;


-- notifications

create table notifications.notice (
  id             uuid        not null,
  about          uuid,
  party_id       uuid,
  to_id          uuid        not null,
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
  primary key (id),
  unique (message_id),
  unique (step_id, channel, address),
  check (channel = any (array['email'::text, 'sms'::text])),
  check ((about is null) = (party_id is null)),
  check ((state = 'handing-over'::text) = (leased_until is not null)),
  check ((state = any (array['due'::text, 'cancelled'::text])) or message_id is not null),
  check (state <> 'cancelled'::text or cancelled_at is not null),
  check (purpose = any (array['new-mail'::text, 'reminder'::text, 'reminder-confirm'::text, 'sealed'::text, 'sealed-attachment'::text, 'sender-unread'::text, 'sender-decision'::text])),
  check (state = any (array['due'::text, 'handing-over'::text, 'handed-over'::text, 'delivered'::text, 'failed'::text, 'cancelled'::text]))
);
create index notice_about on notifications.notice (about) where (about is not null);
create index notice_due on notifications.notice (due_at) where (state = any (array['due'::text, 'handing-over'::text]));

create table notifications.sender_order (
  id            uuid        not null,
  sender_id     uuid        not null,
  template      text        not null,
  channel       text        not null,
  email_subject text,
  email_body    text,
  email_html    boolean     not null default false,
  sms_body      text,
  created_at    timestamptz not null,
  primary key (id),
  check (channel = any (array['Email'::text, 'Sms'::text, 'EmailPreferred'::text, 'SmsPreferred'::text, 'EmailAndSms'::text])),
  check (template = any (array['CustomMessage'::text, 'GenericAltinnMessage'::text]))
);

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
    changed_at
   from notifications.notice;


-- register

create table register.contact_point (
  party_id uuid     not null,
  ordinal  smallint not null,
  channel  text     not null,
  address  text     not null,
  primary key (party_id, ordinal),
  check (channel = any (array['email'::text, 'sms'::text])),
  foreign key (party_id) references register.party(id) on delete cascade
);

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
  primary key (id),
  unique (number),
  unique (org_code),
  unique (party_id),
  check (kind = 'person'::text and number ~ '^[0-9]{11}$'::text or kind = 'organization'::text and number ~ '^[0-9]{9}$'::text or kind = 'system-user'::text and number is null),
  check (parent_id is null or kind <> 'person'::text),
  check (kind = any (array['person'::text, 'organization'::text, 'system-user'::text])),
  check (language = any (array['nb'::text, 'nn'::text, 'en'::text])),
  foreign key (parent_id) references register.party(id)
);
create index party_parent on register.party (parent_id) where (parent_id is not null);
create trigger standing_changes_access after update on register.party referencing old table as gone new table as fresh for each statement execute function access.standing_changed();

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
          where c.party_id = p.id)) as has_contact
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

create table sandbox.signing_key (
  kid         text        not null,
  private_jwk jsonb       not null,
  public_jwk  jsonb       not null,
  created_at  timestamptz not null,
  primary key (kid)
);

create table sandbox.town_item (
  list    text not null,
  key     text not null,
  content text not null,
  primary key (list, key)
);


-- watch

create table watch.grantor (
  grantor_id uuid not null,
  about      uuid not null,
  party_id   uuid not null,
  primary key (about, party_id, grantor_id)
);
create index grantor_grantor on watch.grantor (grantor_id, about);

create table watch.item (
  about             uuid        not null,
  party_id          uuid        not null,
  sender_id         uuid        not null,
  resource_id       text        not null,
  confidential      boolean     not null,
  confirm_needed    boolean     not null,
  begun_at          timestamptz not null,
  due_at            timestamptz,
  ladder            text        not null,
  ladder_version    integer     not null,
  sender_steps      jsonb       not null default '[]'::jsonb,
  published_at      timestamptz,
  opened_at         timestamptz,
  confirmed_at      timestamptz,
  class             text        not null,
  openers           integer     not null,
  grantors          integer     not null,
  attachment_locked boolean     not null default false,
  access_version    bigint      not null,
  computed_at       timestamptz not null,
  told_at           timestamptz,
  asked_at          timestamptz,
  next_action       text,
  next_action_at    timestamptz,
  settled_at        timestamptz,
  outcome           text,
  settled_by        uuid,
  settled_reason    text,
  primary key (about, party_id),
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
  check (grantors >= 0),
  check (openers >= 0),
  check (outcome = any (array['opened'::text, 'confirmed'::text, 'handed-over'::text, 'read-elsewhere'::text, 'relayed'::text, 'recalled'::text, 'deleted-by-recipient'::text, 'failed'::text, 'accepted-unread'::text])),
  foreign key (ladder, ladder_version) references watch.ladder(id, version)
);
create index item_open_next on watch.item (next_action_at) where (settled_at is null);
create index item_open_party on watch.item (party_id) include (access_version) where (settled_at is null);
create index item_open_sender on watch.item (sender_id, about) where (settled_at is null);
create index item_settled on watch.item (settled_at) where (settled_at is not null);
create trigger watch_is_kept before delete on watch.item for each statement execute function watch.refuse_removal();
create trigger watch_is_not_emptied before truncate on watch.item for each statement execute function watch.refuse_removal();
create trigger watch_stays_where_it_is before update of about, party_id on watch.item for each statement execute function watch.refuse_removal();

create table watch.ladder (
  id      text    not null,
  version integer not null,
  steps   jsonb   not null,
  primary key (id, version),
  check (jsonb_array_length(steps) > 0),
  check (jsonb_path_exists(steps, '$[*]?(@."when".size() == 0)'::jsonpath)),
  check (not jsonb_path_exists(steps, '$[*]?(@."workingDays" == true)'::jsonpath)),
  check (not jsonb_path_exists(steps, '$[*]?(!((@."who" == "openers" || @."who" == "grantors") || @."who" == "sender"))'::jsonpath))
);

create table watch.need (
  about          uuid    not null,
  party_id       uuid    not null,
  resource_id    text    not null,
  action         text    not null,
  instance       uuid    not null,
  policy_version integer not null,
  primary key (about, party_id, instance)
);
create index need_policy on watch.need (resource_id, policy_version);

create table watch.step (
  id         uuid        not null,
  about      uuid        not null,
  party_id   uuid        not null,
  name       text        not null,
  spec       jsonb       not null,
  source     text        not null,
  order_id   uuid,
  due_at     timestamptz not null,
  state      text        not null default 'due'::text,
  reason     text,
  rank       smallint,
  changed_at timestamptz not null,
  primary key (id),
  check (source = any (array['policy'::text, 'sender'::text])),
  check (state = any (array['due'::text, 'done'::text, 'skipped'::text, 'cancelled'::text]))
);
create index step_about on watch.step (about, party_id);
create index step_due on watch.step (due_at) where (state = 'due'::text);

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
    outcome
   from watch.item;

create view watch.ladder_step as
 select l.id as ladder,
    l.version,
    s.spec,
    s.after,
    s.only_sealed,
    row_number() over (partition by l.id, l.version order by s.after, s.only_sealed desc, s.n)::smallint as rank
   from watch.ladder l
     cross join lateral ( select e.spec,
            e.n,
            (e.spec ->> 'after'::text)::interval as after,
            jsonb_array_length(e.spec -> 'when'::text) > 0 and (e.spec -> 'when'::text) <@ '["grant-needed", "attachment-locked"]'::jsonb as only_sealed
           from jsonb_array_elements(l.steps) with ordinality e(spec, n)) s;

create function watch.refuse_removal()
 returns trigger
 language plpgsql
as $function$ begin raise exception 'what was accepted, and the watch over it, are kept' using errcode = 'BS007'; end $function$;

create function watch.step_id(about uuid, party uuid, step text)
 returns uuid
 language sql
 immutable parallel safe
as $function$
  select overlay(overlay(md5(about::text || party::text || step) placing left(replace(about::text, '-', ''), 12) || '8' from 1)
                 placing '8' from 17)::uuid
$function$;
