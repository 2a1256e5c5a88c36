-- feature: notifications
-- why:     who lost access by mistake, and got it back before the morning, was not told of what had come
-- locks:   notice, access exclusive, for milliseconds: a column with a default that is not written to each row
alter table notifications.notice add column access_lost boolean not null default false;
comment on column notifications.notice.access_lost is 'called off since its addressee may not open any more, or let somebody in; it goes when that is so again within a day';
