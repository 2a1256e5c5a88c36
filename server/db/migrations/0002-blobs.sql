-- feature: blobs
-- why:     a key is known before its first byte is written, so that no byte can lie on the disk unknown to the database
-- locks:   none
create schema blobs;

create table blobs.blob (
  key        uuid        primary key,
  state      text        not null check (state in ('receiving', 'stored', 'bound', 'released')),
  size_bytes bigint      check (size_bytes >= 0),
  md5        text        check (md5 ~ '^[0-9a-f]{32}$'),
  sha256     text        check (sha256 ~ '^[0-9a-f]{64}$'),
  at         timestamptz not null default now(),  -- real time: the lease of an unbound key
  check (state = 'receiving' or (size_bytes is not null and md5 is not null and sha256 is not null) or state = 'released')
);
create index blob_unbound on blobs.blob (at) where state <> 'bound';
