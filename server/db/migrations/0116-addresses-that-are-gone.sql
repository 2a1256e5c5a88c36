-- feature: notifications
-- why:     a notice that waits does not go to an address that was replaced meanwhile, and what became of it says so
-- locks:   notice, access exclusive, for milliseconds: what is written is not looked at again
alter table notifications.notice
  drop constraint notice_failure_check,
  add constraint notice_failure_check
    check (failure in ('address-rejected', 'mailbox-full', 'carrier-refused', 'carrier-timeout', 'reserved', 'address-gone')) not valid;
