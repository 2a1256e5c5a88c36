-- feature: session
-- why:     people log in to the web app with a browser, and stay logged in for a while
-- locks:   none
create schema session;

-- A browser that is on its way to log in. Real time; only digests of what opens a row are kept.
create table session.login_attempt (
  digest      bytea       primary key,                 -- of the state that the provider brings back
  browser     bytea       not null,                    -- digest of a secret that only this browser has, in a cookie
  verifier    text        not null,
  nonce       text        not null,
  return_to   text        not null,                    -- path and query of our own
  expires_at  timestamptz not null
);
create index login_attempt_expires on session.login_attempt (expires_at);

-- A browser in which somebody is logged in. It says who, never what they may: that is asked at each call.
create table session.session (
  digest       bytea       primary key,                -- of the secret in the cookie
  party_id     uuid        not null,
  auth_level   smallint    not null check (auth_level between 0 and 4),
  issuer       text        not null,                   -- where they logged in
  provider_sid text,                                   -- their session there, where it has a name
  provider_sub text        not null,                   -- their name there
  id_token     bytea       not null,                   -- for logging out there; encrypted with the cookie's secret, which is not kept
  began_at     timestamptz not null,
  ends_at      timestamptz not null,                   -- whatever is done
  expires_at   timestamptz not null check (expires_at <= ends_at) -- when nothing is done until then
);
create index session_expires on session.session (expires_at);
create index session_sid on session.session (provider_sid) where provider_sid is not null;
create index session_sub on session.session (provider_sub);
create index session_party on session.session (party_id);
