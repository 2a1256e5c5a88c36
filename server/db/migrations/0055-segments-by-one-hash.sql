-- feature: blobs
-- why:     nobody asks for the MD5 of bytes that are joined to others, and MD5 is the dearest of all that is done with a byte
-- locks:   blob, for as long as its rows are looked through once
alter table blobs.blob drop constraint blob_check;
alter table blobs.blob add constraint blob_whole
  check (state in ('receiving', 'released') or (size_bytes is not null and sha256 is not null)) not valid;
alter table blobs.blob validate constraint blob_whole;
