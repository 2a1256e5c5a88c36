-- feature: unread
-- why:     an address whose question never got through counted as asked as long as the link was good that it had not got
-- locks:   unread.address, access exclusive, milliseconds
alter table unread.address add column asked_by uuid;   -- the mail with its link; null: from before, or nobody was asked
