-- feature: access
-- why:     who can open is asked for hundreds of recipients in every batch that is sent: what is known from before must be
--          checked by one cheap statement, and what is not must cost a few look-ups for each party
-- locks:   none
-- Every step from row to row is a `lateral` that ends in `offset 0`: it is left where it stands and looks up by key, since
-- nothing else is left to it. Whether there is something is asked by a look-up that ends at the first row.
-- Whoever may hold a right. Dead is also the system of an owner that is gone.
create view access.subject as
  select p.id, p.kind, p.number, p.org_code, p.party_id, p.unit_type, p.parent_id,
         (select true from register.contact_point c where c.party_id = p.id limit 1) is true as has_contact, p.last_login_on,
         p.alive and (p.kind <> 'system-user' or (select o.alive from register.party_face o where o.id = p.parent_id) is not false) as alive
    from register.party_face p;

-- How it stands with parties and policies now: whatever tells whether what was found out about them earlier still holds, and
-- what has no version. `what` tells apart:
--   time      domain time in seconds, and as version the document of roles and packages
--   policy    of a resource: its owner and version
--   place     a party at which something is asked, with its access version. `is_plain`: a person at whom nobody holds a role and
--             who has given nobody anything, so that nobody but itself can have a right there
--   subject   anybody else
--   seen      that a place or subject was here
--   opened    that post on the resource was opened for a place lately
-- `is_own`: changed by this very transaction, which may yet be rolled back.
-- The plan is made once per connection and holds nothing but look-ups by key, whatever the tables held when it was made. The
-- time is read once: a call of clock.now() for each row costs more than its look-ups.
create function access.standing(places uuid[], subjects uuid[], resources text[])
returns table (what text, id uuid, resource text, version text, is_own boolean, kind text, number text, org_code text, party_id integer,
               unit_type text, alive boolean, is_plain boolean, has_contact boolean, is_known boolean, is_recent boolean, fetches boolean,
               level integer, seconds double precision)
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
         null::boolean, null::boolean, null::integer, extract(epoch from present)::double precision
  union all
  select 'policy', r.owner_id, r.id, r.policy_version || ' ' || r.policy_hash, coalesce(r.changed_in = own, false),
         null, null, null, null, null, null, null, null, null, null, null, null, null
    from access.resource r
   where r.id = any (resources)
  union all
  select 'place', p.id, null, coalesce(v.version, 0)::text, coalesce(v.changed_in = own, false), p.kind, p.number, p.org_code, p.party_id,
         p.unit_type, p.alive,
         p.kind = 'person' and (select true from access.role_assignment h where h.at_id = p.id limit 1) is null
                           and (select true from access.access_grant g where g.from_id = p.id and g.revoked_at is null limit 1) is null,
         p.has_contact, p.last_login_on is not null, coalesce(p.last_login_on::timestamptz > long_ago, false), null, null, null
    from access.subject p
    left join lateral (select v.version, v.changed_in from access.party_version v where v.party_id = p.id offset 0) v on true
   where p.id = any (places)
  union all
  select 'seen', a.party_id, null, null, null, null, null, null, null, null, null, null, null, null, a.last_seen_at > long_ago,
         a.read_scope and a.last_seen_at > some_time, a.auth_level::integer, null
    from identity.activity_face a
   where a.party_id = any (places)
  union all
  select 'opened', o.party_id, o.resource_id, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null
    from access.opening o
   where o.party_id = any (places) and o.resource_id = any (resources) and o.opened_at > present - interval '90 days';
  if cardinality(subjects) = 0 then return; end if;
  return query
  select 'subject', p.id, null::text, null::text, null::boolean, p.kind, p.number, p.org_code, p.party_id, null::text, p.alive, null::boolean,
         p.has_contact, p.last_login_on is not null, coalesce(p.last_login_on::timestamptz > long_ago, false), null::boolean, null::integer, null::double precision
    from access.subject p
   where p.id = any (subjects)
  union all
  select 'seen', a.party_id, null, null, null, null, null, null, null, null, null, null, null, null, a.last_seen_at > long_ago,
         a.read_scope and a.last_seen_at > some_time, a.auth_level::integer, null
    from identity.activity_face a
   where a.party_id = any (subjects);
end $$;

-- What ties everybody living, or at each party the subject beside it, to these parties: roles at the party and at its main
-- unit, grants of either, and what an organization has there for those who lead it. Of roles, packages and resources only
-- those that are wanted: an organization has thousands. What a tie gives is for the role book to say. Both ways of asking
-- walk the same edges. `what` tells apart:
--   tie     once for each client through which its subject was seen
--   items   that single items of the resources have been given there; which of them, if they are not wanted, is not said
--   named   somebody whom the rules name, wherever it is asked
create function access.ties(
  for_parties uuid[], for_subjects uuid[], want_roles text[], want_packages text[], want_resources text[], want_instances uuid[],
  named_numbers text[], named_codes text[], named_party_ids integer[], named_ids uuid[])
