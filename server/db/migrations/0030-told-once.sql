-- feature: watch
-- why:     a step that was due when the last opener went, and is taken after it, told the sender the same once more
-- locks:   watch.item, access exclusive, milliseconds: no row is rewritten
alter table watch.item add column no_opener_told_at timestamptz;   -- the last time that a change of access told the sender that nobody can open
