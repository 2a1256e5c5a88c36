-- feature: broker
-- why:     an upload whose bytes cannot be read was tried every five seconds for ever, and before all others
-- locks:   broker.tus_upload, access exclusive, milliseconds

alter table broker.tus_upload
  add column tries  integer not null default 0,   -- how often it could not be made a file, of those that nobody waited for
  add column try_at timestamptz;                  -- not before; real time
