-- feature: access
-- why:     resources are kept as a registry that service owners write to, with versions and feeds of what changed; organizations
--          are listed per resource and action; what was decided for others is written down, and found with the looks at post
-- locks:   access.resource, access.access_list, access.access_list_member, access exclusive, milliseconds; evidence.evidence, share,
--          while its index is made
alter table access.resource
  drop constraint resource_type_check,
  add constraint resource_type_check check (type in ('Default', 'Systemresource', 'MaskinportenSchema', 'Altinn2Service', 'AltinnApp',
    'GenericAccessResource', 'BrokerService', 'CorrespondenceService', 'Consent', 'MigratedApp')),
  add column document      jsonb,                                        -- as the registry was given it; null: it never was
  add column version_id    integer     not null default 1,               -- of the document
  add column lists_enabled boolean     not null default false,           -- only organizations in its lists may be acted for
  add column fallback_id   uuid        references register.party,        -- gets word of post that nobody can open
  add column deleted_at    timestamptz,                                  -- takes no new post; what was sent stays as open as it was
  add column updated_at    timestamptz not null default clock.now(),
  add column touched_in    xid8        not null default pg_current_xact_id();
create index resource_touched_in on access.resource (touched_in, id);

-- Whoever changes a resource, the feeds tell of it; whether lists are asked is part of who may do what.
create function access.resource_touched() returns trigger language plpgsql as $$
begin
  new.updated_at := clock.now();
  new.touched_in := pg_current_xact_id();
  if new.lists_enabled <> old.lists_enabled or (new.access_list is null) <> (old.access_list is null) then
    new.policy_version := greatest(new.policy_version, old.policy_version + 1);
    new.changed_in := pg_current_xact_id();
  end if;
  return new;
end $$;
create trigger resource_is_touched before update on access.resource for each row execute function access.resource_touched();

-- Every document that a registry was given, by resource and version.
create table access.resource_document (
  resource_id text        not null,
  version_id  integer     not null,
  document    jsonb       not null,
  saved_by    uuid        references register.party,
  saved_at    timestamptz not null,
  primary key (resource_id, version_id)
);

-- Which subjects (urn:value, in lower case) the rules of a resource permit something to, and which they once did.
create table access.resource_subject (
  resource_id text        not null references access.resource on delete cascade,
  subject     text        not null,
  gone        boolean     not null default false,
  updated_at  timestamptz not null,
  touched_in  xid8        not null default pg_current_xact_id(),
  primary key (resource_id, subject)
);
create index resource_subject_subject on access.resource_subject (subject) where not gone;
create index resource_subject_touched on access.resource_subject (touched_in, resource_id, subject);

insert into access.resource_subject (resource_id, subject, updated_at)
select distinct u.resource_id, lower((c.m ->> 'attribute') || ':' || (c.m ->> 'value')), clock.now()
  from access.rule u
 cross join lateral jsonb_array_elements(u.target) a (any_of) cross join lateral jsonb_array_elements(a.any_of) b (all_of)
 cross join lateral jsonb_array_elements(b.all_of) c (m)
 where u.effect = 'permit' and c.m ->> 'category' = 'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject';

-- Lists have names within their owner; the id stays the key that town documents use.
alter table access.access_list
  add column identifier  text,
  add column name        text,
  add column description text        not null default '',
  add column version     integer     not null default 1,
  add column created_at  timestamptz not null default clock.now(),
  add column updated_at  timestamptz not null default clock.now();
update access.access_list set identifier = id, name = id;
alter table access.access_list alter column identifier set not null, alter column name set not null,
  add constraint access_list_named unique (owner_id, identifier);
alter table access.access_list_member add column since timestamptz not null default clock.now();

create table access.access_list_resource (
  list_id        text        not null references access.access_list on delete cascade,
  resource_id    text        not null references access.resource on delete cascade,
  action_filters text[],                                                 -- null: every action
  created_at     timestamptz not null default clock.now(),
  primary key (list_id, resource_id),
  check (cardinality(action_filters) > 0)
);
create index access_list_resource_resource on access.access_list_resource (resource_id);

