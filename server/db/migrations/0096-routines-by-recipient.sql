-- feature: unread
-- why:     a sender has the extract of unread post by recipient too
-- locks:   unread.routine, access exclusive, milliseconds
alter table unread.routine add column recipients uuid[] not null default '{}';   -- none: all
