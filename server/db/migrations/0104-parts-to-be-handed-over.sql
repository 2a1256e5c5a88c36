-- feature: watch
-- why:     a letter that was opened while an attachment was locked stayed open for good, though the attachment was handed over later: what was
--          locked then is kept, and the letter ends when all of it is handed over
-- locks:   access exclusive on watch.need, for a moment: a constant default writes no row; then rows of letters that wait like this, which are few

alter table watch.need add column awaited boolean not null default false;
comment on column watch.need.awaited is 'the letter was opened while nobody could open this part of it, which has not been handed over since';

-- Whose part it was is not known of those from before: all that asks a right of its own.
update watch.need n set awaited = true
  from watch.item i
 where i.about = n.about and i.party_id = n.party_id and i.settled_at is null and not i.is_file and i.opened_at is not null
   and (i.attachment_locked or not i.confirm_needed or i.confirmed_at is not null) and n.instance <> n.about;
