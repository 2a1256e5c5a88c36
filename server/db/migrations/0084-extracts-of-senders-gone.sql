-- feature: unread
-- why:     the extract that a sender has set goes on after the sender is closed: to who stands in for it, or to nobody, and the row says which
-- locks:   unread.extract, access exclusive, milliseconds

alter table unread.extract add column stand_in_id uuid;
alter table unread.extract drop constraint extract_sent_as_check;
alter table unread.extract add constraint extract_sent_as_check check (sent_as in ('link', 'attachment', 'nothing', 'stopped')) not valid;
