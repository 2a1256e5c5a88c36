-- feature: watch
-- why:     who gets an address, or comes in the place of those who were told, is told at once, also of sealed post and of files, whose cause does not say that nobody was reached
-- locks:   watch.item, access exclusive, milliseconds, and the open watches whose last notice reached nobody

alter table watch.item add column unreached_at timestamptz;
create index item_open_unreached on watch.item (about, party_id) where settled_at is null and unreached_at is not null;

update watch.item set unreached_at = clock.now() where settled_at is null and cause in ('no-contact-point', 'notification-failed');
update watch.item i set unreached_at = clock.now()
 where i.settled_at is null and i.unreached_at is null
   and (i.about, i.party_id) in (select s.about, s.party_id from watch.step s
                                  where (s.reason = 'no-contact-point' or s.name = 'notify-otherwise') and s.spec ->> 'who' in ('openers', 'grantors')
                                    and s.reason in ('no-contact-point', 'no-other-channel'));

drop index watch.item_open_unaddressed;
drop index watch.step_reached_nobody;

create or replace view notifications.notice_face as
 select id, about, party_id, step_id, purpose, channel, state, due_at, attempts, cancelled_at, changed_at, to_id
   from notifications.notice;
