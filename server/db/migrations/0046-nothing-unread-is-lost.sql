-- feature: watch, correspondence, broker
-- why:     bytes that somebody is still to open or fetch must not go before their sender has decided, or had the time to, whatever the program does
-- locks:   attachment, file_transfer, blob: access exclusive, milliseconds; two indexes are built while writers of their tables wait
alter table correspondence.attachment
  add column unread_until timestamptz;                           -- it has expired: bytes that somebody has not opened stay until then, or until the sender has decided
alter table broker.file_transfer
  add column unread_until timestamptz;                           -- it is purged: bytes that somebody has not fetched stay until then, or until the sender has decided
update correspondence.attachment set unread_until = coalesce(kept_until, clock.now()) where state = 'Expired';
update broker.file_transfer set unread_until = coalesce(kept_until, clock.now()) where state = 'Purged';
create index attachment_blob on correspondence.attachment (blob_key) where blob_key is not null;
create index file_transfer_blob on broker.file_transfer (blob_key) where blob_key is not null;

-- Looked at when the transaction ends: by then the watch is settled, if whoever releases the bytes has settled it.
create function watch.refuse_loss() returns trigger language plpgsql
  set plan_cache_mode = force_custom_plan as $$
begin
  if exists (select from correspondence.attachment a
               join correspondence.submission_attachment l on l.attachment_id = a.id
               join correspondence.message m on m.submission_id = l.submission_id
               join watch.item w on w.about = m.id and w.party_id = m.recipient_id
              where a.blob_key = new.key and (a.unread_until is null or a.unread_until > clock.now())
                and m.purged_at is null and w.settled_at is null and w.failed_at is null)
  or exists (select from broker.file_transfer t
               join watch.item w on w.about = t.id
              where t.blob_key = new.key and (t.unread_until is null or t.unread_until > clock.now())
                and w.settled_at is null and w.failed_at is null) then
    raise exception 'the bytes of % are released while somebody is still to open or fetch them', new.key using errcode = 'BS046';
  end if;
  return null;
end $$;

create constraint trigger unread_bytes_stay after update of state on blobs.blob deferrable initially deferred
  for each row when (old.state = 'bound' and new.state = 'released') execute function watch.refuse_loss();

-- Published by broker: where a file stands, and until when bytes that somebody has not fetched are there at least.
create view broker.file_face as select id, state, kept_until from broker.file_transfer;

-- A new file transfer to one recipient in the place of an old one that it did not fetch.
create table unread.file_resending (
  old_id   uuid        not null,
  party_id uuid        not null,
  new_id   uuid        not null unique,
  at       timestamptz not null,
  primary key (old_id, party_id),
  check (old_id <> new_id)
);

-- Published by correspondence: who has sent what on a service of another.
create view correspondence.sent_for_another as
  select m.id as about, s.created_by, s.owner_id
    from correspondence.submission s
    join correspondence.message m on m.submission_id = s.id
   where s.created_by <> s.owner_id;
