-- feature: correspondence
-- why:     without statistics `not exists` was answered by reading all of evidence for each batch of statuses: the dearest
--          statement of sending on a fresh database. A look-up that ends at the first row cannot be turned into a join.
-- locks:   none
create or replace function correspondence.require_watch() returns trigger language plpgsql
  set plan_cache_mode = force_custom_plan set enable_seqscan = off as $$
declare bad uuid;
begin
  select m.id into bad from fresh m
   where (select true from watch.item w where w.about = m.id and w.party_id = m.recipient_id limit 1) is null limit 1;
  if found then raise exception 'message % is accepted without a watch', bad using errcode = 'BS001'; end if;
  return null;
end $$;

create or replace function correspondence.require_evidence() returns trigger language plpgsql
  set plan_cache_mode = force_custom_plan set enable_seqscan = off as $$
declare bad uuid;
begin
  select s.message_id into bad from fresh s
   where s.status in ('Published', 'Read', 'Confirmed', 'PurgedByRecipient', 'PurgedByAltinn', 'Failed')
     and (select true from evidence.evidence e where e.about = s.message_id and e.xact = pg_current_xact_id() limit 1) is null limit 1;
  if found then raise exception 'message % changes its state without evidence', bad using errcode = 'BS003'; end if;
  return null;
end $$;
