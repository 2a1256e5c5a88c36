-- feature: watch, correspondence
-- why:     a message that was watched when it was accepted must be watched for ever after: the standing query looks at recent
--          rows only, and leans on this
-- locks:   watch.item and correspondence.message, share row exclusive, milliseconds; the index blocks writes while it is built
create function watch.refuse_removal() returns trigger language plpgsql as
  $$ begin raise exception 'what was accepted, and the watch over it, are kept' using errcode = 'BS007'; end $$;

create trigger watch_is_kept before delete on watch.item for each statement execute function watch.refuse_removal();
create trigger watch_is_not_emptied before truncate on watch.item for each statement execute function watch.refuse_removal();
create trigger watch_stays_where_it_is before update of about, party_id on watch.item
  for each statement execute function watch.refuse_removal();

create trigger message_is_kept before delete on correspondence.message for each statement execute function watch.refuse_removal();
create trigger message_is_not_emptied before truncate on correspondence.message for each statement execute function watch.refuse_removal();
create trigger message_stays_with_its_recipient before update of id, recipient_id on correspondence.message
  for each statement execute function watch.refuse_removal();

create index item_settled on watch.item (settled_at) where settled_at is not null;
