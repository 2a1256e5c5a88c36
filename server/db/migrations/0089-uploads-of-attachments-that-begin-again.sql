-- feature: correspondence
-- why:     an upload of an attachment during which the store was away may begin again, and its bytes need a name that nothing of the first can still come under
-- locks:   correspondence.attachment, access exclusive, milliseconds
alter table correspondence.attachment add column upload_key uuid;
comment on column correspondence.attachment.upload_key is 'Under which the next or present upload keeps its bytes. Null: under the id of the attachment.';
