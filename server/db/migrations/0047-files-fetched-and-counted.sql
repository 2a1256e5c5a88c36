-- feature: blobs, broker, http
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

-- A recipient may say what it holds after it has confirmed; of that and a dispute the later counts.
alter table broker.recipient add column confirmed_hash_at timestamptz;
update broker.recipient set confirmed_hash_at = confirmed_at where confirmed_sha256 is not null;
alter table broker.recipient add check (confirmed_sha256 is null or confirmed_hash_at is not null);
drop index broker.recipient_disputed;
create index recipient_disputed on broker.recipient (disputed_at) where disputed_at is not null;

-- Beyond the millisecond: makes times distinct of what comes within one, so that who pages by them misses nothing.
create sequence broker.microsecond as integer minvalue 0 maxvalue 999 start 0 cycle cache 1;

insert into evidence.event (code, name, uri) values (121, 'PartHandedOver', 'urn:budstikke:event:PartHandedOver');

-- How often a client has called an operation within a minute, over all processes. Nothing is lost with it.
create unlogged table db.call_window (
  operation text        not null,
  client    text        not null,
  began_at  timestamptz not null,
  calls     integer     not null,
  primary key (operation, client)
);
create index call_window_began on db.call_window (began_at);