returns table (what text, at uuid, subject uuid, unit_type text, main text, role text, package text, resource text, instance uuid,
               actions text[], until_seconds double precision, lead_role text, lead_at text, kind text, number text, org_code text,
               party_id integer, has_contact boolean, is_known boolean, is_recent boolean, fetches boolean, level integer)
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
     cross join lateral (select k.at_id union all select p.id from register.party p where p.parent_id = k.at_id offset 0) unit (id)),
  party as materialized (
    select a.at, a.subject, x.unit_type, x.kind, x.parent_id
      from unnest(for_parties, for_subjects) a (at, subject)
     cross join lateral (select p.unit_type, p.kind, p.parent_id from register.party_face p where p.id = a.at offset 0) x),
  place as materialized (
    select p.at, p.subject, p.unit_type, p.at as via, null::text as main from party p
    union all
    select p.at, p.subject, p.unit_type, p.parent_id, m.number
      from party p
     cross join lateral (select x.number from register.party_face x where x.id = p.parent_id and x.kind = 'organization' offset 0) m
     where p.kind = 'organization' and p.parent_id is not null),
  edge as (
    select p.at, p.subject as asker, p.unit_type, p.main, a.holder_id as holder, a.role,
           null::text as package, null::text as resource, null::uuid as instance, null::text[] as actions, null::timestamptz as expires_at
      from place p
     cross join lateral (select r.holder_id, r.role from access.role_assignment r where r.at_id = p.via and r.role = any (want_roles) offset 0) a
     where p.subject is null
    union all
    select p.at, p.subject, p.unit_type, p.main, a.holder_id, a.role, null, null, null, null, null
      from place p join mine m on m.subject = p.subject
     cross join lateral (select r.holder_id, r.role from access.role_assignment r
                          where r.at_id = p.via and r.holder_id = m.id and r.role = any (want_roles) offset 0) a
    union all
    select p.at, p.subject, p.unit_type, p.main, g.to_id, null, g.package, g.resource_id, g.instance, nullif(g.actions, '{}'), g.expires_at
      from place p
     cross join lateral (select f.* from access.access_grant f where f.from_id = p.via and f.revoked_at is null offset 0) g
     where p.subject is null and (g.expires_at is null or g.expires_at > present)
       and (g.package = any (want_packages)
            or (g.resource_id = any (want_resources) and (g.instance is null or g.instance = any (want_instances))))
    union all
    select p.at, p.subject, p.unit_type, p.main, g.to_id, null, g.package, g.resource_id, g.instance, nullif(g.actions, '{}'), g.expires_at
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
           null::text as lead_role, null::text as lead_at, h.kind, h.number, h.org_code, h.party_id, h.has_contact, h.last_login_on
      from held h
     where h.alive and (h.kind = 'person' or h.role is null) and (h.asker is null or h.holder = h.asker)
    union all
    select h.at, k.holder_id, h.unit_type, h.main, h.role, h.package, h.resource, h.instance, h.actions, h.expires_at,
           k.role, u.number, s.kind, s.number, s.org_code, s.party_id, s.has_contact, s.last_login_on
      from held h
     cross join lateral (values (h.holder), (h.parent_id)) unit (id)
     cross join lateral (select x.number from register.party_face x where x.id = unit.id offset 0) u
     cross join lateral (select a.holder_id, a.role from access.role_assignment a
                          where a.at_id = unit.id and a.role = any (key_roles) and (h.asker is null or a.holder_id = h.asker) offset 0) k
     cross join lateral (select x.* from access.subject x where x.id = k.holder_id and x.alive offset 0) s
     where h.kind = 'organization' and h.alive)
  select 'tie', t.at, t.subject, t.unit_type, t.main, t.role, t.package, t.resource, t.instance, t.actions,
         extract(epoch from t.expires_at)::double precision, t.lead_role, t.lead_at, t.kind, t.number, t.org_code, t.party_id,
         t.has_contact, t.last_login_on is not null or a.last_seen_at is not null,
         coalesce(greatest(t.last_login_on::timestamptz, a.last_seen_at) > long_ago, false),
         coalesce(a.read_scope and a.last_seen_at > some_time, false), a.auth_level::integer
    from tie t left join lateral (select v.* from identity.activity_face v where v.party_id = t.subject offset 0) a on true
  union all
  select 'items', p.at, p.subject, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null
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
         coalesce(a.read_scope and a.last_seen_at > some_time, false), a.auth_level::integer
    from access.subject s left join lateral (select v.* from identity.activity_face v where v.party_id = s.id offset 0) a on true
   where (s.number = any (named_numbers) or s.org_code = any (named_codes) or s.party_id = any (named_party_ids) or s.id = any (named_ids))
     and s.alive;
end $$;

drop function access.facts(uuid[], uuid, text[], text[], text[], uuid[], text[], boolean, boolean, text[], text[], integer[], uuid[]);
