-- feature: broker, watch
-- why:     files between organizations: fetched and confirmed by each recipient, watched until then
-- locks:   watch.item, access exclusive, milliseconds: no row is rewritten
alter table watch.item add column is_file boolean not null default false;   -- a file transfer, which is fetched and not read

-- Files go from machine to machine: people hear of one that has lain for a day.
insert into watch.ladder (id, version, steps) values ('file-transfer', 1, '[
    {"name": "notify-grantors", "after": "PT0S", "when": ["grant-needed", "attachment-locked"], "who": "grantors", "channel": "preferred", "text": "sealed"},
    {"name": "notify",          "after": "P1D",  "when": [], "who": "openers",  "otherwise": "grantors", "channel": "preferred", "text": "new-mail"},
    {"name": "remind",          "after": "P7D",  "when": [], "who": "openers",  "otherwise": "grantors", "channel": "preferred", "text": "reminder"},
    {"name": "tell-sender",     "after": "P8D",  "when": [], "who": "sender",   "channel": "preferred", "text": "sender-unread"},
    {"name": "ask-sender",      "after": "P14D", "when": [], "who": "sender",   "channel": "preferred", "text": "sender-decision"}
  ]'::jsonb);

create schema broker;

-- Who has registered as an owner of services that carry files.
create table broker.service_owner (
  party_id   uuid        primary key references register.party,
  name       text        not null check (length(name) <= 500),
  created_at timestamptz not null
);

-- How a resource carries files; null: the default. Its policy and owner stand with access.
create table broker.resource (
  id                        text        primary key,
  owner_id                  uuid        not null,
  max_file_transfer_size    bigint      check (max_file_transfer_size > 0),
  time_to_live_seconds      bigint      check (time_to_live_seconds between 0 and 365 * 86400),
  purge_after_all_confirmed boolean     not null default true,
  grace_seconds             integer     check (grace_seconds between 0 and 86400),
  use_manifest_file_shim    boolean,
  service_code              text,
  service_edition_code      integer,
  required_party            text,
  unscanned_approved        boolean     not null default false,   -- by whoever runs this: no operation sets it
  created_at                timestamptz not null,
  changed_at                timestamptz not null
);

create table broker.file_transfer (
  id                uuid        primary key,
  resource_id       text        not null,
  sender_id         uuid        not null references register.party,
  sender_given      text        not null,                     -- as the sender wrote itself, which is echoed
  senders_reference text,
  file_name         text        not null,
  property_list     jsonb       not null default '{}',
  declared_md5      text,
  use_virus_scan    boolean     not null,
  created_by        uuid,                                     -- who acts for the sender: of a system user its vendor
  state             text        not null check (state in ('Initialized', 'UploadStarted', 'UploadProcessing', 'Published', 'Cancelled',
                                'AllConfirmedDownloaded', 'Purged', 'Failed')),
  state_text        text        not null,
  state_changed_at  timestamptz not null,
  upload_id         uuid,                                     -- of the upload under way, which alone may store its bytes
  upload_began_at   timestamptz,
  upload_seen_at    timestamptz,                              -- real time: one that is not seen to any more has died with its process
  blob_key          uuid,
  size_bytes        bigint,
  md5               text,
  sha256            text,
  created_at        timestamptz not null,
  expires_at        timestamptz not null,
  published_at      timestamptz,
  purge_at          timestamptz,                              -- when it goes: at its expiry, or earlier when all have confirmed
  kept_until        timestamptz,                              -- purged on the wire; its bytes stay for who has not fetched, until then at most
  keep_look_at      timestamptz,
  keep_warned       smallint    not null default 0,
  check (state not in ('UploadProcessing', 'Published', 'AllConfirmedDownloaded') or blob_key is not null),
  check (state <> 'UploadStarted' or (upload_id is not null and upload_began_at is not null)),
  check (state not in ('Published', 'AllConfirmedDownloaded') or published_at is not null),
  check ((kept_until is null) = (keep_look_at is null)),
  check (state <> 'Purged' or purge_at is null)
);
create index file_transfer_sent on broker.file_transfer (sender_id, resource_id, created_at desc, id);
create index file_transfer_purge on broker.file_transfer (purge_at) where purge_at is not null;
create index file_transfer_kept on broker.file_transfer (keep_look_at) where keep_look_at is not null;
create index file_transfer_uploading on broker.file_transfer (upload_began_at) where state in ('UploadStarted', 'UploadProcessing');

create table broker.recipient (
  file_transfer_id uuid        not null references broker.file_transfer,
  party_id         uuid        not null references register.party,
  ordinal          integer     not null,
  resource_id      text        not null,
  status           text        not null default 'Initialized' check (status in ('Initialized', 'DownloadStarted', 'DownloadConfirmed')),
  changed_at       timestamptz not null,
  created_at       timestamptz not null,
  primary key (file_transfer_id, party_id)
);
create index recipient_received on broker.recipient (party_id, resource_id, created_at desc, file_transfer_id);
create index recipient_standing on broker.recipient (party_id, resource_id, status, file_transfer_id);

-- The histories that details show.
create table broker.status (
  id               uuid        primary key,
  file_transfer_id uuid        not null references broker.file_transfer,
  status           text        not null,
  text             text        not null,
  at               timestamptz not null
);
create index status_file_transfer on broker.status (file_transfer_id);

create table broker.recipient_status (
  id               uuid        primary key,
  file_transfer_id uuid        not null,
  party_id         uuid        not null,
  status           text        not null,
  at               timestamptz not null,
  by_party         uuid,
  foreign key (file_transfer_id, party_id) references broker.recipient
);
create index recipient_status_file_transfer on broker.recipient_status (file_transfer_id);

create function broker.require_watch() returns trigger language plpgsql
  set plan_cache_mode = force_custom_plan as $$
declare bad uuid;
begin
  select r.file_transfer_id into bad from fresh r
   where not exists (select from watch.item w where w.about = r.file_transfer_id and w.party_id = r.party_id) limit 1;
  if found then raise exception 'file transfer % is accepted without a watch', bad using errcode = 'BS001'; end if;
  return null;
end $$;
create trigger accepted_is_watched after insert on broker.recipient
  referencing new table as fresh for each statement execute function broker.require_watch();

create function broker.require_evidence() returns trigger language plpgsql
  set plan_cache_mode = force_custom_plan as $$
declare bad uuid;
begin
  select s.file_transfer_id into bad from fresh s
   where s.status <> 'UploadStarted'
     and not exists (select from evidence.evidence e where e.about = s.file_transfer_id and e.xact = pg_current_xact_id()) limit 1;
  if found then raise exception 'file transfer % changes its state without evidence', bad using errcode = 'BS003'; end if;
  return null;
end $$;
create trigger change_is_recorded after insert on broker.status
  referencing new table as fresh for each statement execute function broker.require_evidence();

create trigger file_transfer_is_kept before delete on broker.file_transfer for each statement execute function watch.refuse_removal();
create trigger file_transfer_is_not_emptied before truncate on broker.file_transfer for each statement execute function watch.refuse_removal();
create trigger recipient_is_kept before delete on broker.recipient for each statement execute function watch.refuse_removal();
create trigger recipient_is_not_emptied before truncate on broker.recipient for each statement execute function watch.refuse_removal();
create trigger recipient_stays before update of file_transfer_id, party_id on broker.recipient
  for each statement execute function watch.refuse_removal();
