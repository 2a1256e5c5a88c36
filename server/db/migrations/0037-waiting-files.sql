-- feature: broker
-- why:     what was fetched and not confirmed is told of until somebody confirms it, and found at once among ten thousand open transfers
-- locks:   broker.recipient, access exclusive, milliseconds: no row is rewritten; two indexes are built
alter table broker.recipient add column remind_at timestamptz;   -- fetched and not confirmed: when either side hears of it next
create index recipient_remind on broker.recipient (remind_at) where remind_at is not null;

-- What a sender has under way, whatever the resource.
create index file_transfer_open on broker.file_transfer (sender_id, state, id)
  where state in ('Initialized', 'UploadStarted', 'UploadProcessing', 'Published');

-- Statistics of files: who acted for a recipient, and the reports of file transfers beside those of letters.
alter table broker.recipient add column vendor_id uuid;          -- who last acted for it: of a system user its vendor
create index file_transfer_created on broker.file_transfer (created_at);
alter table statistics.report add column about text not null default 'letters' check (about in ('letters', 'files'));
drop index statistics.report_generated;
create index report_generated on statistics.report (about, generated_at);
