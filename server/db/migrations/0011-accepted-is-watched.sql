-- feature: watch, evidence, correspondence
-- why:     a message without a watch, and a change of state without its evidence, are refused by the database itself
-- locks:   none
create function correspondence.require_watch() returns trigger language plpgsql
  set plan_cache_mode = force_custom_plan as $$    -- else a plan made on an empty table stays
declare bad uuid;
begin
  select m.id into bad from fresh m
   where not exists (select from watch.item w where w.about = m.id and w.party_id = m.recipient_id) limit 1;
  if found then raise exception 'message % is accepted without a watch', bad using errcode = 'BS001'; end if;
  return null;
end $$;

create trigger accepted_is_watched after insert on correspondence.message
  referencing new table as fresh for each statement execute function correspondence.require_watch();

create function correspondence.require_evidence() returns trigger language plpgsql
  set plan_cache_mode = force_custom_plan as $$
declare bad uuid;
begin
  select s.message_id into bad from fresh s
   where s.status in ('Published', 'Read', 'Confirmed', 'PurgedByRecipient', 'PurgedByAltinn', 'Failed')
     and not exists (select from evidence.evidence e where e.about = s.message_id and e.xact = pg_current_xact_id()) limit 1;
  if found then raise exception 'message % changes its state without evidence', bad using errcode = 'BS003'; end if;
  return null;
end $$;

create trigger change_is_recorded after insert on correspondence.status
  referencing new table as fresh for each statement execute function correspondence.require_evidence();
