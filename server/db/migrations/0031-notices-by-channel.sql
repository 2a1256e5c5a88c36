-- feature: notifications
-- why:     each channel is delivered by itself, so that a gateway which hangs holds up no mail; and a notice to a person who has said no
--          to digital post since it was planned fails for that reason
-- locks:   notice, access exclusive, while the index is built: milliseconds, it holds only what is to be sent; no row is rewritten
drop index notifications.notice_due;
create index notice_due on notifications.notice (channel, due_at) where state in ('due', 'handing-over');
alter table notifications.notice
  drop constraint notice_failure_check,
  add constraint notice_failure_check
    check (failure in ('address-rejected', 'mailbox-full', 'carrier-refused', 'carrier-timeout', 'reserved')) not valid;
