-- feature: blobs
-- why:     what lies at rest may be encrypted, each blob under a key of its own that is wrapped by one of the operator's
-- locks:   blobs.blob, access exclusive, milliseconds

-- Keys that something was encrypted by. The key itself is never here: only what tells whether the one that is configured is the same.
create table blobs.encryption_key (
  id      text  primary key,
  witness bytea not null                      -- 32 known bytes, wrapped by it
);

alter table blobs.blob
  add column key_id      text  references blobs.encryption_key,
  add column wrapped_key bytea,
  add check ((key_id is null) = (wrapped_key is null));
create index blob_encrypted on blobs.blob (key_id, key) where key_id is not null;

-- Whose bytes lie in the object store: it carries the same id, so that no other installation takes them for orphans.
create table blobs.installation (
  is_one boolean primary key default true check (is_one),
  id     uuid    not null
);
