-- feature: blobs, broker
-- why:     an upload that is cut off goes on where it was, and parts that came side by side are one file without being copied
-- locks:   none

-- A joined blob has no bytes of its own: they are those of its segments, in order.
create table blobs.segment (
  blob_key    uuid   not null references blobs.blob on delete cascade,
  start_byte  bigint not null check (start_byte >= 0),
  size_bytes  bigint not null check (size_bytes > 0),
  segment_key uuid   not null,
  primary key (blob_key, start_byte)
);
create unique index segment_key on blobs.segment (segment_key);

-- An upload that may be cut off and go on: all of a file, a part of it, or what joins the parts. Times are real: they are leases.
create table broker.tus_upload (
  id               uuid        primary key,
  file_transfer_id uuid        not null references broker.file_transfer,
  upload_id        uuid        not null,                     -- of the transfer, which is another one when it has begun anew
  kind             text        not null check (kind in ('whole', 'part', 'joined')),
  length_bytes     bigint      not null check (length_bytes >= 0),
  offset_bytes     bigint      not null default 0,           -- all before it is durable
  pieces           integer     not null default 0,           -- how often bytes came
  metadata         text,                                     -- as the client wrote it, which is echoed
  concat           text,                                     -- likewise
  parts            uuid[],                                   -- of what joins, in order
  who              jsonb       not null,                     -- who began it, for the evidence
  claim_id         uuid,                                     -- of the request that alone may write
  claimed_at       timestamptz,                              -- it is not seen to any more when this is some seconds old
  finished_at      timestamptz,
  expires_at       timestamptz not null,
  check (offset_bytes between 0 and length_bytes),
  check ((claim_id is null) = (claimed_at is null)),
  check ((kind = 'joined') = (parts is not null))
);
create index tus_upload_transfer on broker.tus_upload (file_transfer_id);
create unique index tus_upload_one on broker.tus_upload (file_transfer_id) where kind <> 'part';
create index tus_upload_expires on broker.tus_upload (expires_at);
create index tus_upload_complete on broker.tus_upload (claimed_at) where finished_at is null and kind <> 'part' and offset_bytes = length_bytes;

-- The bytes of an upload, until they are those of its transfer.
create table broker.tus_piece (
  tus_upload_id uuid   not null references broker.tus_upload on delete cascade,
  start_byte    bigint not null,
  size_bytes    bigint not null check (size_bytes > 0),
  blob_key      uuid   not null,
  primary key (tus_upload_id, start_byte)
);
