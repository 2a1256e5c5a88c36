-- feature: notifications
-- why:     a gateway or mail server may say what became of a notice before we have noted that it took it: its word is kept with the notice
-- locks:   notifications.notice, access exclusive, milliseconds
alter table notifications.notice add column reported jsonb;   -- until the attempt is settled: outcome, reason, answer
