-- feature: identity, access
-- why:     that a system has not been seen for 30 days, and counts no more as somebody who can open, was found out when a step fell due only
-- locks:   identity.activity, a moment; the first round bumps the versions of those who fell silent before, 500 at a time

-- When it was noted that it has not been seen for 30 days; null again from its next call on.
alter table identity.activity add column quiet_at timestamptz;
create index activity_not_quiet on identity.activity (last_seen_at) where read_scope and client_id <> '' and quiet_at is null;

create or replace function access.life_shown()
 returns trigger
 language plpgsql
 set plan_cache_mode to 'force_custom_plan'
as $$
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
end $$;
