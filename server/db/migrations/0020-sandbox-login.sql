-- feature: sandbox
-- why:     a login in a browser must survive a restart and be known to every process
-- locks:   none

-- What the login keeps between two requests: sessions, logins under way, codes, grants. Times are real, as those of tokens.
create table sandbox.login_state (
  model      text        not null,             -- 'Session', 'Interaction', 'AuthorizationCode', 'Grant', …
  id         text        not null,
  payload    jsonb       not null,
  uid        text,                             -- of a session
  grant_id   text,                             -- of what a grant gave
  used_at    timestamptz,                      -- of what may be used once
  expires_at timestamptz not null,
  primary key (model, id)
);
create index login_state_uid on sandbox.login_state (uid) where uid is not null;
create index login_state_grant on sandbox.login_state (grant_id) where grant_id is not null;
create index login_state_expiry on sandbox.login_state (expires_at);

-- Where the browsers of a client come back to. Whose client it is and what it may ask for stands with identity.
create table sandbox.login_client (
  client_id                 text   primary key,
  redirect_uris             text[] not null,
  post_logout_redirect_uris text[] not null,
  frontchannel_logout_uri   text
);
