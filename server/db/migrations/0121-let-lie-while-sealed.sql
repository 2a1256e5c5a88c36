-- feature: watch
-- why:     what was let lie while sealed, could be opened for a while and is sealed again was not seen again
-- locks:   watch.item, access exclusive, for milliseconds, and share while an index of nothing yet is built: seconds for some tens of millions
alter table watch.item add column let_lie boolean not null default false;
comment on column watch.item.let_lie is 'its sender has let it lie while nobody could open it, or an attachment of it';
drop index watch.item_let_lie;
create index item_let_lie on watch.item (party_id) include (access_version) where let_lie and ended_since is null;
