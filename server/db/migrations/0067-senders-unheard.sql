-- feature: watch
-- why:     a sender that was to hear and for whom nobody has an address is what must not stay unseen: it is asked each minute
-- locks:   none
create view watch.sender_unheard as
  select s.about, s.changed_at from watch.step s
    join watch.item i on i.about = s.about and i.party_id = s.party_id and i.settled_at is null
   where s.reason = 'no-contact-point' and s.spec ->> 'who' = 'sender';
