-- feature: correspondence, watch
-- why:     attachments expire, and unread bytes outlive that; a reader sends a letter on to an e-mail address; browsers log in to download
-- locks:   submission_attachment, attachment: access exclusive, milliseconds; the index is built while writers of its table wait
create view watch.open_item as select about, party_id from watch.item where settled_at is null;

alter table correspondence.submission_attachment
  add column expiry_seen boolean not null default false;         -- its time has passed, and the attachment was looked at for it
create index submission_attachment_expiring on correspondence.submission_attachment (expires_at)
  where expires_at is not null and not expiry_seen;

alter table correspondence.attachment
  add column kept_until timestamptz,                             -- expired on the wire; its bytes stay for what is unread, until then at most
  add column keep_look_at timestamptz,                           -- when it is asked again whether they are still needed
  add column keep_warned smallint not null default 0,            -- how many warnings that they are going their owner has had
  add constraint kept_is_looked_at check ((kept_until is null) = (keep_look_at is null)) not valid,
  add constraint kept_has_expired check (kept_until is null or state = 'Expired') not valid;
create index attachment_kept on correspondence.attachment (keep_look_at) where keep_look_at is not null;

-- A letter that a reader sends on by e-mail. The letter itself is not copied: the mail is written when it goes out.
create table correspondence.forwarding (
  id             uuid        primary key,
  message_id     uuid        not null references correspondence.message,
  address        text        not null,                           -- trimmed, in lower case
  words          text,                                           -- the reader's own, before the letter
  party_id       uuid        not null,
  forwarded_at   timestamptz not null,
  state          text        not null default 'due' check (state in ('due', 'handing-over', 'handed-over', 'failed', 'withdrawn')),
  due_at         timestamptz not null,
  attempts       smallint    not null default 0,
  leased_until   timestamptz,                                    -- real time
  mail_id        text,                                           -- the Message-ID, the same at every attempt
  carrier_answer text,
  changed_at     timestamptz not null,
  unique (message_id, address),
  check ((state = 'handing-over') = (leased_until is not null)),
  check (state in ('due', 'withdrawn') or mail_id is not null)
);
create index forwarding_due on correspondence.forwarding (due_at) where state in ('due', 'handing-over');

-- What a forwarded mail has in place of attachments: links that open a file a few times, for some days. Only digests are kept.
create table correspondence.file_link (
  digest        bytea       primary key,
  forwarding_id uuid        not null references correspondence.forwarding,
  attachment_id uuid        not null references correspondence.attachment,
  expires_at    timestamptz not null,
  uses_left     smallint    not null check (uses_left >= 0)
);
create index file_link_expires on correspondence.file_link (expires_at);

-- A browser that is on its way to log in, and one that has and comes back for its file. Real time; only digests of what opens them.
create table correspondence.login_attempt (
  digest     bytea       primary key,
  verifier   text        not null,
  nonce      text        not null,
  target     text        not null,                               -- path and query that was asked for
  again      boolean     not null,                               -- the one restart has been made
  expires_at timestamptz not null
);
create index login_attempt_expires on correspondence.login_attempt (expires_at);
create table correspondence.login_session (
  digest     bytea       primary key,
  party_id   uuid,
  auth_level smallint    not null check (auth_level between 0 and 4),
  client_id  text,
  expires_at timestamptz not null
);
create index login_session_expires on correspondence.login_session (expires_at);