-- A list has another version when who stands in it, or what it is connected to, is another.
create function access.list_changed() returns trigger language plpgsql set plan_cache_mode = force_custom_plan as $$
declare ids text[];
begin
  if tg_op = 'DELETE' then select array_agg(distinct list_id) into ids from gone;
  else select array_agg(distinct list_id) into ids from fresh; end if;
  update access.access_list set version = version + 1, updated_at = clock.now() where id = any (ids);
  return null;
end $$;
create trigger list_gains_members after insert on access.access_list_member
  referencing new table as fresh for each statement execute function access.list_changed();
create trigger list_loses_members after delete on access.access_list_member
  referencing old table as gone for each statement execute function access.list_changed();
create trigger list_gains_resources after insert on access.access_list_resource
  referencing new table as fresh for each statement execute function access.list_changed();
create trigger list_alters_resources after update on access.access_list_resource
  referencing new table as fresh for each statement execute function access.list_changed();
create trigger list_loses_resources after delete on access.access_list_resource
  referencing old table as gone for each statement execute function access.list_changed();

-- A connection is part of who may do what with a resource.
create function access.connections_changed() returns trigger language plpgsql set plan_cache_mode = force_custom_plan as $$
declare ids text[];
begin
  if tg_op = 'DELETE' then select array_agg(distinct resource_id) into ids from gone;
  else select array_agg(distinct resource_id) into ids from fresh; end if;
  update access.resource set policy_version = policy_version + 1, changed_in = pg_current_xact_id() where id = any (ids);
  return null;
end $$;
create trigger connections_added after insert on access.access_list_resource
  referencing new table as fresh for each statement execute function access.connections_changed();
create trigger connections_altered after update on access.access_list_resource
  referencing new table as fresh for each statement execute function access.connections_changed();
create trigger connections_removed after delete on access.access_list_resource
  referencing old table as gone for each statement execute function access.connections_changed();

-- What was decided for somebody who asked about others. Parties by the register's id, rights by their codes.
create table access.audit_entry (
  id          uuid        primary key,
  at          timestamptz not null,
  party_id    uuid        not null,       -- at whom
  subject_id  uuid,                       -- who wants to; null: nobody known
  asked_by    uuid,                       -- whose system asked
  client_id   text,
  resource_id text        not null,
  instance    text,
  action      text        not null,
  decision    text        not null check (decision in ('Permit', 'Deny', 'NotApplicable', 'Indeterminate')),
  path        text[]      not null        -- how the right came about, in codes
);
create index audit_entry_party on access.audit_entry (party_id, id);
create function access.refuse_change() returns trigger language plpgsql as
  $$ begin raise exception 'what was decided is never changed' using errcode = 'BS004'; end $$;
create trigger audit_is_final before update or delete on access.audit_entry for each statement execute function access.refuse_change();
create trigger audit_is_kept before truncate on access.audit_entry for each statement execute function access.refuse_change();

-- What was done with the post of one party: looks, hand-overs, answers and rights, not what was sent.
create index evidence_acts_at on evidence.evidence (recipient, id)
  where event in (8, 9, 17, 18, 102, 103, 104, 106, 108, 112, 118, 119);

-- Word to the party that a resource names for post that nobody can open; what else there may be stays.
do $$
declare had text := (select pg_get_expr(conbin, conrelid) from pg_constraint
                      where conname = 'notice_purpose_check' and conrelid = 'notifications.notice'::regclass);
begin
  execute 'alter table notifications.notice drop constraint notice_purpose_check,
             add constraint notice_purpose_check check ((' || had || ') or purpose = ''fallback'') not valid';
end $$;

-- Confidential post to where nobody can open it was refused all along; now the resource says so.
update access.resource set unreachable = 'refuse' where confidential and unreachable = 'accept';
