-- feature: access, watch, unread
-- why:     a service may demand that a person opens its letters: what a system has fetched lies there all the same
-- locks:   access.resource, watch.item, watch.owed_act, access exclusive, for milliseconds: what is written is not looked at again
alter table access.resource add column person_since timestamptz;
comment on column access.resource.person_since is 'since when its letters lie until a person opens them; null: a system opens them too';

create or replace function access.standing(places uuid[], subjects uuid[], resources text[])
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

-- When a system took a letter that waits for a person.
alter table watch.item add column fetched_by_system_at timestamptz;
create or replace view watch.board_item as
  select about, party_id, sender_id, resource_id, confidential, confirm_needed, is_file, begun_at, due_at, published_at,
         opened_at, confirmed_at, class, openers, grantors, attachment_locked, told_at, asked_at, failed_at, next_action,
         next_action_at, settled_at, outcome, settled_name, cause, computed_at, bytes_until, relayed_at, returned_at, failure,
         fetched_by_system_at
    from watch.item;
alter table watch.owed_act
  drop constraint owed_act_act_check,
  add constraint owed_act_act_check check (act in ('opened', 'handed-over', 'confirmed', 'fetched')) not valid;
