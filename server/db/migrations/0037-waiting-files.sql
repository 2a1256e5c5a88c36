-- feature: broker
-- why:     what was fetched and not confirmed is told of until somebody confirms it, and found at once among ten thousand open transfers
-- locks:   broker.recipient, access exclusive, milliseconds: no row is rewritten; two indexes are built
alter table broker.recipient add column remind_at timestamptz;   -- fetched and not confirmed: when either side hears of it next
create index recipient_remind on broker.recipient (remind_at) where remind_at is not null;

-- What a sender has under way, whatever the resource.
create index file_transfer_open on broker.file_transfer (sender_id, state, id)
  where state in ('Initialized', 'UploadStarted', 'UploadProcessing', 'Published');
