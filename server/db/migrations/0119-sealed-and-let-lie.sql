-- feature: watch
-- why:     a sealed letter that its sender lets lie unread was seen no more by those who could let somebody in
-- locks:   watch.item, share, while the index is built: a minute for some tens of millions
create index item_let_lie on watch.item (party_id) include (access_version)
 where outcome = 'accepted-unread' and not is_file and (openers = 0 or attachment_locked) and ended_since is null;
