-- feature: correspondence, watch
-- why:     rules that are asked with every message that is sent, opened or moved were planned anew each time, which took longer than to ask
--          them; and the round that compares causes walked past every watch that has ended
-- locks:   watch.item, share, as long as the index takes: seconds for a million open watches

-- They find each row by a key, whatever the sizes (enable_seqscan is off since 0021): one plan is right for all.
alter function correspondence.require_watch() set plan_cache_mode = force_generic_plan;
alter function correspondence.require_evidence() set plan_cache_mode = force_generic_plan;

-- Before and after are matched by hash: planned for one message, it would else compare each with each of a thousand.
alter function correspondence.require_history() set plan_cache_mode = force_generic_plan;
alter function correspondence.require_history() set enable_nestloop = off;
alter function correspondence.require_history() set enable_mergejoin = off;

create index item_open_caused on watch.item (about, party_id) where settled_at is null and cause is not null;
