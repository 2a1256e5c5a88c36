-- feature: unread
-- why:     a mail with an extract that no server takes, or that comes back, is to be seen by its sender and to ring
-- locks:   unread.mail, access exclusive, milliseconds, and share while the index is built: it has a row a day for each address
alter table unread.mail add column extract_id uuid;
create index mail_extract on unread.mail (extract_id) where extract_id is not null;
