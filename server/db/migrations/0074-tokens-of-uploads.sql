-- feature: broker
-- why:     an upload outlives its token: one that has run out goes on with what it began, and with nothing else
-- locks:   broker.tus_upload, access exclusive, milliseconds

alter table broker.tus_upload add column tokens text[] not null default '{}'; -- digests (SHA-256) of those that brought something to it, the latest last
