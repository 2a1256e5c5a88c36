-- feature: correspondence
-- why:     what was sent in one request is stored once; each recipient has a message of its own
-- locks:   none
create schema correspondence;

create table correspondence.submission (
  id                    uuid        primary key,
  resource_id           text        not null,
  owner_id              uuid        not null,              -- the resource's owner: the sender of record
  senders_reference     text        not null,
  message_sender        text,
  language              text        not null,
  title                 text        not null,
  summary               text,
  body                  text        not null,
  requested_publish_at  timestamptz not null,
  due_at                timestamptz,
  is_confirmation_needed boolean    not null default false,
  is_confidential       boolean     not null default false,
  ignore_reservation    boolean     not null default false,
  allow_forwarding      boolean     not null default false,
  property_list         jsonb       not null default '{}',
  reply_options         jsonb       not null default '[]',
  external_references   jsonb       not null default '[]',
  notification_order_id uuid,
  reminder_order_id     uuid,
  idempotent_key        uuid,
  content_sha256        text        not null check (content_sha256 ~ '^[0-9a-f]{64}$'),
  created_by            uuid        not null,
  created_at            timestamptz not null
);
create unique index submission_once on correspondence.submission (owner_id, idempotent_key) where idempotent_key is not null;
create index submission_reference on correspondence.submission (owner_id, senders_reference);

create table correspondence.message (
  id                   uuid        primary key,
  submission_id        uuid        not null references correspondence.submission,
  resource_id          text        not null,
  owner_id             uuid        not null,
  recipient_id         uuid        not null references register.party,
  requested_publish_at timestamptz not null,
  state                text        not null check (state in ('Initialized', 'ReadyForPublish', 'Published', 'Fetched', 'Read', 'Confirmed',
                                   'PurgedByRecipient', 'PurgedByAltinn', 'Reserved', 'Failed')),
  personal_name        text,                              -- the recipient's name as the letter greets it, fixed when it was accepted
  published_at         timestamptz,
  fetched_at           timestamptz,
  opened_at            timestamptz,                       -- first given to a reader with a right of its own
  read_at              timestamptz,                       -- what clients see as read
  confirmed_at         timestamptz,
  purged_at            timestamptz
);
create index message_inbox on correspondence.message (recipient_id, resource_id, requested_publish_at desc, id);
create index message_sent on correspondence.message (owner_id, resource_id, requested_publish_at desc, id);
create index message_submission on correspondence.message (submission_id);
create index message_unpublished on correspondence.message (requested_publish_at) where state in ('Initialized', 'ReadyForPublish');

create table correspondence.status (
  id         uuid        primary key,
  message_id uuid        not null references correspondence.message,
  status     text        not null,
  text       text        not null,
  at         timestamptz not null,
  party_id   uuid
);
create index status_message on correspondence.status (message_id);

create table correspondence.attachment (
  id                uuid        primary key,
  resource_id       text        not null,
  owner_id          uuid        not null,
  file_name         text        not null,
  display_name      text,
  senders_reference text        not null,
  is_encrypted      boolean     not null default false,
  declared_md5      text,
  expiration_days   integer,
  state             text        not null check (state in ('Initialized', 'UploadProcessing', 'Published', 'Purged', 'Failed', 'Expired')),
  upload_began_at   timestamptz,
  blob_key          uuid,
  size_bytes        bigint,
  md5               text,
  sha256            text,
  created_at        timestamptz not null,
  check (state <> 'Published' or blob_key is not null)
);
create index attachment_processing on correspondence.attachment (upload_began_at) where state = 'UploadProcessing';

create table correspondence.attachment_status (
  id            uuid        primary key,
  attachment_id uuid        not null references correspondence.attachment,
  status        text        not null,
  text          text        not null,
  at            timestamptz not null,
  party_id      uuid
);
create index attachment_status_attachment on correspondence.attachment_status (attachment_id);

create table correspondence.submission_attachment (
  submission_id uuid     not null references correspondence.submission,
  ordinal       smallint not null,
  attachment_id uuid     not null references correspondence.attachment,
  expires_at    timestamptz,
  primary key (submission_id, ordinal)
);
create index submission_attachment_attachment on correspondence.submission_attachment (attachment_id);

-- Published: everything that was accepted, for the standing query. `read_at` is when the content was first given to anybody:
-- a caller with both scopes opens without leaving Read on the wire.
create view correspondence.accepted_message as
  select m.id, m.owner_id, m.recipient_id, m.resource_id, m.state, m.published_at, m.opened_at,
         least(m.read_at, m.opened_at) as read_at, m.confirmed_at, m.purged_at, s.created_at
    from correspondence.message m join correspondence.submission s on s.id = m.submission_id;
