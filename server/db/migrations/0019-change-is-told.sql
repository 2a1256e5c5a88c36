-- feature: correspondence, setup, db
-- why:     a message that changes its state without a line in its history and evidence is refused, whoever writes; the first
--          owner of a production is let in by a link that works once; a database that served real post never becomes a sandbox
-- locks:   correspondence.message, share row exclusive, milliseconds
create function correspondence.require_history() returns trigger language plpgsql
  set plan_cache_mode = force_custom_plan set enable_seqscan = off as $$
declare bad uuid;
begin
  select n.id into bad from fresh n join former o on o.id = n.id
   where n.state <> o.state
     and ((select true from correspondence.status s
            where s.message_id = n.id and s.status = n.state and s.xmin = pg_current_xact_id()::xid limit 1) is null
          or (select true from evidence.evidence e where e.about = n.id and e.xact = pg_current_xact_id() limit 1) is null) limit 1;
  if found then raise exception 'message % changes its state without history or evidence; those are written first', bad using errcode = 'BS008'; end if;
  return null;
end $$;

create trigger change_is_told after update on correspondence.message
  referencing old table as former new table as fresh for each statement execute function correspondence.require_history();

-- Links by which a client's public key is handed in, once. Only the digest of a link is kept.
create schema setup;

create table setup.invitation (
  token_sha256 text        primary key check (token_sha256 ~ '^[0-9a-f]{64}$'),
  client_id    text        not null,
  created_at   timestamptz not null,   -- real time, as all that is secret
  expires_at   timestamptz not null,
  used_at      timestamptz
);

-- What the first server that used this database was: the other kind refuses to start on it.
create table db.installation (
  "only" boolean primary key default true check ("only"),
  mode   text    not null check (mode in ('sandbox', 'production'))
);
