-- feature: broker, watch, statistics
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

-- Words for files, and one notice for many of them: the steps that it was planned for know it.
alter table watch.step add column notice_step uuid;
create index step_notice on watch.step (notice_step) where notice_step is not null;
create index item_open_files_of on watch.item (party_id, sender_id) where settled_at is null and is_file;
do $$
declare had text := (select pg_get_expr(conbin, conrelid) from pg_constraint
                      where conname = 'notice_purpose_check' and conrelid = 'notifications.notice'::regclass);
begin
  execute 'alter table notifications.notice drop constraint notice_purpose_check,
             add constraint notice_purpose_check check ((' || had || ') or purpose in (''new-file'', ''file-reminder'', ''file-confirm'',
                 ''file-sealed'', ''file-fallback'', ''file-key-roles'', ''files-unread'', ''files-decision'', ''files-failed'')) not valid';
end $$;
