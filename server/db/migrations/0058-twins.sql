-- feature: notifications
-- why:     of several people who share an address the first is told for all; when that comes to nothing, the next is told, by the same step
--          at the same address, as a notice of its own
-- locks:   notifications.notice, access exclusive, while the index of its key is built anew: half a minute for some tens of millions
alter table notifications.notice add column twin smallint not null default 0;   -- how many of the same step were told at the address before
alter table notifications.notice
  drop constraint notice_step_id_channel_address_key,
  add unique (step_id, channel, address, twin);
