-- feature: access, sandbox
-- why:     who comes for the first time makes post openable where nobody was expected to open it; the sandbox's issuers have
--          a key each, so that a token of one is never one of another; a grant for a token is good once
-- locks:   identity.activity, share row exclusive; sandbox.signing_key, access exclusive; milliseconds
create function access.life_shown() returns trigger language plpgsql set plan_cache_mode = force_custom_plan as $$
declare alive uuid[];
begin
  if tg_op = 'INSERT' then
    select array_agg(distinct f.party_id) into alive from fresh f;
  else
    -- 30 days: until then a machine counts as fetching; persons count for longer
    select array_agg(distinct f.party_id) into alive from fresh f join gone g using (party_id, client_id)
     where (f.read_scope and not g.read_scope) or f.auth_level > g.auth_level or f.last_seen_at >= g.last_seen_at + interval '30 days';
  end if;
  if alive is null then return null; end if;
  perform access.bump(
    alive || array(select g.from_id from access.access_grant g where g.to_id = any (alive) and g.revoked_at is null)
          || array(select a.at_id from access.role_assignment a where a.holder_id = any (alive)),
    alive || array(select a.at_id from access.role_assignment a join access.role r on r.code = a.role and r.is_key_role where a.holder_id = any (alive)));
  return null;
end $$;
create trigger life_shown_first after insert on identity.activity
  referencing new table as fresh for each statement execute function access.life_shown();
create trigger life_shown_again after update on identity.activity
  referencing old table as gone new table as fresh for each statement execute function access.life_shown();

alter table sandbox.signing_key add column issuer text not null default 'altinn' check (issuer in ('altinn', 'maskinporten', 'idporten'));
alter table sandbox.signing_key alter column issuer drop default;

-- Grants that a token was given for, until they would have expired anyway. Real time, as all that is secret.
create table sandbox.used_grant (
  digest     text        primary key,
  expires_at timestamptz not null
);
create index used_grant_expiry on sandbox.used_grant (expires_at);
