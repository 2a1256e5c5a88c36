-- feature: access
-- why:     somebody who leads ten thousand organizations was looked for from each of them where a thousand things or more had come about; and what ended with a grant is found when that is undone
-- locks:   access.client_delegation, share, while the index is made

-- As before, but for the side from which one subject is looked for. What it leads was counted to a thousand and what has come about at
-- the place to as much, so that neither was less than the other: of a thousand and more it is now counted as far as it takes to know, to
-- twenty thousand at the place. And those as whose agent somebody acts are found once for each place, not once for each thing there.
create or replace function access.ties(
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
end $$;

-- What ended with a grant is found by its moment, to be let in again where the taking is undone.
create index client_delegation_ended on access.client_delegation (client_id, provider_id, revoked_at) where revoked_at is not null;
