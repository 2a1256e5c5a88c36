-- feature: blobs, broker
-- why:     few bytes are announced before their upload has its transfer: whoever comes with many learns of them, and is refused
-- locks:   blobs.blob, access exclusive, milliseconds
alter table blobs.blob add column meant_for uuid;   -- of bytes that were announced, while they come
