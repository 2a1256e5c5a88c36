-- feature: watch, notifications
-- why:     what failed is closed when its sender has been told, not when it failed; and a sender that decides does so with a name
-- locks:   watch.item and notifications.notice, access exclusive, milliseconds: no row is rewritten
alter table watch.item
  add column failed_at           timestamptz,  -- it will never reach its recipient; open until the sender has been told
  add column failure             text,         -- why
  add column failure_notice_step uuid,         -- of the notice to the sender that tells of it
  add column settled_name        text;         -- of the person who decided for the sender
alter table watch.item
  add constraint item_failure_check check ((failed_at is null) = (failure is null)),
  add constraint item_decision_name_check check (outcome <> 'accepted-unread' or settled_name is not null) not valid;
create index item_open_failed on watch.item (sender_id) where failed_at is not null and settled_at is null;
create index item_open_failure_notice on watch.item (failure_notice_step) where failure_notice_step is not null and settled_at is null;

create or replace view watch.item_face as
  select about, party_id, sender_id, resource_id, confidential, confirm_needed, begun_at, due_at, published_at, opened_at, confirmed_at,
         class, openers, grantors, attachment_locked, next_action, next_action_at, settled_at, outcome, failed_at
    from watch.item;

alter table notifications.notice drop constraint notice_purpose_check;
alter table notifications.notice add constraint notice_purpose_check check (purpose in ('new-mail', 'reminder', 'reminder-confirm', 'sealed',
  'sealed-attachment', 'sender-unread', 'sender-decision', 'sender-failed')) not valid;
