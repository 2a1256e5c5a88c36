-- feature: watch, unread
-- why:     a letter that failed for its attachment was offered to be sent anew, which is refused always; one whose recipient said no can go to another
-- locks:   none that anybody waits for: a view alone
create or replace view watch.board_item as
  select about, party_id, sender_id, resource_id, confidential, confirm_needed, is_file, begun_at, due_at, published_at,
         opened_at, confirmed_at, class, openers, grantors, attachment_locked, told_at, asked_at, failed_at, next_action,
         next_action_at, settled_at, outcome, settled_name, cause, computed_at, bytes_until, relayed_at, returned_at, failure
    from watch.item;
