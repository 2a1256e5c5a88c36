-- feature: broker, watch
-- why:     the bytes that arrived are shown to be those that were sent; what was fetched and not confirmed is found again, and may be called back
-- locks:   broker.file_transfer, broker.recipient, broker.recipient_status, access exclusive, milliseconds: no row is rewritten; three indexes are built
alter table broker.file_transfer
  add column declared_sha256 text check (declared_sha256 ~ '^[0-9a-f]{64}$');    -- as its sender computed it, lower case

alter table broker.recipient
  add column downloads         integer     not null default 0,  -- begun; the history keeps the first and the newest of them
  add column fetched_at        timestamptz,                     -- the last byte was handed over, last
  add column confirmed_at      timestamptz,
  add column confirmed_sha256  text        check (confirmed_sha256 ~ '^[0-9a-f]{64}$'),  -- of what it said it holds when it confirmed
  add column disputed_sha256   text        check (disputed_sha256 ~ '^[0-9a-f]{64}$'),   -- of what it said it holds and that is not what was sent
  add column disputed_at       timestamptz,
  add check ((disputed_sha256 is null) = (disputed_at is null));

-- What a party has received, and what of it waits for its confirmation, whatever the resource.
create index recipient_mine on broker.recipient (party_id, file_transfer_id);
create index recipient_waiting on broker.recipient (party_id, file_transfer_id) where status <> 'DownloadConfirmed';
create index recipient_disputed on broker.recipient (disputed_at) where disputed_at is not null and status <> 'DownloadConfirmed';
create index file_transfer_mine on broker.file_transfer (sender_id, id);

create index recipient_status_party on broker.recipient_status (file_transfer_id, party_id, at, id);
drop index broker.recipient_status_file_transfer;

-- What a sender waits for at its recipients. Of letters nothing is in it.
create index item_open_files on watch.item (sender_id, about) where settled_at is null and is_file;
create or replace view watch.item_face as
  select about, party_id, sender_id, resource_id, confidential, confirm_needed, begun_at, due_at, published_at, opened_at, confirmed_at, class,
         openers, grantors, attachment_locked, next_action, next_action_at, settled_at, outcome, failed_at, is_file
    from watch.item;
