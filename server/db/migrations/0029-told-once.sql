-- feature: watch, access
-- why:     a step that was due when the last opener went, and is taken after it, told the sender the same once more;
--          and what a system was given at others was remembered beyond the end of its owner
-- locks:   watch.item, access exclusive, milliseconds: no row is rewritten
alter table watch.item add column no_opener_told_at timestamptz;   -- the last time that a change of access told the sender that nobody can open

-- As before, but that with a party go its systems, wherever they were given something.
create or replace function access.standing_changed() returns trigger language plpgsql set plan_cache_mode = force_custom_plan as $$
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
end $$;
