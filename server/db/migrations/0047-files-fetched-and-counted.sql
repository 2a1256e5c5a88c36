-- feature: blobs, broker
-- why:     a rotation of keys must see which servers run with which; a file that was fetched in parts was fetched
-- locks:   broker.recipient, access exclusive, milliseconds

-- Which keys a running server knows, renewed in real time. Nothing is lost with it.
create unlogged table blobs.ring (
  id         uuid        primary key,
  key_ids    text[]      not null,
  current_id text,                            -- by which it wraps what is new; null: it encrypts nothing
  seen_at    timestamptz not null
);

-- What a recipient has been handed of a file so far, in parts; null when it was none, or the whole.
alter table broker.recipient add column fetched_bytes int8multirange;

-- Beyond the millisecond: makes times distinct of what comes within one, so that who pages by them misses nothing.
create sequence broker.microsecond as integer minvalue 0 maxvalue 999 start 0 cycle cache 1;

insert into evidence.event (code, name, uri) values (121, 'PartHandedOver', 'urn:budstikke:event:PartHandedOver');
